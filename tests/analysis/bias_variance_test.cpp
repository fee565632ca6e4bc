#include "folio/analysis/bias_variance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "folio/analysis/resampling.h"
#include "folio/base/random.h"
#include "folio/data/split.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

constexpr int64_t kPoints = 15;

double f(double x) { return std::sin(3 * x) + x; }
double at(int64_t i) { return 2 * static_cast<double>(i) / (kPoints - 1) - 1; }

/// Least squares by polynomials of a degree: projection on orthonormal columns (Gram and Schmidt). x holds
/// the points, so that the fit at them is linear in y.
Tensor polynomial_fit(const Data& train, int degree) {
  const int64_t n = train.rows();
  std::vector<std::vector<double>> basis;
  std::vector<double> fit(static_cast<size_t>(n));
  for (int d = 0; d <= degree; ++d) {
    std::vector<double> column;
    for (int64_t i = 0; i < n; ++i) column.push_back(std::pow(train.x[0].at(i), d));
    for (int twice = 0; twice < 2; ++twice)
      for (const auto& other : basis) {
        double dot = 0;
        for (size_t i = 0; i < column.size(); ++i) dot += column[i] * other[i];
        for (size_t i = 0; i < column.size(); ++i) column[i] -= dot * other[i];
      }
    double norm = 0, along = 0;
    for (double value : column) norm += value * value;
    for (double& value : column) value /= std::sqrt(norm);
    for (size_t i = 0; i < column.size(); ++i) along += column[i] * train.y[0].at(static_cast<int64_t>(i));
    for (size_t i = 0; i < column.size(); ++i) fit[i] += along * column[i];
    basis.push_back(std::move(column));
  }
  return Tensor::of<double>({n}, fit);
}

Tensor points() {
  Tensor x({kPoints, 1}, DType::float64);
  for (int64_t i = 0; i < kPoints; ++i) x.set(i, at(i));
  return x;
}

TEST(BiasVariance, EqualsTheClosedFormOfPolynomials) {
  constexpr double kSigma = 0.4;
  constexpr int kRounds = 4000;
  const Tensor x = points();
  const auto draw = [&](int round) {
    Tensor y({kPoints}, DType::float64);
    const RandomStream stream{3, 0, static_cast<uint32_t>(round)};
    for (int64_t i = 0; i < kPoints; ++i)
      y.set(i, f(at(i)) + kSigma * stream.normal(0, static_cast<uint32_t>(i)));
    return Data(x, y);
  };
  Tensor truth({1, kPoints}, DType::float64);
  for (int64_t i = 0; i < kPoints; ++i) truth.set(i, f(at(i)));
  for (int degree : {0, 1, 3, 6, 12}) {
    const auto learner = [&](const Data& train, const Tensor&, int) { return polynomial_fit(train, degree); };
    const BiasVariance result = squared_error_shares(predict_in_rounds(learner, draw, x, kRounds), truth);
    // h = S y with a matrix S, whose columns are the fits of unit vectors: E[h] = S f, Var = σ² Σ s².
    std::vector<double> expected(kPoints), squares(kPoints);
    for (int64_t j = 0; j < kPoints; ++j) {
      Tensor unit({kPoints}, DType::float64);
      unit.set(j, 1);
      const Tensor column = polynomial_fit({x, unit}, degree);
      for (int64_t i = 0; i < kPoints; ++i) {
        expected[static_cast<size_t>(i)] += column.at(i) * f(at(j));
        squares[static_cast<size_t>(i)] += column.at(i) * column.at(i);
      }
    }
    double bias = 0;
    for (size_t i = 0; i < kPoints; ++i) {
      const double deviation = kSigma * std::sqrt(squares[i]);
      EXPECT_NEAR(result.main_prediction[i], expected[i], 5 * deviation / std::sqrt(kRounds));
      EXPECT_NEAR(result.points[i].variance, deviation * deviation,
                  5 * deviation * deviation * std::sqrt(2.0 / kRounds));
      const double off = expected[i] - f(at(static_cast<int64_t>(i)));
      bias += off * off / kPoints;
      EXPECT_NEAR(result.points[i].error, result.points[i].bias + result.points[i].variance, 1e-12);
    }
    // The mean variance of a projection on p columns is σ² p / n, whatever f.
    EXPECT_NEAR(result.mean.variance, kSigma * kSigma * (degree + 1) / kPoints, 0.005) << degree;
    EXPECT_NEAR(result.mean.bias, bias, 0.005) << degree;
  }
}

