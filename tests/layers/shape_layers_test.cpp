// Layers that move elements about, and the one that models begin with.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/graph/op.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/layers/reshaping/cropping1d.h"
#include "folio/layers/reshaping/cropping2d.h"
#include "folio/layers/reshaping/cropping3d.h"
#include "folio/layers/reshaping/flatten.h"
#include "folio/layers/reshaping/reshape.h"
#include "folio/layers/reshaping/up_sampling1d.h"
#include "folio/layers/reshaping/up_sampling2d.h"
#include "folio/layers/reshaping/up_sampling3d.h"
#include "folio/layers/reshaping/zero_padding1d.h"
#include "folio/layers/reshaping/zero_padding2d.h"
#include "folio/layers/reshaping/zero_padding3d.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

TEST(ZeroPadding2DLayer, TakesOneTwoOrFourNumbers) {
  const Value x = input({kUnknown, 3, kUnknown, 2});
  EXPECT_EQ(ZeroPadding2D()(x).shape(), (Shape{kUnknown, 5, kUnknown, 2}));
  EXPECT_EQ(ZeroPadding2D({1, 2})(input({kUnknown, 3, 3, 2})).shape(), (Shape{kUnknown, 5, 7, 2}));
  EXPECT_EQ(ZeroPadding2D({{0, 1}, {0, 1}})(input({kUnknown, 3, 3, 2})).shape(), (Shape{kUnknown, 4, 4, 2}));
  EXPECT_EQ(list(run_layer(ZeroPadding2D({{1, 0}, {0, 2}}), {floats({1, 1, 2, 1}, {3, 4})})),
            (Floats{0, 0, 0, 0, 3, 4, 0, 0}));
}

TEST(ZeroPadding2DLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] { ZeroPadding2D({1, -1}); }), "ZeroPadding2D: padding: expected at least 0, got -1");
  EXPECT_EQ(error_of([] {
              ZeroPadding2D(1, {.name = "z"})(input({kUnknown, 3}));
            }),
            "ZeroPadding2D \"z\": expects pictures (batch, height, width, channels), got (None, 3); add "
            "Reshape({height, width, channels}) before it");
  const auto config_of = [](const Json& padding) {
    return from_config<ZeroPadding2D>({{"padding", padding}}, "z", "m").body().config()["padding"].dump();
  };
  EXPECT_EQ(config_of(2), "[[2,2],[2,2]]");
  EXPECT_EQ(config_of(Json::array({1, 2})), "[[1,1],[2,2]]");
  EXPECT_EQ(
      error_of([&] { config_of("wide"); }),
      "m: padding: expected a whole number, a list of 2, or [[top, bottom], [left, right]], got \"wide\"");
}

TEST(ZeroPaddingLayers, WorkOnSequencesAndVolumes) {
  EXPECT_EQ(list(run_layer(ZeroPadding1D({1, 2}), {floats({1, 2, 1}, {3, 4})})), (Floats{0, 3, 4, 0, 0}));
  EXPECT_EQ(ZeroPadding3D({1, 2, 3})(input({kUnknown, 3, 3, kUnknown, 2})).shape(),
            (Shape{kUnknown, 5, 7, kUnknown, 2}));
  EXPECT_EQ(ZeroPadding1D().body().config(), (Json{{"padding", {1, 1}}}));
  EXPECT_EQ(
      error_of([] {
        from_config<ZeroPadding3D>({{"padding", {1, 2}}}, "z", "m");
      }),
      "m: padding: expected a whole number, a list of 3, or [[front, back], [top, bottom], [left, right]], "
      "got [1,2]");
}

