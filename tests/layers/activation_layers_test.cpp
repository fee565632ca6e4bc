#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/layers/activation/activation.h"
#include "folio/layers/activation/elu.h"
#include "folio/layers/activation/leaky_re_lu.h"
#include "folio/layers/activation/re_lu.h"
#include "folio/layers/activation/softmax.h"
#include "folio/ops/gradients.h"
#include "folio/ops/reduce.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

const Tensor& line() {
  static const Tensor x = floats({1, 5}, {-2, -0.5, 0, 0.5, 3});
  return x;
}

TEST(ActivationLayer, TakesAnActivationByName) {
  EXPECT_EQ(list(run_layer(Activation("relu"), {line()})), (Floats{0, 0, 0, 0.5, 3}));
  EXPECT_EQ(list(run_layer(Activation("linear"), {line()})), list(line()));
  EXPECT_TRUE(Activation("tanh").weights().empty());
  EXPECT_TRUE(error_of([] {
                Activation("rleu");
              }).starts_with("Activation: activation: expected one of linear, relu, "));
}

TEST(ReLULayer, HasCeilingSlopeAndThreshold) {
  EXPECT_EQ(list(run_layer(ReLU(), {line()})), (Floats{0, 0, 0, 0.5, 3}));
  EXPECT_EQ(list(run_layer(ReLU({.max_value = 2}), {line()})), (Floats{0, 0, 0, 0.5, 2}));
  EXPECT_EQ(list(run_layer(ReLU({.negative_slope = 0.5}), {line()})), (Floats{-1, -0.25, 0, 0.5, 3}));
  // At the threshold itself the lower branch holds, which is 0 there.
  EXPECT_EQ(list(run_layer(ReLU({.threshold = 0.5}), {line()})), (Floats{0, 0, 0, 0, 3}));
  EXPECT_EQ(list(run_layer(ReLU({.max_value = 2, .negative_slope = 2, .threshold = 1}), {line()})),
            (Floats{-6, -3, -2, -1, 2}));
}

// Where the branches meet a slope could be either; these are the ones that Keras takes.
TEST(ReLULayer, HasTheSlopesOfKerasWhereItsBranchesMeet) {
  const auto slope = [](const ReLUOptions& options, float at) {
    const Tensor x = floats({1, 1}, {at});
    const TracedCall call = trace_layer(ReLU(options), types_of({x}), false, 0);
    const Graph& graph = call.graph;
    const Values slopes = gradients(sum(graph.outputs[0]), {graph.inputs[0]});
    return list(compile({graph.inputs, slopes, {}})({x, Tensor::of<int64_t>({}, {0})})[0])[0];
  };
  EXPECT_EQ(slope({}, 0), 0);
  EXPECT_EQ(slope({.max_value = 1}, 0), 0);
  EXPECT_EQ(slope({.negative_slope = 0.25}, 0), 1);
  EXPECT_EQ(slope({.max_value = 1, .negative_slope = 0.25}, 0), 0);
  EXPECT_EQ(slope({.negative_slope = 0.25, .threshold = 1}, 1), 0);
  EXPECT_EQ(slope({.negative_slope = 0.25, .threshold = 1}, 0.5), 0.25F);
}

TEST(ReLULayer, RefusesNegativeSettings) {
  EXPECT_EQ(error_of([] { ReLU({.max_value = -1}); }), "ReLU: max_value: expected at least 0, got -1");
  EXPECT_EQ(error_of([] { ReLU({.negative_slope = -0.5}); }),
            "ReLU: negative_slope: expected at least 0, got -0.5");
  EXPECT_EQ(error_of([] { ReLU({.threshold = -2}); }), "ReLU: threshold: expected at least 0, got -2");
}

TEST(LeakyReLULayer, HasASlopeBelowZero) {
  EXPECT_EQ(list(run_layer(LeakyReLU({.negative_slope = 0.5}), {line()})), (Floats{-1, -0.25, 0, 0.5, 3}));
  EXPECT_FLOAT_EQ(list(run_layer(LeakyReLU(), {line()}))[0], -0.6F);
  EXPECT_EQ(error_of([] { LeakyReLU({.negative_slope = -1}); }),
            "LeakyReLU: negative_slope: expected at least 0, got -1");
  // The name that Keras 2 gave the setting.
  EXPECT_EQ(from_config<LeakyReLU>({{"alpha", 0.25}}, "leaky", "test").body().config()["negative_slope"],
            0.25);
}

TEST(ELULayer, BendsBelowZero) {
  const auto y = list(run_layer(ELU({.alpha = 2}), {line()}));
  EXPECT_FLOAT_EQ(y[0], -1.7293294F);  // 2 (e⁻² − 1)
  EXPECT_EQ(y[2], 0);
  EXPECT_EQ(y[4], 3);
}

TEST(SoftmaxLayer, WorksAlongAnyDimension) {
  EXPECT_EQ(list(run_layer(Softmax(), {floats({2, 2}, {1, 1, 500, -500})})), (Floats{0.5, 0.5, 1, 0}));
  EXPECT_EQ(list(run_layer(Softmax({.axis = 1}), {floats({1, 2, 2}, {3, -500, 3, 500})})),
            (Floats{0.5, 0, 0.5, 1}));
  EXPECT_EQ(Softmax({.axis = 2})(input({kUnknown, 3, 4})).shape(), (Shape{kUnknown, 3, 4}));
  EXPECT_EQ(error_of([] {
              Softmax({.axis = 3, .name = "p"})(input({kUnknown, 3, 4}));
            }),
            "Softmax \"p\": axis: expected 1 to 2 or -2 to -1 for an input of (None, 3, 4), got 3");
}

}  // namespace
}  // namespace folio
