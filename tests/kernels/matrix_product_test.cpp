#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "folio/kernels/cpu/functions.h"
#include "tests/kernels/guarded_floats.h"

namespace folio::cpu {
namespace {

struct Shape {
  int64_t m, n, k;
};

// Ones, odd sizes, tails of every kind of tile and panel, and k over several blocks.
const std::vector<Shape> kShapes = {
    {1, 1, 1},    {1, 1, 7},    {1, 16, 5},     {1, 10, 32},    {1, 200, 33},   {2, 33, 9},      {2, 130, 17},
    {3, 65, 3},   {3, 31, 40},  {4, 32, 16},    {4, 130, 12},   {5, 7, 11},     {6, 48, 8},      {7, 100, 13},
    {13, 3, 21},  {14, 64, 1},  {15, 17, 65},   {16, 96, 31},   {28, 70, 19},   {29, 1, 64},     {32, 10, 25},
    {61, 129, 6}, {3, 20, 321}, {17, 101, 700}, {33, 67, 1300}, {2, 1500, 330}, {20, 1100, 322},
};

enum class LayoutOfA { rows, transposed, strided };
enum class LayoutOfB { rows, rows_of_wider, packed, packed_transposed };

struct Operands {
  std::vector<float> a, b, c;  // plain m x k, k x n and m x n
};

Operands make_operands(const Shape& s, std::vector<float> (*numbers)(int64_t, uint32_t)) {
  return {numbers(s.m * s.k, 1), numbers(s.k * s.n, 2), numbers(s.m * s.n, 3)};
}

/// The product through the table of `f`, with operands laid out as asked and guarded.
std::vector<float> multiply(const Functions& f, const Shape& s, const Operands& operands, LayoutOfA layout_a,
                            LayoutOfB layout_b, bool accumulate) {
  int64_t a_row = s.k, a_column = 1;
  if (layout_a == LayoutOfA::transposed) a_row = 1, a_column = s.m;
  if (layout_a == LayoutOfA::strided) a_row = 3 * s.k + 2, a_column = 3;
  GuardedFloats a((s.m - 1) * a_row + (s.k - 1) * a_column + 1, NAN);
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t p = 0; p < s.k; ++p) a[i * a_row + p * a_column] = operands.a[i * s.k + p];

  const int64_t b_row = layout_b == LayoutOfB::rows_of_wider ? s.n + 5 : s.n;
  const bool packed = layout_b == LayoutOfB::packed || layout_b == LayoutOfB::packed_transposed;
  GuardedFloats b(packed ? f.packed_size(s.k, s.n) : (s.k - 1) * b_row + s.n, NAN);
  if (packed) {
    GuardedFloats plain(s.k * s.n);
    const bool transposed = layout_b == LayoutOfB::packed_transposed;
    const int64_t row = transposed ? 1 : s.n, column = transposed ? s.k : 1;
    for (int64_t p = 0; p < s.k; ++p)
      for (int64_t j = 0; j < s.n; ++j) plain[p * row + j * column] = operands.b[p * s.n + j];
    f.pack(plain.data(), row, column, s.k, s.n, 0, (s.n + f.panel - 1) / f.panel, b.data());
  } else {
    for (int64_t p = 0; p < s.k; ++p)
      for (int64_t j = 0; j < s.n; ++j) b[p * b_row + j] = operands.b[p * s.n + j];
  }

  const int64_t c_row = s.n + 3;  // the gaps between the rows must stay as they are
  GuardedFloats c((s.m - 1) * c_row + s.n, 99);
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t j = 0; j < s.n; ++j) c[i * c_row + j] = operands.c[i * s.n + j];
  f.matrix_product(
      {a.data(), a_row, a_column, b.data(), b_row, packed, c.data(), c_row, s.m, s.n, s.k, accumulate});
  std::vector<float> result;
  for (int64_t i = 0; i < s.m; ++i) {
    result.insert(result.end(), c.data() + i * c_row, c.data() + i * c_row + s.n);
    for (int64_t j = s.n; j < c_row && i + 1 < s.m; ++j)
      EXPECT_EQ(c[i * c_row + j], 99) << "gap after row " << i;
  }
  return result;
}

