#include "folio/analysis/principal_components.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "folio/base/error.h"
#include "folio/base/random.h"
#include "folio/kernels/cpu/functions.h"

namespace folio {
namespace {

using Numbers = std::vector<double>;

// A matrix of few rows, row by row.
struct Rows {
  int64_t count = 0, width = 0;
  Numbers values = {};
  Rows(int64_t rows, int64_t columns)
      : count(rows), width(columns), values(static_cast<size_t>(rows * columns)) {}
  double* row(int64_t r) { return values.data() + r * width; }
  const double* row(int64_t r) const { return values.data() + r * width; }
};

double dot(const double* a, const double* b, int64_t count) {
  return std::inner_product(a, a + count, b, 0.0);
}

// Rows that stand on each other at right angles and span the same, twice over for the sake of rounding (Gram
// and Schmidt). Returns how little was left of a row, as a share of its length.
double make_orthonormal(Rows& rows) {
  double least = 1;
  for (int64_t i = 0; i < rows.count; ++i) {
    double* own = rows.row(i);
    const double before = std::sqrt(dot(own, own, rows.width));
    for (int again = 0; again < 2; ++again)
      for (int64_t j = 0; j < i; ++j) {
        const double share = dot(own, rows.row(j), rows.width);
        for (int64_t f = 0; f < rows.width; ++f) own[f] -= share * rows.row(j)[f];
      }
    const double length = std::sqrt(dot(own, own, rows.width));
    least = std::min(least, before > 0 ? length / before : 0);
    for (int64_t f = 0; f < rows.width; ++f) own[f] = length > 0 ? own[f] / length : 0;
  }
  return least;
}

struct Eigen {
  Numbers values;  // largest first
  Rows vectors;    // each a row
};

// Of a small symmetric matrix: rotations that make one pair of elements zero at a time. (Jacobi 1846)
Eigen eigen_of(Rows matrix) {
  constexpr int kMostSweeps = 60;
  const int64_t n = matrix.count;
  Rows turned(n, n);
  for (int64_t i = 0; i < n; ++i) turned.row(i)[i] = 1;
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    double outside = 0, inside = 0;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) (i == j ? inside : outside) += std::pow(matrix.row(i)[j], 2);
    if (outside <= 1e-28 * inside) break;
    for (int64_t p = 0; p < n; ++p)
      for (int64_t q = p + 1; q < n; ++q) {
        const double element = matrix.row(p)[q];
        if (element == 0) continue;
        const double half = (matrix.row(q)[q] - matrix.row(p)[p]) / (2 * element);
        const double t = (half < 0 ? -1 : 1) / (std::abs(half) + std::sqrt(half * half + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        const auto rotate = [&](double& a, double& b) {
          const double old = a;
          a = c * a - s * b;
          b = s * old + c * b;
        };
        for (int64_t i = 0; i < n; ++i) rotate(matrix.row(i)[p], matrix.row(i)[q]);
        for (int64_t i = 0; i < n; ++i) rotate(matrix.row(p)[i], matrix.row(q)[i]);
        for (int64_t i = 0; i < n; ++i) rotate(turned.row(p)[i], turned.row(q)[i]);
      }
  }
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return matrix.row(a)[a] > matrix.row(b)[b]; });
  Eigen result{{}, Rows(n, n)};
  for (int64_t i = 0; i < n; ++i) {
    const int64_t from = order[static_cast<size_t>(i)];
    result.values.push_back(matrix.row(from)[from]);
    std::copy_n(turned.row(from), n, result.vectors.row(i));
  }
  return result;
}

// The combinations of `rows` that the rows of `shares` say.
Rows combined(const Rows& shares, const Rows& rows) {
  Rows result(shares.count, rows.width);
  for (int64_t i = 0; i < shares.count; ++i)
    for (int64_t j = 0; j < rows.count; ++j)
      for (int64_t f = 0; f < rows.width; ++f) result.row(i)[f] += shares.row(i)[j] * rows.row(j)[f];
  return result;
}

// Rows of data less their mean, some at a time.
class Centered {
 public:
  explicit Centered(const Tensor& x) : x_(x), rows_(x.shape()[0]), features_(x.count() / rows_) {
    mean_.resize(static_cast<size_t>(features_));
    each([&](const std::vector<float>& block, int64_t count) {
      for (int64_t r = 0; r < count; ++r)
        for (int64_t f = 0; f < features_; ++f)
          mean_[static_cast<size_t>(f)] += block[static_cast<size_t>(r * features_ + f)];
    });
    for (double& mean : mean_) mean /= static_cast<double>(rows_);
    ready_ = true;
  }

