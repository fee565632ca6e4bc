// The formulas of all losses, and their catalogue.
#include <cmath>
#include <limits>

#include "folio/graph/op.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/softmax.h"
#include "folio/training/ctc.h"
#include "folio/training/loss.h"

namespace folio {
namespace {

constexpr double kEpsilon = 1e-7;  // Keras' backend epsilon
constexpr double kTiny = 1e-30;    // keeps powers below 1 differentiable at 0

Value clip(const Value& x, double low, double high) { return minimum(maximum(x, low), high); }

// log of class probabilities, by way of the logits where they are known.
Value log_probabilities(const Value& y_pred, bool from_logits) {
  if (from_logits) return log_softmax(y_pred);
  if (op_cast<SoftmaxOp>(y_pred)) return log_softmax(y_pred.node().inputs[0]);
  return log(clip(y_pred / sum(y_pred, {-1}, true), kEpsilon, 1 - kEpsilon));
}

// What a sigmoid made or will make the probabilities of; undefined when nobody knows.
Value binary_logits(const Value& y_pred, bool from_logits) {
  if (from_logits) return y_pred;
  return y_pred.node().op->name() == "Sigmoid" ? y_pred.node().inputs[0] : Value();
}

Value binary(const Value& y, const Value& y_pred, const Value& logits) {
  // log(1 + exp(z)) - z * y. Not by way of max(z, 0) and |z|, whose slopes at z = 0 are not those of the sum.
  if (logits.defined()) return softplus(logits) - logits * y;
  const Value p = clip(y_pred, kEpsilon, 1 - kEpsilon);
  return -(y * log(p) + (1.0 - y) * log(1.0 - p));
}

Value smooth(const Loss& loss, const Value& y, double classes) {
  const double by = loss.number("label_smoothing");
  return by == 0 ? y : y * (1 - by) + by / classes;
}
double classes_of(const Value& y_pred) { return static_cast<double>(y_pred.shape()[-1]); }

// How much a focal loss makes of a sample whose class got probability 1 - missed.
Value focus(const Loss& loss, const Value& missed) {
  const double gamma = loss.number("gamma");
  return gamma == 0 ? constant(1, missed.dtype()) : pow(maximum(missed, kTiny), gamma);
}

// Targets of -1 and 1; where the whole batch is of 0 and 1, as Keras takes them too.
Value hinge_targets(const Value& y) { return select(max(abs(y * (y - 1.0))) > 0.0, y, 2.0 * y - 1.0); }
Value hinge_of(const Value& y, const Value& y_pred) { return relu(1.0 - hinge_targets(y) * y_pred); }

// Vectors of length 1. Scaled first, so that squares neither overflow nor vanish; vectors shorter than
// epsilon stay shorter.
Value normalized(const Value& x) {
  const Value scale = stop_gradient(maximum(max(abs(x), {-1}, true), kEpsilon)), scaled = x / scale;
  return scaled * rsqrt(maximum(sum(square(scaled), {-1}, true), square(kEpsilon / scale)));
}

Value sum_over(const Loss& loss, const Value& x) {
  std::vector<int> axes;
  for (int64_t axis : std::get<std::vector<int64_t>>(loss.settings.at("axis")))
    axes.push_back(static_cast<int>(axis));
  return sum(x, axes);
}

// The formulas, in the order of the catalogue.
Value mean_squared_error(const Loss&, const Value& y, const Value& p) { return mean(square(p - y), {-1}); }
Value mean_absolute_error(const Loss&, const Value& y, const Value& p) { return mean(abs(p - y), {-1}); }
Value mean_absolute_percentage_error(const Loss&, const Value& y, const Value& p) {
  return 100.0 * mean(abs((y - p) / maximum(abs(y), kEpsilon)), {-1});
}
Value mean_squared_logarithmic_error(const Loss&, const Value& y, const Value& p) {
  return mean(square(log(maximum(p, kEpsilon) + 1.0) - log(maximum(y, kEpsilon) + 1.0)), {-1});
}
Value huber_error(const Loss& loss, const Value& y, const Value& p) {
  const double delta = loss.number("delta");
  const Value error = abs(p - y), squared = minimum(error, delta);
  return mean(0.5 * square(squared) + delta * (error - squared), {-1});
}
// log(cosh(x)) = |x| + log(1 + exp(-2 |x|)) - log(2), which cannot overflow
Value log_cosh(const Loss&, const Value& y, const Value& p) {
  const Value error = abs(p - y);
  return mean(error + softplus(-2.0 * error) - std::log(2.0), {-1});
}
Value cosine_similarity(const Loss&, const Value& y, const Value& p) {
  return -sum(normalized(y) * normalized(p), {-1});
}
Value binary_entropy(const Loss& loss, const Value& y, const Value& p) {
  return mean(binary(smooth(loss, y, 2), p, binary_logits(p, loss.flag("from_logits"))), {-1});
}
Value categorical_entropy(const Loss& loss, const Value& y, const Value& p) {
  return -sum(smooth(loss, y, classes_of(p)) * log_probabilities(p, loss.flag("from_logits")), {-1});
}
Value sparse_entropy(const Loss& loss, const Value& labels, const Value& p) {
  const Value y = smooth(loss, one_hot(labels, p.shape()[-1], p.dtype()), classes_of(p));
  const Value values = -sum(y * log_probabilities(p, loss.flag("from_logits")), {-1});
  const auto ignored = loss.ignored_class();
  if (!ignored) return values;
  const Value counts = not_equal(labels, constant(static_cast<double>(*ignored), labels.dtype()));
  return select(cast(counts, p.dtype()), values, constant(0, p.dtype()));
}
Value binary_focal(const Loss& loss, const Value& targets, const Value& p) {
  const Value y = smooth(loss, targets, 2), logits = binary_logits(p, loss.flag("from_logits"));
  const Value yes = logits.defined() ? sigmoid(logits) : p,
              no = logits.defined() ? sigmoid(-logits) : 1.0 - p;
  Value values = focus(loss, y * no + (1.0 - y) * yes) * binary(y, p, logits);
  const double alpha = loss.number("alpha");
  if (loss.flag("apply_class_balancing")) values = (y * alpha + (1.0 - y) * (1 - alpha)) * values;
  return mean(values, {-1});
}
Value categorical_focal(const Loss& loss, const Value& targets, const Value& p) {
  const Value y = smooth(loss, targets, classes_of(p)), logs = log_probabilities(p, loss.flag("from_logits"));
  return -loss.number("alpha") * sum(focus(loss, -expm1(logs)) * y * logs, {-1});
}
Value kl_divergence(const Loss&, const Value& y_given, const Value& p) {
  const Value y = clip(y_given, kEpsilon, 1);
  return sum(y * log(y / clip(p, kEpsilon, 1)), {-1});
}
Value poisson(const Loss&, const Value& y, const Value& p) { return mean(p - y * log(p + kEpsilon), {-1}); }
Value hinge(const Loss&, const Value& y, const Value& p) { return mean(hinge_of(y, p), {-1}); }
Value squared_hinge(const Loss&, const Value& y, const Value& p) {
  return mean(square(hinge_of(y, p)), {-1});
}
Value categorical_hinge(const Loss&, const Value& y, const Value& p) {
  return relu(max((1.0 - y) * p, {-1}) - sum(y * p, {-1}) + 1.0);
}
Value dice_loss(const Loss& loss, const Value& y, const Value& p) {
  return 1.0 - 2.0 * sum_over(loss, y * p) / (sum_over(loss, y) + sum_over(loss, p) + kEpsilon);
}
Value tversky_loss(const Loss& loss, const Value& y, const Value& p) {
  // As Keras computes it up to 3.15: alpha is the weight of what was missed, whatever its documentation says.
  const Value both = sum_over(loss, y * p), missed = sum_over(loss, y * (1.0 - p)),
              false_alarms = sum_over(loss, (1.0 - y) * p);
  return 1.0 - both / (both + loss.number("alpha") * missed + loss.number("beta") * false_alarms + kEpsilon);
}

Value connectionist(const Loss&, const Value& y, const Value& logits) {
  return ctc_loss(y.dtype() == DType::int32 ? y : cast(y, DType::int32), logits);
}

}  // namespace

const std::vector<LossRow>& loss_catalog() {
  const std::pair<const char*, LossSetting> from_logits{"from_logits", false},
      smoothing{"label_smoothing", 0.0}, last{"axis", int64_t{-1}}, all{"axis", std::vector<int64_t>{}},
      gamma{"gamma", 2.0};
  static const std::vector<LossRow> rows = {
      {"mean_squared_error", "mse", "MeanSquaredError", "mean of (y - ŷ)²", {}, mean_squared_error},
      {"mean_absolute_error", "mae", "MeanAbsoluteError", "mean of |y - ŷ|", {}, mean_absolute_error},
      {"mean_absolute_percentage_error",
       "mape",
       "MeanAbsolutePercentageError",
       "mean of 100 |y - ŷ| / |y|",
       {},
       mean_absolute_percentage_error},
      {"mean_squared_logarithmic_error",
       "msle",
       "MeanSquaredLogarithmicError",
       "mean of (log(1 + y) - log(1 + ŷ))²",
       {},
       mean_squared_logarithmic_error},
      {"huber", "", "Huber", "squares up to delta, lines beyond", {{"delta", 1.0}}, huber_error},
      {"log_cosh", "logcosh", "LogCosh", "mean of log(cosh(ŷ - y))", {}, log_cosh},
      {"cosine_similarity",
       "cosine_similarity",
       "CosineSimilarity",
       "minus the cosine of the angle",
       {last},
       cosine_similarity},
      {"binary_crossentropy",
       "bce",
       "BinaryCrossentropy",
       "-y log p - (1 - y) log(1 - p)",
       {from_logits, smoothing, last},
       binary_entropy},
      {"categorical_crossentropy",
       "cce",
       "CategoricalCrossentropy",
       "-Σ y log p, targets are vectors",
       {from_logits, smoothing, last},
       categorical_entropy},
      {"sparse_categorical_crossentropy",
       "scce",
       "SparseCategoricalCrossentropy",
       "-log p of the class, targets are numbers",
       {from_logits, {"ignore_class", std::monostate()}, smoothing},
       sparse_entropy},
      {"binary_focal_crossentropy",
       "binary_focal_crossentropy",
       "BinaryFocalCrossentropy",
       "cross-entropy times (1 - p)^gamma",
       {from_logits, smoothing, last, {"apply_class_balancing", false}, {"alpha", 0.25}, gamma},
       binary_focal},
      {"categorical_focal_crossentropy",
       "categorical_focal_crossentropy",
       "CategoricalFocalCrossentropy",
       "the same for vectors of classes",
       {from_logits, smoothing, last, {"alpha", 0.25}, gamma},
       categorical_focal},
      {"kl_divergence", "kld", "KLDivergence", "Σ y log(y / p)", {}, kl_divergence},
      {"poisson", "", "Poisson", "mean of ŷ - y log ŷ", {}, poisson},
      {"hinge", "", "Hinge", "mean of max(1 - y ŷ, 0), targets -1 and 1 (or 0 and 1)", {}, hinge},
      {"squared_hinge", "", "SquaredHinge", "the same, squared", {}, squared_hinge},
      {"categorical_hinge",
       "categorical_hinge",
       "CategoricalHinge",
       "max(largest wrong - right + 1, 0), targets are vectors",
       {},
       categorical_hinge},
      {"dice", "", "Dice", "1 - 2 |y ∩ p| / (|y| + |p|)", {all}, dice_loss},
      {"tversky",
       "tversky",
       "Tversky",
       "dice with weights for what was missed and for false alarms",
       {{"alpha", 0.5}, {"beta", 0.5}, all},
       tversky_loss},
      {"ctc",
       "",
       "CTC",
       "-log p of all ways to say labels that come at no known time, targets are numbers, 0 behind the end",
       {},
       connectionist},
  };
  return rows;
}

}  // namespace folio
