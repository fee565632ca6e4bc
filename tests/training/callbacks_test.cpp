// Callbacks that watch a value: as real Keras' do (golden/make_callbacks.py), and the same when they are
// saved and restored in the middle.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/training/callback.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

/// One weight, which the test sets; a learning rate of float32, as in optimizers.
class FakeTraining final : public Training {
 public:
  int epochs() const override { return 100; }
  int epoch() const override { return 0; }
  int64_t step() const override { return 0; }
  int64_t steps() const override { return 1; }
  bool interrupted() const override { return false; }
  int64_t batch_size() const override { return 1; }
  Directions directions() const override {
    return {{"loss", false}, {"accuracy", true}, {"sensor2_mae", false}, {"prc", true}, {"mine", {}}};
  }
  void stop() override { has_stopped = true; }
  bool stopped() const override { return has_stopped; }
  std::vector<Tensor> get_weights() const override { return {Tensor::scalar(weight)}; }
  void set_weights(const std::vector<Tensor>& weights) override { weight = weights[0].at(0); }
  double learning_rate() const override { return rate; }
  void set_learning_rate(double value) override { rate = static_cast<float>(value); }
  std::string find_non_finite() const override { return ""; }
  double weight = 0;
  float rate = 0.5f;
  bool has_stopped = false;
};

Callback callback_of(const Json& entry) {
  const Json& options = entry["options"];
  const auto number = [&](const char* key) { return options[key].get<double>(); };
  const auto whole = [&](const char* key) { return options[key].get<int>(); };
  if (entry["callback"] == "EarlyStopping") {
    EarlyStoppingOptions early{options["monitor"],
                               number("min_delta"),
                               whole("patience"),
                               options["mode"],
                               options["restore_best_weights"],
                               whole("start_from_epoch")};
    if (options.contains("baseline")) early.baseline = number("baseline");
    return EarlyStopping(early);
  }
  if (entry["callback"] == "ReduceLROnPlateau")
    return ReduceLROnPlateau({options["monitor"], number("factor"), whole("patience"), options["mode"],
                              number("min_delta"), whole("cooldown"), number("min_lr")});
  return LearningRateScheduler([](int epoch, double rate) { return epoch % 2 ? rate * 0.5 : rate; });
}

// Plays the history of `entry`; after epoch `interruption` another callback goes on from the first one's
// state.
void play(const Json& entry, size_t interruption) {
  Callback callback = callback_of(entry);
  FakeTraining training;
  callback->on_train_begin(training);
  const int first = entry["first"].get<int>();
  for (size_t i = 0; i < entry["history"].size(); ++i) {
    SCOPED_TRACE("epoch " + std::to_string(i));
    const int epoch = first + static_cast<int>(i);
    training.weight = epoch;
    callback->on_epoch_begin(training, epoch);
    Logs logs;
    if (const Json& value = entry["history"][i]; !value.is_null())
      logs.emplace_back(entry["options"].value("monitor", "loss"), value.get<double>());
    callback->on_epoch_end(training, epoch, logs);
    EXPECT_FLOAT_EQ(training.rate, entry["rates"][i].get<float>());
    EXPECT_EQ(training.has_stopped, entry["stops"][i].get<bool>());
    const double* logged = find_log(logs, "learning_rate");
    ASSERT_EQ(logged == nullptr, entry["logged"][i].is_null());
    if (logged) {
      EXPECT_FLOAT_EQ(static_cast<float>(*logged), entry["logged"][i].get<float>());
    }
    if (i == interruption) {
      const CallbackState state = callback->state();
      callback = callback_of(entry);
      callback->on_train_begin(training);
      callback->restore(state);
    }
  }
  callback->on_train_end(training);
  EXPECT_EQ(training.weight, entry["weight"].get<double>());
}

TEST(Callbacks, DoWhatThoseOfKerasDo) {
  for (const Json& entry : Json::parse(read_text_file(golden_path(__FILE__, "callbacks.json")))) {
    SCOPED_TRACE(entry["callback"].dump() + entry["options"].dump());
    play(entry, entry["history"].size());
  }
}

