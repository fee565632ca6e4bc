// A few outliers against three scalers. (sheet B2) Min-max hands almost its whole range to the outliers, and
// the z-norm a good part; the median and the quartiles, which the robust scaler takes, hardly notice them. A
// logistic model then has to learn from what is left of the other rows.
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace folio;

namespace {

constexpr int64_t kRows = 600;

/// Two classes on either side of 20; every hundredth value is a thousand times too large, a lost decimal
/// point.
Data readings() {
  Tensor x({kRows, 1}), y({kRows, 1});
  const RandomStream stream{4, 0, 0};
  for (uint32_t r = 0; r < kRows; ++r) {
    const double value = 20 + 3 * stream.normal(r, 0);
    x.set(r, r % 100 == 0 ? value * 1000 : value);
    y.set(r, x.at(r) > 20 ? 1 : 0);
  }
  return {x, y};
}

double accuracy_with(const Scaler& scaler, const Data& data) {
  set_random_seed(1);
  const Sequential model({Input({1}), scaler.as_layer(), Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = Adam(0.05), .loss = "binary_crossentropy", .metrics = {"binary_accuracy"}});
  model.fit(data, {.epochs = 20, .verbose = 0});
  return *find_log(model.evaluate(data), "binary_accuracy");
}

}  // namespace

int main() {
  const Data data = readings();
  std::pair<const char*, std::unique_ptr<Scaler>> scalers[] = {{"min-max", std::make_unique<MinMaxScaler>()},
                                                               {"z-norm", std::make_unique<StandardScaler>()},
                                                               {"robust", std::make_unique<RobustScaler>()}};
  std::vector<double> accuracy(3);
  std::printf("          from 15 to 25 become          accuracy\n");
  for (size_t s = 0; s < 3; ++s) {
    auto& [name, scaler] = scalers[s];
    scaler->fit(data.x[0]);
    const Tensor ends = scaler->transform(Tensor::of<float>({2, 1}, {15, 25}));
    accuracy[s] = accuracy_with(*scaler, data);
    std::printf("%-8s %12.6f to %9.6f %12.1f %%\n", name, ends.at(0), ends.at(1), 100 * accuracy[s]);
  }
  write_file_atomically("outliers.svg", Plot("One value of a hundred is a thousand times too large")
                                            .bars("accuracy", {"min-max", "z-norm", "robust"}, accuracy)
                                            .y_axis({.label = "accuracy", .low = 0, .high = 1})
                                            .svg());
  return accuracy[2] > 0.95 && accuracy[2] > accuracy[0] + 0.1 && accuracy[2] > accuracy[1] + 0.1 ? 0 : 1;
}
