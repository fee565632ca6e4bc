// Callbacks that watch a value: as real Keras' do (golden/make_callbacks.py), and the same when they are
// saved and restored in the middle.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/training/callback.h"
#include "folio/training/metric.h"
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
  void stop() override { stopped = true; }
  std::vector<Tensor> get_weights() const override { return {Tensor::scalar(weight)}; }
  void set_weights(const std::vector<Tensor>& weights) override { weight = weights[0].at(0); }
  double learning_rate() const override { return rate; }
  void set_learning_rate(double value) override { rate = static_cast<float>(value); }
  std::string find_non_finite() const override { return ""; }
  double weight = 0;
  float rate = 0.5f;
  bool stopped = false;
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
    EXPECT_EQ(training.stopped, entry["stops"][i].get<bool>());
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
  EXPECT_TRUE(training.stopped);
}

// As the directions that Keras' metrics have, also behind "val_" and the names of outputs.
TEST(Improvement, KnowsWhatGrows) {
  const auto grows = [](const std::string& name) {
    for (const char* part :
         {"accuracy", "true_positives", "true_negatives", "precision", "recall", "sensitivity", "specificity",
          "auc", "f1_score", "fbeta_score", "io_u", "cosine_similarity", "r2_score", "pearson_correlation",
          "concordance_correlation"})
      if (name.find(part) != std::string::npos) return true;
    return false;
  };
  for (const MetricRow& row : metric_catalog())
    for (const std::string& name : {row.name, "val_" + row.name, "val_left_" + row.name}) {
      EXPECT_EQ(larger_is_better(name), grows(row.name)) << name;
      EXPECT_EQ(Improvement(name, "auto", 0).better(2, 1), grows(row.name)) << name;
      EXPECT_TRUE(Improvement(name, "max", 0).better(2, 1)) << name;
      EXPECT_FALSE(Improvement(name, "min", 0).better(2, 1)) << name;
    }
  EXPECT_TRUE(larger_is_better("val_acc"));
  for (const char* name : {"loss", "val_loss", "recall_loss"}) EXPECT_FALSE(larger_is_better(name)) << name;
}

TEST(StopWhenConverged, StopsWhenAStepIsSmall) {
  FakeTraining training;
  const Callback rule = StopWhenConverged(0.01);
  training.weight = 1;
  rule->on_train_begin(training);
  training.weight = 1.5;
  rule->on_batch_end(training, 0, {});
  EXPECT_FALSE(training.stopped);
  const Callback other = StopWhenConverged(0.01);  // goes on from where the first was
  other->on_train_begin(training);
  training.weight = 1.505;
  other->restore(rule->state());
  other->on_batch_end(training, 1, {});
  EXPECT_TRUE(training.stopped);
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
