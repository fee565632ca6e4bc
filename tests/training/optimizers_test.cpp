// The sheet's own forms of optimizers, by its formulas in double (errata 8, 15, 16), and what gradients go
// through before a step. Keras' forms are held to Keras in tests/models/trajectories_test.cpp.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/compiler/compile.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/models/model.h"
#include "folio/ops/elementwise.h"
#include "folio/training/optimizer.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

constexpr double kStart = 3, kCurve = 0.7;  // J = kCurve / 2 * w²
constexpr int kSteps = 12;

/// The places of a weight that starts at kStart and goes down J.
std::vector<double> descend(const Optimizer& optimizer, std::vector<double>* second_slot = nullptr) {
  const Parameter w("w", Tensor::filled({1}, kStart, DType::float64));
  const std::vector<Parameter> weights = {w};
  const Plan plan =
      compile({{}, {Value(w)}, optimizer->updates(weights, {Value(w) * kCurve})}, {"test", 1, {}});
  std::vector<double> places;
  for (int step = 0; step < kSteps; ++step) {
    plan({});
    places.push_back(w.value().at(0));
    if (second_slot) second_slot->push_back(optimizer->variables().back().value().at(0));
  }
  return places;
}

/// The same by a formula: `step(t, place)` gives the next place.
template <class Step>
std::vector<double> formula(Step&& step) {
  std::vector<double> places;
  double place = kStart;
  for (int t = 1; t <= kSteps; ++t) places.push_back(place = step(t, place));
  return places;
}

void expect_equal(const std::vector<double>& got, const std::vector<double>& wanted) {
  for (size_t i = 0; i < wanted.size(); ++i)
    EXPECT_NEAR(got[i], wanted[i], 1e-6 * std::abs(wanted[i]) + 1e-7) << "step " << i;
}

class SheetForms : public testing::Test {
 protected:
  void SetUp() override { set_floatx(DType::float64); }
  void TearDown() override { set_floatx(DType::float32); }
  OptimizerOptions sheet() {
    OptimizerOptions options;
    options.form = "sheet";
    return options;
  }
};

TEST_F(SheetForms, AdamAddsEpsilonAfterItsCorrections) {
  const double rate = 0.1, b1 = 0.8, b2 = 0.9, epsilon = 0.05;
  double m = 0, v = 0;
  const auto wanted = formula([&](int t, double w) {
    const double g = kCurve * w;
    m = b1 * m + (1 - b1) * g, v = b2 * v + (1 - b2) * g * g;
    return w - rate * (m / (1 - std::pow(b1, t))) / (std::sqrt(v / (1 - std::pow(b2, t))) + epsilon);
  });
  expect_equal(descend(Adam(rate, b1, b2, epsilon, false, sheet())), wanted);
  EXPECT_GT(std::abs(descend(Adam(rate, b1, b2, epsilon))[0] - wanted[0]), 1e-3);  // Keras' form differs
}

TEST_F(SheetForms, AdagradSumsFromZeroAndAddsEpsilonOutside) {
  const double rate = 0.1, epsilon = 0.05;
  double s = 0;
  const auto wanted = formula([&](int, double w) {
    const double g = kCurve * w;
    s += g * g;
    return w - rate * g / (std::sqrt(s) + epsilon);
  });
  expect_equal(descend(Adagrad(rate, 0.1, epsilon, sheet())), wanted);
  EXPECT_GT(std::abs(descend(Adagrad(rate, 0.1, epsilon))[0] - wanted[0]), 1e-4);
}

TEST_F(SheetForms, RMSPropIsThatOfKeras) {
  const double rate = 0.1, rho = 0.8, epsilon = 0.05;
  double s = 0;
  const auto wanted = formula([&](int, double w) {
    const double g = kCurve * w;
    s = rho * s + (1 - rho) * g * g;
    return w - rate * g / std::sqrt(s + epsilon);
  });
  expect_equal(descend(RMSprop(rate, rho, 0, epsilon, false, sheet())), wanted);
}

TEST_F(SheetForms, MomentumIsThatOfKeras) {
  double m = 0;
  const auto wanted = formula([&](int, double w) {
    m = 0.9 * m - 0.1 * kCurve * w;
    return w + m;
  });
  expect_equal(descend(SGD(0.1, 0.9, false, sheet())), wanted);
}

// The sheet's θ, which looks ahead by momentum * m, is Keras' weight less momentum * m.
TEST_F(SheetForms, NesterovLooksAhead) {
  const double rate = 0.1, momentum = 0.9;
  double m = 0;
  const auto wanted = formula([&](int, double place) {
    m = momentum * m - rate * kCurve * (place + momentum * m);
    return place + m;
  });
  std::vector<double> momenta, got = descend(SGD(rate, momentum, true, sheet()), &momenta);
  for (size_t i = 0; i < got.size(); ++i) got[i] -= momentum * momenta[i];
  expect_equal(got, wanted);
}

