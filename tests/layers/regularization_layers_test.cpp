// Noise, dropped channels and penalties on outputs.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/layers/core/input_layer.h"
#include "folio/layers/regularization/activity_regularization.h"
#include "folio/layers/regularization/noise.h"
#include "folio/layers/regularization/spatial_dropout.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

struct Spread {
  double mean = 0, deviation = 0;
};

Spread spread_of(const Tensor& tensor) {
  double total = 0, squares = 0;
  const auto n = static_cast<double>(tensor.count());
  for (int64_t i = 0; i < tensor.count(); ++i) total += tensor.at(i), squares += tensor.at(i) * tensor.at(i);
  return {total / n, std::sqrt(squares / n - total / n * total / n)};
}

TEST(NoiseLayers, HaveTheMeanAndDeviationThatTheySay) {
  const Tensor twos = Tensor::filled({200, 50}, 2);
  const auto of = [&](const Layer& layer) { return spread_of(run_layer(layer, {twos}, {.training = true})); };
  const Spread added = of(GaussianNoise(0.5)), multiplied = of(GaussianDropout(0.2));
  // Five standard deviations of a mean of 10000.
  EXPECT_NEAR(added.mean, 2, 5 * 0.5 / 100);
  EXPECT_NEAR(added.deviation, 0.5, 0.02);
  EXPECT_NEAR(multiplied.mean, 2, 5 * 1.0 / 100);
  EXPECT_NEAR(multiplied.deviation, 1, 0.04);
}

TEST(NoiseLayers, AlphaDropoutKeepsMeanAndVariance) {
  const GaussianNoise standard(1, {.seed = 1});
  const Tensor x = run_layer(standard, {Tensor({300, 100})}, {.training = true});
  const Spread after = spread_of(run_layer(AlphaDropout(0.3, {.seed = 2}), {x}, {.training = true}));
  EXPECT_NEAR(after.mean, 0, 0.04);
  EXPECT_NEAR(after.deviation, 1, 0.04);
}

TEST(NoiseLayers, ExplainMisfits) {
  EXPECT_EQ(error_of([] { GaussianNoise(1.5); }), "GaussianNoise: stddev: expected 0 to 1, got 1.5");
  EXPECT_EQ(error_of([] { GaussianDropout(1); }),
            "GaussianDropout: rate: expected at least 0 and below 1, got 1");
  EXPECT_EQ(error_of([] { AlphaDropout(-0.1); }),
            "AlphaDropout: rate: expected at least 0 and below 1, got -0.1");
  EXPECT_EQ(error_of([] { from_config<GaussianNoise>(Json::object(), "g", "m"); }),
            "m: stddev: expected a number, got null");
}

TEST(SpatialDropoutLayers, DropWholeChannels) {
  const Tensor ones = Tensor::filled({20, 3, 2, 10}, 1);
  const Tensor y = run_layer(SpatialDropout2D(0.5), {ones}, {.training = true});
  int dropped = 0;
  for (int64_t example = 0; example < 20; ++example)
    for (int64_t channel = 0; channel < 10; ++channel) {
      const double first = y.at(example * 60 + channel);
      dropped += first == 0;
      EXPECT_TRUE(first == 0 || first == 2);
      for (int64_t place = 1; place < 6; ++place) ASSERT_EQ(y.at(example * 60 + place * 10 + channel), first);
    }
  EXPECT_NEAR(dropped, 100, 5 * std::sqrt(200 * 0.25));
}

TEST(SpatialDropoutLayers, ExplainMisfits) {
  EXPECT_EQ(
      error_of([] {
        SpatialDropout1D(0.5, {.name = "s"})(input({kUnknown, 3}));
      }),
      "SpatialDropout1D \"s\": expects 3 dimensions (batch, steps, channels), got (None, 3); add Reshape "
      "before it");
  EXPECT_EQ(error_of([] { SpatialDropout3D(1); }),
            "SpatialDropout3D: rate: expected at least 0 and below 1, got 1");
}

TEST(ActivityRegularizationLayer, AddsToTheLoss) {
  const Tensor x = floats({2, 2}, {1, -2, 3, -4});
  const Model model = Sequential({Input({2}), ActivityRegularization({.l1 = 0.5, .l2 = 0.25})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  // Of a batch of two, as Keras since 3.14 has it.
  EXPECT_NEAR(model.evaluate({x, x})[0].second, (0.5 * 10 + 0.25 * 30) / 2, 1e-5);
}

}  // namespace
}  // namespace folio
