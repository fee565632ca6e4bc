// How much memory a piece of work takes at its worst.
#pragma once
#include <malloc.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

namespace folio {

/// A number of bytes from /proc/self/status: "VmRSS", what is in use now, "VmHWM", the most that ever was.
inline int64_t memory_now(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == key + ":") {
      int64_t kibibytes = 0;
      status >> kibibytes;
      return kibibytes << 10;
    }
  return 0;
}

/// Bytes beyond those in use before that `work` had at one time; nothing where the system does not tell, or a
/// sanitizer keeps memory back.
template <class Work>
std::optional<int64_t> peak_of(Work&& work) {
#ifdef __SANITIZE_ADDRESS__
  work();
  return std::nullopt;
#else
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // forgets the most that ever was
  const int64_t before = memory_now("VmRSS");
  const bool known = before > 0 && memory_now("VmHWM") < before + (int64_t{8} << 20);
  work();
  return known ? std::optional(memory_now("VmHWM") - before) : std::nullopt;
#endif
}

}  // namespace folio
