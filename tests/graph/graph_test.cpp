// Graphs as texts and drawings, and what building one checks.
#include "folio/graph/graph.h"

#include <gtest/gtest.h>

#include "folio/base/error.h"
#include "folio/ops/convolution.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/pooling.h"
#include "folio/ops/reduce.h"
#include "tests/graph/dot_check.h"

namespace folio {
namespace {

struct Example {
  Parameter kernel{"dense/kernel", Tensor({4, 2})}, bias{"dense/bias", Tensor({2})};
  Value x = input({3, 4}, DType::float32, "pixels");
  Graph graph;
  Example() {
    const Scope model("model");
    Value y;
    {
      const Scope layer("dense");
      y = relu(matmul(x, kernel) + bias);
    }
    graph = {{x}, {y * 2.0}, {{bias, bias - sum(y, {0})}}};
  }
};

TEST(Graph, PrintsOneLineForEachNode) {
  EXPECT_EQ(print(Example().graph),
            "%0 = Input() {pixels} float32 (3, 4)\n"
            "%1 = MatMul(%0, dense/kernel) float32 (3, 2)   # model/dense\n"
            "%2 = Add(%1, dense/bias) float32 (3, 2)   # model/dense\n"
            "%3 = Relu(%2) float32 (3, 2)   # model/dense\n"
            "%4 = Multiply(%3, 2) float32 (3, 2)   # model\n"
            "%5 = Sum(%3) {axes 0} float32 (2,)   # model\n"
            "%6 = Subtract(dense/bias, %5) float32 (2,)   # model\n"
            "return %4\n"
            "dense/bias <- %6\n");
}

TEST(Graph, PrintsNodesOfSeveralOutputs) {
  const Value x = input({1, 4, 4, 1}, DType::float32, "x");
  const Value places = apply(std::make_shared<MaxPoolOp>(PoolingOptions{}), {x})[1];
  EXPECT_EQ(print({{x}, {places}, {}}),
            "%0 = Input() {x} float32 (1, 4, 4, 1)\n"
            "%1 = MaxPool(%0) {2x2 stride 2x2 valid} float32 (1, 2, 2, 1) uint8 (1, 2, 2, 1)\n"
            "return %1.1\n");
}

TEST(Graph, DrawsWhatDotUnderstands) {
  const Example example;
  const std::string text = draw(example.graph);
  expect_valid_dot(text);
  for (const char* part : {"model/dense\\nMatMul\\n(3, 2)", "dense/kernel\\n(4, 2)"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  // Names with quotes and backslashes, gradients, and an empty shape.
  const Scope scope("a \"quoted\" \\ layer");
  const Parameter odd("odd \"name\" {", Tensor({4, 2}));
  const Value loss = mean(square(matmul(example.x, odd)));
  expect_valid_dot(draw({{example.x}, {loss}, {{odd, gradients(loss, {odd})[0]}}}));
}

TEST(Graph, GradientsCarryTheScopeOfTheirLayer) {
  const Example example;
  const Value dy = gradients(example.graph.outputs[0], {example.kernel})[0];
  EXPECT_EQ(dy.node().scope, "model/dense/gradient");
}

TEST(Graph, NodesStandBehindWhatTheyNeed) {
  const Example example;
  std::vector<const Node*> seen;
  for (const Node* node : example.graph.nodes()) {
    for (const Value& value : node->inputs)
      EXPECT_NE(std::find(seen.begin(), seen.end(), &value.node()), seen.end());
    EXPECT_EQ(std::find(seen.begin(), seen.end(), node), seen.end());
    seen.push_back(node);
  }
}

TEST(Graph, DeepGraphsDoNotExhaustTheStack) {
  Value y = input({1}, DType::float32, "x");
  const Value x = y;
  for (int i = 0; i < 300000; ++i) y = y + x;
  EXPECT_EQ((Graph{{x}, {y}, {}}.nodes().size()), 300001u);
  EXPECT_TRUE(gradients(y, {x})[0].defined());
}

TEST(Graph, MissingInputsAreNamed) {
  Example example;
  example.graph.inputs.clear();
  try {
    example.graph.nodes();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("\"pixels\""), std::string::npos) << error.what();
  }
}

TEST(Graph, ScopesNestAndEnd) {
  EXPECT_EQ(Scope::path(), "");
  {
    const Scope outer("outer");
    {
      const Scope inner("inner");
      EXPECT_EQ(Scope::path(), "outer/inner");
    }
    EXPECT_EQ(Scope::path(), "outer");
  }
  EXPECT_EQ(Scope::path(), "");
}

TEST(Graph, UndefinedValuesAreOurMistake) { EXPECT_THROW(relu(Value()), InternalError); }

}  // namespace
}  // namespace folio
