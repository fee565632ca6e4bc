// Layers on series, and those that turn one shape of input into another.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/layers/activation/p_re_lu.h"
#include "folio/layers/activation/softmax.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/masking.h"
#include "folio/layers/merging/dot.h"
#include "folio/layers/normalization/batch_normalization.h"
#include "folio/layers/recurrent/time_distributed.h"
#include "folio/layers/regularization/dropout.h"
#include "folio/layers/reshaping/permute.h"
#include "folio/layers/reshaping/repeat_vector.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

TEST(TimeDistributedLayer, HasTheWeightsOfItsLayer) {
  const Dense step(3, {.name = "step"});
  const TimeDistributed layer(step, {.name = "all"});
  EXPECT_EQ(layer(input({kUnknown, kUnknown, 4})).shape(), (Shape{kUnknown, kUnknown, 3}));
  EXPECT_EQ(layer.weights(), step.weights());
  EXPECT_EQ(layer.body().trainable_weights().size(), 2U);
  layer.set_trainable(false);
  EXPECT_FALSE(step.trainable());
  EXPECT_TRUE(layer.body().trainable_weights().empty());
}

TEST(TimeDistributedLayer, TakesStatisticsStepByStep) {
  const TimeDistributed layer(BatchNormalization({.epsilon = 0}));
  // Each step has a mean of its own.
  EXPECT_EQ(list(run_layer(layer, {floats({2, 2, 1}, {1, 10, 3, 30})}, {.training = true})),
            (Floats{-1, -1, 1, 1}));
}

TEST(TimeDistributedLayer, DropsDifferentlyAtEveryStep) {
  const Tensor y =
      run_layer(TimeDistributed(Dropout(0.5)), {Tensor::filled({1, 2, 100}, 1)}, {.training = true});
  int differ = 0;
  for (int64_t i = 0; i < 100; ++i) differ += y.at(i) != y.at(100 + i);
  EXPECT_GT(differ, 20);
}

TEST(TimeDistributedLayer, ReadsWhatItWrites) {
  Dense step(3, {.name = "step", .trainable = false});
  const TimeDistributed layer(step);
  const Layer again = from_config<TimeDistributed>(layer.body().config(), "again", "m");
  const LayerBody& inside = *again.body().children()[0].second;
  EXPECT_EQ(inside.name(), "step");
  EXPECT_FALSE(inside.trainable());
}

TEST(TimeDistributedLayer, ExplainsMisfits) {
  const auto over = [](const Shape& shape) {
    return error_of([&] { TimeDistributed(Softmax({.axis = 2, .name = "s"}), {.name = "t"})(input(shape)); });
  };
  EXPECT_EQ(over({kUnknown, 3}),
            "TimeDistributed \"t\": expects at least 3 dimensions (batch, time, …), got (None, 3); add "
            "RepeatVector or Reshape before it");
  EXPECT_EQ(
      over({kUnknown, 3, 4}),
      "TimeDistributed \"t\": Softmax \"s\": axis: expected 1 to 1 or -1 to -1 for an input of (None, 4), "
      "got 2");
  EXPECT_EQ(error_of([] {
              from_config<TimeDistributed>({{"layer", 3}}, "t", "m");
            }),
            "m: layer: expected a layer, an object with class_name and config, got 3");
  const Json unknown = {{"layer", {{"class_name", "Dens"}, {"config", {{"name", "d"}}}}}};
  EXPECT_EQ(error_of([&] { from_config<TimeDistributed>(unknown, "t", "m"); }),
            "m: layer: layer \"Dens\" is not known to Folio; the nearest is \"Dense\"");
  const Json broken = {{"layer", {{"class_name", "Dense"}, {"config", {{"name", "d"}}}}}};
  EXPECT_EQ(error_of([&] { from_config<TimeDistributed>(broken, "t", "m"); }),
            "m: layer (Dense \"d\"): units: expected a whole number, got null");
}

