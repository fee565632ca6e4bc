// Long short-term memories of pictures; with the numbers of real Keras in golden_test.cpp and in
// models/trajectories_test.cpp.
#include <gtest/gtest.h>

#include "folio/folio.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

void expect_near(const Tensor& got, const Tensor& expected) {
  ASSERT_EQ(got.shape(), expected.shape());
  for (int64_t i = 0; i < got.count(); ++i) ASSERT_NEAR(got.at(i), expected.at(i), 1e-6) << "element " << i;
}

Tensor numbers(Shape shape, int seed = 3) {
  return RandomNumbers(static_cast<uint64_t>(seed)).tensor(std::move(shape), -1, 1, DType::float32);
}

void disturb(const Layer& layer) {
  std::vector<Tensor> weights;
  int seed = 5;
  for (const Parameter& weight : layer.weights()) weights.push_back(numbers(weight.shape(), seed++));
  layer.set_weights(weights);
}

// Steps [first, last) of sequences.
Tensor steps(const Tensor& x, int64_t first, int64_t last) {
  const Shape shape = x.shape();
  const int64_t size = shape.count(2, shape.rank());
  Tensor some(shape.with(1, last - first));
  for (int64_t r = 0; r < shape[0]; ++r)
    for (int64_t i = 0; i < (last - first) * size; ++i)
      some.set(r * (last - first) * size + i, x.at((r * shape[1] + first) * size + i));
  return some;
}

TEST(ConvLSTM, OfSinglePixelsIsAnLSTM) {
  const Value pixels = Input({4, 1, 1, 3}), features = Input({4, 3});
  const ConvLSTM2D conv(2, 1, {.return_sequences = true, .return_state = true});
  const LSTM plain(2, {.return_sequences = true, .return_state = true});
  const Model a(Values{pixels}, conv.call({pixels})), b(Values{features}, plain.call({features}));
  disturb(conv);
  std::vector<Tensor> weights = conv.get_weights();
  weights[0] = weights[0].reshaped({3, 8}), weights[1] = weights[1].reshaped({2, 8});
  plain.set_weights(weights);
  const Tensor x = numbers({5, 4, 3});
  const auto got = a.predict(std::vector<Tensor>{x.reshaped({5, 4, 1, 1, 3})}),
             expected = b.predict(std::vector<Tensor>{x});
  ASSERT_EQ(got.size(), 3u);
  for (size_t i = 0; i < 3; ++i) expect_near(got[i].reshaped(expected[i].shape()), expected[i]);
}

TEST(ConvLSTM, PassesMaskedStepsOver) {
  const Tensor x = numbers({2, 4, 3, 2, 2});
  const ConvLSTM2D layer(2, 2, {.padding = "same", .return_sequences = true, .return_state = true});
  const Value all = Input({4, 3, 2, 2}), mask = Input({4}), two = Input({2, 3, 2, 2});
  const Model masked({all, mask}, layer.call({all}, {.mask = mask}));
  const Model shorter(Values{two}, layer.call({two}));
  disturb(layer);
  // Of both rows the first two steps count, so that the rest changes nothing.
  const auto got = masked.predict({x, Tensor::of<float>({2, 4}, {1, 1, 0, 0, 1, 1, 0, 0})});
  const auto expected = shorter.predict(std::vector<Tensor>{steps(x, 0, 2)});
  expect_near(steps(got[0], 0, 2), expected[0]);
  expect_near(steps(got[0], 2, 3), steps(expected[0], 1, 2));
  expect_near(got[1], expected[1]);
  expect_near(got[2], expected[2]);
  const ConvLSTM2D zeros(2, 2, {.padding = "same", .return_sequences = true, .zero_output_for_mask = true});
  const Model with_zeros({all, mask}, {zeros(all, {.mask = mask})});
  zeros.set_weights(layer.get_weights());
  const Tensor y = with_zeros.predict({x, Tensor::of<float>({2, 4}, {1, 1, 0, 0, 1, 1, 0, 0})})[0];
  expect_near(steps(y, 0, 2), expected[0]);
  expect_near(steps(y, 2, 4), Tensor({2, 2, 3, 2, 2}));
}

TEST(ConvLSTM, GoesOnFromItsStates) {
  const Tensor x = numbers({2, 4, 3, 2});
  const ConvLSTM1D kept(2, 2, {.return_sequences = true, .stateful = true}),
      plain(2, 2, {.return_sequences = true});
  const Value part = Input({2, 3, 2}, {.batch_size = 2}), whole = Input({4, 3, 2});
  const Model a(part, kept(part)), b(whole, plain(whole));
  disturb(kept);
  plain.set_weights(kept.get_weights());
  const Tensor expected = b.predict(x);
  expect_near(a.predict(steps(x, 0, 2), 2), steps(expected, 0, 2));
  expect_near(a.predict(steps(x, 2, 4), 2), steps(expected, 2, 4));
  kept.reset_state();
  expect_near(a.predict(steps(x, 0, 2), 2), steps(expected, 0, 2));
}

