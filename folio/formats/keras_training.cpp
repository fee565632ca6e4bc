#include "folio/formats/keras_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/formats/keras_layers.h"

namespace folio {
namespace {

/// What compile was given, by the names of the outputs.
class CompileReader {
 public:
  CompileReader(const Json& config, std::string place, std::vector<std::string> outputs)
      : config_(config), place_(std::move(place)), outputs_(std::move(outputs)) {}

  TrainingOptions read() const {
    TrainingOptions options;
    options.optimizer =
        Optimizer::from_config(config_.value("optimizer", Json("rmsprop")), place_ + ": optimizer");
    read_losses(config_.value("loss", Json()), options.loss);
    read_loss_weights(config_.value("loss_weights", Json()), options.loss_weights);
    options.metrics = read_metrics("metrics");
    options.weighted_metrics = read_metrics("weighted_metrics");
    return options;
  }

 private:
  static bool is_by_name(const Json& json) { return json.is_object() && !json.contains("class_name"); }

  [[noreturn]] void fail(const std::string& key, const std::string& expected, const Json& got) const {
    throw Error(fmt::format("{}: {}: expected {}, got {}; compile the model again and save it", place_, key,
                            expected, got.dump(-1, ' ', true).substr(0, 80)));
  }
  // A list with an entry for each output.
  bool is_per_output(const Json& json) const {
    return json.is_array() && outputs_.size() > 1 && json.size() == outputs_.size();
  }

  void read_losses(const Json& json, Losses& losses) const {
    const auto loss = [&](const Json& entry) { return Loss::from_config(entry, place_ + ": loss"); };
    if (is_by_name(json)) {
      for (const auto& [name, entry] : json.items())
        if (!entry.is_null()) losses.by_name.emplace(name, loss(entry));
    } else if (is_per_output(json) && std::find(json.begin(), json.end(), nullptr) != json.end()) {
      for (size_t i = 0; i < json.size(); ++i)
        if (!json[i].is_null()) losses.by_name.emplace(outputs_[i], loss(json[i]));
    } else if (json.is_array()) {
      for (const Json& entry : json) losses.all.push_back(loss(entry));
    } else if (!json.is_null()) {
      losses.all.push_back(loss(json));
    }
  }

  void read_loss_weights(const Json& json, std::vector<double>& weights) const {
    const auto weight = [&](const Json& entry) {
      if (!entry.is_number()) fail("loss_weights", "numbers", entry);
      weights.push_back(entry.get<double>());
    };
    if (is_by_name(json)) {
      for (const std::string& name : outputs_) weight(json.value(name, Json(1.0)));
      for (const auto& [name, entry] : json.items())
        if (std::find(outputs_.begin(), outputs_.end(), name) == outputs_.end())
          fail("loss_weights", fmt::format("the outputs {}", fmt::join(outputs_, ", ")), name);
    } else if (json.is_array()) {
      for (const Json& entry : json) weight(entry);
    } else if (!json.is_null()) {
      weight(json);
    }
  }

  std::vector<Metric> metric_list(const Json& json, const std::string& place) const {
    if (json.is_null()) return {};
    if (!json.is_array()) return {Metric::from_config(json, place)};
    std::vector<Metric> list;
    for (const Json& entry : json)
      for (Metric& metric : metric_list(entry, place)) list.push_back(std::move(metric));
    return list;
  }

  Metrics read_metrics(const std::string& key) const {
    const Json json = config_.value(key, Json());
    const std::string place = place_ + ": " + key;
    Metrics metrics;
    if (is_by_name(json)) {
      for (const auto& [name, entry] : json.items()) metrics.by_name.emplace(name, metric_list(entry, place));
    } else if (is_per_output(json)) {
      for (const Json& entry : json) metrics.by_output.push_back(metric_list(entry, place));
    } else {
      metrics.all = metric_list(json, place);
    }
    return metrics;
  }

  const Json& config_;
  std::string place_;
  std::vector<std::string> outputs_;
};

Json metrics_config(const Metrics& metrics, const ModelBody& body) {
  const auto list_of = [](const std::vector<Metric>& metrics) {
    Json list = Json::array();
    for (const Metric& metric : metrics) list.push_back(metric.config());
    return list;
  };
  if (metrics.empty()) return nullptr;
  Json config;
  for (const auto& [name, list] : metrics.by_name) config[name] = list_of(list);
  for (const auto& list : metrics.by_output) config.push_back(list_of(list));
  if (!config.is_null()) return config;
  // Keras wants one list per output when there are several.
  const Json all = list_of(metrics.all);
  const bool several = body.has_graph() && body.outputs().size() > 1;
  return several ? Json(std::vector<Json>(body.outputs().size(), all)) : all;
}

}  // namespace

std::shared_ptr<const Json> keras_training(const ModelBody& body) {
  if (!body.compiled) return nullptr;
  const TrainingOptions& options = body.training;
  Json config = {{"optimizer",
                  {{"module", "keras.optimizers"},
                   {"class_name", options.optimizer->class_name()},
                   {"config", options.optimizer->config()},
                   {"registered_name", nullptr}}}};
  if (!options.loss.by_name.empty()) {
    config["loss"] = Json::object();
    // Keras wants to hear of every output.
    if (body.has_graph())
      for (const std::string& name : body.output_names()) config["loss"][name] = nullptr;
    for (const auto& [name, loss] : options.loss.by_name) config["loss"][name] = loss.config();
  } else if (options.loss.all.size() == 1) {
    config["loss"] = options.loss.all[0].config();
  } else {
    config["loss"] = Json::array();
    for (const Loss& loss : options.loss.all) config["loss"].push_back(loss.config());
  }
  config["loss_weights"] = options.loss_weights.empty() ? Json(nullptr) : Json(options.loss_weights);
  config["metrics"] = metrics_config(options.metrics, body);
  config["weighted_metrics"] = metrics_config(options.weighted_metrics, body);
  config["run_eagerly"] = false;
  config["steps_per_execution"] = 1;
  config["jit_compile"] = false;
  return std::make_shared<const Json>(std::move(config));
}

TrainingOptions read_keras_training(const Json& config, const std::string& place,
                                    const std::vector<std::string>& outputs) {
  try {
    return CompileReader(config, place, outputs).read();
  } catch (const Json::exception& error) {
    throw wrong_type(place, error);
  }
}

}  // namespace folio
