// The types a tensor's elements can have.
#pragma once
#include <cstdint>
#include <string>

namespace folio {

enum class DType : uint8_t { float32, float64, int32, int64, uint8, boolean };

/// Bytes of one element.
int64_t size_of(DType type);
/// "float32", as Keras and NumPy spell it.
std::string to_string(DType type);
/// The inverse of `to_string`; throws `Error` naming the known types.
DType dtype_from(const std::string& name);
/// True for float32 and float64.
inline bool is_floating(DType type) { return type == DType::float32 || type == DType::float64; }

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::float32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::float64;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType value = DType::int32;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::int64;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::uint8;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::boolean;
};

/// Calls `f` with a value of the element type, so that `decltype` names it: `visit(type, [&](auto t) { using
/// T = decltype(t); … })`.
template <class F>
decltype(auto) visit(DType type, F&& f) {
  switch (type) {
    case DType::float64:
      return f(double{});
    case DType::int32:
      return f(int32_t{});
    case DType::int64:
      return f(int64_t{});
    case DType::uint8:
      return f(uint8_t{});
    case DType::boolean:
      return f(bool{});
    case DType::float32:
      break;
  }
  return f(float{});
}

}  // namespace folio
