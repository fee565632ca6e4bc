#include "folio/layers/normalization/batch_normalization.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

// Channel means 3 and 10, biased variances 4 and 0.
Tensor batch() { return floats({2, 2}, {1, 10, 5, 10}); }

TEST(BatchNormalizationLayer, NormalizesByTheBatchInTraining) {
  const auto y = list(run_layer(BatchNormalization({.epsilon = 5}), {batch()}, {.training = true}));
  EXPECT_FLOAT_EQ(y[0], -2 / 3.0F);  // (1 - 3) / √(4 + 5)
  EXPECT_FLOAT_EQ(y[2], 2 / 3.0F);
  EXPECT_EQ(y[1], 0);
}

TEST(BatchNormalizationLayer, MovesItsStatistics) {
  const BatchNormalization layer({.momentum = 0.75});
  run_layer(layer, {batch()}, {.training = true});
  const auto weights = layer.get_weights();  // gamma, beta, moving mean, moving variance
  ASSERT_EQ(weights.size(), 4U);
  EXPECT_EQ(list(weights[0]), (std::vector<float>{1, 1}));
  EXPECT_EQ(list(weights[1]), (std::vector<float>{0, 0}));
  EXPECT_EQ(list(weights[2]), (std::vector<float>{0.75, 2.5}));
  EXPECT_EQ(list(weights[3]), (std::vector<float>{1.75, 0.75}));
  EXPECT_EQ(layer.weights()[3].name(), layer.name() + "/moving_variance");
}

// As in Keras: a single value is its own mean, and its variance is 0.
TEST(BatchNormalizationLayer, TakesASingleRow) {
  const BatchNormalization layer({.momentum = 0.75});
  layer(input({kUnknown, 2}));
  layer.set_weights({floats({2}, {3, 3}), floats({2}, {7, -7}), floats({2}, {0, 0}), floats({2}, {1, 1})});
  EXPECT_EQ(list(run_layer(layer, {floats({1, 2}, {4, 8})}, {.training = true})),
            (std::vector<float>{7, -7}));
  EXPECT_EQ(list(layer.get_weights()[2]), (std::vector<float>{1, 2}));
  EXPECT_EQ(list(layer.get_weights()[3]), (std::vector<float>{0.75, 0.75}));
}

TEST(BatchNormalizationLayer, TakesTheMovingStatisticsOtherwise) {
  const BatchNormalization layer({.epsilon = 0});
  layer(input({kUnknown, 2}));
  layer.set_weights({floats({2}, {2, 1}), floats({2}, {0, 7}), floats({2}, {1, 10}), floats({2}, {4, 1})});
  const std::vector<float> expected{0, 7, 4, 7};
  EXPECT_EQ(list(run_layer(layer, {batch()})), expected);
  EXPECT_EQ(list(layer.get_weights()[2]), (std::vector<float>{1, 10})) << "looking changes nothing";
  // A frozen layer does the same while others train.
  layer.set_trainable(false);
  EXPECT_EQ(list(run_layer(layer, {batch()}, {.training = true})), expected);
  EXPECT_EQ(list(layer.get_weights()[2]), (std::vector<float>{1, 10}));
  EXPECT_TRUE(layer.body().trainable_weights().empty());
}

TEST(BatchNormalizationLayer, MovesTwiceWhenCalledTwice) {
  const BatchNormalization layer({.momentum = 0.5});
  const Value a = input({kUnknown, 1}), b = input({kUnknown, 1}), y = layer(a), z = layer(b);
  Effects effects;
  const Value first = input({2, 1}), second = input({2, 1});
  const Values outputs =
      retrace({y, z}, {a, b}, {.inputs = {first, second}, .training = true}, effects).values;
  ASSERT_EQ(effects.updates.size(), 2U);
  compile({{first, second}, outputs, effects.updates})({floats({2, 1}, {7, 9}), floats({2, 1}, {1, 3})});
  EXPECT_EQ(list(layer.get_weights()[2]), (std::vector<float>{3}));  // (0 + 8) / 2, then (4 + 2) / 2
}

TEST(BatchNormalizationLayer, KeepsItsPrecisionFarFromZero) {
  // Values of 10000 ± 1: the mean of squares minus the square of the mean would be noise.
  const auto y =
      list(run_layer(BatchNormalization({.epsilon = 0}), {floats({4, 1}, {9999, 10001, 9999, 10001})},
                     {.training = true, .compile = {}}));
  EXPECT_EQ(y, (std::vector<float>{-1, 1, -1, 1}));
}

TEST(BatchNormalizationLayer, DropsWhatIsSwitchedOff) {
  const BatchNormalization plain({.center = false, .scale = false});
  plain(input({kUnknown, 4, 4, 3}));
  EXPECT_EQ(plain.weights().size(), 2U);
  EXPECT_TRUE(plain.body().trainable_weights().empty());
  const BatchNormalization scaled({.center = false});
  scaled(input({kUnknown, 3}));
  EXPECT_EQ(scaled.body().trainable_weights().size(), 1U);
  EXPECT_EQ(scaled.weights()[0].name(), scaled.name() + "/gamma");
}

TEST(BatchNormalizationLayer, ExplainsMisfits) {
  const auto error = [](const Shape& shape, bool training = false, int64_t axis = -1) {
    return error_of([&] {
      const BatchNormalization layer({.axis = axis, .name = "bn"});
      trace_layer(layer, {{shape, DType::float32}}, training);
    });
  };
  EXPECT_EQ(
      error({4}),
      "BatchNormalization \"bn\": expects at least 2 dimensions (batch, channels), got (None,); add Reshape "
      "before it");
  EXPECT_EQ(error({2, 5, 3}, false, 1), "");
  EXPECT_EQ(
      error({2, 5, 3}, false, 3),
      "BatchNormalization \"bn\": axis: expected 1 to 2 or -2 to -1 for an input of (None, 5, 3), got 3");
  EXPECT_EQ(error({2, 5, 3}, false, 2), "");
  EXPECT_EQ(error({2, kUnknown}),
            "BatchNormalization \"bn\": needs to know the number of channels, got (None, None); give Input a "
            "complete "
            "shape");
  EXPECT_EQ(error_of([] { BatchNormalization({.momentum = 2}); }),
            "BatchNormalization: momentum: expected 0 to 1, got 2");
  const BatchNormalization built({.name = "bn"});
  built(input({kUnknown, 3}));
  EXPECT_EQ(error_of([&] {
              built(input({kUnknown, 4}));
            }),
            "BatchNormalization \"bn\": was built for 3 channels, got an input of (None, 4)");
}

TEST(BatchNormalizationLayer, ReadsOldAndNewConfigs) {
  const Json config = {{"axis", Json::array({3})}, {"synchronized", false}, {"renorm", false}};
  EXPECT_EQ(from_config<BatchNormalization>(config, "bn", "m").body().config()["axis"], 3);
  EXPECT_EQ(error_of([] {
              from_config<BatchNormalization>({{"renorm", true}}, "bn", "m");
            }),
            "m: renorm: true is not supported; save the model without it");
}

}  // namespace
}  // namespace folio
