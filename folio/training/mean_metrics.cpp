// Means over samples: the mechanism, and the losses.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/training/metric_rows.h"

namespace folio {
namespace {

class MeanMetric final : public MetricBody {
 public:
  MeanMetric(std::string class_name, Json config, MetricFormula formula, bool root)
      : class_name_(std::move(class_name)),
        config_(std::move(config)),
        formula_(std::move(formula)),
        root_(root) {}
  std::string class_name() const override { return class_name_; }
  Json config() const override { return config_; }

  Values sums(const MetricInputs& batch) const override {
    const Value values = formula_(batch.y_true, batch.y_pred);
    const DType type = values.dtype();
    if (values.rank() == 0) return {values, constant(1, type)};
    const Shape& shape = values.shape();
    // Every sample counts once, however many numbers it has.
    const double share = 1.0 / static_cast<double>(std::max<int64_t>(1, shape.count(1, shape.rank())));
    const Value mask = root_ ? Value() : batch.mask;
    if (!batch.weights.defined() && !mask.defined())
      return {sum(values) * share, constant(static_cast<double>(shape[0]), type)};
    Value weights = stretched_weights(batch.weights, shape, type);
    if (mask.defined()) weights = weights * stretched_weights(mask, shape, type);
    return {sum(values * weights) * share, sum(weights) * share};
  }

  std::vector<double> result(const std::vector<double>& sums) const override {
    const double mean = sums[1] == 0 ? 0 : sums[0] / sums[1];
    return {root_ ? std::sqrt(mean) : mean};
  }

