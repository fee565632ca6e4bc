// Products of transposed values: every order of dimensions against the definitions, and what must not be read
// in place.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "folio/base/error.h"
#include "tests/compiler/case_builder.h"

namespace folio {
namespace {

std::vector<std::string> steps_of(const Plan& plan) {
  std::vector<std::string> names;
  for (const Step& step : plan.contents().steps) names.push_back(step.kernel->name());
  return names;
}

bool has_step(const Plan& plan, const std::string& name) {
  const auto names = steps_of(plan);
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whole numbers, so that every order of summation gives the same bits.
void expect_as_defined(Case& c, int threads = 1) {
  for (Tensor& tensor : c.tensors)
    for (int64_t i = 0; i < tensor.count(); ++i)
      tensor.data<float>()[i] = static_cast<float>(c.random.whole(-4, 4));
  const auto expected = compile(c.graph, definitions_only())(c.tensors),
             got = compile(c.graph, {"test", threads, {}})(c.tensors);
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(expected[i].shape(), got[i].shape());
    for (int64_t e = 0; e < expected[i].count(); ++e)
      ASSERT_EQ(expected[i].at(e), got[i].at(e)) << "output " << i << ", element " << e;
  }
}

// The shape that becomes `shape` when its dimensions are read in `order`.
Shape stored(const Shape& shape, const std::vector<int>& order) {
  Shape result = shape;
  for (int i = 0; i < shape.rank(); ++i) result[order[static_cast<size_t>(i)]] = shape[i];
  return result;
}

TEST(TransposedProducts, EveryOrderOfFourDimensions) {
  for (const auto& [m, n, k] :
       {std::array<int64_t, 3>{3, 5, 7}, {1, 20, 9}, {17, 1, 16}, {18, 33, 1}, {8, 8, 24}}) {
    std::vector<std::vector<int>> orders;
    std::vector<int> order{0, 1, 2, 3};
    do orders.push_back(order);
    while (std::next_permutation(order.begin(), order.end()));
    for (const auto& left : orders)
      for (size_t r = 0; r < orders.size(); r += 5) {  // of 24: all of them meet in the end
        const auto& right = orders[(r + static_cast<size_t>(left[1])) % orders.size()];
        const auto& back = orders[(r * 7 + static_cast<size_t>(left[2])) % orders.size()];
        SCOPED_TRACE(testing::PrintToString(left) + testing::PrintToString(right) +
                     testing::PrintToString(back));
        Case c;
        const Value a = c.data(stored({2, 3, m, k}, left)), b = c.data(stored({2, 3, n, k}, right));
        c.output(transpose(matmul(transpose(a, left), transpose(b, right), false, true), back));
        expect_as_defined(c);
        if (testing::Test::HasFatalFailure()) return;
      }
  }
}

TEST(TransposedProducts, AttentionCopiesNothing) {
  Case c;
  const Value q = c.data({2, 5, 3, 4}), k = c.data({2, 6, 3, 4}), v = c.data({2, 6, 3, 4});
  const auto heads = [](const Value& x) { return transpose(x, {0, 2, 1, 3}); };
  c.output(transpose(matmul(matmul(heads(q), heads(k), false, true), heads(v)), {0, 2, 1, 3}));
  const Plan plan = compile(c.graph, {"test", 1, {}});
  EXPECT_EQ(steps_of(plan), (std::vector<std::string>{"MatMul transposed", "MatMul transposed"}));
  EXPECT_TRUE(has_step(compile(c.graph, {"test", 1, {"transposes"}}), "Transpose"));
  for (int threads : {1, 2}) expect_as_defined(c, threads);
}

TEST(TransposedProducts, ResultsWithOtherUsersStay) {
  Case c;
  const Value a = c.data({2, 3, 4, 5}), b = c.data({2, 3, 5, 6});
  const Value product = matmul(a, b), turned = transpose(product, {0, 2, 1, 3});
  c.output(turned + 1.0);
  c.output(product * 2.0);
  c.output(transpose(matmul(a, a, false, true), {0, 1, 3, 2}));
  const Value shown = matmul(b, b, true, false);
  c.output(transpose(shown, {0, 3, 2, 1}));
  c.output(shown);
  expect_as_defined(c);
}

// The batch as another dimension than the first, and matrices whose dimensions lie apart, are copied first.
TEST(TransposedProducts, OtherRowsAreCopied) {
  Case c;
  const Value a = c.data({4, 3, 5, 6}), b = c.data({3, 5, 4, 6});
  c.output(matmul(transpose(a, {1, 0, 2, 3}), transpose(b, {0, 2, 1, 3}), false, true));
  const Plan plan = compile(c.graph, {"test", 1, {}});
  EXPECT_TRUE(has_step(plan, "Transpose"));
  EXPECT_TRUE(has_step(plan, "MatMul transposed"));
  expect_as_defined(c);
}

TEST(TransposedProducts, LeadingDimensionsStretch) {
  for (const auto& [left, right] : {std::pair<Shape, Shape>{{2, 3}, {1, 3}},
                                    {{2, 3}, {2, 1}},
                                    {{1, 3}, {2, 1}},
                                    {{1, 1}, {2, 3}},
                                    {{2, 3}, {3}},
                                    {{3}, {2, 3}},
                                    {{}, {2, 3}},
                                    {{1, 1}, {1, 1}},
                                    {{1}, {4, 1}},
                                    {{5, 1, 2}, {3, 1}}}) {
    SCOPED_TRACE(to_string(left) + " with " + to_string(right));
    Case c;
    const Value a = c.data(left.joined({4, 7})), b = c.data(right.joined({9, 7}));
    const Value y = matmul(a, b, false, true);
    c.output(y);
    c.output(matmul(a, transpose(broadcast_to(b, y.shape().with(-2, 9).with(-1, 7)), [&] {
                      std::vector<int> order(static_cast<size_t>(y.rank()));
                      std::iota(order.begin(), order.end(), 0);
                      std::swap(order.back(), order[order.size() - 2]);
                      return order;
                    }())));
    expect_as_defined(c);
  }
  EXPECT_THROW(matmul(input({2, 3, 4}), input({3, 4, 5})), Error);
}

// Both operands stretched along the same dimension: the result is still of full size.
TEST(TransposedProducts, BothStretched) {
  Case c;
  const Value a = c.data({2, 1, 4, 5}), b = c.data({2, 1, 5, 6});
  c.output(matmul(broadcast_to(a, {2, 3, 4, 5}), broadcast_to(b, {2, 3, 5, 6})));
  const Value row = c.data({1, 3, 4, 5}), other = c.data({1, 3, 5, 6});
  c.output(matmul(broadcast_to(row, {7, 3, 4, 5}), broadcast_to(other, {7, 3, 5, 6})));
  expect_as_defined(c);
}

}  // namespace
}  // namespace folio
