// Losses and metrics that are functions of the program, and models cut at their layers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folio/folio.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

Data numbers() {
  Tensor x({24, 3}), y({24, 2});
  for (int64_t i = 0; i < x.count(); ++i) x.set(i, std::sin(5.0 * static_cast<double>(i)));
  for (int64_t i = 0; i < y.count(); ++i) y.set(i, std::cos(3.0 * static_cast<double>(i)));
  return {x, y};
}

Model model() {
  set_random_seed(4);
  reset_names();
  return Sequential({Input({3}), Dense(5, {.activation = "tanh"}), Dense(2)});
}

Value squares(const Value& y, const Value& p) { return mean(square(y - p), {-1}); }

TEST(OwnFunctions, TrainLikeTheLossOfTheirFormula) {
  const Model a = model(), b = model(), c = model();
  a.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mse"}});
  b.compile({.optimizer = "adam", .loss = squares, .metrics = {squares}});
  const double power = 2;
  c.compile(
      {.optimizer = "adam",
       .loss = [power](const Value& y, const Value& p) { return mean(pow(abs(y - p), power), {-1}); },
       .metrics = {Metric([](const Value& y, const Value& p) { return mean(square(y - p), {-1}); }, "own")}});
  Data data = numbers();
  data.sample_weight = Tensor({24});
  for (int64_t i = 0; i < 24; ++i) data.sample_weight.set(i, 0.5 + static_cast<double>(i % 3));
  const FitOptions options{.batch_size = 7, .epochs = 3, .verbose = 0};
  const History mse = a.fit(data, options), own = b.fit(data, options), lambda = c.fit(data, options);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(own["loss"][i], mse["loss"][i]);
    EXPECT_EQ(own["metric"][i], mse["mse"][i]);
    EXPECT_NEAR(lambda["loss"][i], mse["loss"][i], 1e-6);
    EXPECT_NEAR(lambda["own"][i], mse["mse"][i], 1e-6);
  }
}

TEST(OwnFunctions, AreInNoFileButCheckpointsGoOn) {
  const TemporaryFolder folder;
  const Model a = model();
  a.compile({.optimizer = "adam", .loss = squares});
  EXPECT_THAT(error_of([&] { a.save(folder / "m.keras"); }), HasSubstr("which no file can hold"));
  EXPECT_FALSE(file_exists(folder / "m.keras"));
  a.save(folder / "m.weights.h5");
  a.compile({.loss = "mse", .metrics = {squares}});
  EXPECT_THAT(error_of([&] { a.save(folder / "m.h5"); }), HasSubstr("metric \"metric\""));

  const auto trained = [&](int epochs, const std::string& backup) {
    const Model m = model();
    m.compile({.optimizer = "adam", .loss = squares});
    FitOptions options{.batch_size = 7, .epochs = epochs, .verbose = 0};
    if (!backup.empty()) options.callbacks = {BackupAndRestore(backup, {.delete_checkpoint = false})};
    m.fit(numbers(), options);
    return m.predict(numbers().x[0]);
  };
  const Tensor whole = trained(4, "");
  trained(2, folder.path());
  const Tensor resumed = trained(4, folder.path());
  for (int64_t i = 0; i < whole.count(); ++i) ASSERT_EQ(resumed.at(i), whole.at(i));
}

TEST(Layers, GiveWhatWentInAndCameOut) {
  const Model whole = model();
  const Model half(whole.inputs()[0], whole.get_layer("dense").output());
  const Tensor x = numbers().x[0];
  const Model rest(whole.get_layer("dense_1").input(), whole.get_layer("dense_1").output());
  const Tensor expected = whole.predict(x), got = rest.predict(half.predict(x));
  for (int64_t i = 0; i < expected.count(); ++i) ASSERT_EQ(got.at(i), expected.at(i));
  const Dense twice(3);
  EXPECT_THAT(error_of([&] { twice.output(); }), HasSubstr("got 0 calls"));
  const Value a = Input({3});
  const Value one = twice(a);
  EXPECT_EQ(twice.output(), one);
  const Value other = twice(a);
  EXPECT_THAT(error_of([&] { twice.output(); }), HasSubstr("got 2 calls"));
}

// A model from a file, and new layers on top of it.
TEST(Layers, NewNamesStayClearOfLoadedOnes) {
  const TemporaryFolder folder;
  model().save(folder / "m.keras");
  reset_names();  // as in another program
  const Model loaded = Model::load(folder / "m.keras");
  const Value head = Dense(4)(loaded.get_layer("dense").output());
  const Model longer(loaded.inputs()[0], Dense(1)(Concatenate()({head, loaded.outputs()[0]})));
  EXPECT_EQ(longer.predict(numbers().x[0]).shape(), (Shape{24, 1}));
  EXPECT_EQ(Dense(2, {.name = "dense_2000000000"}).name(), "dense_2000000000");
}

}  // namespace
}  // namespace folio
