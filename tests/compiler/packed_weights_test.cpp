// Weights that products see in another shape have packed copies too, which follow every update.
#include <gtest/gtest.h>

#include <algorithm>

#include "folio/compiler/compile.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

int64_t count_steps(const Plan& plan, const std::string& name) {
  const auto& steps = plan.contents().steps;
  return std::count_if(steps.begin(), steps.end(),
                       [&](const Step& step) { return step.kernel->name() == name; });
}

/// Three steps of gradient descent on heads (20, 2, 8) and what brings them together, (2, 8, 12).
std::vector<Tensor> trained(const PlanOptions& options, int64_t* packed = nullptr) {
  RandomNumbers random(4);
  Parameter heads("heads", random.tensor({20, 2, 8}, -1, 1, DType::float32));
  Parameter together("together", random.tensor({2, 8, 12}, -1, 1, DType::float32));
  const Tensor data = random.tensor({32, 20}, -1, 1, DType::float32);
  const Value x = input({32, 20});
  const Value hidden = tanh(matmul(x, reshape(Value(heads), {20, 16})));
  const Value loss = mean(square(matmul(hidden, reshape(Value(together), {16, 12})) - 0.5));
  const Values slopes = gradients(loss, {Value(heads), Value(together)});
  const Graph graph{
      {x}, {loss}, {{heads, Value(heads) - 0.5 * slopes[0]}, {together, Value(together) - 0.5 * slopes[1]}}};
  const Plan plan = compile(graph, options);
  if (packed) *packed = count_steps(plan, "MatMul packed");
  std::vector<Tensor> results;
  for (int step = 0; step < 3; ++step) results.push_back(plan({data})[0]);
  results.push_back(heads.value());
  results.push_back(together.value());
  return results;
}

TEST(PackedWeights, AreSeenThroughReshapes) {
  int64_t packed = 0;
  const std::vector<Tensor> got = trained({"test", 2, {}}, &packed), wanted = trained(definitions_only());
  EXPECT_EQ(packed, 3);  // both products, and what the second sends back
  for (size_t i = 0; i < wanted.size(); ++i)
    for (int64_t e = 0; e < wanted[i].count(); ++e) ASSERT_NEAR(got[i].at(e), wanted[i].at(e), 2e-6) << i;
  EXPECT_LT(got[2].at(0), got[0].at(0));
}

}  // namespace
}  // namespace folio
