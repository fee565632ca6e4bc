#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/layers/pooling/average_pooling1d.h"
#include "folio/layers/pooling/average_pooling2d.h"
#include "folio/layers/pooling/average_pooling3d.h"
#include "folio/layers/pooling/global_average_pooling1d.h"
#include "folio/layers/pooling/global_average_pooling2d.h"
#include "folio/layers/pooling/global_average_pooling3d.h"
#include "folio/layers/pooling/global_max_pooling1d.h"
#include "folio/layers/pooling/global_max_pooling2d.h"
#include "folio/layers/pooling/global_max_pooling3d.h"
#include "folio/layers/pooling/max_pooling1d.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/pooling/max_pooling3d.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

Tensor three_by_three() { return floats({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, -9}); }

TEST(PoolingLayers, TakeMaximaAndMeansOfWindows) {
  EXPECT_EQ(list(run_layer(MaxPooling2D(2, {.strides = 1}), {three_by_three()})), (Floats{5, 6, 8, 8}));
  EXPECT_EQ(list(run_layer(AveragePooling2D(2, {.strides = 1}), {three_by_three()})), (Floats{3, 4, 6, 2.5}));
}

TEST(PoolingLayers, LeaveCellsBeyondTheBorderOut) {
  EXPECT_EQ(list(run_layer(MaxPooling2D(2, {.padding = "same"}), {three_by_three()})), (Floats{5, 6, 8, -9}));
  EXPECT_EQ(list(run_layer(AveragePooling2D(2, {.padding = "same"}), {three_by_three()})),
            (Floats{3, 4.5, 7.5, -9}));
}

TEST(PoolingLayers, MoveByTheirSizeUnlessToldOtherwise) {
  const Value x = input({kUnknown, 9, 8, 5});
  EXPECT_EQ(MaxPooling2D()(x).shape(), (Shape{kUnknown, 4, 4, 5}));
  EXPECT_EQ(MaxPooling2D({3, 2})(x).shape(), (Shape{kUnknown, 3, 4, 5}));
  EXPECT_EQ(MaxPooling2D({3, 2}, {.strides = {1, 2}})(x).shape(), (Shape{kUnknown, 7, 4, 5}));
  EXPECT_EQ(AveragePooling2D(3, {.strides = 2, .padding = "same"})(x).shape(), (Shape{kUnknown, 5, 4, 5}));
  EXPECT_EQ(MaxPooling2D()(input({kUnknown, kUnknown, 8, 5})).shape(), (Shape{kUnknown, kUnknown, 4, 5}));
  EXPECT_EQ(MaxPooling2D({3, 2}).body().config()["strides"], Json::array({3, 2}));
}

TEST(PoolingLayers, ExplainMisfits) {
  EXPECT_EQ(error_of([] {
              MaxPooling2D(2, {.name = "p"})(input({kUnknown, 100}));
            }),
            "MaxPooling2D \"p\": expects pictures (batch, height, width, channels), got (None, 100); add "
            "Reshape({height, width, channels}) before it");
  EXPECT_EQ(error_of([] {
              AveragePooling2D(5, {.name = "p"})(input({kUnknown, 4, 4, 1}));
            }),
            "AveragePooling2D \"p\": pooling: a window of 5x5 does not fit into pictures of 4x4; use padding "
            "\"same\" "
            "or a smaller window");
  EXPECT_EQ(error_of([] { MaxPooling2D(-1); }), "MaxPooling2D: pool_size: expected at least 1, got -1");
  EXPECT_EQ(error_of([] {
              AveragePooling2D(2, {.strides = {1, 0}});
            }),
            "AveragePooling2D: strides: expected at least 1, got 0");
}

TEST(PoolingLayers, WorkOnSequencesAndVolumes) {
  const Tensor steps = floats({1, 5, 1}, {1, 2, 3, 4, -9});
  EXPECT_EQ(list(run_layer(MaxPooling1D(), {steps})), (Floats{2, 4}));
  EXPECT_EQ(list(run_layer(AveragePooling1D(2, {.padding = "same"}), {steps})), (Floats{1.5, 3.5, -9}));
  const Tensor cube = floats({1, 2, 2, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 12});
  EXPECT_EQ(list(run_layer(MaxPooling3D(), {cube})), (Floats{12}));
  EXPECT_EQ(list(run_layer(AveragePooling3D(), {cube})), (Floats{5}));
  EXPECT_EQ(list(run_layer(MaxPooling3D({2, 1, 1}), {cube})), (Floats{5, 6, 7, 12}));
  EXPECT_EQ(list(run_layer(AveragePooling3D({3, 1, 1}, {.strides = 1, .padding = "same"}), {cube})),
            (Floats{3, 4, 5, 8, 3, 4, 5, 8}));
  const Value volumes = input({kUnknown, 9, kUnknown, 7, 5});
  EXPECT_EQ(MaxPooling3D({3, 2, 1}, {.strides = {1, 2, 3}})(volumes).shape(),
            (Shape{kUnknown, 7, kUnknown, 3, 5}));
}

TEST(PoolingLayers, ExplainMisfitsOfSequencesAndVolumes) {
  EXPECT_EQ(
      error_of([] {
        MaxPooling1D(5, {.name = "p"})(input({kUnknown, 4, 1}));
      }),
      "MaxPooling1D \"p\": pooling: a window of 5 does not fit into sequences of 4; use padding \"same\" or "
      "a smaller window");
  EXPECT_EQ(
      error_of([] {
        AveragePooling3D({1, 2, 5}, {.name = "p"})(input({kUnknown, 4, 4, 4, 1}));
      }),
      "AveragePooling3D \"p\": pooling: a window of 1x2x5 does not fit into volumes of 4x4x4; use padding "
      "\"same\" or a smaller window");
  EXPECT_EQ(error_of([] {
              GlobalMaxPooling1D({.name = "g"})(input({kUnknown, 4}));
            }),
            "GlobalMaxPooling1D \"g\": expects sequences (batch, steps, channels), got (None, 4); "
            "Reshape({steps, 1}) before it makes sequences of one channel");
  EXPECT_EQ(error_of([] { MaxPooling3D(0); }), "MaxPooling3D: pool_size: expected at least 1, got 0");
}

TEST(GlobalPoolingLayers, ReduceWholePictures) {
  const Tensor x = floats({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 9, 8});
  EXPECT_EQ(list(run_layer(GlobalAveragePooling2D(), {x})), (Floats{2, 3, 7, 7}));
  EXPECT_EQ(list(run_layer(GlobalMaxPooling2D(), {x})), (Floats{3, 4, 9, 8}));
  const Value open = input({kUnknown, kUnknown, kUnknown, 6});
  EXPECT_EQ(GlobalAveragePooling2D()(open).shape(), (Shape{kUnknown, 6}));
  EXPECT_EQ(GlobalMaxPooling2D({.keepdims = true})(open).shape(), (Shape{kUnknown, 1, 1, 6}));
  EXPECT_EQ(error_of([] {
              GlobalMaxPooling2D({.name = "g"})(input({kUnknown, 4, 4}));
            }),
            "GlobalMaxPooling2D \"g\": expects pictures (batch, height, width, channels), got (None, 4, 4); "
            "Reshape({height, width, 1}) before it makes grey pictures");
}

}  // namespace
}  // namespace folio