  int64_t rows() const { return rows_; }
  int64_t features() const { return features_; }
  const Numbers& mean() const { return mean_; }

  // The places of a block's rows along the rows of `directions`: (count, directions).
  void project(const std::vector<float>& block, int64_t count, const Rows& directions,
               std::vector<float>& places) const {
    const std::vector<float> given(directions.values.begin(), directions.values.end());
    std::vector<float> columns(given.size());
    for (int64_t d = 0; d < directions.count; ++d)
      for (int64_t f = 0; f < features_; ++f)
        columns[static_cast<size_t>(f * directions.count + d)] =
            given[static_cast<size_t>(d * features_ + f)];
    places.resize(static_cast<size_t>(count * directions.count));
    cpu::functions().matrix_product({block.data(), features_, 1, columns.data(), directions.count, false,
                                     places.data(), directions.count, count, directions.count, features_,
                                     false});
  }

  // The covariance times `directions`, and the covariance seen along them.
  Rows multiplied(const Rows& directions, Rows& along) const {
    Rows result(directions.count, features_);
    along = Rows(directions.count, directions.count);
    std::vector<float> places, sums(result.values.size());
    each([&](const std::vector<float>& block, int64_t count) {
      project(block, count, directions, places);
      // Placesᵀ · block
      cpu::functions().matrix_product({places.data(), 1, directions.count, block.data(), features_, false,
                                       sums.data(), features_, directions.count, features_, count, false});
      for (size_t i = 0; i < sums.size(); ++i) result.values[i] += sums[i];
      for (int64_t r = 0; r < count; ++r) {
        const float* place = places.data() + r * directions.count;
        for (int64_t i = 0; i < directions.count; ++i)
          for (int64_t j = 0; j < directions.count; ++j)
            along.row(i)[j] += static_cast<double>(place[i]) * place[j];
      }
    });
    const auto by = static_cast<double>(std::max<int64_t>(rows_ - 1, 1));
    for (double& value : result.values) value /= by;
    for (double& value : along.values) value /= by;
    return result;
  }

  // Calls `work` with blocks of centered rows.
  template <class Work>
  void each(Work&& work) const {
    constexpr int64_t kRows = 256;
    std::vector<float> block(static_cast<size_t>(std::min(kRows, rows_) * features_));
    for (int64_t first = 0; first < rows_; first += kRows) {
      const int64_t count = std::min(kRows, rows_ - first);
      const int64_t from = first * features_, size = count * features_;
      if (x_.dtype() == DType::uint8)
        std::copy_n(x_.data<uint8_t>() + from, size, block.begin());
      else if (x_.dtype() == DType::float32)
        std::copy_n(x_.data<float>() + from, size, block.begin());
      else
        for (int64_t i = 0; i < size; ++i)
          block[static_cast<size_t>(i)] = static_cast<float>(x_.at(from + i));
      if (ready_)
        for (int64_t r = 0; r < count; ++r)
          for (int64_t f = 0; f < features_; ++f)
            block[static_cast<size_t>(r * features_ + f)] -=
                static_cast<float>(mean_[static_cast<size_t>(f)]);
      work(block, count);
    }
  }

 private:
  const Tensor& x_;
  int64_t rows_, features_;
  Numbers mean_;
  bool ready_ = false;
};

Rows rows_of(const Tensor& tensor) {
  if (tensor.shape().rank() != 2 || tensor.empty())
    throw Error("principal_angles: expected rows (count, features), got " + to_string(tensor.shape()));
  Rows rows(tensor.shape()[0], tensor.shape()[1]);
  for (int64_t i = 0; i < tensor.count(); ++i) rows.values[static_cast<size_t>(i)] = tensor.at(i);
  return rows;
}

}  // namespace

