// C8: exploding gradients, and clipping them. A line through claims and payments that nobody has scaled: the
// first gradients are in the thousands, and plain gradient descent runs away. Clipped to length 1 it arrives.
#include "data_for_examples.h"

using namespace folio;

namespace {

std::vector<double> losses_with(const Data& data, const OptimizerOptions& options) {
  const Model line = Sequential({Input({1}), Dense(1, {.kernel_initializer = "zeros"})});
  line.compile({.optimizer = SGD(ExponentialScheduling(0.1, 400), 0, false, options), .loss = "mse"});
  return line.fit(data, {.batch_size = data.rows(), .epochs = 600, .verbose = 0})["loss"];
}

}  // namespace

int main() {
  const auto data = table("auto-insurance.csv", false, true);
  if (!data) return 0;
  OptimizerOptions by_norm, by_value, by_all;
  by_norm.clipnorm = 1, by_value.clipvalue = 1, by_all.global_clipnorm = 1;
  const std::vector<double> curves[] = {losses_with(data->train, {}), losses_with(data->train, by_norm),
                                        losses_with(data->train, by_value), losses_with(data->train, by_all)};
  const double plain = curves[0].back(), norm = curves[1].back(), value = curves[2].back(),
               all = curves[3].back();
  write_file_atomically("gradient_clipping.svg", Plot("Clipped gradients arrive")
                                                     .per_epoch("plain", curves[0])
                                                     .per_epoch("by norm", curves[1])
                                                     .per_epoch("by value", curves[2])
                                                     .per_epoch("by the norm of all", curves[3])
                                                     .x_axis({.label = "step"})
                                                     .y_axis({.label = "mean squared error", .log = true})
                                                     .svg());
  std::printf("mean squared error: plain %g; clipped by norm %.0f, by value %.0f, by the norm of all %.0f\n",
              plain, norm, value, all);
  return !std::isfinite(plain) && norm < 3000 && value < 3000 && all < 3000 ? 0 : 1;
}
