// Operations element by element against double precision: accuracy over all floats, special values, lengths,
// modes.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "folio/kernels/cpu/functions.h"

namespace folio::cpu {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr int64_t kLengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100, 1000};

BlockFunction block(Isa isa, Code code, int mode = 0) {
  return functions(isa).block[static_cast<int>(code)][mode];
}

/// The distance of neighbouring floats at `exact`.
double unit_in_last_place(double exact) {
  const double size = std::abs(exact);
  return size < 0x1p-126 ? 0x1p-149 : std::exp2(std::floor(std::log2(size)) - 23);
}

/// Same float, where every NaN is the same.
bool same(float a, float b) {
  return std::isnan(a) ? std::isnan(b) : std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
}

struct Unary {
  const char* name;
  Code code;
  double (*exact)(double);
  double bound;             ///< in units of the last place
  float limit = kInfinity;  ///< |x| up to which the bound holds
};

const Unary kUnary[] = {
    {"copy", Code::copy, [](double x) { return x; }, 0},
    {"negate", Code::negate, [](double x) { return -x; }, 0},
    {"absolute", Code::absolute, [](double x) { return std::abs(x); }, 0},
    {"square", Code::square, [](double x) { return x * x; }, 0.5},
    {"square_root", Code::square_root, [](double x) { return std::sqrt(x); }, 0.5},
    {"reciprocal_square_root", Code::reciprocal_square_root, [](double x) { return 1 / std::sqrt(x); }, 1.5},
    {"reciprocal", Code::reciprocal, [](double x) { return 1 / x; }, 0.5},
    {"exponential", Code::exponential, [](double x) { return std::exp(x); }, 2},
    {"exponential_minus_one", Code::exponential_minus_one, [](double x) { return std::expm1(x); }, 2},
    {"logarithm", Code::logarithm, [](double x) { return std::log(x); }, 2},
    {"logarithm_one_plus", Code::logarithm_one_plus, [](double x) { return std::log1p(x); }, 2},
    {"sine", Code::sine, [](double x) { return std::sin(x); }, 2},
    {"cosine", Code::cosine, [](double x) { return std::cos(x); }, 2},
    {"tanh", Code::tanh, [](double x) { return std::tanh(x); }, 4},
    {"sigmoid", Code::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, 4},
    {"erf", Code::erf, [](double x) { return std::erf(x); }, 4},
    {"softplus", Code::softplus,
     [](double x) {
       return (x > 0 ? x : x == x ? 0 : x) + std::log1p(std::exp(-std::abs(x)));
     },
     4},
    {"floor", Code::floor, [](double x) { return std::floor(x); }, 0},
    {"round", Code::round, [](double x) { return std::nearbyint(x); }, 0},
};

/// Every `step`-th float, by its bits: all exponents, both signs, subnormals, infinities and NaN.
TEST(Block, UnaryOperationsAreAccurateOverAllFloats) {
  constexpr uint64_t kStep = 20011;
  std::vector<float> x{0.0f, -0.0f, kInfinity, -kInfinity, kNan,
                       1.0f, -1.0f, 0x1p-149f, -0x1p-149f, 0x1p-126f};
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += kStep)
    x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  std::vector<float> y(x.size());
  for (const Unary& operation : kUnary)
    for (Isa isa : available_isas()) {
      block(isa, operation.code)(y.data(), x.data(), nullptr, nullptr, static_cast<int64_t>(x.size()));
      double worst = 0;
      float worst_at = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        const double exact = operation.exact(x[i]);
        const float rounded = static_cast<float>(exact);
        if (!std::isfinite(rounded) || exact == 0) {
          ASSERT_TRUE(same(y[i], rounded))
              << operation.name << " " << to_string(isa) << " of " << x[i] << ": " << y[i];
          continue;
        }
        const double error = std::abs(y[i] - exact) / unit_in_last_place(exact);
        if (!(error <= worst)) worst = error, worst_at = x[i];
      }
      EXPECT_LE(worst, operation.bound) << operation.name << " " << to_string(isa) << " of " << worst_at;
    }
}

