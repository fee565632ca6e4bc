// The running `fit`, as callbacks see it, and where it stands.
#pragma once
#include <optional>

#include "folio/models/totals.h"
#include "folio/models/training_state.h"

namespace folio {

class FitTraining final : public ModelTraining {
 public:
  /// `data`: what is trained on, after the validation rows are gone.
  FitTraining(Model model, const FitOptions& options, const Data& data);

  int epochs() const override { return options_.epochs; }
  int epoch() const override { return epoch_; }
  int64_t step() const override { return step_; }
  int64_t steps() const override { return setting_.steps_per_epoch; }
  int64_t batch_size() const override { return options_.batch_size; }
  void stop() override { stopped_ = true; }
  bool stopped() const { return stopped_; }
  bool interrupted() const override { return history_.interrupted; }
  std::vector<Tensor> get_weights() const override { return model_.get_weights(); }
  void set_weights(const std::vector<Tensor>& weights) override { model_.set_weights(weights); }
  double learning_rate() const override { return model_.optimizer()->learning_rate(); }
  void set_learning_rate(double rate) override { model_.optimizer()->set_learning_rate(rate); }
  std::string find_non_finite() const override;
  const Model& model() const override { return model_; }
  const Batch& batch() const override { return *batch_; }
  const History& history() const override { return history_; }
  TrainingState state() const override;
  void go_on(TrainingState state) override;

  /// Gives the callbacks of a training that goes on their state back.
  void restore_callbacks();
  /// Takes in a step.
  void add(const Batch& batch, const Frame& frame, const std::vector<Report>& reports);
  /// Means over the running epoch.
  Logs logs() const { return totals_->logs(); }
  void end_epoch(const Logs& logs);
  void set_interrupted(bool interrupted) { history_.interrupted = interrupted; }

 private:
  Model model_;
  const FitOptions& options_;
  TrainingSetting setting_;
  int epoch_;
  int64_t step_ = 0;
  bool stopped_ = false;
  History history_;
  const Batch* batch_ = nullptr;
  std::optional<Totals> totals_;
  std::optional<TrainingState> earlier_;  // what this training goes on from, until all of it has been used
};

}  // namespace folio
