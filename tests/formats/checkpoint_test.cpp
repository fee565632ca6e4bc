#include "folio/formats/checkpoint.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "folio/base/error.h"
#include "folio/base/zip.h"
#include "folio/data/array_files.h"
#include "folio/data/npy.h"
#include "folio/formats/keras_model.h"
#include "folio/layers/all.h"
#include "folio/models/model_body.h"
#include "folio/models/trainer.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

using ::testing::HasSubstr;

/// Asks a training to stop after some steps, as a user would with Ctrl-C.
class StopAfterBody final : public CallbackBody {
 public:
  explicit StopAfterBody(int64_t steps) : left_(steps) {}
  void on_batch_end(Training&, int64_t, const Logs&) override {
    if (--left_ == 0) request_stop();
  }

 private:
  int64_t left_;
};

Data some_points() {
  Tensor x = RandomNumbers(3).tensor({50, 6}, -1, 1, DType::float32), y({50, 1});
  for (int64_t r = 0; r < 50; ++r) y.set(r, x.at(r * 6) + x.at(r * 6 + 1) > 0);
  return {x, y};
}

Model some_model() {
  set_random_seed(5);
  Sequential model({Input({6}), Dense(8, {.activation = "relu"}), BatchNormalization(), Dropout(0.4),
                    Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = "nadam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  return model;
}

FitOptions some_options(const std::string& folder) {
  FitOptions options;
  options.batch_size = 8;
  options.epochs = 5;
  options.verbose = 0;
  options.validation_data = some_points();
  options.callbacks = {LearningRateScheduler([](int, double rate) { return 0.9 * rate; }),
                       EarlyStopping({.patience = 2, .restore_best_weights = true}),
                       BackupAndRestore(folder, {.save_freq = 3, .delete_checkpoint = false})};
  return options;
}

std::vector<std::vector<double>> values_of(const Model& model, const History& history) {
  std::vector<std::vector<double>> all;
  const auto add = [&](const Tensor& tensor) {
    all.emplace_back();
    for (int64_t i = 0; i < tensor.count(); ++i) all.back().push_back(tensor.at(i));
  };
  for (const Parameter& parameter : model.weights()) add(parameter.value());
  for (const Parameter& parameter : model.optimizer()->variables()) add(parameter.value());
  for (const auto& entry : history.series) all.push_back(entry.second);
  return all;
}

TEST(Checkpoint, AnInterruptedTrainingEndsWithTheSameBits) {
  const TemporaryFolder scratch;
  const Model undisturbed = some_model();
  FitOptions options = some_options(scratch / "undisturbed");
  const History history = undisturbed.fit(some_points(), options);
  const auto expected = values_of(undisturbed, history);
  // After every single step: within an epoch, at its last step, and at its first.
  const auto steps = static_cast<int64_t>(history.epochs.size()) * 7;
  for (int64_t stop = 1; stop < steps; ++stop) {
    const std::string folder = scratch / ("stopped-" + std::to_string(stop));
    options = some_options(folder);
    FitOptions first = options;
    first.callbacks.insert(first.callbacks.begin(), Callback(std::make_shared<StopAfterBody>(stop)));
    const History before = some_model().fit(some_points(), first);
    clear_stop();
    ASSERT_TRUE(before.interrupted) << stop;
    const Model model = some_model();
    options.callbacks.insert(options.callbacks.begin(), Callback(std::make_shared<StopAfterBody>(0)));
    const History after = model.fit(some_points(), options);
    EXPECT_FALSE(after.interrupted);
    EXPECT_EQ(values_of(model, after), expected) << "stopped after step " << stop;
  }
}

TEST(Checkpoint, StatefulLayersGoOnWhereTheyWere) {
  const TemporaryFolder scratch;
  RandomNumbers random(3);
  const Data data{random.tensor({48, 2, 3}, -1, 1, DType::float32),
                  random.tensor({48, 1}, -1, 1, DType::float32)};
  for (const int64_t batch : {int64_t{8}, kUnknown}) {  // told by Input, or by the first call
    const auto model = [&] {
      set_random_seed(5);
      Sequential made(
          {Input({2, 3}, {.batch_size = batch}), Bidirectional(LSTM(3, {.stateful = true})), Dense(1)});
      made.compile({.optimizer = "adam", .loss = "mse"});
      return made;
    };
    const auto options = [&](const std::string& folder) {
      FitOptions options;
      options.batch_size = 8, options.epochs = 3, options.verbose = 0, options.shuffle = false;
      options.callbacks = {BackupAndRestore(folder, {.save_freq = 1})};
      return options;
    };
    const Model undisturbed = model();
    const auto expected =
        values_of(undisturbed, undisturbed.fit(data, options(scratch / std::to_string(batch))));
    for (const int64_t stop : {4, 6, 13}) {
      const std::string folder = scratch / fmt::format("{}-{}", batch, stop);
      FitOptions first = options(folder);
      first.callbacks.insert(first.callbacks.begin(), Callback(std::make_shared<StopAfterBody>(stop)));
      ASSERT_TRUE(model().fit(data, first).interrupted);
      clear_stop();
      const Model again = model();
      FitOptions then = options(folder);
      then.callbacks.insert(then.callbacks.begin(), Callback(std::make_shared<StopAfterBody>(0)));
      EXPECT_EQ(values_of(again, again.fit(data, then)), expected) << stop;
      EXPECT_EQ(states_in(again)[0].value().values<float>()[0],
                states_in(undisturbed)[0].value().values<float>()[0]);
    }
  }
}

TEST(Checkpoint, NothingIsLeftAfterAGoodEndUnlessAskedFor) {
  const TemporaryFolder scratch;
  FitOptions options = some_options(scratch / "run");
  options.callbacks = {BackupAndRestore(scratch / "run")};
  some_model().fit(some_points(), options);
  EXPECT_FALSE(find_checkpoint(scratch / "run"));
}

TEST(Checkpoint, OpensAsAModel) {
  const TemporaryFolder scratch;
  const Model model = some_model();
  const History history = model.fit(some_points(), some_options(scratch / "run"));
  const auto found = find_checkpoint(scratch / "run");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state.history.epochs, history.epochs);
  EXPECT_EQ(Model::load(found->path).count_parameters(), model.count_parameters());
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

TEST(Checkpoint, EveryDamageIsFoundAndTheOneBeforeIsUsed) {
  const TemporaryFolder scratch;
  const std::string folder = scratch / "run";
  some_model().fit(some_points(), some_options(folder));
  const auto last = find_checkpoint(folder);
  ASSERT_TRUE(last);
  const std::string whole = content_of(last->path);
  const auto expect_found = [&](const std::string& damaged, const std::string& what) {
    write(last->path, damaged);
    EXPECT_THROW(read_checkpoint(last->path), Error) << what;
  };
  const RandomStream random{1, 2, 3};
  for (uint32_t i = 0; i < 1000; ++i) {
    std::string damaged = whole;
    const uint32_t bit = random.below(i, 0, static_cast<uint32_t>(whole.size() * 8));
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    expect_found(damaged, "bit " + std::to_string(bit));
  }
  for (size_t at = 0; at < whole.size(); at += 512) {
    std::string damaged = whole;
    damaged.replace(at, 512, std::min<size_t>(512, whole.size() - at), '\0');
    expect_found(damaged, "zeros from " + std::to_string(at));
    expect_found(whole.substr(0, at), "cut at " + std::to_string(at));
  }
  const auto before = find_checkpoint(folder);
  ASSERT_TRUE(before);
  EXPECT_NE(before->path, last->path);
  EXPECT_THAT(before->damage, HasSubstr("changed or cut short"));
  write(before->path, "");
  EXPECT_THROW(find_checkpoint(folder), Error);
}

TEST(Checkpoint, GoesOnOnlyWithTheSameTraining) {
  const TemporaryFolder scratch;
  const std::string folder = scratch / "run";
  some_model().fit(some_points(), some_options(folder));
  const auto expect_refused = [&](const Data& data, const FitOptions& options, const char* text) {
    const Model model = some_model();
    model.optimizer()->build(model.model().trainable_weights());
    const auto before = values_of(model, {});
    try {
      model.fit(data, options);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(text));
    }
    EXPECT_EQ(values_of(model, {}), before);
  };
  FitOptions options = some_options(folder);
  options.batch_size = 10;
  expect_refused(some_points(), options, "batch size");
  options = some_options(folder);
  options.shuffle = false;
  expect_refused(some_points(), options, "shuffling");
  options.shuffle = true;
  options.callbacks.erase(options.callbacks.begin());
  expect_refused(some_points(), options, "callbacks");
  Data other = some_points();
  other.x[0].set(6 * 20, 9);
  expect_refused(other, some_options(folder), "the data");
  // Rows that are read while they are used count to the last one.
  const auto streamed = [&](int64_t changed) {
    Tensor x = RandomNumbers(3).tensor({500, 6}, -1, 1, DType::float32), y({500, 1});
    x.set(6 * changed + 5, 9);
    write_npy(scratch / "x.npy", x);
    write_npy(scratch / "y.npy", y);
    return Data::streamed({open_npy(scratch / "x.npy")}, {open_npy(scratch / "y.npy")});
  };
  const std::string other_folder = scratch / "streamed";
  some_model().fit(streamed(3), some_options(other_folder));
  for (const int64_t changed : {4, 498})
    expect_refused(streamed(changed), some_options(other_folder), "the data");
  some_model().fit(streamed(3), some_options(other_folder));
}

TEST(Checkpoint, ALogOfLinesGoesOnWhereTheTrainingDoes) {
  const TemporaryFolder scratch;
  const auto with_log = [&](const std::string& name) {
    FitOptions options = some_options(scratch / name);
    options.callbacks.insert(options.callbacks.begin(), CSVLogger(scratch / (name + ".csv")));
    return options;
  };
  some_model().fit(some_points(), with_log("undisturbed"));
  const std::string wanted = content_of(scratch / "undisturbed.csv");
  FitOptions options = with_log("stopped");
  options.callbacks.insert(options.callbacks.begin(), Callback(std::make_shared<StopAfterBody>(17)));
  some_model().fit(some_points(), options);
  clear_stop();
  // A line that was written after the checkpoint.
  write(scratch / "stopped.csv", content_of(scratch / "stopped.csv") + "2,9,9,9,9\n");
  options.callbacks[0] = Callback(std::make_shared<StopAfterBody>(0));
  some_model().fit(some_points(), options);
  EXPECT_EQ(content_of(scratch / "stopped.csv"), wanted);
}

TEST(Folders, BelongToOneProcessAtATime) {
  const TemporaryFolder scratch;
  const std::string folder = scratch / "run";
  std::filesystem::create_directory(folder);
  {
    const FolderLock lock(folder);
    EXPECT_THROW(FolderLock{folder}, Error);
  }
  EXPECT_NO_THROW(FolderLock{folder});
  write(folder + "/model.keras.partial-1-0", "half");
  write(folder + "/model.keras", "whole");
  remove_partial_files(folder);
  EXPECT_FALSE(file_exists(folder + "/model.keras.partial-1-0"));
  EXPECT_TRUE(file_exists(folder + "/model.keras"));
}

}  // namespace
}  // namespace folio
