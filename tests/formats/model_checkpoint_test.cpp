// Which models ModelCheckpoint leaves on the disk, and under which names.
#include <gtest/gtest.h>

#include <algorithm>

#include "folio/base/file.h"
#include "folio/folio.h"
#include "folio/models/trainer.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

/// Logs a chosen value at the end of each epoch, and remembers the model's weights there.
struct Script {
  std::vector<double> watched;
  std::vector<double> weights = {};
  Callback callback(const std::string& name = "watched") {
    return LambdaCallback({.on_epoch_end = [this, name](Training& training, int epoch, Logs& logs) {
      if (!name.empty()) set_log(logs, name, watched[static_cast<size_t>(epoch)]);
      weights.push_back(training.get_weights()[0].at(0));
    }});
  }
};

Model line() {
  set_random_seed(1);
  const Sequential model({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "zeros"})});
  model.compile({.optimizer = SGD(0.1), .loss = "mse"});
  return model;
}

Data points() {
  return {Tensor::of<float>({4, 1}, {1, 2, -1, 0.5}), Tensor::of<float>({4, 1}, {3, 6, -3, 1.5})};
}

/// Trains while `watched` takes these values.
Script trained(std::vector<double> watched, const std::string& path, ModelCheckpointOptions options,
               const std::string& name = "watched") {
  Script script{std::move(watched)};
  options.monitor = "watched";
  line().fit(points(), {.batch_size = 2,
                        .epochs = static_cast<int>(script.watched.size()),
                        .verbose = 0,
                        .callbacks = {script.callback(name), ModelCheckpoint(path, options)}});
  return script;
}

double weight_in(const std::string& path) { return Model::load(path).get_weights()[0].at(0); }

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

TEST(ModelCheckpoint, KeepsTheLastOrTheBest) {
  const TemporaryFolder scratch;
  const std::vector<double> watched = {3, 5, 2, 4};
  Script script = trained(watched, scratch / "last.keras", {});
  EXPECT_EQ(weight_in(scratch / "last.keras"), script.weights[3]);
  EXPECT_NE(script.weights[3], script.weights[2]);
  script = trained(watched, scratch / "least.keras", {.save_best_only = true, .mode = "min"});
  EXPECT_EQ(weight_in(scratch / "least.keras"), script.weights[2]);
  script = trained(watched, scratch / "most.keras", {.save_best_only = true, .mode = "max"});
  EXPECT_EQ(weight_in(scratch / "most.keras"), script.weights[1]);
  // Better than a threshold at first; and what nothing is better than is never written.
  trained(watched, scratch / "never.keras",
          {.save_best_only = true, .mode = "min", .initial_value_threshold = 2});
  EXPECT_FALSE(file_exists(scratch / "never.keras"));
  script = trained(watched, scratch / "above.keras",
                   {.save_best_only = true, .mode = "max", .initial_value_threshold = 4.5});
  EXPECT_EQ(weight_in(scratch / "above.keras"), script.weights[1]);
}

TEST(ModelCheckpoint, NamesFilesByEpochAndValue) {
  const TemporaryFolder scratch;
  trained({3, 0.25}, scratch / "e{epoch:03d}-{watched:.2f}.keras", {});
  EXPECT_EQ(sorted(scratch.names()), (std::vector<std::string>{"e001-3.00.keras", "e002-0.25.keras"}));
  EXPECT_NE(error_of([&] { trained({3}, scratch / "{nothing}.keras", {}); }).find("known are epoch and"),
            std::string::npos);
}

