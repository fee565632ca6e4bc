#include "folio/base/tell.h"

#include <cstdio>
#include <string>

namespace folio {

void tell(std::string_view text) {
  (void)!std::fwrite(text.data(), 1, text.size(), stderr);
  (void)!std::fflush(stderr);
  std::clearerr(stderr);  // the next words may be heard again
}

void warn(std::string_view text) { tell("folio: warning: " + std::string(text) + "\n"); }

}  // namespace folio