TEST(MaskingLayer, ZeroesStepsThatHoldTheValue) {
  const Tensor x = floats({1, 3, 2}, {5, 5, 5, 1, 2, 5});
  EXPECT_EQ(list(run_layer(Masking(5), {x})), (Floats{0, 0, 5, 1, 2, 5}));
  EXPECT_EQ(
      error_of([] { Masking(0, {.name = "m"})(input({kUnknown})); }),
      "Masking \"m\": expects at least 2 dimensions (batch, …, features), got (None,); add Reshape before "
      "it");
}

TEST(DotLayer, ShapesFollowEachOther) {
  const auto of = [](const Shape& a, const Shape& b, DotAxes axes) {
    return Dot(axes)({input(a), input(b)}).shape();
  };
  EXPECT_EQ(of({kUnknown, 3}, {kUnknown, 3}, 1), (Shape{kUnknown, 1}));
  EXPECT_EQ(of({kUnknown, kUnknown, 3}, {kUnknown, 5, 3}, -1), (Shape{kUnknown, kUnknown, 5}));
  EXPECT_EQ(of({kUnknown, 2, 3, 4}, {kUnknown, 4, 5, 6}, {3, 1}), (Shape{kUnknown, 2, 3, 5, 6}));
  EXPECT_EQ(list(run_layer(Dot(1), {floats({2, 2}, {1, 2, 3, 4}), floats({2, 2}, {5, 6, 7, 8})})),
            (Floats{17, 53}));
}

TEST(DotLayer, ExplainsMisfits) {
  EXPECT_EQ(
      error_of([] {
        Dot(1, {.name = "d"})({input({kUnknown, 3}), input({kUnknown, 4})});
      }),
      "Dot \"d\": dimension 1 of (None, 3) and dimension 1 of (None, 4) differ; axes must name dimensions "
      "of the same size");
  EXPECT_EQ(error_of([] {
              Dot(1, {.name = "d"})(input({kUnknown, 3}));
            }),
            "Dot \"d\": expects exactly 2 inputs, got 1; call it with a list: Dot(1)({a, b})");
  EXPECT_EQ(error_of([] {
              Dot(0, {.name = "d"})({input({2, 3}), input({2, 3})});
            }),
            "Dot \"d\": axis: expected 1 to 1 or -1 to -1 for an input of (2, 3), got 0");
}

TEST(PermuteLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] {
              Permute({0, 1});
            }),
            "Permute: dims: expected each of 1 to 2 once, got (0, 1); the batch is not counted");
  EXPECT_EQ(
      error_of([] {
        Permute({2, 1}, {.name = "p"})(input({kUnknown, 3}));
      }),
      "Permute \"p\": dims (2, 1) do not fit an input of (None, 3); name each dimension behind the batch");
}

TEST(RepeatVectorLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] { RepeatVector(0); }), "RepeatVector: n: expected at least 1, got 0");
  EXPECT_EQ(
      error_of([] {
        RepeatVector(2, {.name = "r"})(input({kUnknown, 3, 4}));
      }),
      "RepeatVector \"r\": expects 2 dimensions (batch, features), got (None, 3, 4); add Flatten before it");
}

TEST(PReLULayer, SharesSlopes) {
  const PReLU shared({.alpha_initializer = "ones", .shared_axes = {1}, .name = "p"});
  shared(input({kUnknown, kUnknown, 4}));
  EXPECT_EQ(shared.weights()[0].shape(), (Shape{1, 4}));
  EXPECT_EQ(error_of([&] {
              shared(input({kUnknown, 2, 5}));
            }),
            "PReLU \"p\": was built for slopes of (1, 4), got an input of (None, 2, 5)");
  EXPECT_EQ(
      error_of([] {
        PReLU({.name = "p"})(input({kUnknown, kUnknown, 4}));
      }),
      "PReLU \"p\": needs to know every dimension that has slopes of its own, got (None, None, 4); name "
      "the others in shared_axes, or give Input a complete shape");
}

}  // namespace
}  // namespace folio
