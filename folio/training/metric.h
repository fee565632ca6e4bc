// What is reported beside the loss. (sheet A1)
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "folio/base/json.h"
#include "folio/graph/value.h"
#include "folio/training/loss.h"

namespace folio {

/// A mean over samples, summed up batch by batch. A name converts: .metrics = {"accuracy"}.
struct Metric {
  Metric(const char* name) : Metric(std::string(name)) {}  // NOLINT: names convert
  Metric(std::string name);                                // NOLINT; throws `Error` listing the known names
  static Metric from_config(const Json& config, const std::string& place);
  Json config() const;

  std::string name;  ///< as written by the user; it is the key in histories
  std::string kind;  ///< resolved: "accuracy", "binary_accuracy", …, or a loss' name

  struct Contribution {
    Value total, count;  ///< scalars: the sum of the batch, and what to divide by
  };
  /// "accuracy" becomes binary, sparse or categorical by the shapes, as in Keras.
  Contribution of_batch(const Value& y_true, const Value& y_pred, const Value& weights = {}) const;
};

const std::vector<std::string>& metric_names();

}  // namespace folio