TEST(Block, SpecialValuesOfUnaryOperations) {
  struct Case {
    Code code;
    float x, y;
  };
  const Case cases[] = {
      {Code::exponential, 0, 1},
      {Code::exponential, -0.0f, 1},
      {Code::exponential, 88.8f, kInfinity},
      {Code::exponential, kInfinity, kInfinity},
      {Code::exponential, -kInfinity, 0},
      {Code::exponential, -104.5f, 0},
      {Code::exponential, -103.5f, 0x1p-149f},
      {Code::exponential, kNan, kNan},
      {Code::exponential_minus_one, -0.0f, -0.0f},
      {Code::exponential_minus_one, -kInfinity, -1},
      {Code::logarithm, 0, -kInfinity},
      {Code::logarithm, -0.0f, -kInfinity},
      {Code::logarithm, -1, kNan},
      {Code::logarithm, -kInfinity, kNan},
      {Code::logarithm, kInfinity, kInfinity},
      {Code::logarithm, 1, 0},
      {Code::logarithm_one_plus, -1, -kInfinity},
      {Code::logarithm_one_plus, -2, kNan},
      {Code::logarithm_one_plus, -0.0f, -0.0f},
      {Code::logarithm_one_plus, kInfinity, kInfinity},
      {Code::tanh, 10, 1},
      {Code::tanh, -10, -1},
      {Code::tanh, kInfinity, 1},
      {Code::tanh, -kInfinity, -1},
      {Code::tanh, -0.0f, -0.0f},
      {Code::tanh, kNan, kNan},
      {Code::sigmoid, 0, 0.5f},
      {Code::sigmoid, 20, 1},
      {Code::sigmoid, kInfinity, 1},
      {Code::sigmoid, -kInfinity, 0},
      {Code::sigmoid, kNan, kNan},
      {Code::erf, 5, 1},
      {Code::erf, -kInfinity, -1},
      {Code::erf, kNan, kNan},
      {Code::softplus, 200, 200},
      {Code::softplus, -200, 0},
      {Code::softplus, kInfinity, kInfinity},
      {Code::softplus, -kInfinity, 0},
      {Code::softplus, kNan, kNan},
      {Code::relu, -1, 0},
      {Code::relu, 2, 2},
      {Code::relu, kNan, kNan},
      {Code::relu, -kInfinity, 0},
      {Code::sign, 0, 0},
      {Code::sign, -3, -1},
      {Code::sign, 0x1p-149f, 1},
      {Code::sign, kNan, kNan},
      {Code::round, 0.5f, 0},
      {Code::round, 1.5f, 2},
      {Code::round, 2.5f, 2},
      {Code::round, -0.5f, -0.0f},
      {Code::round, 8388609, 8388609},
      {Code::round, 1e30f, 1e30f},
      {Code::round, kNan, kNan},
      {Code::floor, -0.5f, -1},
      {Code::floor, -0.0f, -0.0f},
      {Code::floor, 3e9f, 3e9f},
      {Code::floor, kInfinity, kInfinity},
      {Code::sine, -0.0f, -0.0f},
      {Code::sine, kInfinity, kNan},
      {Code::cosine, 0, 1},
      {Code::cosine, kNan, kNan},
      {Code::square_root, -1, kNan},
      {Code::square_root, kInfinity, kInfinity},
      {Code::reciprocal, -0.0f, -kInfinity},
      {Code::reciprocal_square_root, 0, kInfinity},
  };
  for (Isa isa : available_isas())
    for (const Case& c : cases)
      for (int mode : {0, 1}) {
        // In every lane, also that of the rest.
        std::vector<float> x(17, c.x), y(17);
        block(isa, c.code, mode)(y.data(), x.data(), nullptr, nullptr, 17);
        for (float got : y)
          ASSERT_TRUE(same(got, c.y)) << to_string(isa) << " operation " << static_cast<int>(c.code) << " of "
                                      << c.x << ": expected " << c.y << ", got " << got;
      }
}

struct Binary {
  const char* name;
  Code code;
  float (*exact)(float, float);
};

float numpy_maximum(float a, float b) { return std::isnan(a) || std::isnan(b) ? kNan : a > b ? a : b; }
float numpy_minimum(float a, float b) { return std::isnan(a) || std::isnan(b) ? kNan : a < b ? a : b; }

