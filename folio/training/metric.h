// What is reported beside the loss. (sheet A1 to A4)
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/graph/value.h"
#include "folio/training/loss.h"

namespace folio {

class Fields;

/// What a metric sees of a batch.
struct MetricInputs {
  Value y_true, y_pred;
  Value weights;  ///< (batch,), or undefined: all 1
  Value mask;     ///< of the predictions (batch, …), or undefined
};

/// What every batch adds to, and what follows from it in the end.
class MetricBody {
 public:
  virtual ~MetricBody() = default;
  /// Keras'.
  virtual std::string class_name() const = 0;
  /// Keras' settings, without the name. (base/fields.h)
  virtual void fields(Fields&) {}
  /// Called when the settings are there and each is good by itself: checks what they must be together.
  virtual void configured() {}
  /// What the fields say.
  Json config() const;
  /// Sums over the samples of a batch, such as a total and a count; their shapes are the same for all
  /// batches.
  virtual Values sums(const MetricInputs& batch) const = 0;
  /// The metric from the sums of all batches, laid flat one after the other: one number, or one per threshold
  /// or class. Never NaN of finite sums.
  virtual std::vector<double> result(const std::vector<double>& sums) const = 0;
  /// Whether more of it is better. Nothing: who watches it must say so (`mode`).
  virtual std::optional<bool> larger_is_better() const { return {}; }
};

/// A metric and its settings; a cheap shared handle. A name converts (.metrics = {"accuracy", "AUC"}), and so
/// does a loss, whose mean is then reported. `metrics::` makes metrics with settings of their own.
class Metric {
 public:
  Metric() = default;
  Metric(const char* name) : Metric(std::string(name)) {}  // NOLINT: names convert
  /// A class name, Keras' snake case or short name; "accuracy" becomes binary, sparse or categorical by the
  /// shapes. Throws `Error` listing the known names.
  Metric(const std::string& name);  // NOLINT
  Metric(const Loss& loss);         // NOLINT
  /// The mean over samples of a function of one's own: y_true, y_pred -> (batch, …). No file can hold it.
  Metric(LossFunction own, const std::string& name);
  template <IsLossFunction F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Metric>) Metric(F own)
      : Metric(LossFunction(std::move(own)), "metric") {}  // NOLINT: functions convert
  /// `name` empty: the default of the class.
  explicit Metric(std::shared_ptr<MetricBody> body, const std::string& name = "");
  /// From Keras' file: a name, or an envelope {class_name, config}.
  static Metric from_config(const Json& config, const std::string& place);
  Json config() const;
  bool defined() const { return body_ != nullptr; }
  bool is_own() const { return own_; }

  std::string name;  ///< the key in histories

  /// Both as the body's; errors name the metric.
  Values sums(const MetricInputs& batch) const;
  std::vector<double> result(const std::vector<double>& sums) const { return body_->result(sums); }
  std::optional<bool> larger_is_better() const { return body_->larger_is_better(); }

 private:
  std::shared_ptr<const MetricBody> body_;
  bool by_name_ = false;  ///< files then hold the name alone
  bool own_ = false;      ///< a function of the program's
};

/// All metrics, and the losses of which none of Keras' metrics is the mean: what look-up, files, help and
/// tests walk.
struct MetricRow {
  std::string class_name, name;      ///< `name` is the key in histories unless another is given
  std::vector<std::string> aliases;  ///< other names that look-up takes
  std::string what;
  std::function<std::shared_ptr<MetricBody>()> blank;  ///< with Keras' defaults
};
const std::vector<MetricRow>& metric_catalog();

/// Whether more is better of what stands under this key in a history whose model is not at hand: by the name
/// of the catalogue that it ends with, as a word of its own. A model's own metrics know better.
std::optional<bool> larger_is_better(const std::string& key);

}  // namespace folio
