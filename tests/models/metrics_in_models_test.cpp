// Metrics inside of models: keys, weights, files, sums that go on.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/formats/keras_model.h"
#include "folio/layers/all.h"
#include "folio/models/model_body.h"
#include "folio/training/metrics.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Tensor numbers(const Shape& shape, uint32_t seed, bool whole = false) {
  Tensor result(shape);
  for (int64_t i = 0; i < result.count(); ++i) {
    seed = seed * 1664525U + 1013904223U;
    result.set(i, whole ? seed >> 31 : (seed >> 8) / static_cast<double>(1 << 24));
  }
  return result;
}

Sequential small() {
  set_random_seed(3);
  return Sequential({Input({3}), Dense(1, {.activation = "sigmoid"})});
}

std::vector<std::string> keys_of(const Logs& logs) {
  std::vector<std::string> keys;
  for (const auto& entry : logs) keys.push_back(entry.first);
  return keys;
}

Data data_for(int64_t rows) {
  Data data{{numbers({rows, 3}, 1)}, {numbers({rows, 1}, 2, true)}};
  data.sample_weight = numbers({rows}, 3);
  return data;
}

TEST(ModelMetrics, HaveKerasKeys) {
  const Sequential model = small();
  model.compile({.loss = "binary_crossentropy",
                 .metrics = {"AUC", "AUC", metrics::AUC(), "acc"},
                 .weighted_metrics = {"AUC", "AUC", "mae", metrics::Precision({.thresholds = {0.2, 0.6}})}});
  EXPECT_EQ(keys_of(model.evaluate(data_for(20), 8)),
            (std::vector<std::string>{"loss", "AUC", "AUC_1", "auc", "acc", "weighted_AUC", "weighted_AUC_1",
                                      "mae", "precision[0]", "precision[1]"}));
}

TEST(ModelMetrics, SeeWeightsWhereAskedTo) {
  const Sequential model = small();
  model.compile({.loss = "mse", .metrics = {"mae"}, .weighted_metrics = {"mae"}});
  const Data data = data_for(30);
  const Logs logs = model.evaluate(data, 8);
  const Tensor p = model.predict(data.x[0]);
  double plain = 0, weighted = 0, weights = 0;
  for (int64_t i = 0; i < 30; ++i) {
    const double error = std::abs(p.at(i) - data.y[0].at(i));
    plain += error, weighted += error * data.sample_weight.at(i), weights += data.sample_weight.at(i);
  }
  EXPECT_NEAR(*find_log(logs, "mae"), plain / 30, 1e-6);
  EXPECT_NEAR(*find_log(logs, "weighted_mae"), weighted / weights, 1e-6);
}

TEST(ModelMetrics, DoNotChangeTraining) {
  const auto trained = [](const Metrics& metrics) {
    const Sequential model = small();
    model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = metrics});
    model.fit(data_for(50), {.batch_size = 16, .epochs = 3, .verbose = 0});
    std::vector<double> weights;
    for (const Tensor& tensor : model.get_weights())
      for (int64_t i = 0; i < tensor.count(); ++i) weights.push_back(tensor.at(i));
    return weights;
  };
  EXPECT_EQ(trained({}), trained({"accuracy", "AUC", "Precision", "Recall", metrics::R2Score(), "F1Score"}));
}

