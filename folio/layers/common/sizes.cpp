#include "folio/layers/common/sizes.h"

#include "folio/layers/common/config.h"

namespace folio {

Sizes read_sizes(ConfigReader& read, const char* key, size_t rank, const Sizes& otherwise) {
  return read.has(key) ? read.integers(key, rank, 0) : otherwise;
}

void check_sizes(const char* layer, const char* option, const Sizes& values) {
  for (int64_t value : values) check_size(layer, option, value);
}

std::string to_string(const Sizes& sizes) {
  std::string text;
  for (int64_t size : sizes) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

}  // namespace folio
