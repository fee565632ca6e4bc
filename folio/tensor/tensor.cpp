#include "folio/tensor/tensor.h"

#include <cstdlib>
#include <cstring>
#include <ostream>

#include "folio/base/checked.h"

namespace folio {
namespace {

std::shared_ptr<void> allocate(int64_t bytes) {
  if (bytes == 0) return nullptr;
  void* memory = std::aligned_alloc(64, static_cast<size_t>(round_up(bytes, 64)));
  if (!memory)
    throw Error("out of memory: could not allocate " + std::to_string(bytes) + " bytes for a tensor");
  std::memset(memory, 0, static_cast<size_t>(bytes));
  return {memory, std::free};
}

void check_place(int64_t i, int64_t count, const void* memory, const Shape& shape) {
  if (i < 0 || i >= count || !memory)
    throw Error("tensor " + to_string(shape) + ": expected an element from 0 to " +
                std::to_string(count - 1) + ", got " + std::to_string(i));
}

void print(const Tensor& tensor, int axis, int64_t& at, std::string& text) {
  constexpr int64_t kShown = 8;
  if (axis == tensor.shape().rank()) {
    char number[32];
    std::snprintf(number, sizeof number, "%.6g", tensor.at(at++));
    text += number;
    return;
  }
  const int64_t n = tensor.shape()[axis], inner = tensor.shape().count(axis + 1, tensor.shape().rank());
  text += "[";
  for (int64_t i = 0; i < n; ++i) {
    if (i) text += ", ";
    if (n > kShown && i == kShown / 2) {
      text += "…, ";
      at += inner * (n - kShown);
      i = n - kShown / 2;
    }
    print(tensor, axis + 1, at, text);
  }
  text += "]";
}

}  // namespace

Tensor::Tensor(Shape shape, DType type) : shape_(std::move(shape)), type_(type) {
  if (!shape_.known()) throw Error("a tensor needs known dimensions, got " + to_string(shape_));
  count_ = shape_.count();
  data_ = allocate(checked_multiply(count_, size_of(type)));
}

Tensor Tensor::scalar(double value, DType type) { return filled({}, value, type); }

Tensor Tensor::filled(Shape shape, double value, DType type) {
  Tensor result(std::move(shape), type);
  result.fill(value);
  return result;
}

Tensor Tensor::view(void* data, Shape shape, DType type) {
  Tensor result;
  result.count_ = shape.count();
  result.shape_ = std::move(shape);
  result.type_ = type;
  result.data_ = std::shared_ptr<void>(data, [](void*) {});
  return result;
}

void* Tensor::checked(DType type) const {
  if (type != type_) throw InternalError("a " + to_string(type_) + " tensor was read as " + to_string(type));
  return data_.get();
}

void Tensor::check_count(int64_t count) const {
  if (count != count_)
    throw Error("tensor " + to_string(shape_) + ": expected " + std::to_string(count_) + " values, got " +
                std::to_string(count));
}

double Tensor::at(int64_t i) const {
  check_place(i, count_, data_.get(), shape_);
  return visit(type_,
               [&](auto t) { return static_cast<double>(static_cast<const decltype(t)*>(data_.get())[i]); });
}

void Tensor::set(int64_t i, double value) {
  check_place(i, count_, data_.get(), shape_);
  visit(type_, [&](auto t) { static_cast<decltype(t)*>(data_.get())[i] = static_cast<decltype(t)>(value); });
}

int64_t Tensor::place(std::initializer_list<int64_t> indices) const {
  if (static_cast<int>(indices.size()) != shape_.rank())
    throw Error("tensor " + to_string(shape_) + ": expected " + std::to_string(shape_.rank()) +
                " indices, got " + std::to_string(indices.size()));
  int64_t at = 0;
  int axis = 0;
  for (int64_t index : indices) {
    const int64_t size = shape_[axis++];
    if (index < 0 || index >= size)
      throw Error("tensor " + to_string(shape_) + ": expected an index from 0 to " +
                  std::to_string(size - 1) + " in dimension " + std::to_string(axis - 1) + ", got " +
                  std::to_string(index));
    at = at * size + index;
  }
  return at;
}

Tensor Tensor::clone() const {
  Tensor result(shape_, type_);
  if (count_) std::memcpy(result.raw(), raw(), static_cast<size_t>(bytes()));
  return result;
}

Tensor Tensor::reshaped(Shape shape) const {
  if (shape.count() != count_)
    throw Error("reshape: " + to_string(shape_) + " has " + std::to_string(count_) +
                " elements, which do not fit " + to_string(shape));
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

Tensor Tensor::rows(int64_t first, int64_t last) const {
  if (shape_.rank() == 0 || first < 0 || last < first || last > shape_[0])
    throw Error("tensor " + to_string(shape_) + ": expected rows within its own, got " +
                std::to_string(first) + " to " + std::to_string(last));
  Tensor result = *this;
  const int64_t row = shape_.count(1, shape_.rank());
  result.shape_[0] = last - first;
  result.count_ = row * (last - first);
  result.data_ = std::shared_ptr<void>(data_, static_cast<char*>(data_.get()) + first * row * size_of(type_));
  return result;
}

Tensor Tensor::cast(DType type) const {
  if (type == type_) return *this;
  Tensor result(shape_, type);
  visit(type, [&](auto to) {
    visit(type_, [&](auto from) {
      auto* target = static_cast<decltype(to)*>(result.raw());
      const auto* source = static_cast<const decltype(from)*>(raw());
      for (int64_t i = 0; i < count_; ++i) target[i] = static_cast<decltype(to)>(source[i]);
    });
  });
  return result;
}

void Tensor::fill(double value) {
  visit(type_, [&](auto t) {
    auto* to = static_cast<decltype(t)*>(data_.get());
    for (int64_t i = 0; i < count_; ++i) to[i] = static_cast<decltype(t)>(value);
  });
}

void Tensor::assign(const Tensor& other) {
  if (other.shape_ != shape_ || other.type_ != type_)
    throw Error("assign: expected " + to_string(type_) + " " + to_string(shape_) + ", got " +
                to_string(other.type_) + " " + to_string(other.shape_));
  if (count_) std::memcpy(raw(), other.raw(), static_cast<size_t>(bytes()));
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) { return out << to_string(tensor); }

std::string to_string(const Tensor& tensor) {
  std::string text = "Tensor " + to_string(tensor.shape()) + " " + to_string(tensor.dtype()) + " ";
  int64_t at = 0;
  print(tensor, 0, at, text);
  return text;
}

}  // namespace folio
