// A tensor: memory with a type and a shape.
#pragma once
#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "folio/tensor/dtype.h"
#include "folio/tensor/shape.h"

namespace folio {

/// A cheap handle to row-major memory; copies share it, `clone` does not. Memory is aligned to 64 bytes.
class Tensor {
 public:
  /// No memory, shape (0,).
  Tensor() = default;
  /// Zeros of the given shape. Throws `Error` when the shape is unknown, negative or too large.
  explicit Tensor(Shape shape, DType type = DType::float32);
  /// Copies `values`, in row-major order.
  template <class T>
  static Tensor of(Shape shape, const std::vector<T>& values) {
    Tensor result(std::move(shape), DTypeOf<T>::value);
    result.copy_from(values.data(), static_cast<int64_t>(values.size()));
    return result;
  }
  static Tensor scalar(double value, DType type = DType::float32);
  static Tensor filled(Shape shape, double value, DType type = DType::float32);
  /// A tensor over the caller's own memory, without a copy; the caller keeps it alive.
  static Tensor view(void* data, Shape shape, DType type = DType::float32);

  const Shape& shape() const { return shape_; }
  DType dtype() const { return type_; }
  int64_t count() const { return count_; }
  int64_t bytes() const { return count_ * size_of(type_); }
  bool empty() const { return count_ == 0; }

  /// The elements; throws `InternalError` when `T` is not the element type.
  template <class T>
  T* data() {
    return static_cast<T*>(checked(DTypeOf<T>::value));
  }
  template <class T>
  const T* data() const {
    return static_cast<const T*>(checked(DTypeOf<T>::value));
  }
  template <class T>
  std::span<const T> values() const {
    return {data<T>(), static_cast<size_t>(count_)};
  }
  void* raw() { return data_.get(); }
  const void* raw() const { return data_.get(); }
  /// Element `i` in row-major order, whatever the type. Throws `Error` when there is none.
  double at(int64_t i) const;
  void set(int64_t i, double value);
  /// The element in this row, column, …: an index for each dimension.
  template <std::integral... More>
  requires(sizeof...(More) >= 1) double at(int64_t first, More... more) const {
    return at(place({first, static_cast<int64_t>(more)...}));
  }
  void set(std::initializer_list<int64_t> indices, double value) { set(place(indices), value); }

  Tensor clone() const;
  /// The same memory under another shape of the same size.
  Tensor reshaped(Shape shape) const;
  /// Rows [first, last) of the outermost dimension, sharing memory.
  Tensor rows(int64_t first, int64_t last) const;
  /// A converted copy (or the tensor itself when the type already fits).
  Tensor cast(DType type) const;
  void fill(double value);
  /// Copies elements of the same shape and type from `other`.
  void assign(const Tensor& other);

 private:
  void* checked(DType type) const;
  /// Throws `Error` unless there is an index within its dimension for each.
  int64_t place(std::initializer_list<int64_t> indices) const;
  template <class T>
  void copy_from(const T* values, int64_t count) {
    check_count(count);
    T* to = data<T>();
    for (int64_t i = 0; i < count; ++i) to[i] = values[i];
  }
  void check_count(int64_t count) const;

  Shape shape_{0};
  DType type_ = DType::float32;
  int64_t count_ = 0;
  std::shared_ptr<void> data_;
};

/// "Tensor (2, 3) float32 [[1, 2, 3], [4, 5, 6]]", shortened when long.
std::string to_string(const Tensor& tensor);
std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

}  // namespace folio
