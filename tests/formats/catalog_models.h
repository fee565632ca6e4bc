// A model for every row of every catalogue, to go through files: here, and in KerasFile.WritesForKeras.
#pragma once
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "folio/folio.h"
#include "folio/formats/keras_texts.h"
#include "folio/layers/catalog.h"
#include "folio/ops/activations.h"
#include "folio/training/ctc.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_samples.h"

namespace folio {

struct CatalogModel {
  std::string name;
  Model model;
  std::vector<Tensor> inputs, targets;  ///< targets of compiled models
};

inline constexpr int64_t kCatalogRows = 4;

/// Numbers that differ; whole ones below `vocabulary` if that is given.
inline Tensor catalog_input(const Shape& shape, double shift = 0, int64_t vocabulary = 0) {
  Tensor input(shape.with(0, kCatalogRows));
  for (int64_t i = 0; i < input.count(); ++i)
    input.set(i, vocabulary ? static_cast<double>(i % vocabulary)
                            : static_cast<double>((i * 7 + 3) % 23) / 16 - 0.5 + shift);
  return input;
}

/// Many layers side by side, each with inputs and outputs of its own.
class SideBySide {
 public:
  explicit SideBySide(std::string name) : name_(std::move(name)) {}
  void add(const Layer& layer, const std::vector<Shape>& shapes, double shift = 0) {
    Values given;
    for (const Shape& shape : shapes) {
      given.push_back(Input(shape.from(1)));
      inputs_.push_back(catalog_input(shape, shift, layer.body().vocabulary()));
    }
    ends_.insert(ends_.end(), given.begin(), given.end());
    CallOptions call;
    // Keras gives cells their states in a list of their own.
    if (dynamic_cast<const CellBody*>(&layer.body())) {
      call.others.emplace("states", Values(given.begin() + 1, given.end()));
      given.resize(1);
    }
    for (const Value& output : layer.call(given, call)) outputs_.push_back(output);
  }
  bool empty() const { return outputs_.empty(); }
  CatalogModel done() const { return {name_, Model(ends_, outputs_, name_), inputs_, {}}; }

