#include "folio/training/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/training/metric_rows.h"

namespace folio {
namespace {

const MetricRow* find_row(const std::string& name) {
  for (const MetricRow& row : metric_catalog())
    if (name == row.class_name || name == row.name ||
        std::find(row.aliases.begin(), row.aliases.end(), name) != row.aliases.end())
      return &row;
  return nullptr;
}

bool is_accuracy(const std::string& name) {
  return name == "accuracy" || name == "acc" || name == "Accuracy" || name == "Acc";
}

const MetricRow& row_of(const std::string& name) {
  if (const MetricRow* row = find_row(name)) return *row;
  std::string names;
  for (const MetricRow& row : metric_catalog()) names += (names.empty() ? "" : ", ") + row.name;
  throw Error("metric: expected one of " + names + ", got \"" + name.substr(0, 80) + "\"");
}

const std::string& text_of(const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key) || !json[key].is_string())
    throw Error(
        fmt::format("expected a name or an object with \"{}\", got {}", key, json.dump().substr(0, 80)));
  return json[key].get_ref<const std::string&>();
}

// The name of a function, plain or in Keras' envelope.
std::string function_name(const Json& json) {
  return json.is_string() ? json.get<std::string>() : text_of(json, "config");
}

}  // namespace

const std::vector<MetricRow>& metric_catalog() {
  static const std::vector<MetricRow> rows = [] {
    std::vector<MetricRow> all;
    for (const auto& family : {accuracy_metric_rows, confusion_metric_rows, f_score_metric_rows,
                               iou_metric_rows, regression_metric_rows, loss_metric_rows})
      for (MetricRow& row : family())
        // What is a metric by itself comes before the loss of that name: cosine similarity has another sign.
        if (std::none_of(all.begin(), all.end(), [&](const MetricRow& r) { return r.name == row.name; }))
          all.push_back(std::move(row));
    return all;
  }();
  return rows;
}

Metric::Metric(const std::string& given) : name(given), by_name_(true) {
  if (is_accuracy(given)) {
    body_ = accuracy_of_shapes();
    return;
  }
  const Json nothing = Json::object();
  const MetricRow& row = row_of(given);
  ConfigReader read(nothing, "metric \"" + given + "\"");
  body_ = row.make(read, nothing);
}

Metric::Metric(const Loss& loss) : name(loss.name), body_(mean_loss(loss)) {}

Metric::Metric(std::shared_ptr<const MetricBody> body, const std::string& given)
    : name(given.empty() ? row_of(body->class_name()).name : given), body_(std::move(body)) {}

Metric Metric::from_config(const Json& config, const std::string& place) {
  try {
    if (config.is_string()) return Metric(config.get<std::string>());
    const std::string& class_name = text_of(config, "class_name");
    if (class_name == "function") return Metric(function_name(config));
    const Json settings = config.value("config", Json::object());
    ConfigReader read(settings, class_name);
    const std::string name = read.text("name", "");
    Metric metric;
    if (class_name == "MeanMetricWrapper") {
      // A function that Keras wrapped, with settings of its own.
      Json own = settings;
      for (const char* key : {"fn", "name", "dtype"}) own.erase(key);
      const std::string function = function_name(read.raw("fn"));
      if (own.empty()) {
        metric = Metric(function);
      } else {
        ConfigReader read_own(own, function);
        metric.body_ = row_of(function).make(read_own, own);
      }
      metric.by_name_ = false;
      metric.name = name.empty() ? function : name;
      return metric;
    }
    const MetricRow& row = row_of(class_name);
    metric.body_ = row.make(read, settings);
    read.finish();
    metric.name = name.empty() ? row.name : name;
    return metric;
  } catch (const Error& error) {
    throw Error(place + ": " + error.what());
  }
}

Json Metric::config() const {
  // Keras finds a wrapped function by name only in its envelope.
  if (by_name_ && body_->class_name() != "MeanMetricWrapper") return name;
  Json settings = body_->config();
  settings["name"] = name;
  if (!settings.contains("dtype")) settings["dtype"] = "float32";
  return {{"module", "keras.metrics"},
          {"class_name", body_->class_name()},
          {"config", settings},
          {"registered_name", nullptr}};
}

Values Metric::sums(const MetricInputs& batch) const {
  try {
    return body_->sums(batch);
  } catch (const Error& error) {
    throw Error("metric \"" + name + "\": " + error.what());
  }
}

}  // namespace folio
