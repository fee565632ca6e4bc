// C1: the activations of the sheet: their values and slopes at a few points, and how well a net of ten layers
// learns with each. Where the slope is small everywhere, little of the gradient reaches the first layers.
#include "data_for_examples.h"

using namespace folio;

namespace {

const std::vector<std::string> kNames = {"sigmoid", "tanh", "relu", "leaky_relu", "elu"};

void print_table() {
  const Tensor points = Tensor::of<float>({5}, {-5, -1, 0, 1, 5});
  std::printf("%-12s %-44s slopes there\n", "activation", "values at -5, -1, 0, 1, 5");
  for (const std::string& name : kNames) {
    const Value x = input({5}), y = activation(name).apply(x);
    const auto got = compile({{x}, {y, gradients(sum(y), {x})[0]}, {}})({points});
    std::printf("%-12s", name.c_str());
    for (const Tensor& row : got)
      for (int64_t i = 0; i < 5; ++i) std::printf(" %8.4f", row.at(i));
    std::printf("\n");
  }
}

// The losses of a net of ten layers.
std::vector<double> losses_with(const std::string& activation, const Data& data) {
  set_random_seed(1);
  Sequential model({Input({784})});
  for (int layer = 0; layer < 9; ++layer) model.add(Dense(32, {.activation = activation}));
  model.add(Dense(10, {.activation = "softmax"}));
  model.compile({.optimizer = SGD(0.05, 0.9), .loss = "sparse_categorical_crossentropy"});
  return model.fit(data, {.batch_size = 50, .epochs = 4, .verbose = 0})["loss"];
}

}  // namespace

int main() {
  print_table();
  const auto data = clothes(4000, 1000);
  if (!data) return 0;
  std::map<std::string, double> losses;
  Plot plot("Ten layers of each activation");
  for (const std::string& name : kNames) {
    const std::vector<double> all = losses_with(name, data->train);
    losses[name] = all.back();
    plot.per_epoch(name, all);
    std::printf("ten layers of %-10s loss %.3f after 4 epochs\n", name.c_str(), losses[name]);
  }
  write_file_atomically("activations.svg",
                        plot.x_axis({.label = "epoch"}).y_axis({.label = "training loss"}).svg());
  // log(10) = 2.303 is the loss of a guess: ten sigmoids learn nothing.
  return losses["sigmoid"] > 2.2 && losses["tanh"] < 1.2 && losses["relu"] < 1.2 && losses["elu"] < 1.2 ? 0
                                                                                                        : 1;
}