 private:
  std::string class_name_;
  Json config_;
  MetricFormula formula_;
  bool root_;
};

/// Losses that Keras' metrics call otherwise: the class, and its key in histories.
struct OtherName {
  const char *loss, *class_name, *name;
};
constexpr OtherName kOtherNames[] = {{"log_cosh", "LogCoshError", "logcosh"}};

/// Losses of which Keras has a metric, and the settings that those take.
struct KerasMetric {
  const char* loss;
  std::vector<std::string> settings;
};
const std::vector<KerasMetric>& keras_metrics() {
  static const std::vector<KerasMetric> metrics = {
      {"mean_squared_error", {}},
      {"mean_absolute_error", {}},
      {"mean_absolute_percentage_error", {}},
      {"mean_squared_logarithmic_error", {}},
      {"log_cosh", {}},
      {"hinge", {}},
      {"squared_hinge", {}},
      {"categorical_hinge", {}},
      {"kl_divergence", {}},
      {"poisson", {}},
      {"binary_crossentropy", {"from_logits", "label_smoothing"}},
      {"categorical_crossentropy", {"from_logits", "label_smoothing", "axis"}},
      {"sparse_categorical_crossentropy", {"from_logits", "axis"}},
  };
  return metrics;
}

// Whether Keras has a metric that is the mean of this loss; leaves out settings that it does not take where
// they say nothing.
bool has_keras_metric(const std::string& loss, Json& settings) {
  for (const KerasMetric& metric : keras_metrics()) {
    if (loss != metric.loss) continue;
    Json kept = Json::object();
    for (const auto& [key, value] : settings.items()) {
      if (std::find(metric.settings.begin(), metric.settings.end(), key) != metric.settings.end())
        kept[key] = value;
      else if (!value.is_null() && !(key == "axis" && value == -1))
        return false;
    }
    settings = kept;
    return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<const MetricBody> mean_metric(std::string class_name, Json config, MetricFormula formula,
                                              bool root) {
  return std::make_shared<MeanMetric>(std::move(class_name), std::move(config), std::move(formula), root);
}

std::shared_ptr<const MetricBody> mean_loss(const Loss& loss) {
  std::string class_name;
  for (const LossRow& row : loss_catalog())
    if (loss.name == row.name) class_name = row.class_name;
  for (const OtherName& other : kOtherNames)
    if (loss.name == other.loss) class_name = other.class_name;
  Json config = loss.config();
  config = config.is_object() ? config["config"] : Json::object();
  for (const char* key : {"name", "reduction", "dtype"}) config.erase(key);
  if (!has_keras_metric(loss.name, config)) {
    // Keras wraps the function; its settings stand beside it.
    class_name = "MeanMetricWrapper";
    config["fn"] = {{"module", "builtins"},
                    {"class_name", "function"},
                    {"config", loss.name},
                    {"registered_name", "function"}};
  }
  return mean_metric(class_name, config, [loss](const Value& y_true, const Value& y_pred) {
    return loss.per_sample(loss.sparse() ? cast(y_true, DType::int32) : cast(y_true, y_pred.dtype()), y_pred);
  });
}

std::vector<MetricRow> loss_metric_rows() {
  std::vector<MetricRow> rows;
  for (const LossRow& loss : loss_catalog()) {
    const std::string name = loss.name;
    MetricRow row{loss.class_name, name, {}, loss.what, {}};
    if (loss.alias && *loss.alias) {
      std::string big = loss.alias;
      for (char& c : big) c = static_cast<char>(std::toupper(c));
      row.aliases = {loss.alias, big};
    }
    for (const OtherName& other : kOtherNames)
      if (name == other.loss) {
        row.aliases.insert(row.aliases.end(), {name, "log_cosh_error", loss.class_name});
        row.class_name = other.class_name, row.name = other.name;
      }
    row.make = [class_name = std::string(loss.class_name), name](ConfigReader& read, const Json& config) {
      Json settings = config;
      for (const char* key : {"name", "dtype"}) settings.erase(key);
      for (const auto& [key, value] : settings.items()) read.raw(key);  // the loss reads them
      return mean_loss(
          settings.empty()
              ? Loss(name)
              : Loss::from_config({{"class_name", class_name}, {"config", settings}}, read.place()));
    };
    rows.push_back(std::move(row));
  }
  return rows;
}

Value targets_like(const Value& y_true, const Value& y_pred) {
  Value y = cast(y_true, y_pred.dtype());
  const Shape& shape = y_pred.shape();
  if (y.rank() + 1 == shape.rank() && shape[-1] == 1) y = reshape(y, shape);
  if (y.shape() != shape)
    throw Error(
        "expected targets of the predictions' shape " + to_string(shape) + ", got " +
        to_string(y_true.shape()) +
        (y_true.rank() < shape.rank() ? "; class numbers need a metric whose name begins with sparse" : ""));
  return y;
}

Value stretched_weights(const Value& weights, const Shape& shape, DType type) {
  if (!weights.defined()) return broadcast_to(constant(1, type), shape);
  if (weights.rank() > shape.rank())
    throw Error("expected weights or a mask of at most the dimensions of " + to_string(shape) + ", got " +
                to_string(weights.shape()));
  Shape spread = weights.shape();
  while (spread.rank() < shape.rank()) spread = spread.joined({1});
  return broadcast_to(reshape(cast(weights, type), spread), shape);
}

Value top_k_mask(const Value& x, int64_t k) {
  const int64_t n = x.shape()[-1];
  if (k > n)
    throw Error("top_k: expected at most " + std::to_string(n) + ", the number of classes, got " +
                std::to_string(k));
  // The largest, then the largest of the rest, and so on: k is small.
  const Value lowest = constant(-std::numeric_limits<double>::infinity(), x.dtype());
  Value left = x, chosen;
  for (int64_t i = 0; i < k; ++i) {
    const Value largest = one_hot(argmax(left), n, x.dtype());
    chosen = chosen.defined() ? maximum(chosen, largest) : largest;
    if (i + 1 < k) left = select(largest, lowest, left);
  }
  return chosen;
}

void check_setting(bool good, const std::string& class_name, const char* setting, const char* expected,
                   const std::string& got) {
  if (!good) throw Error(class_name + ": " + setting + ": expected " + expected + ", got " + got);
}

}  // namespace folio
