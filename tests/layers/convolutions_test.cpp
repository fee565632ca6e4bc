// What sets the relatives of Conv2D apart from it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/layers/convolutional/conv1d.h"
#include "folio/layers/convolutional/conv1d_transpose.h"
#include "folio/layers/convolutional/conv2d_transpose.h"
#include "folio/layers/convolutional/conv3d.h"
#include "folio/layers/convolutional/depthwise_conv1d.h"
#include "folio/layers/convolutional/depthwise_conv2d.h"
#include "folio/layers/convolutional/separable_conv1d.h"
#include "folio/layers/convolutional/separable_conv2d.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

TEST(Conv1DLayer, SlidesAlongTheSteps) {
  const Tensor x = floats({1, 4, 1}, {1, 2, 3, 4});
  const auto run = [&](Conv1DOptions options) {
    options.use_bias = false;
    const Conv1D layer(1, 2, options);
    layer(input({kUnknown, 4, 1}));
    layer.set_weights({floats({2, 1, 1}, {1, 10})});
    return list(run_layer(layer, {x}));
  };
  EXPECT_EQ(run({}), (Floats{21, 32, 43}));
  EXPECT_EQ(run({.padding = "same"}), (Floats{21, 32, 43, 4}));
  EXPECT_EQ(run({.padding = "causal"}), (Floats{10, 21, 32, 43}));
  EXPECT_EQ(run({.padding = "causal", .dilation_rate = 2}), (Floats{10, 20, 31, 42}));
  EXPECT_EQ(run({.strides = 2, .padding = "causal"}), (Floats{10, 32}));
}

TEST(Conv1DLayer, ExplainsWhatDoesNotFit) {
  const auto error = [](const Shape& shape, int64_t kernel_size) {
    return error_of([&] { Conv1D(4, kernel_size, {.name = "c"})(input(shape)); });
  };
  EXPECT_EQ(
      error({kUnknown, 28}, 3),
      "Conv1D \"c\": expects sequences (batch, steps, channels), got (None, 28); Reshape({steps, 1}) before "
      "it makes sequences of one channel");
  EXPECT_EQ(error({kUnknown, 28, 28, 1}, 3),
            "Conv1D \"c\": expects sequences (batch, steps, channels), got (None, 28, 28, 1); add "
            "Reshape({steps, channels}) before it");
  EXPECT_EQ(
      error({kUnknown, 4, 2}, 5),
      "Conv1D \"c\": convolution: a kernel of 5 does not fit into sequences of 4; use padding \"same\" or a "
      "smaller kernel");
  EXPECT_EQ(error_of([] { Conv1D(1, 2, {.padding = "full"}); }),
            "Conv1D: padding: expected \"valid\", \"same\" or \"causal\", got \"full\"");
  EXPECT_EQ(error_of([] { Conv1D(3, 2, {.groups = 2}); }),
            "Conv1D: filters: expected a multiple of groups = 2, got 3");
  EXPECT_EQ(error_of([] {
              from_config<Conv1D>({{"filters", 3}}, "c", "m");
            }),
            "m: kernel_size: expected a whole number or a list of 1, got null");
}

TEST(Conv3DLayer, HasTheSizesOfItsRelatives) {
  const Value volumes = input({kUnknown, 9, 8, 7, 2});
  const Conv3D layer(4, {3, 2, 1}, {.strides = {2, 1, 3}});
  EXPECT_EQ(layer(volumes).shape(), (Shape{kUnknown, 4, 7, 3, 4}));
  EXPECT_EQ(layer.weights()[0].shape(), (Shape{3, 2, 1, 2, 4}));
  EXPECT_EQ(Conv3D(1, 3, {.strides = 2, .padding = "same"})(volumes).shape(), (Shape{kUnknown, 5, 4, 4, 1}));
  EXPECT_EQ(error_of([&] {
              Conv3D(1, {10, 1, 1}, {.name = "c"})(volumes);
            }),
            "Conv3D \"c\": convolution: a kernel of 10x1x1 does not fit into volumes of 9x8x7; use padding "
            "\"same\" "
            "or a smaller kernel");
  EXPECT_EQ(error_of([&] {
              Conv3D(1, 1, {.name = "c"})(input({kUnknown, 8, 8, 3}));
            }),
            "Conv3D \"c\": expects volumes (batch, depth, height, width, channels), got (None, 8, 8, 3); "
            "Reshape({depth, height, width, 1}) before it makes volumes of one channel");
}

