#include "folio/layers/common/sizes.h"

namespace folio {

std::string to_string(const Sizes& sizes) {
  std::string text;
  for (int64_t size : sizes) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

}  // namespace folio