TEST(ModelCheckpoint, SavesWeightsAlone) {
  const TemporaryFolder scratch;
  const Script script = trained({3, 2}, scratch / "w.weights.h5", {.save_weights_only = true});
  const Model model = line();
  model.load_weights(scratch / "w.weights.h5");
  EXPECT_EQ(model.get_weights()[0].at(0), script.weights[1]);
  for (const auto& [path, alone] : std::vector<std::pair<std::string, bool>>{
           {"w.keras", true}, {"w.weights.h5", false}, {"w.txt", false}, {"w.h5", true}})
    EXPECT_NE(error_of([&, path = path, alone = alone] {
                ModelCheckpoint(scratch / path, {.save_weights_only = alone});
              }).find("expected a name that ends in"),
              std::string::npos)
        << path;
  EXPECT_THROW(ModelCheckpoint(scratch / "w.keras", {.save_freq = -1}), Error);
}

// Two steps an epoch: the third and the sixth step are the first of the second epoch and the last of the
// third.
TEST(ModelCheckpoint, SavesBetweenEpochs) {
  const TemporaryFolder scratch;
  const Script script = trained({1, 1, 1}, scratch / "{epoch}-{batch}.keras", {.save_freq = 3});
  EXPECT_EQ(sorted(scratch.names()), (std::vector<std::string>{"2-1.keras", "3-2.keras"}));
  EXPECT_EQ(weight_in(scratch / "3-2.keras"), script.weights[2]);
}

TEST(ModelCheckpoint, SaysOnceWhatIsNotReported) {
  const TemporaryFolder scratch;
  testing::internal::CaptureStderr();
  const Script script = trained({1, 1, 1}, scratch / "m.keras", {.save_best_only = true, .mode = "min"}, "");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("\"watched\", which is not reported"), std::string::npos);
  EXPECT_EQ(said.find("watched", said.find("watched") + 1), std::string::npos) << said;
  EXPECT_EQ(weight_in(scratch / "m.keras"), script.weights[2]);
}

// After an interruption the best is still what it was: a worse epoch does not replace it.
TEST(ModelCheckpoint, RemembersTheBestAfterAnInterruption) {
  const TemporaryFolder scratch;
  Script script{{1, 5, 4, 3}};
  const auto fit = [&](int stop_after) {
    const Callback stop = LambdaCallback({.on_batch_end = [&, stop_after](Training& t, int64_t, const Logs&) {
      if (t.epoch() == stop_after) request_stop();
    }});
    const Model model = line();
    model.fit(points(),
              {.batch_size = 2,
               .epochs = 4,
               .verbose = 0,
               .callbacks = {script.callback(),
                             ModelCheckpoint(scratch / "best.keras",
                                             {.monitor = "watched", .save_best_only = true, .mode = "min"}),
                             stop, BackupAndRestore(scratch / "state", {.save_freq = 1})}});
    clear_stop();
  };
  fit(1);
  const double best = weight_in(scratch / "best.keras");
  EXPECT_EQ(best, script.weights[0]);
  fit(99);
  EXPECT_EQ(script.weights.size(), 4u);
  EXPECT_EQ(weight_in(scratch / "best.keras"), best);
}

TEST(CSVLogger, BeginsAnewOrAppends) {
  const TemporaryFolder scratch;
  const auto train = [&](bool append) {
    Script script{{1, 0.5}};
    line().fit(points(), {.epochs = 2,
                          .verbose = 0,
                          .callbacks = {script.callback(), CSVLogger(scratch / "log.csv", append)}});
    std::vector<std::string> lines;
    const std::string text = read_text_file(scratch / "log.csv");
    for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
      lines.push_back(text.substr(at, text.find('\n', at) - at));
    return lines;
  };
  const std::vector<std::string> first = train(false);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0], "epoch,loss,watched");
  EXPECT_TRUE(first[1].starts_with("0,") && first[1].ends_with(",1")) << first[1];
  EXPECT_TRUE(first[2].starts_with("1,") && first[2].ends_with(",0.5")) << first[2];
  EXPECT_EQ(train(false), first);
  const std::vector<std::string> more = train(true);
  ASSERT_EQ(more.size(), 5u);
  EXPECT_EQ(more[0], first[0]);
  EXPECT_EQ(more[3], first[1]) << "lines are added without a second head";
  EXPECT_EQ(more[4], first[2]);
}

}  // namespace
}  // namespace folio
