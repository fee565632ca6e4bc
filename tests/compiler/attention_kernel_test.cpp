// The fast attention against its definition and against products with a softmax between.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "folio/compiler/compile.h"
#include "folio/ops/attention.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/reduce.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

struct Case {
  int64_t batch, queries, keys, heads, groups, width, value_width;
  bool causal = false, zero = false, query_mask = false, key_mask = false;
  Shape pairs = {};
};

struct Made {
  Graph graph;
  std::vector<Tensor> tensors;
};

/// The output and the gradients of query, key and value.
Made made(const Case& c, bool composed, uint32_t seed) {
  RandomNumbers random(seed);
  Made result;
  const auto add = [&](const Shape& shape, bool mask) {
    Tensor tensor = random.tensor(shape, -1, 1, DType::float32);
    if (mask)
      for (int64_t i = 0; i < tensor.count(); ++i) tensor.set(i, tensor.at(i) > -0.4 ? 1 : 0);
    result.graph.inputs.push_back(input(shape));
    result.tensors.push_back(std::move(tensor));
    return result.graph.inputs.back();
  };
  const Value q = add({c.batch, c.queries, c.heads, c.width}, false),
              k = add({c.batch, c.keys, c.groups, c.width}, false),
              v = add({c.batch, c.keys, c.groups, c.value_width}, false),
              dy = add({c.batch, c.queries, c.heads, c.value_width}, false);
  AttentionMasks masks;
  if (c.query_mask) masks.queries = add({c.batch, c.queries}, true);
  if (c.key_mask) masks.keys = add({c.batch, c.keys}, true);
  if (c.pairs.rank() > 0) masks.pairs = add(c.pairs, true);
  const AttentionSettings settings = {
      .scale = 3 / std::sqrt(static_cast<double>(c.width)), .causal = c.causal, .zero_where_masked = c.zero};
  const Value y =
      composed ? composed_attention(q, k, v, settings, masks) : attention(q, k, v, settings, masks);
  result.graph.outputs = {y};
  for (const Value& gradient : gradients(y, dy, {q, k, v})) result.graph.outputs.push_back(gradient);
  return result;
}

void expect_equal(const std::vector<Tensor>& got, const std::vector<Tensor>& expected, double tolerance) {
  for (size_t o = 0; o < expected.size(); ++o) {
    double largest = 1;
    for (int64_t i = 0; i < expected[o].count(); ++i)
      largest = std::max(largest, std::abs(expected[o].at(i)));
    for (int64_t i = 0; i < expected[o].count(); ++i)
      ASSERT_NEAR(got[o].at(i), expected[o].at(i), tolerance * largest)
          << "output " << o << ", element " << i;
  }
}

void check(const Case& c) {
  SCOPED_TRACE(testing::Message() << "batch " << c.batch << ", queries " << c.queries << ", keys " << c.keys
                                  << ", heads " << c.heads << "/" << c.groups << ", width " << c.width << " "
                                  << c.value_width << (c.causal ? ", causal" : "") << (c.zero ? ", zero" : "")
                                  << (c.query_mask ? ", queries masked" : "")
                                  << (c.key_mask ? ", keys masked" : "") << ", pairs " << to_string(c.pairs));
  const Made fast = made(c, false, 1);
  const auto got = compile(fast.graph)(fast.tensors);
  expect_equal(got, compile(fast.graph, definitions_only())(fast.tensors), 3e-6);
  expect_equal(got, compile(made(c, true, 1).graph)(fast.tensors), 5e-6);
}

TEST(AttentionKernel, EqualsItsDefinitionAtAllLengths) {
  for (int64_t length : {1, 2, 3, 5, 15, 16, 17, 31, 32, 33, 48, 64, 65, 100, 129, 257})
    for (bool causal : {false, true}) check({1, length, length, 2, 2, 5, 7, causal});
  for (int64_t queries : {1, 7, 33, 70})
    for (int64_t keys : {1, 9, 32, 81})
      for (bool causal : {false, true}) check({2, queries, keys, 2, 1, 3, 4, causal});
}

TEST(AttentionKernel, EqualsItsDefinitionAtAllWidths) {
  for (int64_t width : {1, 8, 16, 31, 64, 256, 257, 400}) check({2, 34, 40, 1, 1, width, 65, true});
}

TEST(AttentionKernel, KnowsAllMasks) {
  for (int bits = 0; bits < 16; ++bits)
    for (const Shape& pairs :
         {Shape{}, Shape{1, 1, 37, 41}, Shape{3, 4, 37, 41}, Shape{3, 1, 1, 41}, Shape{1, 4, 37, 1}})
      check(
          {3, 37, 41, 4, 2, 6, 5, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, pairs});
}

TEST(AttentionKernel, IsWhatRuns) {
  const Made fast = made({2, 8, 8, 2, 2, 4, 4}, false, 1);
  const std::string steps = compile(fast.graph).print();
  EXPECT_NE(steps.find("AttentionGradient"), std::string::npos) << steps;
  EXPECT_EQ(steps.find("(definition)"), std::string::npos);
}

TEST(AttentionKernel, HasTheSameBitsForAllThreads) {
  for (int64_t batch : {1, 5}) {
    const Made fast = made({batch, 70, 70, 4, 2, 8, 8, true, false, true, true}, false, 2);
    const auto one = compile(fast.graph, {"one", 1, {}})(fast.tensors);
    const auto three = compile(fast.graph, {"three", 3, {}})(fast.tensors);
    for (size_t o = 0; o < one.size(); ++o)
      for (int64_t i = 0; i < one[o].count(); ++i) ASSERT_EQ(one[o].at(i), three[o].at(i));
  }
}

// Large scores neither overflow nor lose the rest.
TEST(AttentionKernel, TakesScoresOfAnySize) {
  const Value q = input({1, 2, 1, 1}), k = input({1, 3, 1, 1}), v = input({1, 3, 1, 1});
  const Tensor y = compile({{q, k, v}, {attention(q, k, v, {.scale = 1000})}, {}})(
      {Tensor::of<float>({1, 2, 1, 1}, {1, -1}), Tensor::of<float>({1, 3, 1, 1}, {1, 2, 3}),
       Tensor::of<float>({1, 3, 1, 1}, {10, 20, 30})})[0];
  EXPECT_EQ(y.at(0), 30);
  EXPECT_EQ(y.at(1), 10);
}

}  // namespace
}  // namespace folio
