// Universal approximation: one hidden layer of enough units comes as near to a function as one wishes. First
// by hand: n ReLU units make a polygon through points of the curve, whose largest error falls as 1/n². Then
// by training.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

using namespace folio;

namespace {

constexpr int64_t kPoints = 512;

double f(double x) { return std::sin(2 * std::numbers::pi * x) + x; }

Tensor grid() {
  Tensor x({kPoints, 1});
  for (int64_t i = 0; i < kPoints; ++i) x.set(i, (static_cast<double>(i) + 0.5) / kPoints);
  return x;
}

Tensor values(const Tensor& x) {
  Tensor y(x.shape());
  for (int64_t i = 0; i < x.count(); ++i) y.set(i, f(x.at(i)));
  return y;
}

/// f(0) + Σ change of slope at knot k · relu(x - knot k), with knots k / units.
Sequential polygon(int64_t units) {
  const Sequential model({Input({1}), Dense(units, {.activation = "relu"}), Dense(1)});
  Tensor ones = Tensor::filled({1, units}, 1), knots({units}), changes({units, 1});
  double slope = 0;
  for (int64_t k = 0; k < units; ++k) {
    const double at = static_cast<double>(k) / static_cast<double>(units),
                 step = 1 / static_cast<double>(units);
    const double next = (f(at + step) - f(at)) / step;
    knots.set(k, -at);
    changes.set(k, next - slope);
    slope = next;
  }
  model.layers()[0].set_weights({ones, knots});
  model.layers()[1].set_weights({changes, Tensor::scalar(f(0)).reshaped({1})});
  return model;
}

Sequential trained(int64_t units, const Data& data, uint64_t seed) {
  set_random_seed(seed);
  const Sequential model({Input({1}),
                          Dense(units, {.activation = "tanh",
                                        .kernel_initializer = Initializer::random_normal(0, 5),
                                        .bias_initializer = Initializer::random_normal(0, 3)}),
                          Dense(1)});
  model.compile({.optimizer = Adam(ExponentialDecay(0.03, 3000, 0.3)), .loss = "mean_squared_error"});
  model.fit(data, {.batch_size = 128, .epochs = 2000, .verbose = 0});
  return model;
}

struct Errors {
  double largest = 0, mean_square = 0;
};

Errors errors(const Sequential& model, const Data& data) {
  const Tensor h = model.predict(data.x[0], kPoints);
  Errors result;
  for (int64_t i = 0; i < kPoints; ++i) {
    const double error = h.at(i) - data.y[0].at(i);
    result.largest = std::max(result.largest, std::abs(error));
    result.mean_square += error * error / kPoints;
  }
  return result;
}

}  // namespace

int main() {
  const Data data(grid(), values(grid()));
  std::printf("by hand: units, largest error, exponent of n\n");
  double first = 0, before = 0;
  std::vector<double> widths, largest;
  for (int64_t units = 8; units <= 64; units *= 2) {
    const double error = errors(polygon(units), data).largest;
    if (before > 0)
      std::printf("%10lld  %.6f  %.2f\n", static_cast<long long>(units), error, std::log2(error / before));
    else
      std::printf("%10lld  %.6f\n", static_cast<long long>(units), first = error);
    before = error;
    widths.push_back(static_cast<double>(units));
    largest.push_back(error);
  }
  const double exponent = std::log2(before / first) / 3;  // three doublings
  std::printf("the error falls as n^%.2f (theory: n^-2)\n", exponent);

  std::printf("trained: units, root of the mean squared error\n");
  std::vector<double> trained_widths, roots;
  for (int64_t units : {1, 2, 4, 16}) {
    trained_widths.push_back(static_cast<double>(units));
    double best = INFINITY;  // of three starts: training does not always find the best weights
    for (uint64_t seed : {1, 2, 3})
      best = std::min(best, errors(trained(units, data, seed), data).mean_square);
    roots.push_back(std::sqrt(best));
    std::printf("%10lld  %.6f\n", static_cast<long long>(units), roots.back());
  }
  Plot plot("One hidden layer comes nearer with every unit");
  plot.line("by hand, largest error", widths, largest, {.points = true});
  plot.line("trained, root mean square", trained_widths, roots, {.points = true});
  plot.x_axis({.label = "hidden units", .log = true}).y_axis({.label = "error", .log = true});
  write_file_atomically("universal_approximation.svg", plot.svg());
  const bool falls = std::is_sorted(roots.rbegin(), roots.rend());
  return std::abs(exponent + 2) < 0.1 && falls && roots.back() < roots[0] / 30 ? 0 : 1;
}
