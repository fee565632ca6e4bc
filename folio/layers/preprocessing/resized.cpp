#include "folio/layers/preprocessing/resized.h"

#include <algorithm>

#include "folio/layers/layer.h"
#include "folio/ops/affine_transform.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

bool is_known(const Value& x) { return x.shape()[1] != kUnknown && x.shape()[2] != kUnknown; }

Value part(const Value& x, int64_t height, int64_t width) {
  const int64_t top = (x.shape()[1] - height) / 2, left = (x.shape()[2] - width) / 2;
  return slice(slice(x, 1, top, height), 2, left, width);
}

}  // namespace

Value as_floating(const Value& x) { return is_floating(x.dtype()) ? x : cast(x, floatx()); }

Value resized(const Value& x, int64_t height, int64_t width, bool nearest) {
  const Shape& shape = x.shape();
  if (shape[1] == height && shape[2] == width) return x;
  Tensor matrix({1, 6}, x.dtype());
  const auto see = [&](int64_t at, int64_t from, int64_t to) {
    const double step = from == kUnknown ? 1 : static_cast<double>(from) / static_cast<double>(to);
    matrix.set(at == 0 ? 0 : 4, step);
    matrix.set(at == 0 ? 2 : 5, 0.5 * step - 0.5);
  };
  see(0, shape[1], height);
  see(1, shape[2], width);
  return affine_transform(x, broadcast_to(constant(matrix), {shape[0], 6}),
                          {.height = height, .width = width, .fill = FillMode::nearest, .nearest = nearest});
}

Value cropped_to_aspect(const Value& x, int64_t height, int64_t width) {
  if (!is_known(x)) return x;
  const int64_t rows = x.shape()[1], columns = x.shape()[2];
  return part(x, std::clamp<int64_t>(columns * height / width, 1, rows),
              std::clamp<int64_t>(rows * width / height, 1, columns));
}

Value center_cropped(const Value& x, int64_t height, int64_t width) {
  if (is_known(x) && x.shape()[1] >= height && x.shape()[2] >= width) return part(x, height, width);
  return resized(cropped_to_aspect(x, height, width), height, width);
}

}  // namespace folio
