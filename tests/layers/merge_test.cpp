#include "folio/layers/merging/merge.h"

#include <gtest/gtest.h>

#include "folio/layers/core/dense.h"
#include "folio/layers/merging/concatenate.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/slice.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

const LayerCallOp* call_of(const Value& value) { return op_cast<LayerCallOp>(value); }

TEST(MergeLayers, CombineElementByElement) {
  const Tensor a = floats({1, 3}, {1, 2, 3}), b = floats({1, 3}, {4, -5, 6}), c = floats({1, 3}, {1, 0, 3});
  EXPECT_EQ(list(run_layer(Add(), {a, b, c})), (Floats{6, -3, 12}));
  EXPECT_EQ(list(run_layer(Subtract(), {a, b})), (Floats{-3, 7, -3}));
  EXPECT_EQ(list(run_layer(Multiply(), {a, b, c})), (Floats{4, 0, 54}));
  EXPECT_EQ(list(run_layer(Average(), {a, b})), (Floats{2.5, -1.5, 4.5}));
  EXPECT_EQ(list(run_layer(Maximum(), {a, b, c})), (Floats{4, 2, 6}));
  EXPECT_EQ(list(run_layer(Minimum(), {a, b, c})), (Floats{1, -5, 3}));
}

TEST(MergeLayers, StretchSizesOfOneAndLeaveTheBatchInFront) {
  const Value rows = input({kUnknown, 3}), series = input({kUnknown, kUnknown, 3});
  EXPECT_EQ(Add()({series, rows}).shape(), (Shape{kUnknown, kUnknown, 3}));
  EXPECT_EQ(Multiply()({input({kUnknown, 4, 1}), input({kUnknown, 1, 5})}).shape(), (Shape{kUnknown, 4, 5}));
  // Two examples: each row meets its own series, not the other's.
  const Tensor x = floats({2, 2, 1}, {1, 2, 3, 4}), y = floats({2, 1}, {10, 20});
  EXPECT_EQ(list(run_layer(Add(), {x, y})), (Floats{11, 12, 23, 24}));
}

TEST(MergeLayers, HaveFunctionsThatMakeAndCallThem) {
  const Value a = Dense(4)(input({kUnknown, 3})), b = Dense(4)(input({kUnknown, 5}));
  for (const auto& [value, name] : std::vector<std::pair<Value, std::string>>{{add({a, b}), "Add"},
                                                                              {subtract({a, b}), "Subtract"},
                                                                              {multiply({a, b}), "Multiply"},
                                                                              {average({a, b}), "Average"},
                                                                              {maximum({a, b}), "Maximum"},
                                                                              {minimum({a, b}), "Minimum"}}) {
    ASSERT_NE(call_of(value), nullptr) << name;
    EXPECT_EQ(call_of(value)->layer()->class_name(), name);
    EXPECT_EQ(value.shape(), (Shape{kUnknown, 4}));
  }
  EXPECT_EQ(call_of(add({a, b}, {.name = "shortcut"}))->layer()->name(), "shortcut");
}

TEST(MergeLayers, ExplainMisfits) {
  const Value a = input({kUnknown, 3}), b = input({kUnknown, 4});
  EXPECT_EQ(
      error_of([&] {
        add({a, b}, {.name = "sum"});
      }),
      "Add \"sum\": inputs of (None, 3) and (None, 4) do not fit; their sizes must be equal or 1: bring them "
      "there with Dense, Conv2D or Reshape");
  EXPECT_EQ(error_of([&] { Multiply({.name = "m"})(a); }),
            "Multiply \"m\": expects at least 2 inputs, got 1; call it with a list: Multiply()({a, b})");
  EXPECT_EQ(error_of([&] {
              Subtract({.name = "s"})({a, a, a});
            }),
            "Subtract \"s\": expects exactly 2 inputs, got 3; call it with a list: Subtract()({a, b})");
}

TEST(ConcatenateLayer, PutsInputsBehindEachOther) {
  const Tensor a = floats({2, 2}, {1, 2, 3, 4}), b = floats({2, 1}, {9, 8});
  EXPECT_EQ(list(run_layer(Concatenate(), {a, b})), (Floats{1, 2, 9, 3, 4, 8}));
  const Value open = input({kUnknown, kUnknown, 3});
  EXPECT_EQ(Concatenate()({open, open}).shape(), (Shape{kUnknown, kUnknown, 6}));
  EXPECT_EQ(Concatenate({.axis = 1})({open, open}).shape(), (Shape{kUnknown, kUnknown, 3}));
}

TEST(ConcatenateLayer, IsWhatBracesMean) {
  const Value a = Dense(4)(input({kUnknown, 3})), b = Dense(2)(input({kUnknown, 5}));
  const Value merged = concatenate({a, b});
  ASSERT_NE(call_of(merged), nullptr);
  EXPECT_EQ(call_of(merged)->layer()->class_name(), "Concatenate");
  EXPECT_EQ(merged.shape(), (Shape{kUnknown, 6}));
  EXPECT_EQ(call_of(concatenate({a, b}, {.name = "both"}))->layer()->name(), "both");
  EXPECT_NE(call_of(concatenate({a, b}, 1)), nullptr);
  // A list that is there already goes to the op, as layers themselves use it.
  const Values values{a, b};
  EXPECT_EQ(call_of(concatenate(values)), nullptr);
  EXPECT_EQ(concatenate(values).shape(), (Shape{kUnknown, 6}));
}

TEST(ConcatenateLayer, ExplainsMisfits) {
  const Value a = input({kUnknown, 3, 2}), b = input({kUnknown, 4, 2});
  EXPECT_EQ(error_of([&] {
              concatenate({a, b}, {.name = "c"});
            }),
            "Concatenate \"c\": inputs of (None, 3, 2) and (None, 4, 2) differ in more than dimension -1; "
            "bring them "
            "to the same sizes with Flatten, Reshape, pooling or padding");
  EXPECT_EQ(error_of([&] {
              concatenate({a, b}, {.axis = 3, .name = "c"});
            }),
            "Concatenate \"c\": axis 3 does not exist in an input of (None, 3, 2); expected -3 to 2");
}

}  // namespace
}  // namespace folio
