// Plans are compiled once, and never do what the model does no more; states count, one caller after the
// other.
#include "folio/models/plan_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "folio/folio.h"
#include "folio/models/model_body.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> all;
  for (int64_t i = 0; i < tensor.count(); ++i) all.push_back(tensor.at(i));
  return all;
}

int64_t compiled(const Model& model) { return model.model().plans().compiled(); }

Model means_of_sequences() {
  set_random_seed(1);
  const Value x = Input({kUnknown, 3});
  return {x, Dense(2)(GlobalAveragePooling1D()(Dense(4, {.activation = "tanh"})(x)))};
}

TEST(PlanCache, CompilesEveryLengthOnce) {
  const Model model = means_of_sequences();
  RandomNumbers random(2);
  const Tensor x = random.tensor({1, 64, 3}, -1, 1, DType::float32);
  std::vector<std::vector<double>> first;
  for (int turn = 0; turn < 3; ++turn)
    for (int64_t length = 1; length <= 64; ++length) {
      const Tensor part = Tensor::view(const_cast<void*>(x.raw()), {1, length, 3});
      const auto y = numbers(model.predict(part));
      if (turn == 0)
        first.push_back(y);
      else
        EXPECT_EQ(y, first[static_cast<size_t>(length - 1)]);
    }
  EXPECT_EQ(compiled(model), 64);
}

TEST(PlanCache, KeepsTheLatest) {
  const Model model = means_of_sequences();
  const auto plans = static_cast<int64_t>(PlanCache::kMostPlans);
  for (int64_t length = 1; length <= plans + 1; ++length) model.predict(Tensor({1, length, 3}));
  EXPECT_EQ(compiled(model), plans + 1);
  model.predict(Tensor({1, 2, 3}));
  EXPECT_EQ(compiled(model), plans + 1) << "the second oldest is still there";
  model.predict(Tensor({1, 1, 3}));
  EXPECT_EQ(compiled(model), plans + 2) << "the oldest has gone";
}

Data line(int64_t rows) {
  RandomNumbers random(3);
  const Tensor x = random.tensor({rows, 4}, -1, 1, DType::float32);
  Tensor y({rows, 1});
  for (int64_t r = 0; r < rows; ++r) y.set(r, 2 * x.at(r * 4) - x.at(r * 4 + 3));
  return {x, y};
}

Model regression(const Optimizer& optimizer = SGD(0.1)) {
  set_random_seed(1);
  const Sequential model({Input({4}), Dense(6, {.activation = "tanh", .name = "hidden"}), Dense(1)});
  model.compile({.optimizer = optimizer, .loss = "mse"});
  return model;
}

FitOptions quiet(int epochs = 1) { return {.batch_size = 8, .epochs = epochs, .verbose = 0}; }

TEST(PlanCache, CompilesNothingForASecondUse) {
  const Model model = regression();
  const auto use = [&] {
    FitOptions options = quiet(2);
    options.validation_data = line(13);
    model.fit(line(42), options);  // batches of 8 and of 2; of 8 and of 5
    model.evaluate(line(42), 8);
    model.predict(line(42).x[0], 8);
    model.train_on_batch(line(8));
  };
  use();
  const int64_t before = compiled(model);
  use();
  model.fit(line(50), quiet());  // more rows, batches of the same sizes
  EXPECT_EQ(compiled(model), before);
}

TEST(PlanCache, SeesWhatIsFrozen) {
  const Model model = regression();
  const auto kernel = [&] { return numbers(model.layer("hidden").weights()[0].value()); };
  model.fit(line(20), quiet());  // the optimizer has state for all weights from now on
  const auto start = kernel();
  model.layer("hidden").set_trainable(false);
  model.fit(line(20), quiet());
  EXPECT_EQ(kernel(), start);
  model.layer("hidden").set_trainable(true);
  model.fit(line(20), quiet());
  EXPECT_NE(kernel(), start);
  const int64_t before = compiled(model);
  const auto trained = kernel();
  model.set_trainable(false);
  model.set_trainable(true);
  model.layer("hidden").set_trainable(false);
  model.fit(line(20), quiet());
  EXPECT_EQ(kernel(), trained);
  EXPECT_EQ(compiled(model), before) << "both plans are there already";
}

TEST(PlanCache, SeesWhatIsFrozenInside) {
  const Model inner = regression();
  const Value x = Input({4});
  const Model outer(x, Dense(1)(inner(x)));
  outer.compile({.optimizer = SGD(0.1), .loss = "mse"});
  outer.fit(line(20), quiet());
  const auto kernel = [&] { return numbers(inner.layer("hidden").weights()[0].value()); };
  const auto start = kernel();
  inner.layer("hidden").set_trainable(false);
  outer.fit(line(20), quiet());
  EXPECT_EQ(kernel(), start);
}

