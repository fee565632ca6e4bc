// The clock that durations are read from.
#pragma once
#include <chrono>

namespace folio {

/// Seconds since some moment in the past; never goes back.
inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace folio