TEST(BiasVariance, SquaredErrorIsTheSumOfItsShares) {
  RandomNumbers random(4);
  for (int round = 0; round < 100; ++round) {
    const int64_t n = random.whole(1, 5);
    const Tensor h = random.tensor({random.whole(1, 9), n}, -2, 2),
                 y = random.tensor({random.whole(1, 9), n}, -2, 2);
    const BiasVariance result = squared_error_shares(h, y);
    for (int64_t p = 0; p < n; ++p) {
      double error = 0;
      for (int64_t d = 0; d < h.shape()[0]; ++d)
        for (int64_t k = 0; k < y.shape()[0]; ++k)
          error += (h.at(d * n + p) - y.at(k * n + p)) * (h.at(d * n + p) - y.at(k * n + p));
      error /= static_cast<double>(h.shape()[0] * y.shape()[0]);
      const auto& point = result.points[static_cast<size_t>(p)];
      EXPECT_NEAR(point.error, error, 1e-12);
      EXPECT_NEAR(point.noise + point.bias + point.variance, error, 1e-12);
    }
    EXPECT_NEAR(result.mean.noise + result.mean.bias + result.mean.variance, result.mean.error, 1e-12);
  }
}

TEST(BiasVariance, WrongClassesAreTheSumOfTheirShares) {
  RandomNumbers random(5);
  for (int round = 0; round < 200; ++round) {
    const int64_t n = random.whole(1, 4), classes = random.whole(1, 4);
    Tensor h({random.whole(1, 9), n}), y({random.whole(1, 9), n});
    for (Tensor* table : {&h, &y})
      for (int64_t i = 0; i < table->count(); ++i)
        table->set(i, static_cast<double>(random.whole(0, classes - 1)));
    const BiasVariance result = zero_one_shares(h, y);
    for (int64_t p = 0; p < n; ++p) {
      double wrong = 0;
      for (int64_t d = 0; d < h.shape()[0]; ++d)
        for (int64_t k = 0; k < y.shape()[0]; ++k) wrong += h.at(d * n + p) != y.at(k * n + p);
      const auto& point = result.points[static_cast<size_t>(p)];
      EXPECT_NEAR(point.error, wrong / static_cast<double>(h.shape()[0] * y.shape()[0]), 1e-12);
      EXPECT_NEAR(point.noise + point.bias + point.variance, point.error, 1e-12);
      EXPECT_TRUE(point.bias == 1 ? point.variance <= 0 : point.variance >= 0);
    }
  }
}

TEST(BiasVariance, DomingosTwoClasses) {
  // Ten models say 1 seven times; the class is 1 in nine of ten draws: c1 = 2 · 0.7 - 1.
  const auto rows_of = [](int ones) {
    Tensor table({10, 1});
    for (int i = 0; i < ones; ++i) table.set(i, 1);
    return table;
  };
  const BiasVariance unbiased = zero_one_shares(rows_of(7), rows_of(9));
  EXPECT_EQ(unbiased.mean.bias, 0);
  EXPECT_NEAR(unbiased.mean.variance, 0.3, 1e-12);
  EXPECT_NEAR(unbiased.mean.noise, 0.4 * 0.1, 1e-12);
  const BiasVariance biased = zero_one_shares(rows_of(3), rows_of(9));  // variance now helps
  EXPECT_EQ(biased.mean.bias, 1);
  EXPECT_NEAR(biased.mean.variance, -0.3, 1e-12);
  EXPECT_NEAR(biased.mean.noise, -0.4 * 0.1, 1e-12);
  EXPECT_NEAR(biased.mean.error, 0.3 * 0.1 + 0.7 * 0.9, 1e-12);
}

