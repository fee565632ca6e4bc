#include "folio/layers/common/data_format.h"

#include "folio/base/error.h"
#include "folio/ops/transpose.h"

namespace folio {

DataFormat::DataFormat(const std::string& name) : channels_first_(name == "channels_first") {
  if (name != this->name())
    throw Error("data_format: expected \"channels_last\" or \"channels_first\", got \"" + name + "\"");
}

Shape DataFormat::inside(const Shape& shape) const {
  if (!channels_first_ || shape.rank() < 3) return shape;
  return shape.without(1).joined({shape[1]});
}

Value DataFormat::inside(const Value& x) const {
  if (!channels_first_ || x.rank() < 3) return x;
  std::vector<int> order = {0};
  for (int axis = 2; axis < x.rank(); ++axis) order.push_back(axis);
  order.push_back(1);
  return transpose(x, order);
}

Value DataFormat::outside(const Value& y) const {
  if (!channels_first_ || y.rank() < 3) return y;
  std::vector<int> order = {0, y.rank() - 1};
  for (int axis = 1; axis + 1 < y.rank(); ++axis) order.push_back(axis);
  return transpose(y, order);
}

}  // namespace folio
