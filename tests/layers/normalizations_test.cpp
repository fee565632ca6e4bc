// Layers that bring features to a common range.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/layers/normalization/group_normalization.h"
#include "folio/layers/normalization/layer_normalization.h"
#include "folio/layers/normalization/unit_normalization.h"
#include "folio/layers/preprocessing/normalization.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

TEST(LayerNormalizationLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] {
              LayerNormalization({.axis = {3}, .name = "n"})(input({kUnknown, 4}));
            }),
            "LayerNormalization \"n\": axis: expected 1 to 1 or -1 to -1 for an input of (None, 4), got 3");
  EXPECT_EQ(
      error_of([] {
        LayerNormalization({.axis = {1, -1}, .name = "n"})(input({kUnknown, 4}));
      }),
      "LayerNormalization \"n\": axis: dimension 1 of an input of (None, 4) is named twice; name it once");
  EXPECT_EQ(
      error_of([] {
        LayerNormalization({.name = "n"})(input({2, kUnknown}));
      }),
      "LayerNormalization \"n\": needs to know dimension 1, got (2, None); give Input a complete shape");
  EXPECT_EQ(error_of([] { LayerNormalization({.epsilon = -1}); }),
            "LayerNormalization: epsilon: expected at least 0, got -1");
  EXPECT_EQ(error_of([] { LayerNormalization({.axis = {}}); }),
            "LayerNormalization: axis: expected at least one, got none");
  const LayerNormalization layer({.name = "n"});
  layer(input({kUnknown, 4}));
  EXPECT_EQ(error_of([&] {
              layer(input({kUnknown, 5}));
            }),
            "LayerNormalization \"n\": was built for dimensions of (4,), got an input of (None, 5)");
}

TEST(GroupNormalizationLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] {
              GroupNormalization({.groups = 4, .name = "g"})(input({kUnknown, 2, 6}));
            }),
            "GroupNormalization \"g\": groups = 4 does not divide the 6 channels of (None, 2, 6); choose "
            "groups that divide the channels");
  EXPECT_EQ(error_of([] { GroupNormalization({.groups = 0}); }),
            "GroupNormalization: groups: expected at least 1, or -1 for one each channel, got 0");
  const GroupNormalization layer({.groups = 2, .name = "g"});
  layer(input({kUnknown, 4}));
  EXPECT_EQ(error_of([&] {
              layer(input({kUnknown, 6}));
            }),
            "GroupNormalization \"g\": was built for 4 channels, got an input of (None, 6)");
}

TEST(UnitNormalizationLayer, LeavesZerosAlone) {
  EXPECT_EQ(list(run_layer(UnitNormalization(), {floats({2, 2}, {3, 4, 0, 0})})), (Floats{0.6F, 0.8F, 0, 0}));
}

TEST(NormalizationLayer, AdaptsInOnePass) {
  const Normalization layer;
  // Far from 0, where sums of squares would cancel.
  layer.adapt(floats({4, 2}, {10000, 1, 10002, 3, 10004, 5, 10006, 7}));
  const auto weights = layer.get_weights();
  ASSERT_EQ(weights.size(), 3U);
  EXPECT_EQ(list(weights[0]), (Floats{10003, 4}));
  EXPECT_EQ(list(weights[1]), (Floats{5, 5}));
  EXPECT_EQ(weights[2].dtype(), DType::int32);
  EXPECT_EQ(layer.weights()[2].shape(), Shape{});
  const auto y = list(run_layer(layer, {floats({1, 2}, {10003, 4})}));
  EXPECT_EQ(y, (Floats{0, 0}));
}

TEST(NormalizationLayer, KeepsTheDimensionsItIsTold) {
  const Normalization all({.axis = {}});
  all.adapt(Tensor::of<uint8_t>({2, 2}, {1, 3, 5, 7}));
  EXPECT_EQ(all.get_weights()[0].at(0), 4);
  EXPECT_EQ(all.get_weights()[1].at(0), 5);
  const Normalization middle({.axis = {1}});
  middle.adapt(floats({2, 2, 2}, {1, 3, 10, 30, 5, 7, 50, 70}));
  EXPECT_EQ(list(middle.get_weights()[0]), (Floats{4, 40}));
  EXPECT_EQ(list(middle.get_weights()[1]), (Floats{5, 500}));
}

TEST(NormalizationLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] { Normalization({.mean = floats({1}, {2})}); }),
            "Normalization: mean and variance: expected both or none, got one; give the other too");
  EXPECT_EQ(error_of([] { Normalization({.mean = floats({1}, {2}), .variance = floats({1}, {-1})}); }),
            "Normalization: variance: expected at least 0, got -1");
  const NormalizationOptions given{.mean = floats({2}, {2, 3}), .variance = floats({2}, {1, 1}), .name = "n"};
  EXPECT_EQ(
      error_of([&] {
        Normalization{given}(input({kUnknown, 3}));
      }),
      "Normalization \"n\": mean: (2,) numbers do not fit (1, 3); give them in a shape that stretches to it");
  EXPECT_EQ(error_of([&] {
              Normalization(given).adapt(floats({1, 2}, {1, 2}));
            }),
            "Normalization \"n\": was given mean and variance; make it without them to adapt it");
  const Normalization layer({.name = "n"});
  layer(input({kUnknown, 3}));
  EXPECT_EQ(error_of([&] {
              layer.adapt(floats({1, 2}, {1, 2}));
            }),
            "Normalization \"n\": adapt: was built for dimensions of (3,), got data of (1, 2)");
  const Json ragged = {{"mean", Json::array({Json::array({1, 2}), Json::array({1})})}};
  EXPECT_EQ(error_of([&] { from_config<Normalization>(ragged, "n", "m"); }),
            "m: mean: expected a number or lists of numbers, got [[1,2],[1]]");
}

}  // namespace
}  // namespace folio