TEST(CroppingLayers, CutBordersOff) {
  EXPECT_EQ(list(run_layer(Cropping1D({1, 0}), {floats({1, 3, 1}, {3, 4, 5})})), (Floats{4, 5}));
  EXPECT_EQ(list(run_layer(Cropping2D({{0, 1}, {2, 0}}), {floats({1, 2, 3, 1}, {1, 2, 3, 4, 5, 6})})),
            (Floats{3}));
  EXPECT_EQ(Cropping3D({1, 0, 2})(input({kUnknown, 3, 4, kUnknown, 2})).shape(),
            (Shape{kUnknown, 1, 4, kUnknown, 2}));
  EXPECT_EQ(
      error_of([] {
        Cropping1D(2, {.name = "c"})(input({kUnknown, 4, 1}));
      }),
      "Cropping1D \"c\": cutting off 2 and 2 cells leaves nothing of dimension 1 of (None, 4, 1); give a "
      "smaller cropping");
  EXPECT_EQ(error_of([] { Cropping2D({-1, 0}); }), "Cropping2D: cropping: expected at least 0, got -1");
}

TEST(UpSamplingLayers, RepeatCells) {
  EXPECT_EQ(list(run_layer(UpSampling1D(3), {floats({1, 2, 1}, {3, 4})})), (Floats{3, 3, 3, 4, 4, 4}));
  EXPECT_EQ(list(run_layer(UpSampling2D({2, 1}), {floats({1, 2, 2, 1}, {1, 2, 3, 4})})),
            (Floats{1, 2, 1, 2, 3, 4, 3, 4}));
  EXPECT_EQ(UpSampling3D({1, 2, 3})(input({kUnknown, 3, kUnknown, 5, 2})).shape(),
            (Shape{kUnknown, 3, kUnknown, 15, 2}));
  EXPECT_EQ(
      list(run_layer(UpSampling2D({1, 2}, {.interpolation = "bilinear"}), {floats({1, 1, 2, 1}, {0, 4})})),
      (Floats{0, 1, 3, 4}));
  EXPECT_EQ(error_of([] { UpSampling2D(2, {.interpolation = "bicubic"}); }),
            "UpSampling2D: interpolation: expected \"nearest\" or \"bilinear\", got \"bicubic\"");
  EXPECT_EQ(error_of([] { UpSampling3D({1, 0, 1}); }), "UpSampling3D: size: expected at least 1, got 0");
}

TEST(FlattenLayer, MakesRows) {
  EXPECT_EQ(Flatten()(input({kUnknown, 4, 5, 2})).shape(), (Shape{kUnknown, 40}));
  EXPECT_EQ(Flatten()(input({kUnknown})).shape(), (Shape{kUnknown, 1}));
  EXPECT_EQ(Flatten()(input({kUnknown, kUnknown, 2})).shape(), (Shape{kUnknown, kUnknown}));
  const int64_t large = int64_t{1} << 31;
  EXPECT_NE(error_of([&] { Flatten()(input({kUnknown, large, large, large})); }), "");
  EXPECT_EQ(list(run_layer(Flatten(), {floats({1, 2, 2}, {1, 2, 3, 4})})), (Floats{1, 2, 3, 4}));
}

TEST(ReshapeLayer, FillsTheOpenSize) {
  const Value x = input({kUnknown, 4, 6});
  EXPECT_EQ(Reshape({2, 12})(x).shape(), (Shape{kUnknown, 2, 12}));
  EXPECT_EQ(Reshape({3, -1, 2})(x).shape(), (Shape{kUnknown, 3, 4, 2}));
  EXPECT_EQ(Reshape({-1})(x).shape(), (Shape{kUnknown, 24}));
  EXPECT_EQ(Reshape({-1, 3})(input({kUnknown, kUnknown, 6})).shape(), (Shape{kUnknown, kUnknown, 3}));
}

