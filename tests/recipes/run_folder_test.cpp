#include "folio/recipes/run_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/formats/checkpoint.h"
#include "folio/formats/keras_model.h"
#include "folio/layers/all.h"
#include "folio/models/trainer.h"
#include "folio/recipes/history_file.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Data points() {
  Tensor x({20, 3}), y({20, 1});
  for (int64_t i = 0; i < x.count(); ++i) x.set(i, std::sin(3.0 * static_cast<double>(i)));
  for (int64_t i = 0; i < y.count(); ++i) y.set(i, x.at(3 * i) - x.at(3 * i + 1));
  return {x, y};
}

Model fresh() {
  set_random_seed(2);
  const Sequential model(
      {Input({3}), Dense(4, {.activation = "tanh", .name = "a"}), Dense(1, {.name = "b"})});
  model.compile({.optimizer = "adam", .loss = "mse"});
  return model;
}

/// Trains with `first` before the callbacks of the folder.
History train(const Model& model, RunFolder& folder, int epochs, const LambdaCallbackOptions& first = {}) {
  FitOptions options{.batch_size = 5, .epochs = epochs, .verbose = 0};
  options.callbacks = {LambdaCallback(first)};
  for (const Callback& callback : folder.callbacks("loss")) options.callbacks.push_back(callback);
  return model.fit(points(), options);
}

std::vector<double> numbers(const Model& model) {
  std::vector<double> all;
  for (const Tensor& weight : model.get_weights())
    for (int64_t i = 0; i < weight.count(); ++i) all.push_back(weight.at(i));
  for (const Parameter& variable : model.optimizer()->variables())
    for (int64_t i = 0; i < variable.value().count(); ++i) all.push_back(variable.value().at(i));
  return all;
}

// What outlives a loss of power costs more than an epoch of a small model.
TEST(RunFolder, WritesNothingInAShortTrainingButItsEnd) {
  const TemporaryFolder place;
  RunFolder folder(place.path(), false);
  folder.write_settings(Json::object());
  int looked = 0;
  const Model model = fresh();
  std::vector<double> best;
  const auto look = [&](Training&, int epoch, Logs& logs) {
    if (epoch == 6) best = numbers(model), logs[0].second = -1;
    EXPECT_EQ(place.names(), std::vector<std::string>{"settings.json"}) << epoch;
    ++looked;
  };
  const History history = train(model, folder, 20, {.on_epoch_end = look});
  folder.finish(model, history);
  EXPECT_EQ(looked, 20);
  EXPECT_EQ(numbers(Model::load(folder.best_model())), best) << "as it was then, not as it is now";
  EXPECT_EQ(numbers(Model::load(folder.last_model())), numbers(model));
  EXPECT_EQ(read_history(place / "history.json")["loss"], history["loss"]);
  EXPECT_TRUE(find_checkpoint(place.path()));
}

// Interrupted after the best epoch: its model goes on with the rest.
TEST(RunFolder, TakesTheBestModelAlong) {
  const TemporaryFolder place, other;
  std::vector<double> best;
  const auto until = [&](const Model& model, int stop) {
    return LambdaCallbackOptions{.on_epoch_end = [&best, model, stop](Training&, int epoch, Logs& logs) {
      if (epoch == 2) best = numbers(model), logs[0].second = -1;
      if (epoch == stop) request_stop();
    }};
  };
  {
    RunFolder folder(place.path(), false);
    folder.write_settings(Json::object());
    const Model model = fresh();
    EXPECT_TRUE(train(model, folder, 8, until(model, 4)).interrupted);
    clear_stop();
    EXPECT_EQ(numbers(Model::load(folder.best_model())), best);
  }
  std::filesystem::copy_file(place / "model.keras", other / "kept.keras");
  {  // the file is looked at before the training goes on
    write_file_atomically(place / "model.keras", "damaged");
    RunFolder folder(place.path(), true);
    const Model model = fresh();
    EXPECT_NE(error_of([&] { train(model, folder, 8); }).find("model.keras"), std::string::npos);
    std::filesystem::copy_file(other / "kept.keras", place / "model.keras",
                               std::filesystem::copy_options::overwrite_existing);
  }
  RunFolder folder(place.path(), true);
  const Model model = fresh();
  folder.finish(model, train(model, folder, 8));
  EXPECT_EQ(numbers(Model::load(folder.best_model())), best);
}

TEST(RunFolder, SavesTheBestModelOfATrainingThatFails) {
  const TemporaryFolder place;
  const Model model = fresh();
  try {
    RunFolder folder(place.path(), false);
    train(model, folder, 8, {.on_epoch_begin = [](Training&, int epoch) {
            if (epoch == 3) throw NonFiniteError("now");
          }});
    FAIL();
  } catch (const NonFiniteError&) {
  }
  EXPECT_EQ(Model::load(place / "model.keras").optimizer()->iterations().value().at(0), 12);
}

// Moved away in the middle, and back or not.
TEST(RunFolder, GoesOnWithoutItsFolder) {
  for (const bool back : {true, false}) {
    const TemporaryFolder place;
    const std::string path = place / "run", away = place / "away";
    RunFolder folder(path, false);
    const Model model = fresh();
    const auto move = [&](Training&, int epoch) {
      if (epoch == 2) std::filesystem::rename(path, away);
      if (epoch == 5 && back) std::filesystem::rename(away, path);
    };
    const auto run = [&] { folder.finish(model, train(model, folder, 8, {.on_epoch_begin = move})); };
    testing::internal::CaptureStderr();
    const std::string error = error_of(run);
    testing::internal::GetCapturedStderr();
    EXPECT_EQ(error.empty(), back) << error;
    EXPECT_EQ(model.optimizer()->iterations().value().at(0), 32) << "trained to the end";
  }
}

TEST(RunFolder, KeepsOffWhatIsThere) {
  const TemporaryFolder place;
  write_file_atomically(place / "model.keras", "mine");
  EXPECT_NE(error_of([&] { RunFolder(place.path(), false); }).find("found a model.keras that is of no run"),
            std::string::npos);
}

// What is refused has changed nothing.
TEST(RunFolder, KeepsItsSettingsUntilOthersAreAccepted) {
  const TemporaryFolder place;
  const Model model = fresh();
  {
    RunFolder folder(place.path(), false);
    folder.write_settings({{"batch_size", 5}});
    folder.finish(model, train(model, folder, 2));
  }
  const std::string before = read_text_file(place / "settings.json");
  FitOptions options{.batch_size = 4, .epochs = 3, .verbose = 0};
  {
    RunFolder folder(place.path(), true);
    folder.write_settings({{"batch_size", 4}});
    options.callbacks = {LambdaCallback({})};
    for (const Callback& callback : folder.callbacks("loss")) options.callbacks.push_back(callback);
    EXPECT_NE(error_of([&] { model.fit(points(), options); }).find("batch size"), std::string::npos);
    EXPECT_EQ(read_text_file(place / "settings.json"), before);
  }
  RunFolder folder(place.path(), true);
  folder.write_settings({{"epochs", 3}});
  folder.finish(model, train(model, folder, 3));
  EXPECT_NE(read_text_file(place / "settings.json").find("epochs"), std::string::npos);
}

}  // namespace
}  // namespace folio
