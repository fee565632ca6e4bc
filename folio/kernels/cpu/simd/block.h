// Operations element by element, one loop per operation and mode.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/math.h"
#include "folio/kernels/cpu/simd/power.h"
#include "folio/kernels/cpu/simd/trigonometry.h"

namespace {

using UnaryOperation = Vector (*)(Vector);
using BinaryOperation = Vector (*)(Vector, Vector);
using TernaryOperation = Vector (*)(Vector, Vector, Vector);

/// An operand: an array, or when `kSingle` one value for all elements.
template <bool kSingle>
struct Operand {
  const float* p;
  Vector value;
  inline __attribute__((always_inline)) explicit Operand(const float* at) : p(at) {
    if constexpr (kSingle) value = repeat(*at);
  }
  inline __attribute__((always_inline)) Vector at(int64_t i) const {
    if constexpr (kSingle) return value;
    return load(p + i);
  }
  inline __attribute__((always_inline)) Vector some_at(int64_t i, int64_t n) const {
    if constexpr (kSingle) return value;
    return load_some(p + i, n);
  }
};

template <UnaryOperation kOperation, int kMode>
void unary_loop(float* dst, const float* a, const float*, const float*, int64_t n) {
  if (n <= 0) return;
  const Operand<(kMode & 1) != 0> x(a);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(dst + i, kOperation(x.at(i)));
  if (i < n) store_some(dst + i, kOperation(x.some_at(i, n - i)), n - i);
}

template <BinaryOperation kOperation, int kMode>
void binary_loop(float* dst, const float* a, const float* b, const float*, int64_t n) {
  if (n <= 0) return;
  const Operand<(kMode & 1) != 0> x(a);
  const Operand<(kMode & 2) != 0> y(b);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(dst + i, kOperation(x.at(i), y.at(i)));
  if (i < n) store_some(dst + i, kOperation(x.some_at(i, n - i), y.some_at(i, n - i)), n - i);
}

template <TernaryOperation kOperation, int kMode>
void ternary_loop(float* dst, const float* a, const float* b, const float* c, int64_t n) {
  if (n <= 0) return;
  const Operand<(kMode & 1) != 0> x(a);
  const Operand<(kMode & 2) != 0> y(b);
  const Operand<(kMode & 4) != 0> z(c);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(dst + i, kOperation(x.at(i), y.at(i), z.at(i)));
  const int64_t rest = n - i;
  if (rest > 0)
    store_some(dst + i, kOperation(x.some_at(i, rest), y.some_at(i, rest), z.some_at(i, rest)), rest);
}

inline __attribute__((always_inline)) Vector one_where(IntVector mask) {
  return from_bits(mask & bits_of(splat(1.0f)));
}

inline __attribute__((always_inline)) Vector copy(Vector a) { return a; }
inline __attribute__((always_inline)) Vector negate(Vector a) { return -a; }
/// -1, 0, 1 or NaN.
inline __attribute__((always_inline)) Vector sign(Vector a) {
  return choose(a > 0.0f, splat(1.0f), choose(a < 0.0f, splat(-1.0f), a));
}
inline __attribute__((always_inline)) Vector square(Vector a) { return a * a; }
inline __attribute__((always_inline)) Vector reciprocal(Vector a) { return 1.0f / a; }
inline __attribute__((always_inline)) Vector reciprocal_square_root(Vector a) {
  return 1.0f / square_root(a);
}
inline __attribute__((always_inline)) Vector relu(Vector a) { return greater_of(splat(0.0f), a); }
inline __attribute__((always_inline)) Vector add(Vector a, Vector b) { return a + b; }
inline __attribute__((always_inline)) Vector subtract(Vector a, Vector b) { return a - b; }
inline __attribute__((always_inline)) Vector multiply(Vector a, Vector b) { return a * b; }
inline __attribute__((always_inline)) Vector divide(Vector a, Vector b) { return a / b; }
inline __attribute__((always_inline)) Vector less(Vector a, Vector b) { return one_where(a < b); }
inline __attribute__((always_inline)) Vector less_equal(Vector a, Vector b) { return one_where(a <= b); }
inline __attribute__((always_inline)) Vector greater(Vector a, Vector b) { return one_where(a > b); }
inline __attribute__((always_inline)) Vector greater_equal(Vector a, Vector b) { return one_where(a >= b); }
inline __attribute__((always_inline)) Vector equal(Vector a, Vector b) { return one_where(a == b); }
inline __attribute__((always_inline)) Vector not_equal(Vector a, Vector b) { return one_where(a != b); }
/// max(a, 0), but at most b; NaN when either is NaN.
inline __attribute__((always_inline)) Vector relu_up_to(Vector a, Vector b) { return minimum(b, relu(a)); }
inline __attribute__((always_inline)) Vector select(Vector a, Vector b, Vector c) {
  return choose(a != 0.0f, b, c);
}
inline __attribute__((always_inline)) Vector multiply_add(Vector a, Vector b, Vector c) { return a * b + c; }
inline __attribute__((always_inline)) Vector approach(Vector a, Vector b, Vector c) {
  return (b - a) * c + a;
}
inline __attribute__((always_inline)) Vector over_root(Vector a, Vector b, Vector c) {
  return a / (square_root(b) + c);
}

/// A loop for each row.
template <folio::cpu::BlockFunction kLoop>
void rows_loop(const folio::cpu::BlockRows& block) {
  float* dst = block.dst;
  const float *a = block.a.at, *b = block.b.at, *c = block.c.at;
  for (int64_t r = 0; r < block.rows; ++r) {
    kLoop(dst, a, b, c, block.n);
    dst += block.dst_row;
    a += block.a.row;
    b += block.b.row;
    c += block.c.row;
  }
}

template <folio::cpu::BlockFunction kLoop>
void fill_mode(folio::cpu::Functions& table, folio::cpu::Code code, int mode) {
  table.block[static_cast<int>(code)][mode] = kLoop;
  table.block_rows[static_cast<int>(code)][mode] = rows_loop<kLoop>;
}

// Bits of operands that an operation does not have do not matter, so their modes repeat those without.

template <UnaryOperation kOperation>
void fill_unary(folio::cpu::Functions& table, folio::cpu::Code code) {
  for (int mode = 0; mode < 8; mode += 2) {
    fill_mode<unary_loop<kOperation, 0>>(table, code, mode);
    fill_mode<unary_loop<kOperation, 1>>(table, code, mode + 1);
  }
}

template <BinaryOperation kOperation>
void fill_binary(folio::cpu::Functions& table, folio::cpu::Code code) {
  for (int mode = 0; mode < 8; mode += 4) {
    fill_mode<binary_loop<kOperation, 0>>(table, code, mode);
    fill_mode<binary_loop<kOperation, 1>>(table, code, mode + 1);
    fill_mode<binary_loop<kOperation, 2>>(table, code, mode + 2);
    fill_mode<binary_loop<kOperation, 3>>(table, code, mode + 3);
  }
}

template <TernaryOperation kOperation>
void fill_ternary(folio::cpu::Functions& table, folio::cpu::Code code) {
  fill_mode<ternary_loop<kOperation, 0>>(table, code, 0);
  fill_mode<ternary_loop<kOperation, 1>>(table, code, 1);
  fill_mode<ternary_loop<kOperation, 2>>(table, code, 2);
  fill_mode<ternary_loop<kOperation, 3>>(table, code, 3);
  fill_mode<ternary_loop<kOperation, 4>>(table, code, 4);
  fill_mode<ternary_loop<kOperation, 5>>(table, code, 5);
  fill_mode<ternary_loop<kOperation, 6>>(table, code, 6);
  fill_mode<ternary_loop<kOperation, 7>>(table, code, 7);
}

inline void fill_block(folio::cpu::Functions& table) {
  using folio::cpu::Code;
  fill_unary<copy>(table, Code::copy);
  fill_unary<negate>(table, Code::negate);
  fill_unary<absolute>(table, Code::absolute);
  fill_unary<sign>(table, Code::sign);
  fill_unary<square>(table, Code::square);
  fill_unary<square_root>(table, Code::square_root);
  fill_unary<reciprocal_square_root>(table, Code::reciprocal_square_root);
  fill_unary<reciprocal>(table, Code::reciprocal);
  fill_unary<exponential>(table, Code::exponential);
  fill_unary<exponential_minus_one>(table, Code::exponential_minus_one);
  fill_unary<logarithm>(table, Code::logarithm);
  fill_unary<logarithm_one_plus>(table, Code::logarithm_one_plus);
  fill_unary<sine>(table, Code::sine);
  fill_unary<cosine>(table, Code::cosine);
  fill_unary<hyperbolic_tangent>(table, Code::tanh);
  fill_unary<sigmoid>(table, Code::sigmoid);
  fill_unary<error_function>(table, Code::erf);
  fill_unary<relu>(table, Code::relu);
  fill_unary<softplus>(table, Code::softplus);
  fill_unary<round_down>(table, Code::floor);
  fill_unary<round_to_even>(table, Code::round);
  fill_binary<add>(table, Code::add);
  fill_binary<subtract>(table, Code::subtract);
  fill_binary<multiply>(table, Code::multiply);
  fill_binary<divide>(table, Code::divide);
  fill_binary<maximum>(table, Code::maximum);
  fill_binary<minimum>(table, Code::minimum);
  fill_binary<power>(table, Code::power);
  fill_binary<less>(table, Code::less);
  fill_binary<less_equal>(table, Code::less_equal);
  fill_binary<greater>(table, Code::greater);
  fill_binary<greater_equal>(table, Code::greater_equal);
  fill_binary<equal>(table, Code::equal);
  fill_binary<not_equal>(table, Code::not_equal);
  fill_binary<relu_up_to>(table, Code::relu_up_to);
  fill_ternary<select>(table, Code::select);
  fill_ternary<multiply_add>(table, Code::multiply_add);
  fill_ternary<approach>(table, Code::approach);
  fill_ternary<over_root>(table, Code::over_root);
}

}  // namespace
