// What scaling and centring do to gradient descent. (sheet B1, B2) A linear model predicts a price from an
// area in square metres, an age in years and a distance in metres. With the numbers as they are, the largest
// rate at which descent does not blow up is set by the largest number, and the others hardly move; scaled,
// all move alike. Each way has the best learning rate of a list for itself.
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

using namespace folio;

namespace {

constexpr int64_t kRows = 400;
constexpr int kEpochs = 60;

Data prices() {
  Tensor x({kRows, 3}), y({kRows, 1});
  const RandomStream stream{1, 0, 0};
  for (uint32_t r = 0; r < kRows; ++r) {
    const double area = 80 + 25 * stream.normal(r, 0), age = 100 * stream.uniform(r, 1),
                 distance = 5000 * stream.uniform(r, 2);
    x.set(r * 3, area);
    x.set(r * 3 + 1, age);
    x.set(r * 3 + 2, distance);
    y.set(r, 0.04 * area - 0.01 * age - 0.0003 * distance + 0.1 * stream.normal(r, 3));
  }
  return {x, y};
}

/// The loss after each epoch of full-batch descent, with the rate that ends lowest.
std::vector<double> best_descent(const Data& data, const Scaler* scaler) {
  std::vector<double> best;
  for (int power = -30; power <= 1; ++power) {
    set_random_seed(1);
    Sequential model({Input({3})});
    if (scaler) model.add(scaler->as_layer("scale"));
    model.add(Dense(1, {.kernel_initializer = "zeros"}));
    model.compile({.optimizer = SGD(std::ldexp(1.0, power)), .loss = "mse"});
    const std::vector<double> losses =
        model.fit(data, {.batch_size = kRows, .epochs = kEpochs, .verbose = 0})["loss"];
    if (std::isfinite(losses.back()) && (best.empty() || losses.back() < best.back())) best = losses;
  }
  return best;
}

}  // namespace

int main() {
  const Data data = prices();
  MinMaxScaler min_max;
  StandardScaler standard;
  min_max.fit(data.x[0]);
  standard.fit(data.x[0]);
  const std::vector<double> raw = best_descent(data, nullptr), to_range = best_descent(data, &min_max),
                            z_norm = best_descent(data, &standard);
  std::printf("epoch   as it is    min-max     z-norm\n");
  for (size_t epoch : {0, 1, 2, 4, 9, 19, 39, 59})
    std::printf("%5zu %10.4f %10.4f %10.4f\n", epoch + 1, raw[epoch], to_range[epoch], z_norm[epoch]);
  std::printf("(the noise alone is 0.01)\n");
  write_file_atomically("scaling.svg", Plot("What scaling does to gradient descent")
                                           .per_epoch("as it is", raw)
                                           .per_epoch("min-max", to_range)
                                           .per_epoch("z-norm", z_norm)
                                           .x_axis({.label = "epoch"})
                                           .y_axis({.label = "mean squared error", .log = true})
                                           .svg());
  return z_norm[19] < 0.011 && z_norm.back() <= to_range.back() && to_range.back() < raw.back() / 2 ? 0 : 1;
}
