#include "folio/layers/regularization/dropout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

const Tensor& ones() {
  static const Tensor x = Tensor::filled({100, 50}, 1);
  return x;
}

TEST(DropoutLayer, PassesInputsOnWhenNotTraining) {
  const Tensor x = floats({1, 3}, {1, -2, 3});
  EXPECT_EQ(list(run_layer(Dropout(0.9), {x})), list(x));
  EXPECT_EQ(list(run_layer(Dropout(0), {x}, {.training = true})), list(x));
}

TEST(DropoutLayer, DropsTheRateAndKeepsTheMean) {
  const auto y = list(run_layer(Dropout(0.25), {ones()}, {.training = true}));
  int dropped = 0;
  for (float v : y) {
    if (v == 0)
      ++dropped;
    else
      ASSERT_FLOAT_EQ(v, 1 / 0.75F);
  }
  // Five standard deviations of a binomial count.
  EXPECT_NEAR(dropped, 1250, 5 * std::sqrt(5000 * 0.25 * 0.75));
}

TEST(DropoutLayer, RepeatsForTheSameSeedAndStep) {
  const Dropout layer(0.5);
  const auto run = [&](const Layer& which, int64_t step, uint64_t seed) {
    return list(run_layer(which, {ones()}, {.training = true, .step = step, .seed = seed}));
  };
  EXPECT_EQ(run(layer, 1, 5), run(layer, 1, 5));
  EXPECT_NE(run(layer, 1, 5), run(layer, 2, 5));
  EXPECT_NE(run(layer, 1, 5), run(layer, 1, 6));
  // A seed of its own makes it independent of the model's.
  const Dropout own(0.5, {.seed = 9});
  EXPECT_EQ(run(own, 1, 5), run(own, 1, 6));
  EXPECT_EQ(run(own, 1, 5), run(layer, 1, 9));
}

TEST(DropoutLayer, EveryCallIsAPlaceOfItsOwn) {
  const Dropout layer(0.5);
  const Value x = input({kUnknown, 50}), y = layer(x), z = layer(y);
  for (const bool training : {false, true}) {
    Effects effects;
    const Value actual = input({100, 50}), step = input({}, DType::int64);
    const Values outputs =
        retrace({y, z}, {x}, {.inputs = {actual}, .training = training, .step = step}, effects).values;
    EXPECT_EQ(effects.next_site, 2U) << "places are counted in every mode";
    if (!training) continue;
    const auto results = compile({{actual, step}, outputs, {}})({ones(), Tensor::of<int64_t>({}, {0})});
    // Both masks together leave a quarter; one mask twice would leave a half.
    int kept = 0;
    for (float v : list(results[1])) kept += v != 0;
    EXPECT_NEAR(kept, 1250, 5 * std::sqrt(5000 * 0.25 * 0.75));
  }
}

TEST(DropoutLayer, HasNothingToLearn) { EXPECT_TRUE(Dropout(0.5).weights().empty()); }

TEST(DropoutLayer, ExplainsRatesThatMakeNoSense) {
  EXPECT_EQ(error_of([] { Dropout(1); }), "Dropout: rate: expected at least 0 and below 1, got 1");
  EXPECT_EQ(error_of([] { Dropout(-0.1); }), "Dropout: rate: expected at least 0 and below 1, got -0.1");
  EXPECT_EQ(error_of([] { from_config<Dropout>(Json::object(), "d", "m"); }),
            "m: rate: expected a number, got null");
  EXPECT_NE(error_of([] { from_config<Dropout>({{"rate", 0.5}, {"noise_shape", {1, 2}}}, "d", "m"); }), "");
}

}  // namespace
}  // namespace folio