TEST(Callbacks, GoOnFromTheirState) {
  for (const Json& entry : Json::parse(read_text_file(golden_path(__FILE__, "callbacks.json"))))
    for (size_t at = 0; at < entry["history"].size(); ++at) {
      SCOPED_TRACE(entry["callback"].dump() + " interrupted after " + std::to_string(at));
      play(entry, at);
    }
}

TEST(Callbacks, TakeSchedulesOfEpochs) {
  FakeTraining training;
  const Callback scheduler = LearningRateScheduler(ExponentialScheduling(1, 2)),
                 by_epoch = LearningRateScheduler([](int epoch) { return 0.1 * epoch; });
  scheduler->on_epoch_begin(training, 2);
  EXPECT_FLOAT_EQ(training.rate, 0.1f);
  by_epoch->on_epoch_begin(training, 3);
  EXPECT_FLOAT_EQ(training.rate, 0.3f);
}

TEST(Callbacks, NeverTakeNaNForBetter) {
  FakeTraining training;
  const Callback early = EarlyStopping({.monitor = "loss", .patience = 2});
  early->on_train_begin(training);
  for (int epoch = 0; epoch < 2; ++epoch) {
    Logs logs = {{"loss", NAN}};
    early->on_epoch_end(training, epoch, logs);
  }
  EXPECT_TRUE(training.has_stopped);
}

// The metric tells, whatever letters a name holds.
TEST(Improvement, AsksTheMetric) {
  const auto grows = [](const std::string& monitor, const std::string& mode = "auto") {
    Improvement improvement(monitor, mode, 0);
    improvement.begin(FakeTraining());
    EXPECT_NE(improvement.better(2, 1), improvement.better(1, 2));
    EXPECT_TRUE(improvement.better(1, improvement.worst()));
    return improvement.better(2, 1);
  };
  EXPECT_FALSE(grows("val_sensor2_mae"));
  EXPECT_TRUE(grows("prc"));
  EXPECT_TRUE(grows("val_accuracy"));
  EXPECT_FALSE(grows("val_loss"));
  EXPECT_TRUE(grows("loss", "max"));
  EXPECT_FALSE(grows("accuracy", "min"));
  EXPECT_TRUE(grows("anything", "max"));
  EXPECT_NE(error_of([&] { grows("val_acc"); }).find("monitor: expected one of accuracy, loss"),
            std::string::npos);
  EXPECT_NE(error_of([&] { grows("mine"); }).find("give the mode"), std::string::npos);
  const Callback early = EarlyStopping({.monitor = "val_acuracy"});
  FakeTraining training;
  EXPECT_THROW(early->on_train_begin(training), Error);
}

TEST(StopWhenConverged, StopsWhenAStepIsSmall) {
  FakeTraining training;
  const Callback rule = StopWhenConverged(0.01);
  training.weight = 1;
  rule->on_train_begin(training);
  training.weight = 1.5;
  rule->on_batch_end(training, 0, {});
  EXPECT_FALSE(training.has_stopped);
  const Callback other = StopWhenConverged(0.01);  // goes on from where the first was
  other->on_train_begin(training);
  training.weight = 1.505;
  other->restore(rule->state());
  other->on_batch_end(training, 1, {});
  EXPECT_TRUE(training.has_stopped);
}

TEST(LambdaCallback, CallsWhatItWasGiven) {
  std::string heard;
  const Callback lambda =
      LambdaCallback({.on_train_begin = [&](Training&) { heard += "a"; },
                      .on_epoch_begin = [&](Training&, int epoch) { heard += std::to_string(epoch); },
                      .on_batch_begin = [&](Training&, int64_t) { heard += "("; },
                      .on_batch_end = [&](Training&, int64_t, const Logs&) { heard += ")"; }});
  FakeTraining training;
  Logs logs;
  lambda->on_train_begin(training);
  lambda->on_epoch_begin(training, 7);
  lambda->on_batch_begin(training, 0);
  lambda->on_batch_end(training, 0, logs);
  lambda->on_epoch_end(training, 7, logs);
  lambda->on_train_end(training);
  EXPECT_EQ(heard, "a7()");
}

}  // namespace
}  // namespace folio
