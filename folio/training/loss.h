// What training makes small. (sheet C2)
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "folio/base/json.h"
#include "folio/graph/value.h"

namespace folio {

class Fields;

/// A setting of a loss: a truth value, a number, a whole number or nothing, or dimensions (none: all of
/// them).
using LossSetting = std::variant<std::monostate, bool, int64_t, double, std::vector<int64_t>>;

/// A loss of one's own, composed of ops: y_true, y_pred -> the loss of every sample (batch, …), or one
/// number.
using LossFunction = std::function<Value(const Value& y_true, const Value& y_pred)>;
struct Loss;
template <class F>
concept IsLossFunction = !std::is_same_v<std::remove_cvref_t<F>, Loss> &&
                         std::is_invocable_r_v<Value, F, const Value&, const Value&>;

/// A loss and its settings, with Keras' names. A name converts, .loss = "mse", and so does a function of
/// one's own: a model compiled with it trains like any other, but no file can hold it.
struct Loss {
  Loss() = default;
  template <IsLossFunction F>
  Loss(F own) : Loss(LossFunction(std::move(own)), "loss") {}  // NOLINT: functions convert
  Loss(LossFunction own, std::string name) : name(std::move(name)), function(std::move(own)) {}
  Loss(const char* name) : Loss(std::string(name)) {}  // NOLINT: names convert
  Loss(const std::string& name);                       // NOLINT; throws `Error` listing the known names
  /// From Keras' file: a name, or an envelope {class_name, config}.
  static Loss from_config(const Json& config, const std::string& place);
  Json config() const;
  /// The settings that the loss has, and the reduction. (base/fields.h)
  void fields(Fields& f);
  /// One of the settings as a field; hidden ones are read and not written.
  void field(Fields& f, const char* setting, bool hidden = false);
  bool defined() const { return !name.empty(); }

  /// Changes a setting: Loss("huber").set("delta", 2.0). Throws `Error` listing those that the loss has.
  Loss& set(const std::string& setting, const LossSetting& value);
  bool flag(const std::string& setting) const { return std::get<bool>(settings.at(setting)); }
  double number(const std::string& setting) const { return std::get<double>(settings.at(setting)); }

  std::string name;       ///< "mean_squared_error"
  LossFunction function;  ///< of one's own; empty for those of the catalogue
  /// How many losses become one: "sum_over_batch_size" or "mean" divide their sum by their number,
  /// "mean_with_sample_weight" by the sum of the weights, "sum" by nothing. "none" leaves them alone, which
  /// `fit` cannot use.
  std::string reduction = "sum_over_batch_size";
  std::map<std::string, LossSetting> settings;  ///< all that the loss has

  /// Whether predictions are logits, and how far targets are drawn to the middle; no for losses without these
  /// settings.
  bool from_logits() const { return settings.contains("from_logits") && flag("from_logits"); }
  double label_smoothing() const {
    return settings.contains("label_smoothing") ? number("label_smoothing") : 0;
  }

  /// True when targets are class numbers.
  bool sparse() const { return name == "sparse_categorical_crossentropy"; }
  /// The class number of samples that do not count, for sparse losses that were given one.
  std::optional<int64_t> ignored_class() const;
  /// The loss of every sample: y_pred (batch, …, n) and y_true of the same shape, or without the last
  /// dimension when sparse -> (batch, …). "dice" and "tversky" are sums over all dimensions unless told: one
  /// number. When y_pred comes straight from a softmax or sigmoid, cross-entropies use its logits: the same
  /// number, without the loss of digits.
  Value per_sample(const Value& y_true, const Value& y_pred) const;
  /// The number that is minimised: the mean over all samples (and steps), each weighted by `weights` (batch,)
  /// if defined; of steps with a `mask` (batch, steps), over those that count.
  Value operator()(const Value& y_true, const Value& y_pred, const Value& weights = {},
                   const Value& mask = {}) const;
};

Loss binary_crossentropy(bool from_logits = false, double label_smoothing = 0);
Loss categorical_crossentropy(bool from_logits = false, double label_smoothing = 0);
/// Samples of class `ignore_class` do not count.
Loss sparse_categorical_crossentropy(bool from_logits = false, std::optional<int64_t> ignore_class = {});
/// Squares up to `delta`, straight lines beyond (Huber 1964).
Loss huber(double delta = 1);
struct FocalOptions {
  double alpha = 0.25, gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  bool apply_class_balancing = false;  ///< binary only: alpha for class 1, 1 - alpha for class 0
};
/// Cross-entropies times (1 - p of the class)^gamma, which makes little of what is already right (Lin 2017).
Loss binary_focal_crossentropy(FocalOptions options = {});
Loss categorical_focal_crossentropy(FocalOptions options = {});
/// 1 - 2 |y ∩ p| / (|y| + |p|) over the dimensions `axis`, all if empty.
Loss dice(std::vector<int64_t> axis = {});
/// 1 - |y ∩ p| / (|y ∩ p| + alpha · missed + beta · false alarms)
Loss tversky(double alpha = 0.5, double beta = 0.5, std::vector<int64_t> axis = {});

/// All losses: what look-up, files, help and tests walk.
struct LossRow {
  const char *name, *alias, *class_name, *what;  ///< the alias may be ""
  /// Names of settings and their defaults, which tell what kind of value each takes.
  std::vector<std::pair<const char*, LossSetting>> settings;
  /// The loss of every sample; y as the predictions, with the dimension of classes last.
  Value (*formula)(const Loss& loss, const Value& y, const Value& y_pred);
};
const std::vector<LossRow>& loss_catalog();

}  // namespace folio