TEST_F(SheetForms, AreNotForFilesOrForOthers) {
  EXPECT_NE(error_of([&] { descend(Adamax(0.1, 0.9, 0.999, 1e-7, sheet())); }).find("does not print Adamax"),
            std::string::npos);
  OptimizerOptions wrong;
  wrong.form = "book";
  EXPECT_NE(error_of([&] { SGD(0.1, 0, false, wrong); }).find("\"sheet\""), std::string::npos);
  const Model model = Sequential({Input({2}), Dense(1)});
  model.compile({.optimizer = Adam(0.1, 0.9, 0.999, 1e-7, false, sheet()), .loss = "mse"});
  const TemporaryFolder folder;
  EXPECT_NE(error_of([&] { model.save(folder / "m.keras"); }).find("has no place in Keras' files"),
            std::string::npos);
  EXPECT_TRUE(folder.names().empty());
  model.save(folder / "m.weights.h5");
}

TEST(Optimizers, AverageGradientsOfSeveralBatches) {
  OptimizerOptions several;
  several.gradient_accumulation_steps = 3;
  const Optimizer optimizer = SGD(1, 0, false, several);
  const Parameter w("w", Tensor::filled({1}, 0));
  const Value g = input({1});
  const Plan plan = compile({{g}, {Value(w)}, optimizer->updates({w}, {g})}, {"test", 1, {}});
  const std::vector<double> gradients = {1, 2, 6, -3, 0, 0}, wanted = {0, 0, -3, -3, -3, -2};
  for (size_t i = 0; i < gradients.size(); ++i) {
    plan({Tensor::filled({1}, gradients[i])});
    EXPECT_NEAR(w.value().at(0), wanted[i], 1e-6) << i;
    EXPECT_EQ(optimizer->iterations().value().at(0), static_cast<double>(i + 1));
  }
  several.gradient_accumulation_steps = 1;
  EXPECT_NE(error_of([&] { SGD(1, 0, false, several); }).find("at least 2"), std::string::npos);
}

// A layer may be frozen in the middle of a training: the others go on with their own slots.
TEST(Optimizers, GoOnWithFewerWeights) {
  const Value g = input({3}), h = input({2, 2});
  const Tensor at_g = Tensor::of<float>({3}, {1, -2, 3}), at_h = Tensor::of<float>({2, 2}, {4, 3, -2, 1});
  for (const OptimizerRow& row : optimizer_catalog()) {
    std::vector<double> wanted;
    for (const bool frozen : {false, true}) {
      Json settings = row.make()->settings();
      settings["use_ema"] = true, settings["gradient_accumulation_steps"] = 2;
      const Optimizer optimizer = row.from_config(settings, row.name);
      const Parameter a("a", Tensor::filled({3}, 1)), b("b", Tensor::filled({2, 2}, 1));
      const Plan both = compile({{g, h}, {Value(b)}, optimizer->updates({a, b}, {g, h})}, {"test", 1, {}});
      const Plan one = compile({{h}, {Value(b)}, optimizer->updates({b}, {h})}, {"test", 1, {}});
      for (int step = 0; step < 6; ++step)
        if (frozen && step >= 3)
          one({at_h});
        else
          both({at_g, at_h});
      optimizer->finish(frozen ? std::vector{b} : std::vector{a, b});
      std::vector<double> got;
      for (int64_t i = 0; i < 4; ++i) got.push_back(b.value().at(i));
      EXPECT_NE(got[0], 1) << row.name;
      if (frozen)
        EXPECT_EQ(got, wanted) << row.name;
      else
        wanted = got;
      const Parameter other("other", Tensor::filled({3}, 1));
      EXPECT_NE(error_of([&] {
                  optimizer->updates({b, other}, {h, g});
                }).find("no state for \"other\"; compile"),
                std::string::npos);
    }
  }
}

TEST(Optimizers, FreshOnesHaveTheSameSettings) {
  OptimizerOptions options;
  options.clipnorm = 0.5, options.form = "sheet";
  const Optimizer old = Adam(ExponentialDecay(0.1, 5, 0.5), 0.8, 0.9, 1e-5, true, options),
                  fresh = old.fresh(0.25);
  Json settings = old->settings();
  settings["learning_rate"] = 0.25;
  EXPECT_EQ(fresh->settings(), settings);
  EXPECT_FALSE(fresh->built());
}

}  // namespace
}  // namespace folio
