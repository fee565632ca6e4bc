#include "folio/base/tell.h"

#include <cstdio>
#include <mutex>
#include <string>

namespace folio {
namespace {

std::recursive_mutex listening;  // a listener may have something to say itself

std::function<void(std::string_view)>& listener() {
  static std::function<void(std::string_view)> current;
  return current;
}

}  // namespace

void tell(std::string_view text) {
  const std::lock_guard lock(listening);
  if (listener()) return listener()(text);
  (void)!std::fwrite(text.data(), 1, text.size(), stderr);
  (void)!std::fflush(stderr);
  std::clearerr(stderr);  // the next words may be heard again
}

void warn(std::string_view text) { tell("folio: warning: " + std::string(text) + "\n"); }

void set_listener(std::function<void(std::string_view text)> now) {
  const std::lock_guard lock(listening);
  listener() = std::move(now);
}

}  // namespace folio
