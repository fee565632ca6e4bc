#include "folio/tensor/shape.h"

#include <algorithm>

#include "folio/base/checked.h"

namespace folio {

size_t Shape::index(int i) const {
  const int at = i < 0 ? i + rank() : i;
  if (at < 0 || at >= rank())
    throw InternalError("dimension " + std::to_string(i) + " of " + to_string(*this) + " does not exist");
  return static_cast<size_t>(at);
}

int64_t Shape::count(int first, int last) const {
  int64_t n = 1;
  for (int i = first; i < last; ++i) n = checked_multiply(n, dims_[i]);
  return n;
}

int64_t Shape::count() const { return count(0, rank()); }

bool Shape::known() const {
  return std::all_of(dims_.begin(), dims_.end(), [](int64_t d) { return d >= 0; });
}

Shape Shape::with(int i, int64_t dim) const {
  Shape result = *this;
  result[i] = dim;
  return result;
}

Shape Shape::without(int i) const {
  Shape result = *this;
  result.dims_.erase(result.dims_.begin() + static_cast<std::ptrdiff_t>(index(i)));
  return result;
}

Shape Shape::inserted(int i, int64_t dim) const {
  Shape result = *this;
  result.dims_.insert(result.dims_.begin() + (i < 0 ? i + rank() + 1 : i), dim);
  return result;
}

Shape Shape::from(int first) const { return Shape(std::vector<int64_t>(dims_.begin() + first, dims_.end())); }

Shape Shape::joined(const Shape& tail) const {
  Shape result = *this;
  result.dims_.insert(result.dims_.end(), tail.dims_.begin(), tail.dims_.end());
  return result;
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (int i = 0; i < shape.rank(); ++i) {
    if (i) text += ", ";
    text += shape[i] == kUnknown ? "None" : std::to_string(shape[i]);
  }
  if (shape.rank() == 1) text += ",";
  return text + ")";
}

bool compatible(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (int i = 0; i < a.rank(); ++i)
    if (a[i] != kUnknown && b[i] != kUnknown && a[i] != b[i]) return false;
  return true;
}

}  // namespace folio
