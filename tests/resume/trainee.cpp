// A training with everything in it that must survive being killed: dropout, noise, batch normalization, Adam,
// a schedule, early stopping with the best weights kept, a last batch that is
// not full. It goes on from a checkpoint in FOLDER if there is one, and prints a checksum of all that it ends
// with. usage: trainee FOLDER EPOCHS CHECKPOINT-STEPS
#include <fmt/format.h>
#include <zlib.h>

#include <cstdlib>

#include "folio/folio.h"
#include "folio/formats/checkpoint.h"
#include "folio/models/trainer.h"

using namespace folio;

namespace {

// Two classes of points, by a rule that takes some epochs to learn.
Data points(int64_t rows, uint64_t seed) {
  Tensor x({rows, 12}), y({rows, 1});
  const RandomStream stream{seed, 1, 0};
  for (int64_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (int64_t c = 0; c < 12; ++c) {
      const double value = stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(c));
      x.set(r * 12 + c, value);
      sum += c % 2 ? value : value * value - 1;
    }
    y.set(r, sum > 0);
  }
  return {x, y};
}

uint32_t checksum(const Model& model, const History& history) {
  uLong sum = 0;
  const auto add = [&](const Tensor& tensor) {
    sum = crc32_z(sum, static_cast<const Bytef*>(tensor.raw()), static_cast<size_t>(tensor.bytes()));
  };
  for (const Parameter& parameter : model.weights()) add(parameter.value());
  for (const Parameter& parameter : model.optimizer()->variables()) add(parameter.value());
  for (const auto& [name, values] : history.series) {
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(name.data()), name.size());
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(values.data()), values.size() * sizeof(double));
  }
  return static_cast<uint32_t>(sum);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    set_random_seed(7);
    Sequential model({Input({12}), GaussianNoise(0.2), Dense(24, {.activation = "relu"}),
                      BatchNormalization(), Dropout(0.3), Dense(16, {.activation = "tanh"}), Dropout(0.2),
                      Dense(1, {.activation = "sigmoid"})});
    model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
    FitOptions options;
    options.batch_size = 48;
    options.epochs = std::atoi(argv[2]);
    options.verbose = 0;
    options.validation_data = points(100, 2);
    options.callbacks = {
        LearningRateScheduler([](int, double rate) { return rate * 0.97; }),
        EarlyStopping({.patience = 6, .restore_best_weights = true}),
        BackupAndRestore(argv[1], {.save_freq = std::atoi(argv[3]), .delete_checkpoint = false})};
    const History history = model.fit(points(1000, 1), options);
    fmt::print("{} epochs, checksum {:08x}\n", history.epochs.size(), checksum(model, history));
  } catch (const std::exception& error) {
    fmt::print(stderr, "trainee: {}\n", error.what());
    return 1;
  }
  return 0;
}
