#include "folio/training/loss.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/graph/op.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/softmax.h"

namespace folio {
namespace {

constexpr double kEpsilon = 1e-7;  // Keras' backend epsilon

Value clip(const Value& p) { return minimum(maximum(p, kEpsilon), 1 - kEpsilon); }

// log of class probabilities, by way of the logits where they are known.
Value log_probabilities(const Value& y_pred, bool from_logits) {
  if (from_logits) return log_softmax(y_pred);
  if (op_cast<SoftmaxOp>(y_pred)) return log_softmax(y_pred.node().inputs[0]);
  return log(clip(y_pred / sum(y_pred, {-1}, true)));
}

Value binary(const Value& y, const Value& y_pred, bool from_logits) {
  Value logits;
  if (from_logits)
    logits = y_pred;
  else if (y_pred.node().op->name() == "Sigmoid")
    logits = y_pred.node().inputs[0];
  // log(1 + exp(z)) - z * y. Not by way of max(z, 0) and |z|, whose slopes at z = 0 are not those of the sum.
  if (logits.defined()) return softplus(logits) - logits * y;
  const Value p = clip(y_pred);
  return -(y * log(p) + (1.0 - y) * log(1.0 - p));
}

}  // namespace

const std::vector<LossRow>& loss_catalog() {
  static const std::vector<LossRow> rows = {
      {"mean_squared_error", "mse", "MeanSquaredError", "mean of (y - ŷ)²"},
      {"mean_absolute_error", "mae", "MeanAbsoluteError", "mean of |y - ŷ|"},
      {"binary_crossentropy", "bce", "BinaryCrossentropy", "-y log p - (1 - y) log(1 - p)"},
      {"categorical_crossentropy", "cce", "CategoricalCrossentropy", "-Σ y log p, targets are vectors"},
      {"sparse_categorical_crossentropy", "scce", "SparseCategoricalCrossentropy",
       "-log p of the class, targets are numbers"},
  };
  return rows;
}

Loss::Loss(const std::string& given) {
  std::string names;
  for (const LossRow& row : loss_catalog()) {
    if (given == row.name || given == row.alias || given == row.class_name) {
      name = row.name;
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error("loss: expected one of " + names + ", got \"" + given + "\"");
}

Loss Loss::from_config(const Json& config, const std::string& place) {
  try {
    if (config.is_string()) return Loss(config.get<std::string>());
    if (!config.is_object() || !config.contains("class_name") || !config["class_name"].is_string())
      throw Error("expected a name or an object, got " + config.dump().substr(0, 80));
    if (config["class_name"] == "function") return Loss(config.value("config", std::string()));
    Loss loss(config["class_name"].get<std::string>());
    const Json settings = config.value("config", Json::object());
    loss.from_logits = settings.value("from_logits", false);
    loss.label_smoothing = settings.value("label_smoothing", 0.0);
    loss.reduction = settings.contains("reduction") && settings["reduction"].is_string()
                         ? settings["reduction"].get<std::string>()
                         : "sum_over_batch_size";
    // What Keras 2 left to itself to decide comes to the same.
    if (loss.reduction == "auto") loss.reduction = "sum_over_batch_size";
    if (loss.reduction != "sum_over_batch_size" && loss.reduction != "sum")
      throw Error("reduction: expected \"sum_over_batch_size\" or \"sum\", got \"" + loss.reduction + "\"");
    if (settings.contains("ignore_class") && !settings["ignore_class"].is_null())
      throw Error("ignore_class is not supported");
    return loss;
  } catch (const Error& error) {
    throw Error(place + ": " + error.what());
  }
}

Json Loss::config() const {
  if (!from_logits && label_smoothing == 0 && reduction == "sum_over_batch_size") return name;
  std::string class_name;
  for (const LossRow& row : loss_catalog())
    if (name == row.name) class_name = row.class_name;
  Json settings = {{"name", name}, {"reduction", reduction}};
  if (name.ends_with("crossentropy")) settings["from_logits"] = from_logits;
  if (name == "binary_crossentropy" || name == "categorical_crossentropy")
    settings["label_smoothing"] = label_smoothing, settings["axis"] = -1;
  return {{"module", "keras.losses"},
          {"class_name", class_name},
          {"config", settings},
          {"registered_name", nullptr}};
}

Value Loss::per_sample(const Value& y_true, const Value& y_pred) const {
  const Shape& shape = y_pred.shape();
  if (shape.rank() < 1)
    throw Error("loss \"" + name + "\": expected predictions with a batch dimension, got a scalar");
  if (sparse()) {
    const int64_t classes = shape[-1];
    const Value labels = y_true.rank() == shape.rank() ? reshape(y_true, shape.without(-1)) : y_true;
    if (labels.shape() != shape.without(-1))
      throw Error("loss \"" + name + "\": expected class numbers of shape " + to_string(shape.without(-1)) +
                  " for predictions " + to_string(shape) + ", got " + to_string(y_true.shape()));
    return -sum(one_hot(labels, classes, y_pred.dtype()) * log_probabilities(y_pred, from_logits), {-1});
  }
  Value y = y_true;
  if (y.rank() + 1 == shape.rank() && shape[-1] == 1) y = reshape(y, shape);
  if (y.shape() != shape)
    throw Error("loss \"" + name + "\": expected targets of the predictions' shape " + to_string(shape) +
                ", got " + to_string(y_true.shape()) +
                (name == "categorical_crossentropy"
                     ? "; use sparse_categorical_crossentropy for class numbers"
                     : ""));
  if (name == "mean_squared_error") return mean(square(y_pred - y), {-1});
  if (name == "mean_absolute_error") return mean(abs(y_pred - y), {-1});
  if (name == "binary_crossentropy") {
    if (label_smoothing > 0) y = y * (1 - label_smoothing) + 0.5 * label_smoothing;
    return mean(binary(y, y_pred, from_logits), {-1});
  }
  if (label_smoothing > 0) y = y * (1 - label_smoothing) + label_smoothing / static_cast<double>(shape[-1]);
  return -sum(y * log_probabilities(y_pred, from_logits), {-1});
}

Value Loss::operator()(const Value& y_true, const Value& y_pred, const Value& weights,
                       const Value& mask) const {
  Value values = per_sample(y_true, y_pred);
  const auto weigh = [&](const Value& by) {
    Shape shape = by.shape();
    while (shape.rank() < values.rank()) shape = shape.joined({1});
    values = values * reshape(by, shape);
  };
  if (weights.defined()) weigh(weights);
  if (mask.defined()) {
    if (mask.rank() > values.rank())
      throw Error("loss \"" + name + "\": expected a mask of at most the losses' dimensions " +
                  to_string(values.shape()) + ", got " + to_string(mask.shape()));
    // Steps that count share the weight of those that do not.
    const double total = static_cast<double>(mask.shape().count());
    weigh(reduction == "sum" ? mask : mask * (total / (sum(mask) + 1e-7)));
  }
  return reduction == "sum" ? sum(values) : mean(values);
}

Loss binary_crossentropy(bool from_logits, double label_smoothing) {
  Loss loss("binary_crossentropy");
  loss.from_logits = from_logits, loss.label_smoothing = label_smoothing;
  return loss;
}
Loss categorical_crossentropy(bool from_logits, double label_smoothing) {
  Loss loss("categorical_crossentropy");
  loss.from_logits = from_logits, loss.label_smoothing = label_smoothing;
  return loss;
}
Loss sparse_categorical_crossentropy(bool from_logits) {
  Loss loss("sparse_categorical_crossentropy");
  loss.from_logits = from_logits;
  return loss;
}

}  // namespace folio
