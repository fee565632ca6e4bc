// C3: gradient descent as the sheet writes it: choose θ, repeat θ ← θ - α ∂J/∂θ until the change in θ is
// small. The problem is convex, a line through the claims and payments of an insurance, so that the best θ is
// known.
#include "data_for_examples.h"

using namespace folio;

int main() {
  const auto data = table("auto-insurance.csv", false);
  if (!data) return 0;
  const Tensor &x = data->train.x[0], &y = data->train.y[0];

  // Least squares in closed form.
  const auto n = static_cast<double>(x.count());
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (int64_t i = 0; i < x.count(); ++i)
    sx += x.at(i), sy += y.at(i), sxx += x.at(i) * x.at(i), sxy += x.at(i) * y.at(i);
  const double best_slope = (n * sxy - sx * sy) / (n * sxx - sx * sx),
               best_start = (sy - best_slope * sx) / n;

  const Model line = Sequential({Input({1}), Dense(1, {.kernel_initializer = "zeros"})});
  line.compile({.optimizer = SGD(0.1), .loss = "mse"});
  const History history = line.fit(data->train, {.batch_size = x.count(),  // all: plain gradient descent
                                                 .epochs = 10000,
                                                 .verbose = 0,
                                                 .callbacks = {StopWhenConverged(1e-6)}});
  write_file_atomically("gradient_descent.svg", Plot("Gradient descent until the change is small")
                                                    .per_epoch("cost", history["loss"])
                                                    .x_axis({.label = "step"})
                                                    .y_axis({.label = "mean squared error"})
                                                    .svg());
  const double slope = line.get_weights()[0].at(0), start = line.get_weights()[1].at(0);
  std::printf("after %zu steps: payment = %.5f claims + %.5f (standardized)\n", history["loss"].size(), slope,
              start);
  std::printf("least squares:  payment = %.5f claims + %.5f\n", best_slope, best_start);
  return history["loss"].size() < 1000 && std::abs(slope - best_slope) < 1e-4 &&
                 std::abs(start - best_start) < 1e-4
             ? 0
             : 1;
}
