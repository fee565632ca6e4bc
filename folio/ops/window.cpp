#include "folio/ops/window.h"

#include <algorithm>

#include "folio/base/error.h"

namespace folio {

Padding padding_from(const std::string& name) {
  if (name == "valid") return Padding::valid;
  if (name == "same") return Padding::same;
  throw Error("padding: expected \"valid\" or \"same\", got \"" + name + "\"");
}

int64_t Window::output(int64_t input, Padding padding) const {
  if (input == kUnknown) return kUnknown;
  if (padding == Padding::same) return (input + stride - 1) / stride;
  return input < extent() ? 0 : (input - extent()) / stride + 1;
}

int64_t Window::before(int64_t input, Padding padding) const {
  if (padding == Padding::valid) return 0;
  return std::max<int64_t>(0, (output(input, padding) - 1) * stride + extent() - input) / 2;
}

}  // namespace folio