TEST(ConvTransposeLayers, SpreadEveryCellOverTheKernel) {
  const Tensor x = floats({1, 2, 1}, {1, 2});
  const auto run = [&](Conv1DTransposeOptions options) {
    options.use_bias = false;
    const Conv1DTranspose layer(1, 3, options);
    layer(input({kUnknown, 2, 1}));
    layer.set_weights({floats({3, 1, 1}, {1, 10, 100})});
    return list(run_layer(layer, {x}));
  };
  EXPECT_EQ(run({}), (Floats{1, 12, 120, 200}));
  EXPECT_EQ(run({.padding = "same"}), (Floats{12, 120}));
  EXPECT_EQ(run({.strides = 2}), (Floats{1, 10, 102, 20, 200}));
  EXPECT_EQ(run({.strides = 2, .padding = "same"}), (Floats{1, 10, 102, 20}));
  EXPECT_EQ(run({.strides = 2, .output_padding = 1}), (Floats{1, 10, 102, 20, 200, 0}));
}

TEST(ConvTransposeLayers, PutTheFiltersBeforeTheChannels) {
  const Conv2DTranspose layer(4, {3, 2}, {.strides = 2});
  EXPECT_EQ(layer(input({kUnknown, 5, kUnknown, 3})).shape(), (Shape{kUnknown, 11, kUnknown, 4}));
  EXPECT_EQ(layer.weights()[0].shape(), (Shape{3, 2, 4, 3}));
  EXPECT_EQ(layer.weights()[1].shape(), (Shape{4}));
}

TEST(ConvTransposeLayers, WriteTheOutputPaddingOnlyWhenItIsGiven) {
  const Json plain = Conv2DTranspose(1, 3).body().config();
  EXPECT_FALSE(plain.contains("output_padding"));
  Json config = plain;
  config["output_padding"] = nullptr;
  EXPECT_EQ(from_config<Conv2DTranspose>(config, "c", "m").body().config(), plain);
  config["strides"] = 2, config["output_padding"] = Json::array({0, 1});
  EXPECT_EQ(from_config<Conv2DTranspose>(config, "c", "m").body().config()["output_padding"],
            Json::array({0, 1}));
  EXPECT_EQ(error_of([] { Conv2DTranspose(1, 3, {.strides = 2, .output_padding = 2}); }),
            "Conv2DTranspose: output_padding: expected from 0 to 1 for these strides and kernels, got 2");
  EXPECT_EQ(error_of([] { Conv1DTranspose(1, 2, {.strides = 2, .padding = "same", .output_padding = 0}); }),
            "Conv1DTranspose: output_padding: expected from 1 to 2 for these strides and kernels, got 0");
}

TEST(DepthwiseConvLayers, KeepTheChannelsApart) {
  const Tensor x = floats({1, 2, 2}, {1, 2, 3, 4});
  const DepthwiseConv1D layer(2, {.depth_multiplier = 2});
  layer(input({kUnknown, 2, 2}));
  EXPECT_EQ(layer.weights()[1].shape(), (Shape{4}));
  layer.set_weights({floats({2, 2, 2}, {1, 2, 3, 4, 10, 20, 30, 40}), floats({4}, {0.5, 0, 0, 0})});
  EXPECT_EQ(list(run_layer(layer, {x})), (Floats{31.5, 62, 126, 168}));
  EXPECT_EQ(DepthwiseConv2D(3, {.depth_multiplier = 2})(input({kUnknown, 8, 8, 3})).shape(),
            (Shape{kUnknown, 6, 6, 6}));
  EXPECT_EQ(error_of([] { DepthwiseConv2D(3, {.depth_multiplier = 0}); }),
            "DepthwiseConv2D: depth_multiplier: expected at least 1, got 0");
  EXPECT_EQ(error_of([] { DepthwiseConv2D(3, {.strides = 2, .dilation_rate = 2}); }),
            "DepthwiseConv2D: strides and dilation_rate cannot both be above 1; leave one of them at 1");
}

TEST(SeparableConvLayers, NameTheirWeightsInKerasOrder) {
  const SeparableConv2D layer(5, 3, {.depth_multiplier = 2, .name = "s"});
  EXPECT_EQ(layer(input({kUnknown, 8, 8, 3})).shape(), (Shape{kUnknown, 6, 6, 5}));
  std::vector<std::string> names;
  for (const Parameter& weight : layer.weights())
    names.push_back(weight.name() + " " + to_string(weight.shape()));
  EXPECT_EQ(names, (std::vector<std::string>{"s/depthwise_kernel (3, 3, 3, 2)",
                                             "s/pointwise_kernel (1, 1, 6, 5)", "s/bias (5,)"}));
  const SeparableConv1D sequences(5, 3);
  sequences(input({kUnknown, 8, 4}));
  EXPECT_EQ(sequences.weights()[1].shape(), (Shape{1, 4, 5}));
  EXPECT_EQ(error_of([&] {
              layer(input({kUnknown, 8, 8, 4}));
            }),
            "SeparableConv2D \"s\": was built for 3 channels, got an input of (None, 8, 8, 4)");
}

}  // namespace
}  // namespace folio
