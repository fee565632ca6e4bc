#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "folio/compiler/compile.h"
#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/ops/transpose.h"
#include "tests/kernels/guarded_floats.h"

namespace folio {
namespace {

using cpu::GuardedFloats;

// Rows apart from each other in both memories; what lies between them stays.
TEST(Transpose, MatricesOfAllSizes) {
  for (cpu::Isa isa : cpu::available_isas()) {
    const cpu::Functions& f = cpu::functions(isa);
    for (int64_t rows : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 33, 64, 65})
      for (int64_t columns : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 33, 64, 513, 530})
        for (int64_t gap : {0, 3}) {
          SCOPED_TRACE(testing::Message()
                       << to_string(isa) << ", " << rows << " x " << columns << ", " << gap);
          const int64_t from_row = columns + gap, to_row = rows + gap;
          const GuardedFloats from(cpu::random_numbers((rows - 1) * from_row + columns, 1));
          GuardedFloats to((columns - 1) * to_row + rows, 9);
          f.transpose(from.data(), from_row, rows, columns, to.data(), to_row);
          for (int64_t c = 0; c < columns; ++c)
            for (int64_t r = 0; r < to_row && c * to_row + r < (columns - 1) * to_row + rows; ++r)
              ASSERT_EQ(to[c * to_row + r], r < rows ? from[r * from_row + c] : 9) << r << ", " << c;
        }
  }
}

// Large enough to be put together tile by tile, and no multiple of a tile.
TEST(Transpose, LargeMatrices) {
  for (cpu::Isa isa : cpu::available_isas())
    for (const auto& [rows, columns] :
         {std::pair<int64_t, int64_t>{512, 512}, {64, 4100}, {4100, 65}, {517, 601}}) {
      SCOPED_TRACE(testing::Message() << to_string(isa) << ", " << rows << " x " << columns);
      const GuardedFloats from(cpu::random_numbers(rows * columns, 1));
      GuardedFloats to(rows * columns, 9);
      cpu::functions(isa).transpose(from.data(), columns, rows, columns, to.data(), rows);
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c)
          ASSERT_EQ(to[c * rows + r], from[r * columns + c]) << r << ", " << c;
    }
}

TEST(Transpose, RunsOfAllLengths) {
  for (cpu::Isa isa : cpu::available_isas())
    for (int64_t run = 1; run <= 80; ++run)
      for (int64_t count : {1, 2, 5})
        for (int64_t gap : {0, 2}) {
          SCOPED_TRACE(testing::Message()
                       << to_string(isa) << ", " << count << " runs of " << run << ", " << gap);
          const int64_t from_step = run + gap, to_step = run + 2 * gap;
          const GuardedFloats from(cpu::random_numbers((count - 1) * from_step + run, 1));
          GuardedFloats to((count - 1) * to_step + run, 9);
          cpu::functions(isa).copy_runs(from.data(), from_step, count, run, to.data(), to_step);
          for (int64_t i = 0; i < (count - 1) * to_step + run; ++i)
            ASSERT_EQ(to[i], i % to_step < run ? from[i / to_step * from_step + i % to_step] : 9) << i;
        }
}

Tensor numbered(const Shape& shape, DType type) {
  Tensor tensor(shape, type);
  auto* bytes = static_cast<uint8_t*>(tensor.raw());
  std::mt19937 engine(7);
  for (int64_t i = 0; i < tensor.bytes(); ++i) bytes[i] = static_cast<uint8_t>(engine());
  return tensor;
}

Tensor transposed(const Tensor& x, const std::vector<int>& order, const PlanOptions& options) {
  const Value in = input(x.shape(), x.dtype());
  return compile({{in}, {transpose(in, order)}, {}}, options)({x})[0];
}

// Every permutation of up to five dimensions, with ones among them, on one thread and on three. Any bytes
// will do: a pattern that is no number must arrive as it was.
TEST(Transpose, AllPermutationsOfShapesAndTypes) {
  const std::vector<Shape> shapes = {{5},           {1},          {7, 9},           {1, 40},
                                     {33, 1},       {3, 4, 5},    {17, 1, 20},      {2, 3, 4, 5},
                                     {9, 8, 1, 16}, {1, 1, 3, 1}, {3, 2, 1, 4, 18}, {2, 2, 3, 2, 9}};
  for (const Shape& shape : shapes) {
    std::vector<int> order(static_cast<size_t>(shape.rank()));
    std::iota(order.begin(), order.end(), 0);
    do {
      for (DType type : {DType::float32, DType::int64, DType::uint8}) {
        const Tensor x = numbered(shape, type), expected = transposed(x, order, definitions_only());
        for (int threads : {1, 3}) {
          const Tensor got = transposed(x, order, {"test", threads, {}});
          ASSERT_EQ(got.shape(), expected.shape());
          ASSERT_EQ(std::memcmp(got.raw(), expected.raw(), static_cast<size_t>(got.bytes())), 0)
              << to_string(shape) << " " << to_string(type) << " " << testing::PrintToString(order);
        }
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

// Random shapes of any rank, large enough to be dealt out to threads, in every type.
TEST(Transpose, RandomPermutations) {
  std::mt19937 engine(3);
  for (int trial = 0; trial < 150; ++trial) {
    const int rank = 2 + static_cast<int>(engine() % 4);
    Shape shape;
    for (int64_t d = 0, left = 400000; d < rank; ++d) {
      const int64_t most = std::max<int64_t>(1, std::min<int64_t>(left, engine() % 3 ? 40 : 600));
      const int64_t size = engine() % 6 == 0 ? 1 : 1 + static_cast<int64_t>(engine()) % most;
      shape = shape.inserted(static_cast<int>(d), size);
      left /= size;
    }
    std::vector<int> order(static_cast<size_t>(rank));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), engine);
    constexpr DType kTypes[] = {DType::float32, DType::int32, DType::float64, DType::boolean};
    const Tensor x = numbered(shape, kTypes[engine() % 4]),
                 expected = transposed(x, order, definitions_only()),
                 got = transposed(x, order, {"test", 3, {}});
    ASSERT_EQ(std::memcmp(got.raw(), expected.raw(), static_cast<size_t>(got.bytes())), 0)
        << to_string(shape) << " " << testing::PrintToString(order);
  }
}

}  // namespace
}  // namespace folio
