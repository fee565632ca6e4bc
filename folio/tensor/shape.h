// Shapes: lists of dimensions, of which some may be unknown.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace folio {

/// A dimension that is not known yet (batch size, sequence length).
inline constexpr int64_t kUnknown = -1;

/// Dimensions from outermost to innermost; memory is row-major. A scalar has none.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<int64_t> dims) : dims_(std::move(dims)) {}

  int rank() const { return static_cast<int>(dims_.size()); }
  /// Dimension `i`; negative `i` counts from the end, as in Keras.
  int64_t operator[](int i) const { return dims_[index(i)]; }
  int64_t& operator[](int i) { return dims_[index(i)]; }
  /// Number of elements; every dimension must be known. Throws `Error` when the product overflows.
  int64_t count() const;
  /// Product of the dimensions in [first, last).
  int64_t count(int first, int last) const;
  bool known() const;
  const std::vector<int64_t>& dims() const { return dims_; }
  auto begin() const { return dims_.begin(); }
  auto end() const { return dims_.end(); }

  Shape with(int i, int64_t dim) const;
  Shape without(int i) const;
  Shape inserted(int i, int64_t dim) const;
  /// Dimensions [first, rank).
  Shape from(int first) const;
  /// These dimensions followed by `tail`'s.
  Shape joined(const Shape& tail) const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  size_t index(int i) const;
  std::vector<int64_t> dims_;
};

/// "(32, 28, 28, 1)"; unknown dimensions print as "None", as in Keras.
std::string to_string(const Shape& shape);

/// True when the two agree wherever both are known.
bool compatible(const Shape& a, const Shape& b);

}  // namespace folio
