// The loops: fit, evaluate, predict.
#pragma once
#include "folio/models/model_body.h"

namespace folio {

class Trainer {
 public:
  explicit Trainer(Model model);
  History fit(const Data& data, const FitOptions& options);
  Logs evaluate(const Data& data, int64_t batch_size, int64_t steps, int verbose);
  /// Of the inputs alone; targets and weights are left aside.
  std::vector<Tensor> predict(const Data& data, int64_t batch_size);
  void predict(const Data& data, int64_t batch_size, const PredictionSink& sink);
  Logs train_on_batch(const Data& batch);
  /// The data as one batch with targets, checked and in the model's types.
  Batch one_batch(const Data& data);
  Plan plan_for(int64_t batch_size, bool training);

 private:
  void need_compiled() const;
  /// Calls `run(data, plan)` with data that fit the model, and the plan of the first batch if there was one.
  template <class Run>
  auto with_checked(const Data& data, Purpose purpose, int64_t batch_size, const char* what, Run&& run);
  Logs evaluate_checked(const Data& data, int64_t batch_size, int64_t steps, ReadyPlan first = {});

  Model model_;
  ModelBody& body_;
};

/// Set by a signal handler: fit ends after the running step, as if a callback had stopped it.
void request_stop();
bool stop_requested();
void clear_stop();

}  // namespace folio