template <class Check>
void for_every_layout(Check check) {
  for (Isa isa : available_isas())
    for (const Shape& s : kShapes)
      for (LayoutOfA a : {LayoutOfA::rows, LayoutOfA::transposed, LayoutOfA::strided})
        for (LayoutOfB b :
             {LayoutOfB::rows, LayoutOfB::rows_of_wider, LayoutOfB::packed, LayoutOfB::packed_transposed})
          for (bool accumulate : {false, true}) {
            SCOPED_TRACE(testing::Message() << to_string(isa) << " " << s.m << " x " << s.n << " x " << s.k
                                            << ", A " << static_cast<int>(a) << ", B " << static_cast<int>(b)
                                            << ", accumulate " << accumulate);
            check(functions(isa), s, a, b, accumulate);
            if (testing::Test::HasFailure()) return;
          }
}

TEST(MatrixProduct, WholeNumbersAreExact) {
  for_every_layout([](const Functions& f, const Shape& s, LayoutOfA a, LayoutOfB b, bool accumulate) {
    const Operands operands = make_operands(s, whole_numbers);
    const std::vector<float> result = multiply(f, s, operands, a, b, accumulate);
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = 0; j < s.n; ++j) {
        int64_t sum = accumulate ? static_cast<int64_t>(operands.c[i * s.n + j]) : 0;
        for (int64_t p = 0; p < s.k; ++p)
          sum +=
              static_cast<int64_t>(operands.a[i * s.k + p]) * static_cast<int64_t>(operands.b[p * s.n + j]);
        ASSERT_EQ(result[i * s.n + j], static_cast<float>(sum)) << "at " << i << ", " << j;
      }
  });
}

TEST(MatrixProduct, RandomNumbersStayWithinTheBound) {
  for_every_layout([](const Functions& f, const Shape& s, LayoutOfA a, LayoutOfB b, bool accumulate) {
    const Operands operands = make_operands(s, random_numbers);
    const std::vector<float> result = multiply(f, s, operands, a, b, accumulate);
    const double factor = 4 * std::ldexp(1.0, -24) * (std::sqrt(static_cast<double>(s.k)) + 4);
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = 0; j < s.n; ++j) {
        double sum = accumulate ? operands.c[i * s.n + j] : 0, magnitude = std::abs(sum);
        for (int64_t p = 0; p < s.k; ++p) {
          const double term = static_cast<double>(operands.a[i * s.k + p]) * operands.b[p * s.n + j];
          sum += term;
          magnitude += std::abs(term);
        }
        ASSERT_NEAR(result[i * s.n + j], sum, factor * magnitude) << "at " << i << ", " << j;
      }
  });
}

// The bits of an element do not depend on which rows and columns are computed with it, nor on the layouts.
TEST(MatrixProduct, BitsDependOnTheDepthOnly) {
  for (Isa isa : available_isas()) {
    const Functions& f = functions(isa);
    for (int64_t k : {9, 100, 784}) {
      const Shape s{37, 150, k};
      const Operands operands = make_operands(s, random_numbers);
      const auto whole = multiply(f, s, operands, LayoutOfA::rows, LayoutOfB::packed, true);
      EXPECT_EQ(whole, multiply(f, s, operands, LayoutOfA::transposed, LayoutOfB::rows, true));
      EXPECT_EQ(whole, multiply(f, s, operands, LayoutOfA::strided, LayoutOfB::packed_transposed, true));
      for (int64_t rows : {1, 2, 3, 5, 16})
        for (int64_t columns : {1, 10, 17, 33, 150}) {
          SCOPED_TRACE(testing::Message()
                       << to_string(isa) << ", k " << k << ", parts of " << rows << " x " << columns);
          std::vector<float> c = operands.c;
          for (int64_t i = 0; i < s.m; i += rows)
            for (int64_t j = 0; j < s.n; j += columns)
              f.matrix_product({&operands.a[i * k], k, 1, &operands.b[j], s.n, false, &c[i * s.n + j], s.n,
                                std::min(rows, s.m - i), std::min(columns, s.n - j), k, true});
          ASSERT_EQ(std::memcmp(c.data(), whole.data(), c.size() * sizeof(float)), 0);
        }
    }
  }
}

