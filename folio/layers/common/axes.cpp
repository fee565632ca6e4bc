#include "folio/layers/common/axes.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"

namespace folio {

int axis_of(int64_t axis, const Shape& input, bool batch) {
  const int rank = input.rank();
  const int64_t at = axis < 0 ? axis + rank : axis;
  if (at >= (batch ? 0 : 1) && at < rank) return static_cast<int>(at);
  const int first = batch ? 0 : 1;
  throw Error(fmt::format("axis: expected {} to {} or {} to -1 for an input of {}, got {}", first, rank - 1,
                          first - rank, to_string(input), axis));
}

std::vector<int> axes_of(const std::vector<int64_t>& axes, const Shape& input, bool batch) {
  std::vector<int> result;
  for (int64_t axis : axes) {
    const int at = axis_of(axis, input, batch);
    if (std::find(result.begin(), result.end(), at) != result.end())
      throw Error(fmt::format("axis: dimension {} of an input of {} is named twice; name it once", at,
                              to_string(input)));
    result.push_back(at);
  }
  return result;
}

Shape sizes_of(const Shape& input, const std::vector<int>& axes) {
  std::vector<int64_t> sizes;
  for (int axis : axes) {
    if (input[axis] == kUnknown)
      throw Error(fmt::format("needs to know dimension {}, got {}; give Input a complete shape", axis,
                              to_string(input)));
    sizes.push_back(input[axis]);
  }
  return Shape(std::move(sizes));
}

Shape stretched_shape(const Shape& input, const std::vector<int>& axes) {
  Shape result(std::vector<int64_t>(static_cast<size_t>(input.rank()), 1));
  for (int axis : axes) result[axis] = input[axis];
  return result;
}

}  // namespace folio
