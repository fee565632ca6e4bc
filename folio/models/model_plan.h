// A model's plan for batches of some shapes, and what of its outputs goes into the logs.
#pragma once
#include "folio/models/checked_data.h"
#include "folio/models/model.h"
#include "folio/models/totals.h"

namespace folio {

/// What a plan is made for.
struct PlanKey {
  Purpose purpose = Purpose::predict;
  int threads = 0;
  /// Of a batch as it is given: inputs, targets unless predicting, weights. The plan begins with what makes
  /// of it what the model takes.
  std::vector<TensorType> types = {};
  bool weighted = false;   ///< whether weights of samples come last
  uint64_t variant = 0;    ///< which layers are frozen (`ModelBody::plan_key`)
  uint64_t seed = 0;       ///< of random layers
  double scale = 1;        ///< that inputs are multiplied by
  int64_t table_rows = 0;  ///< if not 0, the batch is picked out of arrays of at most so many rows

  bool operator==(const PlanKey&) const = default;
  size_t hash() const;
};

struct ModelPlan {
  /// Its inputs: the arrays of the batch. If it is picked, the whole arrays, then the numbers of the rows,
  /// int64 (batch,), which must be right.
  Plan plan;
  /// Of a plan with targets: its outputs, in order. A plan that predicts puts out the predictions.
  std::vector<LogEntry> logs;
  /// What the plan relies on beyond types.
  std::vector<ValueCheck> checks;
};

/// What training and evaluating will log, and which way it is better.
Directions directions_of(const ModelBody& model);

/// Compiles the model for `key`.
ModelPlan compile_model(const ModelBody& model, const PlanKey& key);

}  // namespace folio
