// Slopes where formulas have corners: rectifiers and padding put many elements exactly there.
#include "folio/training/loss.h"

#include <gtest/gtest.h>

#include "folio/compiler/compile.h"
#include "folio/ops/activations.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

TEST(BinaryCrossentropy, HasTheSlopeOfSigmoidAtZero) {
  const Value z = input({2, 1}), y = input({2, 1});
  const Tensor zero({2, 1}), targets = Tensor::of<float>({2, 1}, {1, 0});
  for (const Value& loss : {binary_crossentropy(true)(y, z), binary_crossentropy()(y, sigmoid(z))})
    for (const PlanOptions& options : {definitions_only(), PlanOptions{"test", 1, {}}}) {
      const Tensor slope = compile({{z, y}, {gradients(loss, {z})[0]}, {}}, options)({zero, targets})[0];
      EXPECT_FLOAT_EQ(static_cast<float>(slope.at(0)), -0.25f);
      EXPECT_FLOAT_EQ(static_cast<float>(slope.at(1)), 0.25f);
    }
}

TEST(Activations, HaveKerasSlopesAtZero) {
  const Value x = input({1});
  const auto slope = [&](const Value& y) {
    return compile({{x}, {gradients(sum(y), {x})[0]}, {}}, {"test", 1, {}})({Tensor({1})})[0].at(0);
  };
  EXPECT_EQ(slope(relu(x)), 0);
  EXPECT_EQ(slope(elu(x, 1)), 1);
  EXPECT_EQ(slope(leaky_relu(x, 0.3)), 1);
  EXPECT_EQ(slope(softplus(x)), 0.5);
}

}  // namespace
}  // namespace folio