TEST(ModelMetrics, GoOnFromSavedSums) {
  const Sequential model = small();
  model.compile({.loss = "mse", .metrics = {"AUC", "mae"}});
  model.evaluate(data_for(8), 8);
  PlanKey key = model.model().plan_key(Purpose::evaluate);
  key.types = {{{8, 3}, DType::float32}, {{8, 1}, DType::float32}};
  const std::vector<LogEntry> logs = model.model().plans().get(key).logs();
  Totals half(logs), other(logs);
  std::vector<double> sums = half.sums();
  for (size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<double>(i % 7);
  half.restore(sums);
  other.restore(half.sums());
  EXPECT_EQ(half.logs(), other.logs());
  sums.pop_back();
  EXPECT_THROW(half.restore(sums), Error);
}

Json metrics_in(const Model& model, const std::string& name) {
  const TrainingOptions& options = model.training_options();
  const Metrics& metrics = name == "metrics" ? options.metrics : options.weighted_metrics;
  Json all = Json::array();
  for (const Metric& metric : metrics.all) all.push_back(metric.config());
  for (const auto& list : metrics.by_output)
    for (const Metric& metric : list) all.push_back(metric.config());
  for (const auto& [output, list] : metrics.by_name)
    for (const Metric& metric : list) all.push_back(metric.config());
  return all;
}

TEST(ModelMetrics, ComeBackFromFiles) {
  const TemporaryFolder folder;
  for (const char* file : {"m.keras", "m.h5"}) {
    const Sequential model = small();
    model.compile(
        {.loss = "mse",
         .metrics = {"accuracy", metrics::AUC({.num_thresholds = 50, .curve = "PR", .name = "area"}),
                     metrics::MeanIoU(2), metrics::FBetaScore(0.5, {.average = "macro"})},
         .weighted_metrics = {metrics::Recall({.thresholds = {0.25}})}});
    model.save(folder / file);
    const Model loaded = Model::load(folder / file);
    for (const char* name : {"metrics", "weighted_metrics"})
      EXPECT_EQ(metrics_in(loaded, name), metrics_in(model, name)) << file;
    EXPECT_EQ(keys_of(loaded.evaluate(data_for(20), 8)), keys_of(model.evaluate(data_for(20), 8)));
  }
}

TEST(ModelMetrics, OfSeveralOutputs) {
  const Value x = Input({3});
  const Model model({x},
                    {Dense(1, {.activation = "sigmoid", .name = "yes"})(x), Dense(2, {.name = "value"})(x)});
  const Losses losses(std::map<std::string, Loss>{{"yes", "binary_crossentropy"}, {"value", "mse"}});
  Metrics by_output;
  by_output.by_output = {{"accuracy", metrics::AUC()}, {}};
  const std::map<std::string, std::vector<Metric>> by_name = {{"value", {"mae"}}};
  model.compile({.loss = losses, .metrics = by_output, .weighted_metrics = Metrics(by_name)});
  Data data{{numbers({9, 3}, 1)}, {numbers({9, 1}, 2, true), numbers({9, 2}, 4)}};
  const std::vector<std::string> keys = {"loss",         "yes_loss", "value_loss",
                                         "yes_accuracy", "yes_auc",  "value_mae"};
  EXPECT_EQ(keys_of(model.evaluate(data, 4)), keys);
  const TemporaryFolder folder;
  model.save(folder / "m.keras");
  EXPECT_EQ(keys_of(Model::load(folder / "m.keras").evaluate(data, 4)), keys);
  by_output.by_output.pop_back();
  EXPECT_NE(error_of([&] { model.compile({.loss = losses, .metrics = by_output}); }).find("one per output"),
            std::string::npos);
}

TEST(ModelMetrics, TellWhichWayIsBetter) {
  const Value x = Input({3});
  const Model model({x}, {Dense(1, {.activation = "sigmoid", .name = "sensor2"})(x),
                          Dense(1, {.activation = "sigmoid", .name = "shelf1"})(x)});
  model.compile({.loss = "mse",
                 .metrics = {"mae", metrics::AUC({.curve = "PR", .name = "prc"})},
                 .weighted_metrics = {"mae"}});
  const Directions expected = {{"loss", false},
                               {"sensor2_loss", false},
                               {"shelf1_loss", false},
                               {"sensor2_mae", false},
                               {"sensor2_weighted_mae", false},
                               {"shelf1_mae", false},
                               {"sensor2_prc", true},
                               {"shelf1_prc", true},
                               {"shelf1_weighted_mae", false}};
  EXPECT_EQ(directions_of(model.model()), expected);
  Data data{{numbers({9, 3}, 1)}, {numbers({9, 1}, 2, true), numbers({9, 1}, 4, true)}};
  data.sample_weight = numbers({9}, 3);
  Directions logged;
  for (const auto& [name, value] : model.evaluate(data, 4)) logged[name] = expected.at(name);
  EXPECT_EQ(logged, expected) << "what is reported is what was announced";
}

}  // namespace
}  // namespace folio
