// D5: early stopping: track the loss on examples that are not trained on, keep the weights whenever it
// improves, stop when it has not for `patience` epochs, and go back to the best.
#include "data_for_examples.h"

#include <algorithm>

using namespace folio;

namespace {

Model net() {
  set_random_seed(1);
  const Model model = Sequential({Input({8}), Dense(128, {.activation = "relu"}),
                                  Dense(128, {.activation = "relu"}), Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = Adam(0.002), .loss = "binary_crossentropy"});
  return model;
}

}  // namespace

int main() {
  const auto data = table("pima-indians-diabetes.csv", true);
  if (!data) return 0;
  FitOptions options{.batch_size = 32, .epochs = 60, .verbose = 0, .validation_data = data->test};
  const Model without = net(), with = net();
  const History all = without.fit(data->train, options);
  options.callbacks = {EarlyStopping({.patience = 5, .restore_best_weights = true})};
  const History stopped = with.fit(data->train, options);

  write_file_atomically("early_stopping.svg",
                        Plot("When to stop")
                            .per_epoch("training", all["loss"])
                            .per_epoch("others", all["val_loss"])
                            .per_epoch("others, stopped early", stopped["val_loss"], {.points = true})
                            .x_axis({.label = "epoch"})
                            .y_axis({.label = "loss"})
                            .svg());
  const auto& losses = stopped["val_loss"];
  const auto best = std::min_element(losses.begin(), losses.end());
  const double end = log_of(without.evaluate(data->test), "loss"),
               kept = log_of(with.evaluate(data->test), "loss");
  std::printf("without: 60 epochs, training loss %.3f, others %.3f\n", all["loss"].back(), end);
  std::printf("with: stopped after %zu epochs, best was the %td., others %.3f\n", losses.size(),
              best - losses.begin() + 1, kept);
  return losses.size() == static_cast<size_t>(best - losses.begin()) + 6 && std::abs(kept - *best) < 1e-5 &&
                 kept < end - 0.1
             ? 0
             : 1;
}
