// What training makes small. (sheet C2)
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/graph/value.h"

namespace folio {

/// A loss and its settings, with Keras' names. A name converts: .loss = "mse".
struct Loss {
  Loss() = default;
  Loss(const char* name) : Loss(std::string(name)) {}  // NOLINT: names convert
  Loss(const std::string& name);                       // NOLINT; throws `Error` listing the known names
  /// From Keras' file: a name, or an envelope {class_name, config}.
  static Loss from_config(const Json& config, const std::string& place);
  Json config() const;
  bool defined() const { return !name.empty(); }

  std::string name;  ///< "mean_squared_error"
  bool from_logits = false;
  double label_smoothing = 0;
  std::string reduction = "sum_over_batch_size";  ///< or "sum", "none" (which fit takes as the mean)

  /// True when targets are class numbers.
  bool sparse() const { return name == "sparse_categorical_crossentropy"; }
  /// The loss of every sample: y_pred (batch, …, n) and y_true of the same shape, or without the last
  /// dimension when sparse -> (batch, …). When y_pred comes straight from a softmax or sigmoid, its logits
  /// are used: the same number, without the loss of digits.
  Value per_sample(const Value& y_true, const Value& y_pred) const;
  /// The number that is minimised: the mean over all samples (and steps), each weighted by `weights` (batch,)
  /// if defined; of steps with a `mask` (batch, steps), over those that count.
  Value operator()(const Value& y_true, const Value& y_pred, const Value& weights = {},
                   const Value& mask = {}) const;
};

Loss binary_crossentropy(bool from_logits = false, double label_smoothing = 0);
Loss categorical_crossentropy(bool from_logits = false, double label_smoothing = 0);
Loss sparse_categorical_crossentropy(bool from_logits = false);

/// All losses: what look-up, files, help and tests walk.
struct LossRow {
  const char *name, *alias, *class_name, *what;
};
const std::vector<LossRow>& loss_catalog();

}  // namespace folio
