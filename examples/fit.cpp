// D6: fit as the sheet's program calls it: steps per epoch, validation steps, a checkpoint of the best, an
// early end, the history as a table, and a page of the run.
#include <folio/recipes/history_file.h>
#include <folio/report/report.h>

#include <filesystem>

#include "examples/data_for_examples.h"

using namespace folio;

int main() {
  const auto data = clothes(4000, 1000);
  if (!data) return 0;
  set_random_seed(1);
  Sequential model(
      {Input({784}), Dense(64, {.activation = "relu"}), Dropout(0.2), Dense(10, {.activation = "softmax"})},
      "clothes");
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const History history = model.fit(
      data->train, {.batch_size = 64,
                    .epochs = 12,
                    .verbose = 0,
                    .callbacks = {ModelCheckpoint(model.name() + ".keras", {.save_best_only = true}),
                                  EarlyStopping({.patience = 3}), CSVLogger("fit.csv")},
                    .validation_data = data->test,
                    .steps_per_epoch = 40,
                    .validation_steps = 10});
  write_history(history, "fit.json");
  std::filesystem::create_directories("fit-run");
  write_report("fit-run", {.model = model,
                           .history = history,
                           .data = data->test,
                           .predictions = {model.predict(data->test.x[0])},
                           .time = {.batch_size = 64}});
  write_file_atomically("fit.svg", Plot("Accuracy per epoch of 40 steps")
                                       .per_epoch("training", history["accuracy"])
                                       .per_epoch("validation", history["val_accuracy"])
                                       .x_axis({.label = "epoch"})
                                       .svg());

  const double best = *find_log(Model::load("clothes.keras").evaluate(data->test), "accuracy");
  std::printf("%zu epochs; the best model has %.1f %% of the test set\n", history.epochs.size(), 100 * best);
  const History again = read_history("fit.json");
  const bool same = again.series == history.series;
  std::printf("%s\n", same ? "the history comes back from its file as it was" : "WRONG: another history");
  return best > 0.8 && same && file_exists("fit-run/report.html") ? 0 : 1;
}