TEST(ConvLSTM, TakesTheChannelsFirst) {
  const auto permuted = [](const Tensor& x, const std::vector<int>& order) {
    const Value in = input(x.shape());
    return compile({{in}, {transpose(in, order)}, {}}, definitions_only())({x})[0];
  };
  const Tensor x = numbers({2, 2, 3, 4, 2}), h = numbers({2, 2, 3, 3}, 8), c = numbers({2, 2, 3, 3}, 9);
  const ConvLSTM2D last(3, 2, {.return_sequences = true, .return_state = true}),
      first(3, 2, {.data_format = "channels_first", .return_sequences = true, .return_state = true});
  const Values a = {Input({2, 3, 4, 2}), Input({2, 3, 3}), Input({2, 3, 3})},
               b = {Input({2, 2, 3, 4}), Input({3, 2, 3}), Input({3, 2, 3})};
  const Model of_last(a, last.call({a[0]}, {.initial_state = {a[1], a[2]}}));
  const Model of_first(b, first.call({b[0]}, {.initial_state = {b[1], b[2]}}));
  disturb(last);
  first.set_weights(last.get_weights());
  const auto expected = of_last.predict({x, h, c});
  const auto got =
      of_first.predict({permuted(x, {0, 1, 4, 2, 3}), permuted(h, {0, 3, 1, 2}), permuted(c, {0, 3, 1, 2})});
  expect_near(permuted(got[0], {0, 1, 3, 4, 2}), expected[0]);
  for (size_t i = 1; i < 3; ++i) expect_near(permuted(got[i], {0, 2, 3, 1}), expected[i]);
}

TEST(ConvLSTM, DropsTheSameAtEveryStep) {
  const auto differ = [](const Tensor& a, const Tensor& b) {
    for (int64_t i = 0; i < a.count(); ++i)
      if (a.at(i) != b.at(i)) return true;
    return false;
  };
  const Tensor x = numbers({2, 3, 3, 3, 1});
  for (const auto& [rate, recurrent_rate] : {std::pair(0.5, 0.0), std::pair(0.0, 0.5)}) {
    const ConvLSTM2D layer(2, 2, {.padding = "same", .dropout = rate, .recurrent_dropout = recurrent_rate});
    trace_layer(layer, types_of({x}));
    disturb(layer);
    const Tensor still = run_layer(layer, {x});
    expect_near(run_layer(layer, {x}, {.step = 4}), still);
    const Tensor one = run_layer(layer, {x}, {.training = true, .step = 1});
    EXPECT_TRUE(differ(one, still));
    EXPECT_FALSE(differ(one, run_layer(layer, {x}, {.training = true, .step = 1})));
    EXPECT_TRUE(differ(one, run_layer(layer, {x}, {.training = true, .step = 2})));
    EXPECT_TRUE(differ(one, run_layer(layer, {x}, {.training = true, .step = 1, .seed = 7})));
  }
}

TEST(ConvLSTM, RowsDoNotDependOnTheBatch) {
  const Value pictures = Input({3, 4, 5, 2}), cells = Input({3, 7, 2});
  const Layer two = ConvLSTM2D(3, {2, 3}, {.padding = "same", .return_sequences = true}),
              one = ConvLSTM1D(3, 3);
  const Model a(pictures, two(pictures)), b(cells, one(cells));
  disturb(two), disturb(one);
  const Tensor x = numbers({53, 3, 4, 5, 2}), y = numbers({53, 3, 7, 2});
  expect_near(a.predict(x, 53), a.predict(x, 1));
  expect_near(b.predict(y, 53), b.predict(y, 1));
}

TEST(ConvLSTM, ExplainsMisfits) {
  EXPECT_NE(error_of([] {
              ConvLSTM2D(2, 2, {.name = "c"})(input({kUnknown, 3, kUnknown, 4, 1}));
            }).find("expects steps of 2 sizes and channels that are all known, got (None, None, 4, 1)"),
            std::string::npos);
  EXPECT_NE(error_of([] {
              ConvLSTM1D(2, 2, {.name = "c"})(input({kUnknown, 3, 4, 4, 1}));
            }).find("expects steps of 1 sizes and channels that are all known"),
            std::string::npos);
  EXPECT_NE(error_of([] { ConvLSTM2D(2, 5, {.name = "c"})(input({kUnknown, 3, 4, 4, 1})); }), "");
  EXPECT_NE(error_of([] {
              ConvLSTM2D(2, 2, {.strides = 2, .dilation_rate = 2});
            }).find("strides and dilation_rate cannot both be above 1"),
            std::string::npos);
}

}  // namespace
}  // namespace folio
