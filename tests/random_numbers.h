// Random inputs for tests, the same in every run and on every machine.
#pragma once
#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

class RandomNumbers {
 public:
  explicit RandomNumbers(uint32_t seed) : engine_(seed) {}

  /// In [low, high). The standard library's distributions differ between libraries; this does not.
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }
  /// A whole number in [first, last].
  int64_t whole(int64_t first, int64_t last) {
    return first + static_cast<int64_t>(engine_() % static_cast<uint64_t>(last - first + 1));
  }
  bool coin() { return engine_() >> 63; }

  Tensor tensor(const Shape& shape, double low, double high, DType type = DType::float64) {
    Tensor result(shape, type);
    for (int64_t i = 0; i < result.count(); ++i) result.set(i, between(low, high));
    return result;
  }
  /// Tensors whose elements all differ, by 0.1 at least, and lie at least 0.03 away from 0, from whole
  /// numbers and from halves: so that no small step crosses a kink of a maximum, of |x| or of rounding.
  std::vector<Tensor> distinct(const std::vector<Shape>& shapes) {
    int64_t total = 0;
    for (const Shape& shape : shapes) total += shape.count();
    std::vector<double> numbers(static_cast<size_t>(total));
    for (int64_t i = 0; i < total; ++i)
      numbers[static_cast<size_t>(i)] = 0.1 * static_cast<double>(i - total / 2) + 0.035;
    for (int64_t i = total - 1; i > 0; --i)
      std::swap(numbers[static_cast<size_t>(i)], numbers[static_cast<size_t>(whole(0, i))]);
    std::vector<Tensor> result;
    size_t next = 0;
    for (const Shape& shape : shapes) {
      result.emplace_back(shape, DType::float64);
      for (int64_t i = 0; i < result.back().count(); ++i) result.back().set(i, numbers[next++]);
    }
    return result;
  }
  /// A shape of `rank` dimensions of at most `largest`, often 1.
  Shape shape(int rank, int64_t largest = 4) {
    std::vector<int64_t> dims;
    for (int i = 0; i < rank; ++i) dims.push_back(whole(0, 3) == 0 ? 1 : whole(1, largest));
    return Shape(dims);
  }
  /// A shape that broadcasts to `shape`: leading dimensions dropped, others set to 1.
  Shape squeezed(const Shape& shape) {
    std::vector<int64_t> dims;
    for (int i = static_cast<int>(whole(0, shape.rank())); i < shape.rank(); ++i)
      dims.push_back(whole(0, 2) == 0 ? 1 : shape[i]);
    return Shape(dims);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace folio
