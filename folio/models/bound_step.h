// A model's plan with its arrays at fixed places: what loops run a million times.
#pragma once
#include "folio/layers/layers_version.h"
#include "folio/models/model_body.h"

namespace folio {

/// Fill `input(0)`, call `run`, read `output(0)`: that costs no more than the plan itself. Moves, but is not
/// copied; every caller makes one of his own. If the model has changed since (compiled, frozen, another seed,
/// more layers), the next run takes the plan that fits it now; weights may change at any time.
///
///   auto step = model.bind({.batch_size = 1});
///   step.input(0).data<float>()[0] = 1;
///   step.run();
///   const float y = step.output(0).data<float>()[0];
class BoundStep {
 public:
  /// Throws `Error` when the model is not built, not compiled although the purpose needs a loss, or leaves
  /// dimensions open that `options` does not tell.
  BoundStep(const Model& model, const StepOptions& options);

  /// The memory of an array of the batch, (batch, …): written by the caller before `run`. Throws `Error` when
  /// there is no such array.
  Tensor& input(size_t i = 0) { return array("input", i, 0, inputs_); }
  Tensor& target(size_t i = 0) { return array("target", i, inputs_, targets_); }
  Tensor& sample_weight() { return array("sample weight", 0, inputs_ + targets_, options_.weighted); }
  void run() {
    if (layers_version() != layers_ || plans_->age() != age_ || random_seed() != seed_) choose_plan();
    ready_.run();
  }
  /// Of the latest run, valid until the next: predictions; or the loss and the sums of metrics, for which see
  /// `logs`.
  const Tensor& output(size_t i = 0) const { return ready_.frame().output(static_cast<int>(i)); }
  /// "loss" and the metrics of the latest run. Not when predicting.
  Logs logs() const;
  const Plan& plan() const { return ready_.plan(); }

 private:
  Tensor& array(const char* what, size_t i, size_t first, size_t count);
  void choose_plan();

  Model model_;
  StepOptions options_;
  PlanCache* plans_;
  size_t inputs_ = 0, targets_ = 0;
  std::vector<Tensor> arrays_;
  uint64_t layers_ = 0, age_ = 0, seed_ = 0;  // of the model when the plan was chosen
  ReadyPlan ready_;
};

}  // namespace folio