const Binary kBinary[] = {
    {"add", Code::add, [](float a, float b) { return a + b; }},
    {"subtract", Code::subtract, [](float a, float b) { return a - b; }},
    {"multiply", Code::multiply, [](float a, float b) { return a * b; }},
    {"divide", Code::divide, [](float a, float b) { return a / b; }},
    {"maximum", Code::maximum, numpy_maximum},
    {"minimum", Code::minimum, numpy_minimum},
    {"less", Code::less, [](float a, float b) { return a < b ? 1.0f : 0.0f; }},
    {"less_equal", Code::less_equal, [](float a, float b) { return a <= b ? 1.0f : 0.0f; }},
    {"greater", Code::greater, [](float a, float b) { return a > b ? 1.0f : 0.0f; }},
    {"greater_equal", Code::greater_equal, [](float a, float b) { return a >= b ? 1.0f : 0.0f; }},
    {"equal", Code::equal, [](float a, float b) { return a == b ? 1.0f : 0.0f; }},
    {"not_equal", Code::not_equal, [](float a, float b) { return a != b ? 1.0f : 0.0f; }},
    {"relu_up_to", Code::relu_up_to, [](float a, float b) { return numpy_minimum(a < 0 ? 0 : a, b); }},
};

/// Numbers that meet every case of an operation somewhere when paired with themselves shifted.
std::vector<float> assorted(int64_t n, int shift) {
  const float values[] = {1.5f, -2, 0, 3, kInfinity, -7.25f, kNan, 1e30f, -kInfinity, 0.001f, 0, -1e-40f, 3};
  std::vector<float> x(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) x[static_cast<size_t>(i)] = values[(i * (shift + 1) + shift) % 13];
  return x;
}

TEST(Block, BinaryOperationsInAllModesAndLengths) {
  constexpr float kGuard = 12345;
  for (Isa isa : available_isas())
    for (const Binary& operation : kBinary)
      for (int64_t n : kLengths)
        for (int mode = 0; mode < 8; ++mode) {
          const std::vector<float> a = assorted(std::max<int64_t>(n, 1), 0),
                                   b = assorted(std::max<int64_t>(n, 1), 2);
          std::vector<float> y(static_cast<size_t>(n) + 2, kGuard);
          block(isa, operation.code, mode)(y.data() + 1, a.data(), b.data(), nullptr, n);
          ASSERT_EQ(y.front(), kGuard);
          ASSERT_EQ(y.back(), kGuard);
          for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
            const float x0 = a[mode & 1 ? 0 : i], x1 = b[mode & 2 ? 0 : i];
            const float expected = operation.exact(x0, x1);
            ASSERT_TRUE(expected == 0 ? y[i + 1] == 0 : same(y[i + 1], expected))
                << operation.name << " " << to_string(isa) << " mode " << mode << " n " << n << ": of " << x0
                << ", " << x1 << " expected " << expected << ", got " << y[i + 1];
          }
        }
}

TEST(Block, UnaryOperationsInAllLengthsAndInPlace) {
  constexpr float kGuard = 12345;
  for (Isa isa : available_isas())
    for (const Unary& operation : kUnary)
      for (int64_t n : kLengths) {
        std::vector<float> y(static_cast<size_t>(n) + 2, kGuard);
        for (int64_t i = 0; i < n; ++i) y[static_cast<size_t>(i) + 1] = 0.1f + 0.01f * static_cast<float>(i);
        const std::vector<float> x = y;
        block(isa, operation.code)(y.data() + 1, y.data() + 1, nullptr, nullptr, n);
        ASSERT_EQ(y.front(), kGuard);
        ASSERT_EQ(y.back(), kGuard);
        for (size_t i = 1; i <= static_cast<size_t>(n); ++i) {
          const double exact = operation.exact(x[i]);
          ASSERT_LE(std::abs(y[i] - exact), operation.bound * unit_in_last_place(exact))
              << operation.name << " " << to_string(isa) << " n " << n << " of " << x[i];
        }
      }
}