TEST(BiasVariance, TakesModelsAndBootstrapSamples) {
  Tensor x({40, 1}), y({40, 1});
  for (int64_t i = 0; i < 40; ++i) x.set(i, static_cast<double>(i) / 20 - 1), y.set(i, x.at(i) * x.at(i));
  const Data data(x, y);
  const auto learner = [](const Data& train, const Tensor& at, int round) {
    set_random_seed(static_cast<uint64_t>(round));
    const Sequential line({Input({1}), Dense(1)});
    line.compile({.optimizer = SGD(0.2), .loss = "mean_squared_error"});
    line.fit(train, {.epochs = 20, .verbose = 0});
    return line.predict(at);
  };
  const auto draw = [&](int round) { return bootstrap(data, 1, round); };
  const BiasVariance result =
      squared_error_shares(predict_in_rounds(learner, draw, x, 5), y.reshaped({1, 40}));
  // A line cannot be a parabola: the best one leaves the variance of x², 4/45.
  EXPECT_NEAR(result.mean.bias, 4.0 / 45, 0.03);
  EXPECT_GT(result.mean.variance, 0);
  EXPECT_LT(result.mean.variance, result.mean.bias);
}

TEST(BiasVariance, RefusesWhatDoesNotFit) {
  const auto none = [](const Data&, const Tensor&, int) { return Tensor({3}); };
  const auto draw = [](int) { return Data(Tensor({1, 1}), Tensor({1})); };
  EXPECT_NE(error_of([&] {
              predict_in_rounds(none, draw, Tensor({2, 1}), 2);
            }).find("each of the 2 points"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              predict_in_rounds(none, draw, Tensor({3, 1}), 1);
            }).find("at least 2"),
            std::string::npos);
  EXPECT_NE(error_of([] {
              squared_error_shares(Tensor({2, 3}), Tensor({2, 2}));
            }).find("(2, 3) and (2, 2)"),
            std::string::npos);
  EXPECT_NE(error_of([] { zero_one_shares(Tensor::filled({2, 3}, NAN), Tensor({2, 3})); }), "");
}

TEST(Resampling, RowsStayTogether) {
  Tensor x({50, 2}), y({50}, DType::int32);
  for (int64_t i = 0; i < 50; ++i) x.set(2 * i, i), x.set(2 * i + 1, -i), y.set(i, i);
  Data data(x, y);
  data.sample_weight = y.cast(DType::float32);
  const Data drawn = bootstrap(data, 3, 1), other = bootstrap(data, 3, 2);
  EXPECT_EQ(drawn.rows(), 50);
  std::vector<bool> seen(50);
  int64_t differing = 0;
  for (int64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(drawn.x[0].at(2 * i), drawn.y[0].at(i));
    EXPECT_EQ(drawn.x[0].at(2 * i + 1), -drawn.y[0].at(i));
    EXPECT_EQ(drawn.sample_weight.at(i), drawn.y[0].at(i));
    seen[static_cast<size_t>(drawn.y[0].at(i))] = true;
    differing += drawn.y[0].at(i) != other.y[0].at(i);
  }
  const auto different = std::count(seen.begin(), seen.end(), true);
  EXPECT_NEAR(static_cast<double>(different) / 50, 1 - std::exp(-1), 0.2);
  EXPECT_GT(differing, 30);
  const Data part = random_part(data, 10, 3, 0), larger = random_part(data, 20, 3, 0);
  for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(part.y[0].at(i), larger.y[0].at(i));
  EXPECT_NE(error_of([&] { random_part(data, 51, 0, 0); }).find("from 1 to 50 rows, got 51"),
            std::string::npos);
  EXPECT_NE(error_of([&] { take_rows(data, std::vector<int64_t>{50}); }).find("from 0 to 49, got 50"),
            std::string::npos);
}

}  // namespace
}  // namespace folio