 private:
  std::string name_;
  std::vector<Tensor> inputs_;
  Values ends_, outputs_;
};

/// All samples of layers, a few to a model. Those with settings that came late to Keras are in a file named
/// after the version.
inline std::vector<CatalogModel> models_of_layers() {
  constexpr size_t kLayersOfAModel = 8;
  std::vector<CatalogModel> models;
  SideBySide late("since_3.15"), early("until_3.12"), normal("since_3.9");
  SideBySide group("layers_0");
  size_t in_group = 0;
  for (const LayerSample& sample : layer_samples()) {
    const Layer layer = sample.make();
    if (layer.class_name() == "InputLayer") continue;  // every model has some
    // TensorFlow alone runs them (keras_texts_test.cpp).
    if (looks_tokens_up(layer.class_name())) continue;
    if (layer.class_name() == "StackedRNNCells")
      continue;  // alone it has states in lists in a list; RNN has some
    if (!layer.body().config().value("output_padding", Json()).is_null()) {
      late.add(layer, sample.inputs, sample.shift);
      continue;
    }
    // A mean that is stretched over the dimensions behind the axis is what newer versions no longer take.
    if (layer.body().config().value("mean", Json()).is_array()) {
      early.add(layer, sample.inputs, sample.shift);
      continue;
    }
    // The old name of another formula, of which Keras warns.
    if (layer.body().config().value("rms_scaling", false)) continue;
    if (layer.class_name() == "RMSNormalization") {
      normal.add(layer, sample.inputs, sample.shift);
      continue;
    }
    group.add(layer, sample.inputs, sample.shift);
    if (++in_group % kLayersOfAModel > 0) continue;
    models.push_back(group.done());
    group = SideBySide(fmt::format("layers_{}", models.size()));
  }
  const auto inner = [] {
    return Sequential({Input({3}), Dense(2, {.activation = "tanh"}), BatchNormalization()});
  };
  if (!group.empty()) models.push_back(group.done());
  for (const SideBySide* some : {&late, &early, &normal})
    if (!some->empty()) models.push_back(some->done());
  SideBySide inside("since_3.4");
  inside.add(TimeDistributed(inner()), {{4, 2, 3}});
  inside.add(TimeDistributed(Layer(TimeDistributed(inner()))), {{4, 2, 2, 3}});
  models.push_back(inside.done());
  return models;
}

/// A small classifier in the middle of its training. Its targets are probabilities, or class numbers where
/// the loss or the metrics want those.
inline CatalogModel trained(const std::string& name, const TrainingOptions& options, bool class_numbers) {
  const Sequential model({Input({3}), Dense(4, {.activation = "tanh"}), Dense(3, {.activation = "softmax"})},
                         name);
  model.compile(options);
  Tensor targets(class_numbers ? Shape{kCatalogRows} : Shape{kCatalogRows, 3});
  for (int64_t i = 0; i < targets.count(); ++i)
    targets.set(i, class_numbers ? static_cast<double>(i % 3) : i % 3 == i / 3 % 3 ? 0.75 : 0.125);
  CatalogModel result{name, model, {catalog_input({kCatalogRows, 3})}, {targets}};
  for (int step = 0; step < 3; ++step) model.train_on_batch({result.inputs, result.targets});
  return result;
}

/// The same of sequences whose labels come at no known time.
inline CatalogModel trained_on_labels() {
  const Sequential model({Input({6, 3}), Dense(4)}, "loss_ctc");
  model.compile({"sgd", "ctc"});
  CatalogModel result{"loss_ctc", model, {catalog_input({kCatalogRows, 6, 3})}, {Tensor({kCatalogRows, 3})}};
  for (int64_t i = 0; i < result.targets[0].count(); ++i)
    result.targets[0].set(i, i % 3 == 2 ? 0 : static_cast<double>(i % 4 > 1 ? 3 : 1));
  for (int step = 0; step < 3; ++step) model.train_on_batch({result.inputs, result.targets});
  return result;
}

/// What the catalogues hold, by Keras' names: what the models of tests/keras/random_models.py are made of.
inline Json catalog_names() {
  Json names;
  for (const LayerRow& row : layer_catalog()) names["layers"].push_back(row.class_name);
  for (const OptimizerRow& row : optimizer_catalog()) names["optimizers"].push_back(row.class_name);
  for (const ScheduleRow& row : schedule_catalog()) names["schedules"].push_back(row.class_name);
  for (const LossRow& row : loss_catalog()) names["losses"].push_back(row.name);
  for (const ActivationFunction& function : activations()) names["activations"].push_back(function.name);
  for (const MetricRow& row : metric_catalog()) names["metrics"].push_back(row.name);
  for (const InitializerRow& row : initializer_catalog()) names["initializers"].push_back(row.name);
  names["constraints"] = constraint_names();
  return names;
}

/// A model with every metric, as it is compiled: with the settings of the golden cases, since some have no
/// defaults.
inline std::vector<CatalogModel> models_of_metrics() {
  std::map<std::string, Json> configs;
  const Json golden = Json::parse(read_text_file(tests_folder() + "/training/golden/metrics.json"));
  for (const Json& entry : golden["cases"]) configs.emplace(entry[0], entry[1]);
  std::vector<Metric> all;
  for (const MetricRow& row : metric_catalog()) {
    const auto found = configs.find(row.class_name);
    all.push_back(
        found == configs.end()
            ? Metric(row.name)
            : Metric::from_config({{"class_name", row.class_name}, {"config", found->second}}, "golden"));
  }
  const Sequential model({Input({3}), Dense(3, {.activation = "softmax"})}, "metrics");
  model.compile({"sgd", "mse", {}, all, all});
  return {{"metrics", model, {catalog_input({kCatalogRows, 3})}, {}}};
}

/// Every optimizer, schedule and loss.
inline std::vector<CatalogModel> models_of_training() {
  std::vector<CatalogModel> models;
  for (const OptimizerRow& row : optimizer_catalog())
    models.push_back(trained("optimizer_" + snake_case(row.class_name), {row.make(), "mse"}, false));
  const std::string schedules = tests_folder() + "/models/golden/schedules.json";
  std::map<std::string, Json> configs;
  for (const Json& entry : Json::parse(read_text_file(schedules)))
    configs.emplace(entry["config"]["class_name"], entry["config"]);
  for (const ScheduleRow& row : schedule_catalog()) {
    const Schedule schedule = Schedule::from_config(configs.at(row.class_name), row.class_name);
    models.push_back(trained("schedule_" + snake_case(row.class_name), {Adam(schedule), "mse"}, false));
  }
  for (const LossRow& row : loss_catalog()) {
    const Loss loss(row.name);
    if (takes_labels(loss)) {
      models.push_back(trained_on_labels());
      continue;
    }
    models.push_back(trained(std::string("loss_") + row.name, {"sgd", loss}, loss.sparse()));
  }
  return models;
}

/// Every initializer, regularizer, constraint and activation, as settings of layers.
inline std::vector<CatalogModel> models_of_settings() {
  SideBySide initializers("initializers"), regularizers("regularizers"), constraints("constraints"),
      functions("activations"), recent("since_3.1"), later("since_3.10");
  const std::vector<Shape> inputs = {{kCatalogRows, 4}};
  for (const InitializerRow& row : initializer_catalog()) {
    (std::string(row.name) == "identity" ? recent : initializers)
        .add(Dense(4, {.kernel_initializer = row.name, .bias_initializer = "ones"}), inputs);
  }
  for (const Initializer& initializer :
       {Initializer::constant(0.3), Initializer::random_normal(0.1, 0.2),
        Initializer::random_uniform(-0.2, 0.3), Initializer::variance_scaling(2, "fan_avg", "uniform")})
    initializers.add(Dense(4, {.kernel_initializer = initializer}), inputs);
  for (const Regularizer& regularizer :
       {Regularizer("l1"), Regularizer("l2"), Regularizer("L1L2"), Regularizer::l1_l2(0.3, 0.2)})
    regularizers.add(Dense(4, {.kernel_regularizer = regularizer}), inputs);
  for (const std::string& name : constraint_names())
    constraints.add(Dense(4, {.kernel_constraint = name, .bias_constraint = "non_neg"}), inputs);
  // Those that Keras 3.0 did not have. Its sparsemax is another formula (docs/keras.md).
  const std::set<std::string> new_ones = {"celu",        "glu",           "hard_tanh",   "hard_shrink",
                                          "soft_shrink", "tanh_shrink",   "log_sigmoid", "squareplus",
                                          "sparse_plus", "sparse_sigmoid"};
  for (const ActivationFunction& function : activations()) {
    if (function.name == "sparsemax") continue;
    SideBySide& models = new_ones.count(function.name) ? later : functions;
    models.add(Activation(function.name), inputs);
    models.add(Dense(4, {.activation = function.name}), inputs);
  }
  later.add(Dense(4, {.activation = LeakyReLU({.negative_slope = 0.1})}), inputs);
  return {initializers.done(), regularizers.done(), constraints.done(),
          functions.done(),    recent.done(),       later.done()};
}

}  // namespace folio
