#include "folio/training/metric.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// 1 where prediction and target agree, per sample. The types of labels and classes are both int32 then.
Value hits(const std::string& kind, const Value& y_true, const Value& y_pred) {
  const DType type = y_pred.dtype();
  if (kind == "binary_accuracy") {
    const Value y = cast(y_true.shape() == y_pred.shape() ? y_true : reshape(y_true, y_pred.shape()), type);
    return mean(equal(y, y_pred > 0.5), {-1});
  }
  const Value predicted = cast(argmax(y_pred), type);
  if (kind == "sparse_categorical_accuracy") {
    const Value labels = y_true.rank() == y_pred.rank() ? reshape(y_true, predicted.shape()) : y_true;
    return equal(cast(labels, type), predicted);
  }
  return equal(cast(argmax(y_true), type), predicted);
}

}  // namespace

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"accuracy", "binary_accuracy", "categorical_accuracy",
                                    "sparse_categorical_accuracy"};
    for (const LossRow& row : loss_catalog()) all.emplace_back(row.name);
    return all;
  }();
  return names;
}

Metric::Metric(std::string given) : name(std::move(given)), kind(name == "acc" ? "accuracy" : name) {
  for (const LossRow& row : loss_catalog())
    if (name == row.alias || name == row.class_name) kind = row.name;
  for (const std::string& known : metric_names())
    if (kind == known) return;
  std::string names;
  for (const std::string& known : metric_names()) names += (names.empty() ? "" : ", ") + known;
  throw Error("metric: expected one of " + names + ", got \"" + name + "\"");
}

Json Metric::config() const { return Json(name); }

Metric Metric::from_config(const Json& config, const std::string& place) {
  try {
    if (config.is_string()) return Metric(config.get<std::string>());
    if (!config.is_object() || !config.contains("class_name") || !config["class_name"].is_string())
      throw Error("expected a name or an object, got " + config.dump().substr(0, 80));
    const auto class_name = config["class_name"].get<std::string>();
    const Json settings = config.value("config", Json::object());
    if (class_name == "function") return Metric(config.value("config", std::string()));
    Metric metric("accuracy");
    const std::pair<const char*, const char*> classes[] = {
        {"Accuracy", "accuracy"},
        {"BinaryAccuracy", "binary_accuracy"},
        {"CategoricalAccuracy", "categorical_accuracy"},
        {"SparseCategoricalAccuracy", "sparse_categorical_accuracy"}};
    bool found = false;
    for (const auto& [from, to] : classes)
      if (class_name == from) metric.kind = to, found = true;
    if (!found) metric = Metric(class_name);
    metric.name = settings.value("name", metric.kind);
    return metric;
  } catch (const Error& error) {
    throw Error(place + ": " + error.what());
  }
}

Metric::Contribution Metric::of_batch(const Value& y_true, const Value& y_pred, const Value& weights) const {
  std::string resolved = kind;
  if (kind == "accuracy") {
    const bool sparse =
        y_true.rank() < y_pred.rank() || (y_true.rank() == y_pred.rank() && y_true.shape()[-1] == 1);
    resolved = y_pred.shape()[-1] == 1 ? "binary_accuracy"
               : sparse                ? "sparse_categorical_accuracy"
                                       : "categorical_accuracy";
  }
  Value values;
  if (resolved.ends_with("accuracy")) {
    values = hits(resolved, y_true, y_pred);
  } else {
    const Loss loss(resolved);
    values =
        loss.per_sample(loss.sparse() ? cast(y_true, DType::int32) : cast(y_true, y_pred.dtype()), y_pred);
  }
  if (!weights.defined())
    return {sum(values), constant(static_cast<double>(values.shape().count()), values.dtype())};
  Shape shape = weights.shape();
  while (shape.rank() < values.rank()) shape = shape.joined({1});
  const Value stretched = broadcast_to(reshape(weights, shape), values.shape());
  return {sum(values * stretched), sum(stretched)};
}

}  // namespace folio