TEST(ReshapeLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] {
              Reshape({5, -1}, {.name = "r"})(input({kUnknown, 4, 6}));
            }),
            "Reshape \"r\": the 24 features of an input (4, 6) do not fit (5, -1); choose sizes whose "
            "product is 24");
  EXPECT_EQ(
      error_of([] {
        Reshape({5}, {.name = "r"})(input({kUnknown, 4, 6}));
      }),
      "Reshape \"r\": the 24 features of an input (4, 6) do not fit (5); choose sizes whose product is 24");
  EXPECT_EQ(
      error_of([] {
        Reshape({-1, -1});
      }),
      "Reshape: target_shape: expected sizes of at least 1, and -1 for at most one of them, got (-1, -1)");
  EXPECT_NE(error_of([] { Reshape({0}); }), "");
  const int64_t large = int64_t{1} << 31;
  EXPECT_NE(error_of([&] { Reshape({large, large, large, -1})(input({kUnknown, 4})); }), "");
  EXPECT_EQ(error_of([] { from_config<Reshape>(Json::object(), "r", "m"); }),
            "m: target_shape: expected a whole number or a list of them, got null");
}

TEST(RescalingLayer, ScalesAndShifts) {
  EXPECT_EQ(list(run_layer(Rescaling(2, -1), {floats({1, 3}, {0, 0.5, 4})})), (Floats{-1, 0, 7}));
  const Tensor bytes = Tensor::of<uint8_t>({1, 3}, {0, 51, 255});
  const Tensor y = run_layer(Rescaling(1.0 / 255), {bytes});
  EXPECT_EQ(y.dtype(), DType::float32);
  EXPECT_FLOAT_EQ(list(y)[1], 0.2F);
  EXPECT_EQ(list(y)[2], 1);
}

TEST(InputLayer, GivesANamedValueWithoutABatch) {
  reset_names();
  const Value first = Input({32, 32, 3}), second = Input({5}),
              named = Input({2}, {.batch_size = 8, .name = "x"});
  EXPECT_EQ(first.type(), (TensorType{{kUnknown, 32, 32, 3}, DType::float32}));
  EXPECT_EQ(op_cast<InputOp>(first)->label(), "input_layer");
  EXPECT_EQ(op_cast<InputOp>(second)->label(), "input_layer_1");
  EXPECT_EQ(op_cast<InputOp>(named)->label(), "x");
  EXPECT_EQ(named.shape(), (Shape{8, 2}));
  EXPECT_EQ(Input({kUnknown}, {.dtype = DType::int32}).type(),
            (TensorType{{kUnknown, kUnknown}, DType::int32}));
  const FloatType doubles(DType::float64);
  EXPECT_EQ(Input({3}).dtype(), DType::float64);
}

TEST(InputLayer, IsALayerToo) {
  const InputLayer layer({128, 9}, {.name = "series"});
  const auto& body = dynamic_cast<const InputLayerBody&>(layer.body());
  EXPECT_EQ(body.value().shape(), (Shape{kUnknown, 128, 9}));
  EXPECT_EQ(op_cast<InputOp>(body.value())->label(), "series");
  EXPECT_EQ(layer.body().config().dump(), R"({"batch_shape":[null,128,9],"dtype":"float32","sparse":false})");
  EXPECT_EQ(error_of([&] {
              layer(input({kUnknown, 64, 9}));
            }),
            "InputLayer \"series\": expects float32 (None, 128, 9), got float32 (None, 64, 9)");
}

TEST(InputLayer, ExplainsShapesThatMakeNoSense) {
  EXPECT_EQ(error_of([] {
              Input({0, 3});
            }),
            "InputLayer: shape: expected sizes of at least 1 (or unknown), got (None, 0, 3); the batch is "
            "not part of "
            "the shape");
  const auto error = [](const Json& config) {
    return error_of([&] { from_config<InputLayer>(config, "i", "m"); });
  };
  EXPECT_EQ(
      error({{"batch_shape", "big"}}),
      "m: batch_shape: expected a list of whole numbers and nulls, beginning with the batch, got \"big\"");
  EXPECT_TRUE(error({{"batch_shape", {nullptr, 3}}, {"dtype", "complex"}}).starts_with("m: dtype: "));
  EXPECT_EQ(error({{"batch_shape", {nullptr, 3}}, {"sparse", true}}),
            "m: sparse: true is not supported; save the model without it");
}

}  // namespace
}  // namespace folio
