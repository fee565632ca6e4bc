// The running `fit`, as callbacks see it, and where it stands.
#pragma once
#include <optional>

#include "folio/models/batch_runner.h"
#include "folio/models/fit_state.h"

namespace folio {

class RunningFit final : public ModelFit {
 public:
  /// `data`: what is trained on, after the validation rows are gone. Everything must outlive the training.
  RunningFit(Model model, const FitOptions& options, const Data& data, const Data& validation);

  int epochs() const override { return options_.epochs; }
  int epoch() const override { return epoch_; }
  int64_t step() const override { return step_; }
  int64_t steps() const override { return setting_.steps_per_epoch; }
  int64_t batch_size() const override { return options_.batch_size; }
  Directions directions() const override { return directions_of(model_.model()); }
  void stop() override { stopped_ = true; }
  bool stopped() const override { return stopped_; }
  bool interrupted() const override { return history_.interrupted; }
  std::vector<Tensor> get_weights() const override { return model_.get_weights(); }
  void set_weights(const std::vector<Tensor>& weights) override { model_.set_weights(weights); }
  double learning_rate() const override { return model_.optimizer()->learning_rate(); }
  void set_learning_rate(double rate) override { model_.optimizer()->set_learning_rate(rate); }
  std::string find_non_finite() const override;
  const Model& model() const override { return model_; }
  int64_t batch_rows() const override { return runner_->rows(); }
  const Batch& batch() const override { return runner_->batch(); }
  const History& history() const override { return history_; }
  FitState state() const override;
  void go_on(FitState state) override;

  /// Gives the callbacks of a training that goes on their state back.
  void restore_callbacks();
  /// Takes in the step that `runner` has made.
  void add(const BatchRunner& runner, const Frame& frame);
  /// Means over the running epoch.
  Logs logs() const { return totals_->logs(); }
  void end_epoch(const Logs& logs);
  void set_interrupted(bool interrupted) { history_.interrupted = interrupted; }

 private:
  /// Of all rows, which are read for it: only for those who keep a state or go on from one.
  uint32_t data_checksum() const;

  Model model_;
  const FitOptions& options_;
  const Data &data_, &validation_;
  FitSetting setting_;  // but for the checksum
  mutable std::optional<uint32_t> checksum_;
  int epoch_;
  int64_t step_ = 0;
  bool stopped_ = false;
  History history_;
  const BatchRunner* runner_ = nullptr;
  std::optional<Totals> totals_;
  std::optional<FitState> earlier_;  // what this training goes on from, until all of it has been used
};

}  // namespace folio
