#include "folio/training/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
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

// Whether `key` is `name`, or ends with it after the name of an output.
bool is_key_of(const std::string& key, const std::string& name) {
  return key == name || key.ends_with("_" + name);
}

// Reads the settings of a metric and its name; none gives the defaults, or an `Error` naming what has none.
std::shared_ptr<MetricBody> read_body(const MetricRow& row, const Json& settings, const std::string& place,
                                      std::string& name) {
  const std::shared_ptr<MetricBody> body = row.blank();
  const FieldList list = [&](Fields& f) {
    f("name", name);
    body->fields(f);
  };
  read_fields(settings, place, list, kKerasEntries);
  body->configured();
  return body;
}

}  // namespace

Json MetricBody::config() const {
  return written_fields([this](Fields& f) { const_cast<MetricBody*>(this)->fields(f); });
}

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
  std::string none;
  body_ = read_body(row_of(given), Json::object(), "metric \"" + given + "\"", none);
}

Metric::Metric(const Loss& loss)
    : name(loss.name),
      body_(loss.function ? own_metric(loss.function) : mean_loss(loss)),
      own_(static_cast<bool>(loss.function)) {}

Metric::Metric(LossFunction own, const std::string& name)
    : name(name), body_(own_metric(std::move(own))), own_(true) {}

Metric::Metric(std::shared_ptr<MetricBody> body, const std::string& given)
    : name(given.empty() ? row_of(body->class_name()).name : given), body_(body) {
  check_fields(body->class_name(), [&](Fields& f) { body->fields(f); });
  body->configured();
}

Metric Metric::from_config(const Json& config, const std::string& place) {
  try {
    if (config.is_string()) return Metric(config.get<std::string>());
    const std::string& class_name = text_of(config, "class_name");
    if (class_name == "function") return Metric(function_name(config));
    Json settings = config.value("config", Json::object());
    Metric metric;
    if (class_name != "MeanMetricWrapper") {
      const MetricRow& row = row_of(class_name);
      metric.body_ = read_body(row, settings, class_name, metric.name);
      if (metric.name.empty()) metric.name = row.name;
      return metric;
    }
    // A function that Keras wrapped; its settings stand beside it.
    const std::string function = function_name(settings.is_object() ? settings.value("fn", Json()) : Json());
    settings.erase("fn");
    metric.body_ = is_accuracy(function) ? accuracy_of_shapes()
                                         : read_body(row_of(function), settings, function, metric.name);
    if (metric.name.empty()) metric.name = settings.value("name", function);
    return metric;
  } catch (const Error& error) {
    throw Error(place + ": " + error.what());
  }
}

Json Metric::config() const {
  if (own_)
    throw Error(
        "metric \"" + name +
        "\": is a function of this program, which no file can hold; compile the model without it before it "
        "is saved, or save the weights alone (.weights.h5)");
  // Keras finds a wrapped function by name only in its envelope.
  if (by_name_ && body_->class_name() != "MeanMetricWrapper") return name;
  Json settings = body_->config();
  settings["name"] = name;
  if (!settings.contains("dtype")) settings["dtype"] = "float32";
  return keras_object("keras.metrics", body_->class_name(), std::move(settings));
}

std::optional<bool> larger_is_better(const std::string& key) {
  if (is_key_of(key, "loss")) return false;
  if (is_key_of(key, "accuracy") || is_key_of(key, "acc")) return true;
  const MetricRow* best = nullptr;
  size_t longest = 0;
  for (const MetricRow& row : metric_catalog()) {
    std::vector<std::string> names = row.aliases;
    names.push_back(row.name);
    for (const std::string& name : names)
      if (is_key_of(key, name) && name.size() > longest) longest = name.size(), best = &row;
  }
  return best ? best->blank()->larger_is_better() : std::nullopt;
}

Values Metric::sums(const MetricInputs& batch) const {
  try {
    return body_->sums(batch);
  } catch (const Error& error) {
    throw Error("metric \"" + name + "\": " + error.what());
  }
}

}  // namespace folio