TEST(PlanCache, SeesAnotherOptimizerLossAndSeed) {
  const auto weights_after = [](const Model& model) {
    std::vector<double> all;
    for (const Tensor& tensor : model.get_weights())
      for (double value : numbers(tensor)) all.push_back(value);
    return all;
  };
  const Model fresh = regression(Adam(0.01)), used = regression(SGD(0.1));
  const std::vector<Tensor> start = used.get_weights();
  used.fit(line(20), quiet());
  used.set_weights(start);
  used.compile({.optimizer = Adam(0.01), .loss = "mse"});
  used.fit(line(20), quiet());
  fresh.fit(line(20), quiet());
  EXPECT_EQ(weights_after(used), weights_after(fresh));
  used.compile({.optimizer = Adam(0.01), .loss = "mae"});
  EXPECT_NE(used.evaluate(line(20))[0].second, fresh.evaluate(line(20))[0].second);

  // Noise is a function of the seed, which may change between two fits.
  const auto noisy = [] {
    set_random_seed(1);
    const Sequential model({Input({4}), GaussianNoise(0.5), Dense(1)});
    model.compile({.optimizer = SGD(0.1), .loss = "mse"});
    return Model(model);
  };
  const Model one = noisy(), other = noisy();
  const std::vector<Tensor> begin = one.get_weights();
  one.train_on_batch(line(8));
  one.set_weights(begin);
  one.optimizer()->iterations();
  set_random_seed(2);
  Parameter steps = one.optimizer()->iterations();
  steps.set(Tensor::scalar(0, DType::int64));
  one.train_on_batch(line(8));
  other.train_on_batch(line(8));
  EXPECT_EQ(weights_after(one), weights_after(other));
}

TEST(PlanCache, SeesNewWeightsAndLayers) {
  set_random_seed(1);
  const Sequential model({Input({4}), Dense(2, {.kernel_initializer = "ones"})});
  const Tensor x = Tensor::filled({1, 4}, 1);
  EXPECT_EQ(numbers(model.predict(x)), (std::vector<double>{4, 4}));
  model.set_weights({Tensor::filled({4, 2}, 2), Tensor::filled({2}, 1)});
  EXPECT_EQ(numbers(model.predict(x)), (std::vector<double>{9, 9}));
  model.add(Dense(1, {.kernel_initializer = "ones"}));
  EXPECT_EQ(numbers(model.predict(x)), (std::vector<double>{18}));
}

/// Puts out how often it was run.
class CountingBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Counting"; }
  void build(const std::vector<Shape>&) override { runs_ = add_state("runs", {}, DType::float32); }
  Values call(const LayerCall& call, Effects& effects) override {
    effects.updates.push_back({runs_, Value(runs_) + 1.0});
    return {call.inputs[0] * 0.0 + Value(runs_)};
  }

 private:
  Parameter runs_;
};

Model counter() {
  const Sequential model({Input({1}), Layer(make_body<CountingBody>("", true)),
                          Dense(1, {.use_bias = false, .kernel_initializer = "ones"})});
  model.compile({.optimizer = SGD(0.0), .loss = "mae"});
  return model;
}

TEST(StatefulLayers, CountInEveryCall) {
  const Model model = counter();
  const Tensor x({1, 1});
  for (double run = 0; run < 3; ++run) EXPECT_EQ(model.predict(x).at(0), run);
  EXPECT_EQ(numbers(model.predict(Tensor({3, 1}), 1)), (std::vector<double>{3, 4, 5})) << "batch after batch";
  EXPECT_EQ(model.evaluate({x, x})[0].second, 6);
  EXPECT_EQ(model.train_on_batch({x, x})[0].second, 7);
  model.fit({x, x}, quiet(2));
  EXPECT_EQ(model.predict(x).at(0), 10);
}

TEST(StatefulLayers, CountEveryCallerOnce) {
  const Model model = counter();
  model.predict(Tensor({1, 1}));
  constexpr int kCallers = 4, kCalls = 200;
  std::vector<std::vector<double>> seen(kCallers);
  std::vector<std::thread> callers;
  for (auto& mine : seen)
    callers.emplace_back([&model, &mine] {
      for (int i = 0; i < kCalls; ++i) mine.push_back(model.predict(Tensor({1, 1})).at(0));
    });
  for (std::thread& caller : callers) caller.join();
  std::vector<double> all, expected;
  for (const auto& mine : seen) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  for (int i = 1; i <= kCallers * kCalls; ++i) expected.push_back(i);
  EXPECT_EQ(all, expected);
}

TEST(PlanCache, ServesSeveralCallers) {
  const Model model = means_of_sequences();
  RandomNumbers random(5);
  const Tensor x = random.tensor({1, 40, 3}, -1, 1, DType::float32);
  const auto part = [&](int64_t length) { return Tensor::view(const_cast<void*>(x.raw()), {1, length, 3}); };
  std::vector<std::vector<double>> expected;
  const Model alone = means_of_sequences();
  for (int64_t length = 1; length <= 40; ++length) expected.push_back(numbers(alone.predict(part(length))));
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      for (int64_t i = 0; i < 80; ++i) {
        const int64_t length = 1 + (i * 7 + caller) % 40;
        wrong += numbers(model.predict(part(length))) != expected[static_cast<size_t>(length - 1)];
      }
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(compiled(model), 40) << "who finds no plan waits for the one who makes it";
}

}  // namespace
}  // namespace folio
