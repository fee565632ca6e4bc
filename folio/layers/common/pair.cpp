#include "folio/layers/common/pair.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"

namespace folio {

Json config_of(const Pair& pair) { return Json::array({pair.vertical, pair.horizontal}); }

Pair read_pair(ConfigReader& read, const char* key, Pair otherwise) {
  if (!read.has(key)) return otherwise;
  const auto sizes = read.integers(key, 2, 0);
  return {sizes[0], sizes[1]};
}

void check_size(const char* layer, const char* option, int64_t value) {
  // The upper bound keeps all later arithmetic on sizes far from overflow.
  constexpr int64_t kLargest = std::numeric_limits<int32_t>::max();
  if (value >= 1 && value <= kLargest) return;
  const std::string expected = value < 1 ? "at least 1" : "at most " + std::to_string(kLargest);
  throw Error(std::string(layer) + ": " + option + ": expected " + expected + ", got " +
              std::to_string(value));
}

void check_size(const char* layer, const char* option, const Pair& value) {
  check_size(layer, option, value.vertical);
  check_size(layer, option, value.horizontal);
}

}  // namespace folio
