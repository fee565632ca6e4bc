// D1: the optimizers of the sheet on the same net, the same start and the same order of examples.
#include "data_for_examples.h"

using namespace folio;

int main() {
  const auto data = clothes(5000, 1000);
  if (!data) return 0;
  OptimizerOptions sheet;
  sheet.form = "sheet";  // ε where the sheet prints it
  const std::pair<const char*, Optimizer> optimizers[] = {
      {"gradient descent", SGD(0.01)},
      {"momentum", SGD(0.01, 0.9)},
      {"Nesterov", SGD(0.01, 0.9, true)},
      {"AdaGrad", Adagrad(0.02)},
      {"RMSProp", RMSprop(0.001)},
      {"Adam", Adam(0.001)},
      {"Adam, as printed", Adam(0.001, 0.9, 0.999, 1e-7, false, sheet)},
      {"AdamW", AdamW(0.001)},
      {"Lamb", Lamb(0.01)}};
  std::map<std::string, double> losses;
  Plot plot("The same start, the same order");
  for (const auto& [name, optimizer] : optimizers) {
    set_random_seed(1);
    const Model model =
        Sequential({Input({784}), Dense(64, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
    model.compile(
        {.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    const std::vector<double> curve =
        model.fit(data->train, {.batch_size = 50, .epochs = 3, .verbose = 0})["loss"];
    losses[name] = curve.back();
    plot.per_epoch(name, curve);
    std::printf("%-17s loss %.3f, test accuracy %.3f\n", name, losses[name],
                log_of(model.evaluate(data->test), "accuracy"));
  }
  write_file_atomically("optimizers.svg",
                        plot.x_axis({.label = "epoch"}).y_axis({.label = "training loss"}).svg());
  bool good = losses["momentum"] < losses["gradient descent"];
  for (const auto& [name, loss] : losses) good = good && loss < (name == "gradient descent" ? 1.2 : 0.8);
  return good ? 0 : 1;
}
