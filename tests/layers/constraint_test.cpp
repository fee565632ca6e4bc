// Constraints: what they make of weights, Keras' configs, and their place in training. Trajectories with them
// are in tests/models/golden/make_toolbox.py.
#include "folio/layers/weights/constraint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

std::vector<float> held(const Constraint& constraint, const std::vector<float>& weights) {
  const Value w = input({2, 3});
  return list(compile({{w}, {constraint(w)}, {}}, definitions_only())({floats({2, 3}, weights)})[0]);
}

TEST(Constraints, HoldWeights) {
  const std::vector<float> w = {3, 0, -1, 4, 0, 0.5};  // columns of length 5, 0 and √1.25
  std::set<std::string> covered;
  const auto expect = [&](const Constraint& constraint, const std::vector<double>& wanted) {
    covered.insert(constraint.class_name);
    const auto got = held(constraint, w);
    for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-6) << i;
  };
  const double root = std::sqrt(1.25);
  expect(Constraint::non_neg(), {3, 0, 0, 4, 0, 0.5});
  expect(Constraint::max_norm(2), {1.2, 0, -1, 1.6, 0, 0.5});
  expect(Constraint::unit_norm(), {0.6, 0, -1 / root, 0.8, 0, 0.5 / root});
  expect(Constraint::min_max_norm(2, 3), {1.8, 0, -2 / root, 2.4, 0, 1 / root});
  // Half of the way from 5 to 3 and from √1.25 to 2.
  expect(Constraint::min_max_norm(2, 3, 0.5),
         {2.4, 0, -(2 + root) / 2 / root, 3.2, 0, (2 + root) / 4 / root});
  expect(Constraint::max_norm(1, {1}),
         {3 / std::sqrt(10), 0, -1 / std::sqrt(10), 4 / std::sqrt(16.25), 0, 0.5 / std::sqrt(16.25)});
  for (const std::string& name : constraint_names()) EXPECT_TRUE(covered.count(name)) << name;
}

TEST(Constraints, ConfigsComeBackEqual) {
  for (const std::string& name : constraint_names()) {
    Constraint changed(name);
    if (name != "NonNeg") changed.axis = {0, 1};
    const Json config = changed.config();
    EXPECT_EQ(config["class_name"], name);
    EXPECT_EQ(Constraint::from_config(config).config(), config);
  }
  EXPECT_EQ(Constraint::min_max_norm(0.5, 2, 0.25, {1}).config()["config"],
            Json({{"min_value", 0.5}, {"max_value", 2.0}, {"rate", 0.25}, {"axis", 1}}));
  EXPECT_TRUE(Constraint::from_config(nullptr).config().is_null());
  EXPECT_EQ(Constraint("max_norm").class_name, "MaxNorm");
  EXPECT_EQ(error_of([] { Constraint("max"); }),
            "constraint: expected one of MaxNorm, MinMaxNorm, NonNeg, UnitNorm, got \"max\"");
  EXPECT_NE(error_of([] {
              held(Constraint::unit_norm({2}), {1, 1, 1, 1, 1, 1});
            }).find("axis"),
            std::string::npos);
}

TEST(Constraints, HoldAfterEveryStepAndNotBefore) {
  const Dense layer(2, {.kernel_constraint = "unit_norm", .bias_constraint = "non_neg"});
  const Model model = Sequential({Input({3}), layer});
  model.compile({.optimizer = SGD(0.5), .loss = "mse"});
  const Data data{floats({4, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 2}),
                  floats({4, 2}, {-9, -9, -8, -7, -6, -5, 4, 3})};
  model.train_on_batch(data);
  const std::vector<Tensor> weights = layer.get_weights();
  for (int unit = 0; unit < 2; ++unit) {
    double squares = 0;
    for (int i = 0; i < 3; ++i) squares += std::pow(weights[0].at(i * 2 + unit), 2);
    EXPECT_NEAR(squares, 1, 1e-5);
    EXPECT_GE(weights[1].at(unit), 0);
  }
  // What is not trained is left alone.
  layer.set_trainable(false);
  layer.set_weights({floats({3, 2}, {5, 5, 5, 5, 5, 5}), floats({2}, {-1, -1})});
  model.train_on_batch(data);
  EXPECT_EQ(layer.get_weights()[1].at(0), -1);
}

}  // namespace
}  // namespace folio
