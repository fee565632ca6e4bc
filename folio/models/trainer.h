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
  /// Checks arrays against the model, and class numbers against the classes; reshapes targets to what the
  /// loss wants.
  Data checked(Data data, const std::string& what, bool targets);
  std::vector<DType> types_of(const Data& data, bool targets) const;
  void need_compiled() const;

  Model model_;
  ModelBody& body_;
};

/// Set by a signal handler: fit ends after the running step, as if a callback had stopped it.
void request_stop();
bool stop_requested();
void clear_stop();

}  // namespace folio
