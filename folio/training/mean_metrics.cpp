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
#include "folio/training/ctc.h"
#include "folio/training/metric_rows.h"

namespace folio {
namespace {

class FormulaMetric final : public MeanMetric {
 public:
  FormulaMetric(const char* class_name, MetricFormula formula, bool root)
      : MeanMetric(class_name, root), formula_(formula) {}

 private:
  Value values(const Value& y_true, const Value& y_pred) const override { return formula_(y_true, y_pred); }
  MetricFormula formula_;
};

class OwnMetric final : public MeanMetric {
 public:
  explicit OwnMetric(LossFunction function) : MeanMetric("function"), function_(std::move(function)) {}
  // Who watches it must say.
  std::optional<bool> larger_is_better() const override { return {}; }

 private:
  Value values(const Value& y_true, const Value& y_pred) const override {
    return function_(targets_like(y_true, y_pred), y_pred);
  }
  LossFunction function_;
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

class MeanLoss final : public MeanMetric {
 public:
  explicit MeanLoss(Loss loss) : MeanMetric(""), loss_(std::move(loss)) {
    for (const LossRow& row : loss_catalog())
      if (loss_.name == row.name) row_ = &row;
    for (const KerasMetric& metric : keras_metrics())
      if (loss_.name == metric.loss) metric_ = &metric;
  }

  std::optional<bool> larger_is_better() const override { return false; }
  std::string class_name() const override {
    // Keras wraps the function.
    if (wrapped()) return "MeanMetricWrapper";
    for (const OtherName& other : kOtherNames)
      if (loss_.name == other.loss) return other.class_name;
    return row_->class_name;
  }

  /// The settings of the loss, written when they are not all the usual ones.
  void fields(Fields& f) override {
    const bool wrap = wrapped(), usual = loss_.config().is_string();
    for (const auto& [key, standard] : row_->settings) loss_.field(f, key, usual || !(wrap || takes(key)));
    f.ignore_any("reduction");
    if (!loss_.settings.count("axis")) f.ignore("axis", "-1");
    if (!wrap) return;
    const std::string function = Json{
        {"module", "builtins"},
        {"class_name", "function"},
        {"config", loss_.name},
        {"registered_name",
         "function"}}.dump();
    f.constant("fn", function.c_str());
  }

 private:
  // Whether Keras' metric has this setting of the loss.
  bool takes(const std::string& key) const {
    return metric_ &&
           std::find(metric_->settings.begin(), metric_->settings.end(), key) != metric_->settings.end();
  }
  // No metric of Keras is the mean of this loss: it has none, or none with such settings.
  bool wrapped() const {
    if (!metric_) return true;
    for (const auto& [key, standard] : row_->settings)
      if (!takes(key) && loss_.settings.at(key) != standard) return true;
    return false;
  }
  Value values(const Value& y_true, const Value& y_pred) const override {
    return loss_.per_sample(loss_.sparse() ? cast(y_true, DType::int32) : cast(y_true, y_pred.dtype()),
                            y_pred);
  }

  Loss loss_;
  const LossRow* row_ = nullptr;
  const KerasMetric* metric_ = nullptr;  ///< null: Keras has none
};

}  // namespace

Values MeanMetric::sums(const MetricInputs& batch) const {
  const Value numbers = values(batch.y_true, batch.y_pred);
  const DType type = numbers.dtype();
  if (numbers.rank() == 0) return {numbers, constant(1, type)};
  const Shape& shape = numbers.shape();
  // Every sample counts once, however many numbers it has.
  const double share = 1.0 / static_cast<double>(std::max<int64_t>(1, shape.count(1, shape.rank())));
  const Value mask = root_ ? Value() : batch.mask;
  if (!batch.weights.defined() && !mask.defined())
    return {sum(numbers) * share, constant(static_cast<double>(shape[0]), type)};
  Value weights = stretched_weights(batch.weights, shape, type);
  if (mask.defined()) weights = weights * stretched_weights(mask, shape, type);
  return {sum(numbers * weights) * share, sum(weights) * share};
}

std::vector<double> MeanMetric::result(const std::vector<double>& sums) const {
  const double mean = sums[1] == 0 ? 0 : sums[0] / sums[1];
  return {root_ ? std::sqrt(mean) : mean};
}

std::shared_ptr<MetricBody> mean_metric(const char* class_name, MetricFormula formula, bool root) {
  return std::make_shared<FormulaMetric>(class_name, formula, root);
}

std::shared_ptr<MetricBody> own_metric(LossFunction function) {
  return std::make_shared<OwnMetric>(std::move(function));
}

std::shared_ptr<MetricBody> mean_loss(const Loss& loss) { return std::make_shared<MeanLoss>(loss); }

std::vector<MetricRow> loss_metric_rows() {
  std::vector<MetricRow> rows;
  for (const LossRow& loss : loss_catalog()) {
    const std::string name = loss.name;
    if (takes_labels(Loss(name))) continue;  // its targets are no predictions
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
    row.blank = [name] { return mean_loss(Loss(name)); };
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

}  // namespace folio
