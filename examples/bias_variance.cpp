// Bias and variance: the same curve learned a hundred times from new noisy points. Polynomials of low degree
// miss it each time in the same way (bias), those of high degree each time in another (variance); so do
// networks with few and many units. Bias² + variance + noise is the error on new points.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>

using namespace folio;

namespace {

constexpr int64_t kPoints = 20;
constexpr double kSigma = 0.3;

double f(double x) { return std::sin(3 * x); }

/// Noisy values of f at equal distances; `round` is the seed.
Data noisy_points(int round) {
  Tensor x({kPoints, 1}), y({kPoints, 1});
  const RandomStream stream{1, 0, static_cast<uint32_t>(round)};
  for (int64_t i = 0; i < kPoints; ++i) {
    x.set(i, 2 * static_cast<double>(i) / (kPoints - 1) - 1);
    y.set(i, f(x.at(i)) + kSigma * stream.normal(0, static_cast<uint32_t>(i)));
  }
  return {x, y};
}

/// Least squares: projection on orthonormal columns, made of the powers of x one after another.
Tensor polynomial(const Data& train, int degree) {
  std::vector<std::vector<double>> basis;
  Tensor fit({kPoints}, DType::float64);
  for (int d = 0; d <= degree; ++d) {
    std::vector<double> column;
    for (int64_t i = 0; i < kPoints; ++i) column.push_back(std::pow(train.x[0].at(i), d));
    const auto dot = [&](auto&& other) {
      double sum = 0;
      for (size_t i = 0; i < column.size(); ++i) sum += column[i] * other(i);
      return sum;
    };
    for (const auto& other : basis) {
      const double along = dot([&](size_t i) { return other[i]; });
      for (size_t i = 0; i < column.size(); ++i) column[i] -= along * other[i];
    }
    const double length = std::sqrt(dot([&](size_t i) { return column[i]; }));
    for (double& value : column) value /= length;
    const double along = dot([&](size_t i) { return train.y[0].at(static_cast<int64_t>(i)); });
    for (int64_t i = 0; i < kPoints; ++i) fit.set(i, fit.at(i) + along * column[static_cast<size_t>(i)]);
    basis.push_back(std::move(column));
  }
  return fit;
}

Tensor network(const Data& train, const Tensor& x, int units, int round) {
  set_random_seed(static_cast<uint64_t>(round));
  const Sequential model({Input({1}), Dense(units, {.activation = "tanh"}), Dense(1)});
  model.compile({.optimizer = Adam(0.03), .loss = "mean_squared_error"});
  model.fit(train, {.batch_size = kPoints, .epochs = 400, .verbose = 0});
  return model.predict(x);
}

}  // namespace

int main() {
  const Tensor x = noisy_points(0).x[0];
  // Values as new data would have them: f with noise, drawn anew.
  constexpr int kDraws = 400;
  Tensor targets({kDraws, kPoints}, DType::float64);
  for (int draw = 0; draw < kDraws; ++draw) {
    const Tensor y = noisy_points(1000000 + draw).y[0];
    for (int64_t i = 0; i < kPoints; ++i) targets.set(draw * kPoints + i, y.at(i));
  }

  bool holds = true;
  std::printf("polynomials of degree\n");
  std::vector<BiasVariance::Shares> shares;
  std::vector<double> degrees, biases, variances, totals;
  for (int degree : {0, 1, 3, 5, 9, 14}) {
    const auto learner = [&](const Data& train, const Tensor&, int) { return polynomial(train, degree); };
    const BiasVariance result =
        squared_error_shares(predict_in_rounds(learner, noisy_points, x, 500), targets);
    const double theory = kSigma * kSigma * (degree + 1) / kPoints;  // σ² p / n: a projection on p columns
    std::printf("%6d: %s (variance by theory %.4f)\n", degree, result.text.c_str(), theory);
    holds = holds && std::abs(result.mean.variance - theory) < 0.1 * theory &&
            std::abs(result.mean.noise - kSigma * kSigma) < 0.1 * kSigma * kSigma;
    shares.push_back(result.mean);
    degrees.push_back(degree);
    biases.push_back(result.mean.bias);
    variances.push_back(result.mean.variance);
    totals.push_back(result.mean.error);
  }
  Plot plot("Error of polynomials, learned 500 times");
  plot.line("bias²", degrees, biases, {.points = true})
      .line("variance", degrees, variances, {.points = true});
  plot.line("error", degrees, totals, {.points = true}).x_axis({.label = "degree"}).y_axis({.log = true});
  write_file_atomically("bias_variance.svg", plot.svg());
  holds = holds && shares.front().bias > 0.2 && shares.back().bias < 0.01 &&
          shares[2].error < shares[0].error && shares[2].error < shares.back().error;

  std::printf("networks with so many hidden units\n");
  for (int units : {1, 3, 30}) {
    const auto learner = [&](const Data& train, const Tensor& at, int round) {
      return network(train, at, units, round);
    };
    const BiasVariance result =
        squared_error_shares(predict_in_rounds(learner, noisy_points, x, 10), targets);
    std::printf("%6d: %s\n", units, result.text.c_str());
    holds = holds &&
            (units == 1 ? result.mean.bias > result.mean.variance : result.mean.bias < result.mean.variance);
  }
  return holds ? 0 : 1;
}