TEST(Block, TernaryOperationsInAllModes) {
  for (Isa isa : available_isas())
    for (int64_t n : kLengths)
      for (int mode = 0; mode < 8; ++mode) {
        std::vector<float> a, b, c, d, y(static_cast<size_t>(n) + 1, 77);
        for (int64_t i = 0; i <= n; ++i) {
          a.push_back(static_cast<float>((i + 1) % 3 - 1));
          b.push_back(static_cast<float>(i));
          c.push_back(static_cast<float>(-2 * i - 1));
          d.push_back(static_cast<float>(i) + 0.5f);
        }
        const auto at = [&](size_t i, int bit, const std::vector<float>& x) { return x[mode & bit ? 0 : i]; };
        block(isa, Code::select, mode)(y.data(), a.data(), b.data(), c.data(), n);
        for (size_t i = 0; i < static_cast<size_t>(n); ++i)
          ASSERT_EQ(y[i], at(i, 1, a) != 0 ? at(i, 2, b) : at(i, 4, c)) << to_string(isa) << " mode " << mode;
        block(isa, Code::multiply_add, mode)(y.data(), a.data(), b.data(), c.data(), n);
        for (size_t i = 0; i < static_cast<size_t>(n); ++i)
          ASSERT_EQ(y[i], at(i, 1, a) * at(i, 2, b) + at(i, 4, c)) << to_string(isa) << " mode " << mode;
        block(isa, Code::approach, mode)(y.data(), a.data(), b.data(), c.data(), n);
        for (size_t i = 0; i < static_cast<size_t>(n); ++i)
          ASSERT_EQ(y[i], (at(i, 2, b) - at(i, 1, a)) * at(i, 4, c) + at(i, 1, a))
              << to_string(isa) << " mode " << mode;
        block(isa, Code::over_root, mode)(y.data(), a.data(), b.data(), d.data(), n);
        for (size_t i = 0; i < static_cast<size_t>(n); ++i)
          ASSERT_EQ(y[i], at(i, 1, a) / (std::sqrt(at(i, 2, b)) + at(i, 4, d)))
              << to_string(isa) << " mode " << mode;
        ASSERT_EQ(y.back(), 77);
      }
}

TEST(Block, SingleValuesKeepTheSignOfZero) {
  for (Isa isa : available_isas()) {
    const float zero = -0.0f, one = 1;
    float y[3];
    block(isa, Code::divide, 3)(y, &one, &zero, nullptr, 3);
    for (float value : y) EXPECT_EQ(value, -kInfinity) << to_string(isa);
  }
}

TEST(Block, PowerIsThatOfC) {
  const float special[] = {0,      -0.0f, 1,      -1,        2,          -2,      3,        -3,      0.5f,
                           -0.5f,  1.5f,  -1.5f,  kInfinity, -kInfinity, kNan,    1e-40f,   -1e-40f, 3e38f,
                           -3e38f, 1e10f, -1e10f, 16777215,  16777216,   8388609, -8388609, 1.0001f, 2.5f};
  std::vector<float> a, b;
  for (float x : special)
    for (float y : special) a.push_back(x), b.push_back(y);
  for (int i = 0; i < 20000;
       ++i) {  // all sizes of bases, exponents of both signs and with and without fractions
    const auto scrambled = static_cast<uint32_t>(i) * 2654435761u;
    a.push_back(std::bit_cast<float>(scrambled & 0x7fffffff));
    b.push_back(static_cast<float>(static_cast<int>(scrambled >> 7) % 4000) / 200 - 10);
    a.push_back(-static_cast<float>(scrambled % 1000) / 100);
    b.push_back(static_cast<float>(static_cast<int>(scrambled % 41) - 20));
  }
  std::vector<float> y(a.size());
  for (Isa isa : available_isas()) {
    block(isa, Code::power)(y.data(), a.data(), b.data(), nullptr, static_cast<int64_t>(a.size()));
    for (size_t i = 0; i < a.size(); ++i) {
      const double exact = std::pow(static_cast<double>(a[i]), static_cast<double>(b[i]));
      const float rounded = static_cast<float>(exact);
      if (!std::isfinite(rounded) || rounded == 0) {
        ASSERT_TRUE(same(y[i], rounded)) << to_string(isa) << " " << a[i] << "^" << b[i] << ": " << y[i];
      } else {
        ASSERT_LE(std::abs(y[i] - exact), 1.01 * unit_in_last_place(exact))
            << to_string(isa) << " " << a[i] << "^" << b[i];
      }
    }
  }
}

TEST(Block, EveryOperationHasAllModes) {
  for (Isa isa : available_isas())
    for (int code = 0; code < static_cast<int>(Code::count_); ++code)
      for (int mode = 0; mode < 8; ++mode) EXPECT_NE(functions(isa).block[code][mode], nullptr);
}

}  // namespace
}  // namespace folio::cpu
