// D3: penalties on weights. L2 makes all of them small, L1 makes most of them nothing; both narrow the gap
// between what a net knows of its training examples and of others. (60 sonar echoes of 208 objects: rock or
// metal.)
#include "data_for_examples.h"

using namespace folio;

namespace {

struct Outcome {
  double size = 0, small = 0, gap = 0;
  std::vector<double> weights = {};
};

Outcome train(const TrainAndTest& data, const Regularizer& penalty) {
  set_random_seed(1);
  const Dense hidden(32, {.activation = "tanh", .kernel_regularizer = penalty});
  const Model model =
      Sequential({Input({60}), hidden, Dense(1, {.activation = "sigmoid", .kernel_regularizer = penalty})});
  model.compile(
      {.optimizer = Adam(0.005), .loss = "binary_crossentropy", .metrics = {"binary_crossentropy"}});
  model.fit(data.train, {.batch_size = 16, .epochs = 200, .verbose = 0});
  const Tensor kernel = hidden.get_weights()[0];
  Outcome result;
  for (int64_t i = 0; i < kernel.count(); ++i) {
    result.weights.push_back(kernel.at(i));
    result.size += kernel.at(i) * kernel.at(i);
    result.small += (std::abs(kernel.at(i)) < 0.01) / static_cast<double>(kernel.count());
  }
  result.gap = log_of(model.evaluate(data.test), "binary_crossentropy") -
               log_of(model.evaluate(data.train), "binary_crossentropy");
  return result;
}

}  // namespace

int main() {
  const auto data = table("sonar.csv", true);
  if (!data) return 0;
  const Outcome none = train(*data, {}), l2 = train(*data, Regularizer::l2(0.01)),
                l1 = train(*data, Regularizer::l1(0.005)),
                both = train(*data, Regularizer::l1_l2(0.003, 0.003));
  const std::pair<const char*, const Outcome*> rows[] = {
      {"none", &none}, {"L2", &l2}, {"L1", &l1}, {"both", &both}};
  std::vector<Plot> plots;
  for (const auto& [name, outcome] : rows) {
    plots.push_back(Plot(std::string("Weights, penalty: ") + name).histogram("", outcome->weights));
    std::printf("%-5s sum of squares %7.2f, weights below 0.01: %4.1f %%, loss on others higher by %.3f\n",
                name, outcome->size, 100 * outcome->small, outcome->gap);
  }
  write_file_atomically("regularization.svg", side_by_side(plots, 2));
  return l2.size < none.size / 2 && l1.small > none.small + 0.3 && l2.gap < none.gap && l1.gap < none.gap &&
                 both.gap < none.gap
             ? 0
             : 1;
}