PrincipalComponents principal_components(const Tensor& x, int64_t count, uint64_t seed) {
  constexpr int64_t kMore = 10;  // vectors of the block beyond those wanted: they turn sooner
  constexpr int kMostTurns = 200;
  if (x.shape().rank() < 2 || x.empty())
    throw Error("principal_components: expected rows of numbers, got " + to_string(x.shape()));
  const Centered data(x);
  const int64_t most = std::min(data.rows(), data.features());
  if (count < 1 || count > most)
    throw Error(
        fmt::format("principal_components: expected 1 to {} components of {} rows of {} numbers, got {}",
                    most, data.rows(), data.features(), count));
  Rows block(std::min(count + kMore, most), data.features());
  const RandomStream stream{seed, 0, 0};
  for (int64_t i = 0; i < block.count; ++i)
    for (int64_t f = 0; f < block.width; ++f)
      block.row(i)[f] = stream.normal(static_cast<uint32_t>(i), static_cast<uint32_t>(f));
  make_orthonormal(block);
  Eigen found{{}, Rows(0, 0)};
  double last = -1;
  for (int turn = 1;; ++turn) {
    Rows along(0, 0);
    Rows next = data.multiplied(block, along);
    found = eigen_of(along);
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += found.values[static_cast<size_t>(i)];
    if (sum - last <= 1e-8 * sum || turn == kMostTurns) break;
    last = sum;
    block = combined(found.vectors, next);
    make_orthonormal(block);
  }
  const Rows turned = combined(found.vectors, block);
  PrincipalComponents result{Tensor({data.features()}), Tensor({count, data.features()}), {}};
  for (int64_t f = 0; f < data.features(); ++f) result.mean.set(f, data.mean()[static_cast<size_t>(f)]);
  for (int64_t i = 0; i < result.components.count(); ++i)
    result.components.set(i, turned.values[static_cast<size_t>(i)]);
  for (int64_t i = 0; i < count; ++i)
    result.variances.push_back(std::max(0.0, found.values[static_cast<size_t>(i)]));
  return result;
}

Tensor PrincipalComponents::transform(const Tensor& x) const {
  const int64_t features = mean.count(), count = components.shape()[0];
  if (x.shape().rank() < 2 || x.shape().count(1, x.shape().rank()) != features)
    throw Error(fmt::format("principal components: expected rows of {} numbers, got {}", features,
                            to_string(x.shape())));
  const int64_t rows = x.shape()[0];
  Tensor result({rows, count});
  std::vector<double> row(static_cast<size_t>(features));
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t f = 0; f < features; ++f)
      row[static_cast<size_t>(f)] = x.at(r * features + f) - mean.data<float>()[f];
    for (int64_t c = 0; c < count; ++c) {
      const float* direction = components.data<float>() + c * features;
      result.set(r * count + c, std::inner_product(row.begin(), row.end(), direction, 0.0));
    }
  }
  return result;
}

Tensor PrincipalComponents::inverse_transform(const Tensor& codes) const {
  const int64_t features = mean.count(), count = components.shape()[0];
  if (codes.shape().rank() != 2 || codes.shape()[1] != count)
    throw Error(fmt::format("principal components: expected codes of {} numbers, got {}", count,
                            to_string(codes.shape())));
  const int64_t rows = codes.shape()[0];
  Tensor result({rows, features});
  for (int64_t r = 0; r < rows; ++r) {
    float* to = result.data<float>() + r * features;
    std::copy_n(mean.data<float>(), features, to);
    for (int64_t c = 0; c < count; ++c) {
      const auto share = static_cast<float>(codes.at(r * count + c));
      const float* direction = components.data<float>() + c * features;
      for (int64_t f = 0; f < features; ++f) to[f] += share * direction[f];
    }
  }
  return result;
}

std::vector<double> principal_angles(const Tensor& a, const Tensor& b) {
  constexpr double kDependent = 1e-9;
  Rows first = rows_of(a), second = rows_of(b);
  if (first.width != second.width)
    throw Error(fmt::format("principal_angles: expected rows of one length, got {} and {}", first.width,
                            second.width));
  if (first.count > second.count) std::swap(first, second);
  for (Rows* rows : {&first, &second})
    if (rows->count > rows->width || make_orthonormal(*rows) < kDependent)
      throw Error("principal_angles: expected rows that do not depend on each other");
  // What of the first lies outside of the second: its lengths are the sines, exact for small angles too.
  Rows outside = first;
  for (int64_t i = 0; i < first.count; ++i)
    for (int64_t j = 0; j < second.count; ++j) {
      const double share = dot(first.row(i), second.row(j), first.width);
      for (int64_t f = 0; f < first.width; ++f) outside.row(i)[f] -= share * second.row(j)[f];
    }
  Rows squares(first.count, first.count);
  for (int64_t i = 0; i < first.count; ++i)
    for (int64_t j = 0; j < first.count; ++j)
      squares.row(i)[j] = dot(outside.row(i), outside.row(j), first.width);
  std::vector<double> angles;
  for (const double square : eigen_of(squares).values)
    angles.push_back(std::asin(std::sqrt(std::clamp(square, 0.0, 1.0))));
  std::reverse(angles.begin(), angles.end());
  return angles;
}

}  // namespace folio
