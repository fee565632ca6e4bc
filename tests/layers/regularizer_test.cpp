// Penalties: to and from Keras' config, and in the training loss.
#include "folio/layers/weights/regularizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/models/model.h"
#include "folio/models/model_body.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

TEST(Regularizers, ReadWhatKerasWrites) {
  const auto config_of = [](const Json& config) { return Regularizer::from_config(config).config(); };
  EXPECT_TRUE(config_of(nullptr).is_null());
  EXPECT_EQ(config_of("l2")["config"].dump(), R"({"l2":0.01})");
  EXPECT_EQ(config_of("L1")["config"].dump(), R"({"l1":0.01})");
  EXPECT_EQ(config_of("l1l2")["config"].dump(), R"({"l1":0.0,"l2":0.0})");
  const Json both = Regularizer::l1_l2(0.5, 0.25).config();
  EXPECT_EQ(config_of(both), both);
  EXPECT_EQ(error_of([&] { config_of("l1_l2"); }),
            "regularizer: expected one of l1, l2, L1L2, got \"l1_l2\"");
  EXPECT_EQ(error_of([&] {
              config_of({{"class_name", "L1"}, {"config", {{"l1", "much"}}}});
            }),
            "regularizer: l1: expected a number, got \"much\"");
}

// Keras 3.12 gives 6.783 and 6.723 for the same model: its penalty on outputs, 2.988, is a sum, which Keras
// divides by the batch since 3.14.
TEST(Regularizers, AreCountedInTheLoss) {
  Tensor x({4, 3});
  for (int64_t i = 0; i < 12; ++i) x.set(i, static_cast<double>(i) / 10);
  const Data data{x, Tensor({4, 2})};
  const Dense layer(2, {.kernel_initializer = "ones",
                        .kernel_regularizer = Regularizer::l1(0.01),
                        .bias_regularizer = "l2",
                        .activity_regularizer = Regularizer::l2(0.1)});
  const Model model = Sequential({Input({3}), layer});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  constexpr double kPenalty = 2.988, kRows = 4;
  EXPECT_NEAR(model.evaluate(data)[0].second, 6.783 - kPenalty + kPenalty / kRows, 1e-5);
  // What is not trained is not penalized; the outputs still are.
  layer.set_trainable(false);
  EXPECT_NEAR(model.evaluate(data)[0].second, 6.723 - kPenalty + kPenalty / kRows, 1e-5);
  layer.set_trainable(true);
  EXPECT_NEAR(model.train_on_batch(data)[0].second, 6.783 - kPenalty + kPenalty / kRows, 1e-5);
  // A model of Keras 3.12, as its files say.
  layer.set_weights({Tensor::filled({3, 2}, 1), Tensor({2})});
  model.model().mean_activity_penalties = false;
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_NEAR(model.evaluate(data)[0].second, 6.783, 1e-5);
}

TEST(Regularizers, CountSharedWeightsOnceAndEveryCall) {
  const Dense layer(1, {.use_bias = false,
                        .kernel_initializer = "ones",
                        .kernel_regularizer = Regularizer::l2(3),
                        .activity_regularizer = Regularizer::l1(1)});
  const Value x = Input({1});
  const Model model(x, layer(layer(x)));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_NEAR(model.evaluate({floats({1, 1}, {2}), floats({1, 1}, {2})})[0].second, 3 + 2 + 2, 1e-6);
}

}  // namespace
}  // namespace folio