TEST(MatrixProduct, EmptySizes) {
  for (Isa isa : available_isas()) {
    const Functions& f = functions(isa);
    GuardedFloats a(12, 1), b(12, 1), c(12, 5);
    f.matrix_product({a.data(), 3, 1, b.data(), 4, false, c.data(), 4, 0, 4, 3, false});
    f.matrix_product({a.data(), 3, 1, b.data(), 4, false, c.data(), 4, 3, 0, 3, false});
    f.matrix_product({a.data(), 0, 1, b.data(), 4, false, c.data(), 4, 3, 4, 0, true});
    EXPECT_EQ(c.values(), std::vector<float>(12, 5.0f));
    f.matrix_product({a.data(), 0, 1, b.data(), 4, false, c.data(), 4, 3, 3, 0, false});
    EXPECT_EQ(c.values(), (std::vector<float>{0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 5}));
    EXPECT_EQ(f.packed_size(0, 5), 0);
    EXPECT_EQ(f.packed_size(5, 0), 0);
    f.pack(a.data(), 4, 1, 3, 0, 0, 0, nullptr);
  }
}

TEST(MatrixProduct, RowsCanBePackedInAnyOrder) {
  for (Isa isa : available_isas()) {
    const Functions& f = functions(isa);
    for (int64_t n : {int64_t{1}, int64_t{7}, int64_t{16}, f.panel - 1, 2 * f.panel, 3 * f.panel + 5})
      for (int64_t k : {1, 16, 19, 50, 800})
        for (bool transposed : {false, true}) {
          const std::vector<float> values = whole_numbers(k * n, 7);
          GuardedFloats plain(values), at_once(f.packed_size(k, n), 77), by_rows(f.packed_size(k, n), 55);
          f.pack(plain.data(), transposed ? 1 : n, transposed ? k : 1, k, n, 0, (n + f.panel - 1) / f.panel,
                 at_once.data());
          const int64_t rows = transposed ? n : k, row = transposed ? k : n;
          for (int64_t first = (rows - 1) / 16 * 16; first >= 0; first -= 16) {
            const int64_t last = std::min(first + 16, rows);
            const GuardedFloats some(
                std::vector<float>(values.begin() + first * row, values.begin() + last * row));
            f.pack_rows(some.data(), k, n, first, last, transposed, by_rows.data());
          }
          EXPECT_EQ(at_once.values(), by_rows.values())
              << to_string(isa) << ", k " << k << ", n " << n << ", transposed " << transposed;
        }
  }
}

TEST(MatrixProduct, PanelsCanBePackedInAnyOrder) {
  for (Isa isa : available_isas()) {
    const Functions& f = functions(isa);
    for (int64_t n : {int64_t{1}, f.panel - 1, 2 * f.panel, 3 * f.panel + 5})
      for (int64_t k : {19, 800}) {
        const int64_t panels = (n + f.panel - 1) / f.panel;
        const std::vector<float> b = whole_numbers(k * n, 7);
        GuardedFloats plain(b), at_once(f.packed_size(k, n), 77), one_by_one(f.packed_size(k, n), 55);
        f.pack(plain.data(), n, 1, k, n, 0, panels, at_once.data());
        for (int64_t panel = panels - 1; panel >= 0; --panel)
          f.pack(plain.data(), n, 1, k, n, panel, panel + 1, one_by_one.data());
        EXPECT_EQ(at_once.values(), one_by_one.values()) << to_string(isa) << ", k " << k << ", n " << n;
      }
  }
}

// A matrix that lies with gaps in both directions, as a slice of something larger does.
TEST(MatrixProduct, PacksAnyStrides) {
  for (Isa isa : available_isas()) {
    const Functions& f = functions(isa);
    const int64_t k = 13, n = f.panel + 3, row = 200, column = 2;
    const std::vector<float> b = whole_numbers(k * row, 8);
    std::vector<float> dense;
    for (int64_t p = 0; p < k; ++p)
      for (int64_t j = 0; j < n; ++j) dense.push_back(b[p * row + j * column]);
    GuardedFloats expected(f.packed_size(k, n)), packed(f.packed_size(k, n));
    f.pack(dense.data(), n, 1, k, n, 0, 2, expected.data());
    f.pack(b.data(), row, column, k, n, 0, 2, packed.data());
    EXPECT_EQ(packed.values(), expected.values()) << to_string(isa);
  }
}

}  // namespace
}  // namespace folio::cpu
