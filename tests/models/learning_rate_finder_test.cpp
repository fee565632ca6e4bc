// The range test: its curve, its suggestion, and a model that is left as it was.
#include "folio/models/learning_rate_finder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/normalization/batch_normalization.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

// y = 2 x and a little noise: with w from 0 gradient descent converges for rates below 2 / (2 mean x²) and
// runs away above.
Data line() {
  Tensor x({64, 1}), y({64, 1});
  for (int64_t i = 0; i < 64; ++i)
    x.set(i, i % 2 ? 1 : -1), y.set(i, 2 * x.at(i) + 0.1 * static_cast<double>(i % 3 - 1));
  return {x, y};
}
Model slope() {
  const Model model = Sequential({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "zeros"})});
  model.compile({.optimizer = SGD(0.1), .loss = "mse"});
  return model;
}

TEST(LearningRateFinder, SuggestsARateThatWorks) {
  const Model model = slope();
  const LearningRateCurve curve =
      find_learning_rate(model, line(), {.lowest = 1e-4, .highest = 100, .steps = 120, .batch_size = 16});
  ASSERT_EQ(curve.rates.size(), curve.losses.size());
  ASSERT_GT(curve.rates.size(), 50u);
  EXPECT_LT(curve.rates.size(), 120u) << "it should end when the loss runs away";
  EXPECT_NEAR(curve.rates[0], 1e-4, 1e-9);
  for (size_t i = 1; i < curve.rates.size(); ++i) EXPECT_GT(curve.rates[i], curve.rates[i - 1]);
  EXPECT_NEAR(curve.losses[0], 4, 0.3);
  EXPECT_LT(*std::min_element(curve.losses.begin(), curve.losses.end()), 1);
  EXPECT_GT(curve.suggestion, 1e-3);
  EXPECT_LT(curve.suggestion, 1);  // where this line diverges
}

TEST(LearningRateFinder, LeavesTheModelAsItWas) {
  const Model model =
      Sequential({Input({1}), Dense(3, {.activation = "tanh"}), BatchNormalization(), Dense(1)});
  model.compile({.optimizer = Adam(ExponentialDecay(0.01, 10, 0.5)), .loss = "mse"});
  model.fit(line(), {.batch_size = 16, .verbose = 0});
  const auto all = [&] {
    std::vector<Tensor> values = model.get_weights();
    for (const Parameter& variable : model.optimizer()->variables())
      values.push_back(variable.value().clone());
    return values;
  };
  const std::vector<Tensor> before = all();
  find_learning_rate(model, line(), {.steps = 20});
  const std::vector<Tensor> after = all();
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i)
    for (int64_t e = 0; e < before[i].count(); ++e) EXPECT_EQ(before[i].at(e), after[i].at(e)) << i;
  EXPECT_EQ(model.optimizer()->class_name(), "Adam");
}

TEST(LearningRateFinder, SaysWhatIsWrong) {
  EXPECT_NE(error_of([] { find_learning_rate(slope(), line(), {.lowest = 0}); }).find("above 0"),
            std::string::npos);
  EXPECT_NE(
      error_of([] { find_learning_rate(slope(), line(), {.lowest = 1, .highest = 0.5}); }).find("highest"),
      std::string::npos);
  const Model fresh = Sequential({Input({1}), Dense(1)});
  EXPECT_NE(error_of([&] { find_learning_rate(fresh, line()); }).find("compile"), std::string::npos);
}

}  // namespace
}  // namespace folio
