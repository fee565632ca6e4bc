// A model's plans over the batches of a data set.
#pragma once
#include <optional>

#include "folio/data/batches.h"
#include "folio/models/model_body.h"

namespace folio {

/// In which order rows are taken, and how many at a time.
struct BatchOrder {
  int64_t batch_size = 32;
  bool shuffle = false;
  uint64_t seed = 0;
  int64_t first_batch = 0;  ///< so many are taken as run already
};

/// What the plan of a batch of `rows` rows of these data is kept under. `gathered`: the rows are picked by
/// number.
PlanKey plan_key_for(ModelBody& model, Purpose purpose, const Data& data, int64_t rows, bool gathered);

/// Runs a batch after the other. Rows of arrays in memory stay where they are: in order they are read there;
/// shuffled, the plan's own threads pick them, each those that it goes on with. What types and scale ask for,
/// the plan does with the rows that it has at hand. Rows that change at random are gathered by all threads
/// before the plan runs. Only data that are streamed come through a thread that reads ahead.
class BatchRunner {
 public:
  /// `data` must fit the model and outlive the runner. `first`: the first batch's plan, if it was found
  /// already.
  BatchRunner(ModelBody& model, Purpose purpose, const Data& data, const BatchOrder& order,
              ReadyPlan first = {});

  /// Batches of a pass; the last may have fewer rows.
  int64_t steps() const { return dealer_.steps(); }
  /// Runs the next batch; the frame holds the results until the next call.
  const Frame& run();
  /// Of the batch that was run last: its rows, and what the outputs mean.
  int64_t rows() const { return rows_.count; }
  const std::vector<LogEntry>& logs() const { return ready_.logs(); }
  /// The same batch in the types that the model takes; valid until the next run. Gathered when asked for.
  const Batch& batch() const;

 private:
  void choose_plan();
  void show_rows();

  ModelBody& model_;
  Purpose purpose_;
  const Data& data_;
  bool gathered_;
  RowDealer dealer_;
  std::vector<Tensor> arrays_;
  std::optional<BatchLoader> loader_;  // for streamed data
  const Batch* loaded_ = nullptr;      // from there, or gathered here
  BatchRows rows_;
  int64_t planned_rows_ = -1;
  ReadyPlan ready_;
  mutable Batch copy_;
  mutable bool copied_ = false;
};

}  // namespace folio
