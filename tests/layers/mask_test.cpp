// How masks go with values: which steps count.
#include <gtest/gtest.h>

#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "folio/layers/all.h"
#include "folio/layers/core/function.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

/// Traces `build`'s graph for an input with a mask; gives the masks of the outputs.
std::vector<std::vector<double>> masks_of(const Shape& shape, const Tensor& mask,
                                          const std::function<Values(const Value&)>& build) {
  const Value x = Input(shape.from(1)), m = input(mask.shape());
  const Value actual = input(shape);
  Effects effects;
  const Values masks = retrace(build(x), {x}, {.inputs = {actual}, .masks = {m}}, effects).masks;
  std::vector<std::vector<double>> result;
  for (const Value& value : masks) {
    result.emplace_back();
    if (!value.defined()) continue;
    const Tensor y = compile({{actual, m}, {value}, {}}, {"test", 1, {}})({Tensor(shape), mask})[0];
    for (int64_t i = 0; i < y.count(); ++i) result.back().push_back(y.at(i));
  }
  return result;
}

const Tensor kMask = Tensor::of<float>({2, 3}, {1, 0, 1, 0, 0, 1});
const std::vector<double> kSame = {1, 0, 1, 0, 0, 1}, kNone = {};

TEST(Masks, GoThroughLayersThatKeepSteps) {
  const auto masks = masks_of({2, 3, 4}, kMask, [](const Value& x) {
    return Values{Dense(5)(x),
                  Dropout(0.5)(Activation("relu")(x)),
                  BatchNormalization()(x),
                  Rescaling(2)(x),
                  Reshape({12})(x),
                  Flatten()(x)};
  });
  EXPECT_EQ(masks, (std::vector<std::vector<double>>{kSame, kSame, kSame, kSame, kNone, kNone}));
}

TEST(Masks, OfMergedInputs) {
  const auto masks = masks_of({2, 3, 4}, kMask, [](const Value& x) {
    const Value y = Dense(4)(x), without = Reshape({3, 4})(x);
    return Values{Add()({x, y}), Multiply()({x, without}), Concatenate()({x, without}),
                  Concatenate({.axis = 1})({x, without}), Concatenate()({without, without})};
  });
  EXPECT_EQ(masks[0], kSame);
  EXPECT_EQ(masks[1], kNone);
  EXPECT_EQ(masks[2], (std::vector<double>{1, 1, 1, 1, 1, 1}));  // elements of the other input count
  EXPECT_EQ(masks[3], (std::vector<double>{1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(masks[4], kNone);
}

TEST(Masks, OnesThatAreGivenGoFirst) {
  const auto masks = masks_of({2, 3, 4}, kMask, [](const Value& x) {
    return Values{Layer(Dense(2)).call({x}, {.mask = differs_from(Reshape({3, 4})(x), 7)})[0]};
  });
  EXPECT_EQ(masks[0].size(), 24u);
}

TEST(Masks, ComeFromEmbeddingAndMasking) {
  const auto masks = masks_of({2, 3}, Tensor::of<float>({2, 3}, {1, 1, 1, 1, 1, 1}), [](const Value& ids) {
    return Values{Embedding(4, 2, {.mask_zero = true})(ids), Embedding(4, 2)(ids),
                  Masking(0)(Embedding(4, 2, {.mask_zero = true})(ids))};
  });
  EXPECT_EQ(masks[0], (std::vector<double>(6, 0)));  // all ids are 0
  EXPECT_EQ(masks[1], kNone);
  EXPECT_EQ(masks[2], (std::vector<double>(6, 1)));  // none of the vectors is
}

TEST(Masks, LeaveStepsOutOfMeans) {
  const Layer pool = GlobalAveragePooling1D();
  const Value x = input({1, 3, 1}), mask = input({1, 3});
  Effects effects;
  const Value y = pool.body().call({.inputs = {x}, .masks = {mask}}, effects)[0];
  const Tensor mean = compile({{x, mask}, {y}, {}}, {"test", 1, {}})(
      {Tensor::of<float>({1, 3, 1}, {1, 50, 4}), Tensor::of<float>({1, 3}, {1, 0, 1})})[0];
  EXPECT_FLOAT_EQ(static_cast<float>(mean.at(0)), 2.5f);
}

TEST(Masks, AreAtMostAsManyAsInputs) {
  const Value x = Input({2});
  EXPECT_NE(error_of([&] {
              Layer(Dense(2)).call({x}, {.mask = {x, x}});
            }).find("at most a mask for each"),
            std::string::npos);
}

TEST(Masks, BatchNormalizationSeesOnlyStepsThatCount) {
  const Layer layer = BatchNormalization({.momentum = 0});
  const Value x = input({2, 2, 1}), mask = input({2, 2});
  Effects effects;
  layer.body().ensure_built({x.shape()});
  layer.body().call({.inputs = {x}, .masks = {mask}, .training = true}, effects);
  Graph graph{{x, mask}, {}, {}};
  for (const Update& update : effects.updates) graph.outputs.push_back(update.value);
  const auto moving = compile(graph, {"test", 1, {}})(
      {Tensor::of<float>({2, 2, 1}, {1, 100, 3, 5}), Tensor::of<float>({2, 2}, {1, 0, 1, 1})});
  EXPECT_NEAR(moving[0].at(0), 3, 1e-5);
  EXPECT_NEAR(moving[1].at(0), 8.0 / 3, 1e-5);
}

}  // namespace
}  // namespace folio
