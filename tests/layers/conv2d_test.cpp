#include "folio/layers/convolutional/conv2d.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

int64_t parameters(const Layer& layer) {
  int64_t count = 0;
  for (const Parameter& weight : layer.weights()) count += weight.value().count();
  return count;
}

TEST(Conv2DLayer, SlidesTheKernelWithoutTurningIt) {
  const Tensor x = floats({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Conv2D layer(1, 2);
  layer(input({kUnknown, 3, 3, 1}));
  layer.set_weights({floats({2, 2, 1, 1}, {1, 10, 100, 1000}), floats({1}, {0.5})});
  EXPECT_EQ(list(run_layer(layer, {x})), (Floats{5421.5, 6532.5, 8754.5, 9865.5}));
}

TEST(Conv2DLayer, PadsTheOddCellAtTheEnd) {
  const Tensor x = floats({1, 1, 3, 1}, {1, 2, 3});
  const Conv2D layer(1, {1, 2}, {.padding = "same", .activation = "relu", .use_bias = false});
  layer(input({kUnknown, 1, 3, 1}));
  layer.set_weights({floats({1, 2, 1, 1}, {1, -10})});
  EXPECT_EQ(list(run_layer(layer, {x})), (Floats{0, 0, 3}));
}

// (F · F · D₁) · K + K weights and ⌊(W − F + 2P) / S⌋ + 1 cells each way, as the sheet says (row F1).
TEST(Conv2DLayer, HasTheSheetsSizesAndCounts) {
  const Value pictures = input({kUnknown, 32, 32, 3});
  const Conv2D plain(32, 3);
  EXPECT_EQ(plain(pictures).shape(), (Shape{kUnknown, 30, 30, 32}));
  EXPECT_EQ(parameters(plain), 3 * 3 * 3 * 32 + 32);
  const Conv2D strided(8, {5, 3}, {.strides = {3, 2}, .use_bias = false});
  EXPECT_EQ(strided(pictures).shape(), (Shape{kUnknown, 10, 15, 8}));
  EXPECT_EQ(parameters(strided), 5 * 3 * 3 * 8);
  const Conv2D same(8, 3, {.strides = 2, .padding = "same"});
  EXPECT_EQ(same(input({kUnknown, 7, kUnknown, 3})).shape(), (Shape{kUnknown, 4, kUnknown, 8}));
  const Conv2D grouped(6, 3, {.groups = 3});
  EXPECT_EQ(grouped(pictures).shape(), (Shape{kUnknown, 30, 30, 6}));
  EXPECT_EQ(grouped.weights()[0].shape(), (Shape{3, 3, 1, 6}));
  EXPECT_EQ(Conv2D(1, 3, {.dilation_rate = 2})(pictures).shape(), (Shape{kUnknown, 28, 28, 1}));
}

TEST(Conv2DLayer, NamesItsWeights) {
  const Conv2D layer(2, 3, {.name = "eyes"});
  layer(input({kUnknown, 8, 8, 1}));
  EXPECT_EQ(layer.weights()[0].name(), "eyes/kernel");
  EXPECT_EQ(layer.weights()[1].name(), "eyes/bias");
}

TEST(Conv2DLayer, ExplainsInputsThatDoNotFit) {
  const auto error = [](const Shape& shape, Conv2DOptions options = {}) {
    options.name = "c";
    return error_of([&] { Conv2D(4, 5, options)(input(shape)); });
  };
  EXPECT_EQ(
      error({kUnknown, 28, 28}),
      "Conv2D \"c\": expects pictures (batch, height, width, channels), got (None, 28, 28); Reshape({height, "
      "width, 1}) before it makes grey pictures");
  EXPECT_EQ(error({kUnknown, 784}),
            "Conv2D \"c\": expects pictures (batch, height, width, channels), got (None, 784); add "
            "Reshape({height, width, channels}) before it");
  EXPECT_EQ(
      error({kUnknown, 8, 8, kUnknown}),
      "Conv2D \"c\": needs to know the number of channels, got (None, 8, 8, None); give Input a complete "
      "shape");
  EXPECT_EQ(
      error({kUnknown, 8, 8, 3}, {.groups = 2}),
      "Conv2D \"c\": groups = 2 does not divide the 3 channels of (None, 8, 8, 3); choose groups that divide "
      "the channels");
  EXPECT_EQ(
      error({kUnknown, 4, 8, 3}),
      "Conv2D \"c\": convolution: a kernel of 5x5 does not fit into pictures of 4x8; use padding \"same\" or "
      "a smaller kernel");
  const Conv2D built(4, 3, {.name = "c"});
  built(input({kUnknown, 8, 8, 3}));
  EXPECT_EQ(error_of([&] {
              built(input({kUnknown, 8, 8, 1}));
            }),
            "Conv2D \"c\": was built for 3 channels, got an input of (None, 8, 8, 1)");
}

TEST(Conv2DLayer, ExplainsSettingsThatMakeNoSense) {
  EXPECT_EQ(error_of([] { Conv2D(0, 3); }), "Conv2D: filters: expected at least 1, got 0");
  EXPECT_EQ(error_of([] { Conv2D(1, {3, 0}); }), "Conv2D: kernel_size: expected at least 1, got 0");
  EXPECT_EQ(error_of([] { Conv2D(1, int64_t{1} << 40); }),
            "Conv2D: kernel_size: expected at most 2147483647, got 1099511627776");
  EXPECT_EQ(error_of([] { Conv2D(3, 3, {.groups = 2}); }),
            "Conv2D: filters: expected a multiple of groups = 2, got 3");
  EXPECT_EQ(error_of([] { Conv2D(3, 3, {.strides = 2, .dilation_rate = 2}); }),
            "Conv2D: strides and dilation_rate cannot both be above 1; leave one of them at 1");
  EXPECT_EQ(error_of([] { Conv2D(3, 3, {.padding = "causal"}); }),
            "Conv2D: padding: expected \"valid\" or \"same\", got \"causal\"");
  EXPECT_EQ(error_of([] { Conv2D(3, 3, {.data_format = "channels_front"}); }),
            "data_format: expected \"channels_last\" or \"channels_first\", got \"channels_front\"");
}

TEST(Conv2DLayer, ReadsConfigsWithTheirPlaceInErrors) {
  const auto error = [](const Json& config) {
    return error_of([&] { from_config<Conv2D>(config, "c", "m"); });
  };
  EXPECT_EQ(error({{"filters", 3}}), "m: kernel_size: expected a whole number or a list of 2, got null");
  EXPECT_EQ(error({{"filters", "many"}}), "m: filters: expected a whole number, got \"many\"");
  EXPECT_EQ(error({{"filters", 3}, {"kernel_size", 3}, {"data_format", "channels_front"}}),
            "m: data_format: expected \"channels_last\" or \"channels_first\", got \"channels_front\"");
  EXPECT_EQ(error({{"filters", 3}, {"kernel_size", Json::array({3, 3})}, {"kernel_constraint", "largest"}}),
            "m: kernel_constraint: constraint: expected one of MaxNorm, MinMaxNorm, NonNeg, UnitNorm, got "
            "\"largest\"");
  const Layer layer = from_config<Conv2D>({{"filters", 3}, {"kernel_size", 2}}, "c", "m");
  EXPECT_EQ(layer.body().config()["kernel_size"], Json::array({2, 2}));
}

}  // namespace
}  // namespace folio
