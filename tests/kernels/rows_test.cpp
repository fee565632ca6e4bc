#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "folio/kernels/cpu/functions.h"

namespace folio::cpu {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kGuard = 4321;
constexpr int64_t kSizes[] = {1, 2, 3, 5, 8, 10, 15, 16, 17, 31, 33, 64, 100, 127, 1000};

/// Numbers of both signs around 1, the same in every run.
std::vector<float> numbers(int64_t n, uint32_t seed = 1) {
  std::vector<float> x(static_cast<size_t>(n));
  uint32_t state = seed * 2654435761u + 1;
  for (float& value : x) {
    state = state * 1664525 + 1013904223;
    value = static_cast<float>(static_cast<int32_t>(state)) * 0x1p-30f;
  }
  return x;
}

using RowFunction = void (*)(const float*, int64_t, int64_t, float*);

TEST(Rows, SoftmaxAndItsLogarithm) {
  for (Isa isa : available_isas())
    for (int64_t columns : kSizes)
      for (int64_t rows : {0, 1, 3}) {
        std::vector<float> x = numbers(rows * columns);
        for (float& value : x) value = value * 5 + 300;  // only right when the maximum is taken off
        std::vector<float> y(x.size() + 1, kGuard), log_y(x.size() + 1, kGuard);
        functions(isa).softmax(x.data(), rows, columns, y.data());
        functions(isa).log_softmax(x.data(), rows, columns, log_y.data());
        EXPECT_EQ(y.back(), kGuard);
        EXPECT_EQ(log_y.back(), kGuard);
        for (int64_t r = 0; r < rows; ++r) {
          double sum = 0;
          for (int64_t c = 0; c < columns; ++c) sum += std::exp(x[r * columns + c] - 300.0);
          for (int64_t c = 0; c < columns; ++c) {
            const double exact = std::exp(x[r * columns + c] - 300.0) / sum;
            ASSERT_NEAR(y[r * columns + c], exact, 1e-6 * exact) << to_string(isa) << " " << columns;
            ASSERT_NEAR(log_y[r * columns + c], std::log(exact), 4e-6) << to_string(isa) << " " << columns;
          }
        }
      }
}

TEST(Rows, SoftmaxOfMaskedAndBrokenRows) {
  for (Isa isa : available_isas()) {
    std::vector<float> x(20, -kInfinity), y(20);
    x[3] = 2, x[18] = 2;
    functions(isa).softmax(x.data(), 1, 20, y.data());
    for (int i = 0; i < 20; ++i) EXPECT_EQ(y[i], i == 3 || i == 18 ? 0.5f : 0.0f) << to_string(isa);
    functions(isa).log_softmax(x.data(), 1, 20, y.data());
    for (int i = 0; i < 20; ++i) EXPECT_EQ(std::isinf(y[i]), !(i == 3 || i == 18)) << to_string(isa);
    for (int bad : {0, 7, 19}) {
      std::vector<float> broken(20, 1.0f);
      broken[bad] = kNan;
      functions(isa).softmax(broken.data(), 1, 20, y.data());
      for (float value : y) EXPECT_TRUE(std::isnan(value)) << to_string(isa);
    }
  }
}

TEST(Rows, SoftmaxGradient) {
  for (Isa isa : available_isas())
    for (int64_t columns : kSizes) {
      if (columns == 0) continue;
      const int64_t rows = 3;
      const std::vector<float> dy = numbers(rows * columns), y = numbers(rows * columns, 5);
      std::vector<float> dx(static_cast<size_t>(rows * columns) + 1, kGuard);
      functions(isa).softmax_gradient(dy.data(), y.data(), rows, columns, dx.data());
      EXPECT_EQ(dx.back(), kGuard);
      for (int64_t r = 0; r < rows; ++r) {
        double sum = 0;
        for (int64_t c = r * columns; c < (r + 1) * columns; ++c) sum += static_cast<double>(dy[c]) * y[c];
        for (int64_t c = r * columns; c < (r + 1) * columns; ++c)
          ASSERT_NEAR(dx[c], y[c] * (dy[c] - sum), 1e-5 * (1 + std::abs(sum)))
              << to_string(isa) << " " << columns << " " << c;
      }
    }
}

TEST(Rows, SumsAndMaximaOfRows) {
  for (Isa isa : available_isas())
    for (int64_t columns : kSizes) {
      const int64_t rows = 3;
      const std::vector<float> x = numbers(rows * columns);
      std::vector<float> sums(rows + 1, kGuard), maxima(rows + 1, kGuard);
      functions(isa).row_sums(x.data(), rows, columns, sums.data());
      functions(isa).row_maxima(x.data(), rows, columns, maxima.data());
      EXPECT_EQ(sums.back(), kGuard);
      EXPECT_EQ(maxima.back(), kGuard);
      for (int64_t r = 0; r < rows; ++r) {
        double sum = 0;
        float largest = -kInfinity;
        for (int64_t c = 0; c < columns; ++c) {
          sum += x[r * columns + c];
          largest = std::max(largest, x[r * columns + c]);
        }
        EXPECT_NEAR(sums[r], sum, 1e-7 * static_cast<double>(columns) + 1e-6)
            << to_string(isa) << " " << columns;
        EXPECT_EQ(maxima[r], largest) << to_string(isa) << " " << columns;
      }
    }
}

TEST(Rows, MaximaOfSpecialRows) {
  for (Isa isa : available_isas()) {
    float y = 0;
    functions(isa).row_sums(nullptr, 1, 0, &y);
    EXPECT_EQ(y, 0);
    functions(isa).row_maxima(nullptr, 1, 0, &y);
    EXPECT_EQ(y, -kInfinity);
    for (int64_t n : {1, 7, 16, 17, 40, 100})
      for (int64_t place = 0; place < n; ++place) {
        std::vector<float> x(static_cast<size_t>(n), -5.0f);
        x[place] = -4;
        functions(isa).row_maxima(x.data(), 1, n, &y);
        ASSERT_EQ(y, -4) << to_string(isa) << " " << n << " " << place;
        x[place] = kNan;
        functions(isa).row_maxima(x.data(), 1, n, &y);
        ASSERT_TRUE(std::isnan(y)) << to_string(isa) << " " << n << " " << place;
      }
  }
}

/// Columns are added row after row in single precision: the bits are known.
TEST(Rows, ColumnSumsAddRowsInOrder) {
  for (Isa isa : available_isas())
    for (int64_t columns : kSizes)
      for (int64_t rows : {0, 1, 2, 16, 17, 50}) {
        const std::vector<float> x = numbers(rows * columns), start = numbers(columns, 5);
        std::vector<float> y = start;
        y.push_back(kGuard);
        functions(isa).column_sums(x.data(), rows, columns, y.data());
        EXPECT_EQ(y.back(), kGuard);
        for (int64_t c = 0; c < columns; ++c) {
          float sum = 0;
          for (int64_t r = 0; r < rows; ++r) sum += x[r * columns + c];
          ASSERT_EQ(y[c], start[c] + sum)
              << to_string(isa) << " " << rows << " x " << columns << " column " << c;
        }
      }
}

TEST(Rows, MaximaOfColumns) {
  for (Isa isa : available_isas())
    for (int64_t columns : {1, 3, 16, 17, 40})
      for (int64_t rows : {1, 2, 7}) {
        std::vector<float> x = numbers(rows * columns);
        x[x.size() / 2] = kNan;
        std::vector<float> y(static_cast<size_t>(columns) + 1, kGuard);
        functions(isa).column_maxima(x.data(), rows, columns, y.data());
        EXPECT_EQ(y.back(), kGuard);
        for (int64_t c = 0; c < columns; ++c) {
          float largest = x[c];
          for (int64_t r = 1; r < rows; ++r)
            if (const float next = x[r * columns + c]; next > largest || std::isnan(next)) largest = next;
          if (std::isnan(largest))
            ASSERT_TRUE(std::isnan(y[c])) << to_string(isa) << " " << rows << " x " << columns;
          else
            ASSERT_EQ(y[c], largest) << to_string(isa) << " " << rows << " x " << columns;
        }
      }
}

TEST(Rows, SumsOfColumnsInLanes) {
  for (Isa isa : available_isas())
    for (int64_t columns : {1, 2, 3, 6, 8, 9, 16, 33})
      for (int64_t places : {0, 1, 2, 49}) {
        const std::vector<float> x = numbers(places * columns * kLanes), start = numbers(columns, 5);
        std::vector<float> y = start;
        y.push_back(kGuard);
        functions(isa).lanes_column_sums(x.data(), places, columns, y.data());
        EXPECT_EQ(y.back(), kGuard);
        for (int64_t c = 0; c < columns; ++c) {
          double sum = start[c];
          for (int64_t p = 0; p < places; ++p)
            for (int64_t lane = 0; lane < kLanes; ++lane) sum += x[(p * columns + c) * kLanes + lane];
          ASSERT_NEAR(y[c], sum, 1e-4) << to_string(isa) << " " << places << " x " << columns;
          // A column's sum must not depend on its neighbours.
          std::vector<float> alone(static_cast<size_t>(places * kLanes));
          for (int64_t p = 0; p < places; ++p)
            for (int64_t lane = 0; lane < kLanes; ++lane)
              alone[p * kLanes + lane] = x[(p * columns + c) * kLanes + lane];
          float one = start[c];
          functions(isa).lanes_column_sums(alone.data(), places, 1, &one);
          ASSERT_EQ(y[c], one) << to_string(isa) << " " << places << " x " << columns;
        }
      }
}

}  // namespace
}  // namespace folio::cpu
