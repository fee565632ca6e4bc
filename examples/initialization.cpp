// C7: how large signals are in the layers of a deep net before any training: they vanish, saturate, or keep
// their size, as the initializer has it. Xavier (Glorot) is made for tanh, He for ReLU.
#include "data_for_examples.h"

using namespace folio;

namespace {

constexpr int kLayers = 10;

// The standard deviation of the outputs of every layer.
std::vector<double> sizes(const Data& data, const Initializer& initializer, const std::string& activation) {
  set_random_seed(1);
  const Value x = Input({784});
  Values outputs;
  Value y = x;
  for (int layer = 0; layer < kLayers; ++layer)
    outputs.push_back(y = Dense(128, {.activation = activation, .kernel_initializer = initializer})(y));
  std::vector<double> result;
  for (const Tensor& out : Model({x}, outputs).predict(data.x, 100)) {
    double squares = 0, mean = 0;
    const auto count = static_cast<double>(out.count());
    for (int64_t i = 0; i < out.count(); ++i)
      mean += out.at(i) / count, squares += out.at(i) * out.at(i) / count;
    result.push_back(std::sqrt(squares - mean * mean));
  }
  return result;
}

}  // namespace

int main() {
  const auto data = clothes(200, 1);
  if (!data) return 0;
  const std::pair<Initializer, const char*> cases[] = {{Initializer::random_normal(0, 0.01), "tanh"},
                                                       {Initializer::random_normal(0, 1), "tanh"},
                                                       {"glorot_uniform", "tanh"},
                                                       {"orthogonal", "tanh"},
                                                       {"glorot_uniform", "relu"},
                                                       {"he_normal", "relu"}};
  std::vector<std::vector<double>> all;
  Plot plot("Size of signals before training");
  for (const auto& [initializer, activation] : cases) {
    all.push_back(sizes(data->train, initializer, activation));
    const char* spread = initializer.name != "random_normal" ? ""
                         : initializer.number("stddev") < 1  ? " 0.01"
                                                             : " 1";
    plot.per_epoch(initializer.name + spread + ", " + activation, all.back());
    std::printf("%-15s %-5s", initializer.name.c_str(), activation);
    for (double size : all.back()) std::printf(" %9.2g", size);
    std::printf("\n");
  }
  write_file_atomically(
      "initialization.svg",
      plot.x_axis({.label = "layer"}).y_axis({.label = "standard deviation", .log = true}).svg());
  const auto kept = [&](size_t i) { return all[i].back() / all[i].front(); };
  const bool vanishes = kept(0)<1e-4, saturates = all[1].back()> 0.9;
  return vanishes && saturates && kept(2) > 0.1 && kept(3) > 0.1 && kept(4) < 0.2 && kept(5) > 0.3 ? 0 : 1;
}
