// The numbers of a look against the same numbers taken by hand.
#include "folio/analysis/layer_statistics.h"

#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "tests/analysis/illnesses.h"

namespace folio {
namespace {

const LayerReport& layer(const LayerStatistics& statistics, const std::string& name) {
  for (const LayerReport& report : statistics.layers)
    if (report.layer == name) return report;
  throw Error("no layer " + name);
}

// One row, one input of 2, weights that can be followed on paper.
Sequential by_hand() {
  Sequential model({Input({1}), Dense(2, {.activation = "relu", .name = "hidden"}),
                    Dense(1, {.use_bias = false, .name = "out"})});
  model.layer("hidden").set_weights({Tensor::of<float>({1, 2}, {3, -1}), Tensor::of<float>({2}, {0, 0})});
  model.layer("out").set_weights({Tensor::of<float>({2, 1}, {1, 5})});
  model.compile({.optimizer = SGD(0.1), .loss = "mse"});
  return model;
}

TEST(Inspect, GivesTheNumbersOfThePaper) {
  // x = 2: hidden (6, 0), out 6; with y = 5 the loss is 1 and its slope 2.
  const LayerStatistics statistics =
      inspect(by_hand(), {Tensor::of<float>({1, 1}, {2}), Tensor::of<float>({1, 1}, {5})});
  EXPECT_FLOAT_EQ(static_cast<float>(statistics.loss), 1);
  EXPECT_EQ(statistics.rows, 1);
  ASSERT_EQ(statistics.layers.size(), 2U);
  const LayerReport& hidden = layer(statistics, "hidden");
  EXPECT_EQ(hidden.activation, "relu");
  EXPECT_EQ(hidden.units, 2);
  EXPECT_EQ(hidden.dead_units, 1);
  EXPECT_EQ(hidden.active, (std::vector<uint8_t>{1, 0}));
  EXPECT_DOUBLE_EQ(hidden.mean, 3);
  EXPECT_DOUBLE_EQ(hidden.deviation, 3);
  EXPECT_DOUBLE_EQ(hidden.zeros, 0.5);
  EXPECT_NEAR(hidden.output_gradient, std::hypot(2, 10), 1e-5);   // slope * (1, 5)
  EXPECT_NEAR(hidden.gradient_norm, std::hypot(2 * 2, 2), 1e-6);  // kernel x * 2, bias 2; the other is dead
  EXPECT_NEAR(hidden.weight_norm, std::hypot(3, 1), 1e-6);
  EXPECT_NEAR(hidden.update_ratio(), 0.1 * hidden.gradient_norm / hidden.weight_norm, 1e-6);
  const LayerReport& out = layer(statistics, "out");
  EXPECT_TRUE(out.is_output);
  EXPECT_NEAR(out.output_gradient, 2, 1e-6);
  EXPECT_NEAR(out.gradient_norm, 12, 1e-5);
  EXPECT_EQ(out.trained, 2);
}

TEST(Inspect, ChangesNothing) {
  set_random_seed(3);
  const Sequential model =
      classifier(8, 3, {Dense(16, {.activation = "relu"}), BatchNormalization(), Dropout(0.5)});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  const auto before = model.get_weights();
  inspect(model, blobs(40, 8, 3));
  const auto after = model.get_weights();
  for (size_t i = 0; i < before.size(); ++i)
    for (int64_t k = 0; k < before[i].count(); ++k) EXPECT_EQ(before[i].at(k), after[i].at(k));
  EXPECT_EQ(model.optimizer()->iterations().value().at(0), 0);
}

TEST(Inspect, PredictsTheStepThatTrainingTakes) {
  for (const Optimizer& optimizer : {Optimizer(SGD(0.1)), Optimizer(Adam(0.01)), Optimizer(SGD(0.1, 0.9))}) {
    set_random_seed(3);
    const Sequential model = classifier(8, 3, {Dense(16, {.activation = "tanh", .name = "hidden"})});
    model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy"});
    const Data data = blobs(40, 8, 3);
    const LayerReport expected = layer(inspect(model, data), "hidden");
    const auto before = model.layer("hidden").get_weights();
    model.train_on_batch(data);
    const auto after = model.layer("hidden").get_weights();
    double squares = 0;
    for (size_t i = 0; i < before.size(); ++i)
      for (int64_t k = 0; k < before[i].count(); ++k)
        squares += std::pow(after[i].at(k) - before[i].at(k), 2);
    EXPECT_NEAR(std::sqrt(squares), expected.update_norm, 1e-5 * expected.update_norm + 1e-7);
  }
}

TEST(Inspect, LooksInsideInnerModels) {
  set_random_seed(3);
  const Value x = Input({8});
  const Value inner = Dense(4, {.activation = "sigmoid", .name = "inside"})(x);
  const Model base(x, inner, "base");
  const Value outer = Input({8});
  const Model model(outer, Dense(3, {.activation = "softmax", .name = "outside"})(base(outer)));
  base.set_trainable(false);
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  const LayerStatistics statistics = inspect(model, blobs(40, 8, 3));
  ASSERT_EQ(statistics.layers.size(), 2U);
  EXPECT_EQ(layer(statistics, "inside").activation, "sigmoid");
  EXPECT_EQ(layer(statistics, "inside").trained, 0);
  EXPECT_GT(layer(statistics, "outside").gradient_norm, 0);
}

TEST(Inspect, SeparatesPenaltiesFromTheLoss) {
  set_random_seed(3);
  const Sequential model(
      {Input({8}),
       Dense(3, {.activation = "softmax", .kernel_regularizer = Regularizer::l2(0.5), .name = "out"})});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  const LayerStatistics statistics = inspect(model, blobs(40, 8, 3));
  const double norm = layer(statistics, "out").weight_norm;  // biases are 0
  EXPECT_NEAR(statistics.penalty, 0.5 * norm * norm, 1e-5);
  EXPECT_NEAR(statistics.loss, model.evaluate(blobs(40, 8, 3), 40)[0].second, 1e-5);
}

TEST(Inspect, PrintsATable) {
  const std::string table =
      inspect(by_hand(), {Tensor::of<float>({1, 1}, {2}), Tensor::of<float>({1, 1}, {5})}).table();
  EXPECT_NE(table.find("hidden"), std::string::npos);
  EXPECT_NE(table.find("1 of 2"), std::string::npos) << table;
  EXPECT_NE(table.find("loss 1 on 1 rows"), std::string::npos) << table;
}

TEST(Inspect, RefusesWhatFitRefuses) {
  const Sequential model = classifier(8, 3, {Dense(4)});
  EXPECT_THROW(inspect(model, blobs(40, 8, 3)), Error);  // not compiled
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  EXPECT_THROW(inspect(model, blobs(40, 7, 3)), Error);
}

}  // namespace
}  // namespace folio
