// What layers of attention promise beside Keras' numbers: gradients under masks, dropout, masks, errors.
#include <gtest/gtest.h>

#include "folio/base/error.h"
#include "folio/layers/all.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"
#include "tests/ops/gradient_check.h"

namespace folio {
namespace {

/// A layer called on a query of 4 steps and a value of 3, under masks of all kinds.
Sample masked_sample(const Layer& layer, bool scores, uint32_t seed) {
  RandomNumbers random(seed);
  Sample sample;
  const Value q = sample.add(random.tensor({3, 4, 5}, -1, 1)),
              v = sample.add(random.tensor({3, 3, 5}, -1, 1));
  const bool heads = layer.class_name() != "Attention" && layer.class_name() != "AdditiveAttention";
  // Of the first row nothing counts; but where Keras takes 1e9 off the scores of such a row, differences see
  // no more than its rounding.
  const auto mask = [&](const Shape& shape, bool keys = false) {
    Tensor tensor(shape, DType::float64);
    for (int64_t i = 0; i < tensor.count(); ++i) tensor.set(i, random.whole(0, 2) > 0 ? 1 : 0);
    for (int64_t i = 0; i < shape.count(1, shape.rank()); ++i) tensor.set(i, 0);
    for (int64_t row = 0; keys && !heads && row < shape[0]; ++row) tensor.set(row * shape[1], 1);
    return sample.add_fixed(tensor);
  };
  CallOptions call = {.mask = {mask({3, 4}), mask({3, 3}, true)}, .use_causal_mask = true};
  if (heads) call.attention_mask = mask({3, 4, 3});
  if (scores) call.return_attention_scores = true;
  const Values outputs = layer.call({q, v}, call);
  for (Parameter weight : layer.weights()) weight.set(random.tensor(weight.shape(), -1, 1));
  Effects effects;
  sample.outputs =
      retrace(outputs, sample.inputs, {.inputs = sample.inputs, .step = constant(0, DType::int64)}, effects)
          .values;
  return sample;
}

TEST(AttentionLayers, HaveGradientsUnderMasks) {
  const FloatType doubles(DType::float64);
  const std::vector<std::function<Layer()>> makers = {
      [] { return Attention({.use_scale = true}); },
      [] { return Attention({.score_mode = "concat"}); },
      [] { return AdditiveAttention(); },
      [] { return MultiHeadAttention(2, 3); },
      [] { return MultiHeadAttention(2, 3, {.value_dim = 4, .dropout = 0.3}); },
      [] { return GroupQueryAttention(3, 4, 2); }};
  for (const auto& make : makers)
    for (bool scores : {false, true})
      for (uint32_t seed : {1u, 2u, 3u}) {
        const Layer layer = make();
        const Sample sample = masked_sample(layer, scores, seed);
        RandomNumbers random(9);
        EXPECT_LE(gradient_error(sample, random), 1e-7) << layer.class_name() << ", scores " << scores;
      }
}

TEST(AttentionLayers, DropWeightsOnlyWhileTraining) {
  for (const Layer& layer :
       {Layer(MultiHeadAttention(2, 4, {.dropout = 0.5, .seed = 3})),
        Layer(GroupQueryAttention(4, 2, 1, {.dropout = 0.5})), Layer(Attention({.dropout = 0.5}))}) {
    SCOPED_TRACE(layer.class_name());
    RandomNumbers random(4);
    const std::vector<Tensor> x = {random.tensor({2, 6, 8}, -1, 1, DType::float32),
                                   random.tensor({2, 6, 8}, -1, 1, DType::float32)};
    const auto plain = list(run_layer(layer, x));
    EXPECT_EQ(plain, list(run_layer(layer, x)));
    const auto first = list(run_layer(layer, x, {.training = true, .step = 1}));
    EXPECT_NE(first, plain);
    EXPECT_EQ(first, list(run_layer(layer, x, {.training = true, .step = 1})));
    EXPECT_NE(first, list(run_layer(layer, x, {.training = true, .step = 2})));
  }
}

TEST(AttentionLayers, KeepTheMaskOfTheQuery) {
  const Value q = Input({4, 6}), v = Input({3, 6}), mask = Input({4});
  const Value x = input({2, 4, 6}), y = input({2, 3, 6}), m = input({2, 4});
  for (const Layer& layer : {Layer(MultiHeadAttention(2, 4)), Layer(GroupQueryAttention(4, 2, 1)),
                             Layer(Attention()), Layer(AdditiveAttention())}) {
    const Values outputs = layer.call({q, v}, {.return_attention_scores = true});
    Effects effects;
    const auto result = retrace(outputs, {q, v}, {.inputs = {x, y}, .masks = {m}}, effects);
    EXPECT_EQ(result.masks[0], m) << layer.class_name();
    EXPECT_FALSE(result.masks[1].defined()) << layer.class_name();
  }
}

// Without a mask of padding, and causal: the last query sees all, the first only itself.
TEST(AttentionLayers, LookBackOnly) {
  const Value x = Input({3, 2});
  const Values outputs = Attention().call({x, x}, {.use_causal_mask = true, .return_attention_scores = true});
  const Model model(x, outputs[1]);
  const Tensor scores = model.predict(floats({1, 3, 2}, {1, 0, 0, 1, 1, 1}));
  EXPECT_EQ(scores.at(0), 1);
  EXPECT_EQ(scores.at(1), 0);
  EXPECT_EQ(scores.at(2), 0);
  EXPECT_EQ(scores.at(5), 0);
  EXPECT_GT(scores.at(8), 0);
}

TEST(AttentionLayers, SayWhatIsWrong) {
  const Value a = Input({4, 6}), b = Input({3, 5}), flat = Input({6});
  const auto error = [](const std::function<void()>& f) { return error_of(f); };
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(error([&] { Attention()({a, b}); }), "queries and keys of as many features");
  has(error([&] { Attention()(a); }), "expects [query, value]");
  has(error([&] { MultiHeadAttention(2, 3)(a); }), "expects {query, value}");
  has(error([&] { MultiHeadAttention(2, 3)({a, flat}); }), "equally many dimensions");
  has(error([&] { MultiHeadAttention(2, 3)({a, b, a}); }), "a value for each key");
  has(error([&] {
        MultiHeadAttention(2, 3, {.attention_axes = {3}})({a, a});
      }),
      "attention_axes: expected 1 to 1");
  has(error([&] { MultiHeadAttention(0, 3); }), "num_heads: expected at least 1");
  has(error([&] { GroupQueryAttention(4, 3, 2); }),
      "num_query_heads: expected a multiple of num_key_value_heads, 2, got 3");
  has(error([&] { EinsumDense("ab,bc", {3}); }), "equation: expected");
  has(error([&] { EinsumDense("ab,bc->ac", {3}, {.bias_axes = "x"}); }),
      "bias_axes: expected letters of the output");
  has(error([&] { EinsumDense("ab,bc->ac", {3})(a); }), "expects an input of 2 dimensions");
  has(error([&] { EinsumDense("abc,cd->abd", {7, 3})(a); }), "output_shape: expected 4 for \"b\"");
}

}  // namespace
}  // namespace folio
