// The inside of a model: its graph, its compiled plans, its training settings.
#pragma once
#include <list>
#include <mutex>
#include <optional>
#include <set>

#include "folio/layers/trace.h"
#include "folio/models/model.h"
#include "folio/models/structure.h"
#include "folio/models/totals.h"

namespace folio {

/// Shapes and uses that a plan is made for.
struct PlanKey {
  enum class Use { train, evaluate, predict } use;
  std::vector<TensorType> types;  ///< inputs, targets, weights
  bool weighted = false;
  int threads = 0;
  bool operator==(const PlanKey&) const = default;
};

/// A plan with memory to run it in: a frame that is nobody else's until the last copy of this is gone.
struct ReadyPlan {
  Plan plan;
  std::shared_ptr<Frame> frame;
};

/// Frames that wait for the next user of their plan.
class FramePool : public std::enable_shared_from_this<FramePool> {
 public:
  explicit FramePool(Plan plan) : plan_(std::move(plan)) {}
  ReadyPlan borrow();

 private:
  Plan plan_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Frame>> idle_;
};

/// What training makes small.
struct TotalLoss {
  Value total;     ///< with the shares of the outputs and all penalties
  Values outputs;  ///< the loss of each output; undefined where there is none
};

class ModelBody final : public LayerBody {
 public:
  enum class Kind { functional, sequential };
  explicit ModelBody(Kind kind) : kind_(kind) {}

  std::string class_name() const override { return kind_ == Kind::sequential ? "Sequential" : "Functional"; }
  void build(const std::vector<Shape>& inputs) override;
  Values call(const LayerCall& call, Effects& effects) override;
  CallArgumentList arguments() const override { return {CallArgument::training(), CallArgument::mask()}; }
  void set_trainable(bool trainable) override;
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override;

  void set_graph(Values inputs, Values outputs);
  void add_layer(const SequentialItem& item);
  Kind kind() const { return kind_; }
  bool has_graph() const { return !outputs_.empty(); }
  /// For a Sequential that has not seen a shape yet.
  void build_from(const std::vector<Shape>& shapes, const std::vector<DType>& types);
  const Values& inputs() const;
  const Values& outputs() const;
  const std::vector<Layer>& layers() const { return layers_; }
  /// Name of the InputLayer of each input; key of each output, or name of the layer that makes it.
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
  Structure input_structure, output_structure;

  TrainingOptions training;
  bool compiled = false;
  void set_training(TrainingOptions options);
  const Loss* loss_of(size_t output) const;

  /// The loss of a traced model: `weights` may be undefined; `masks` are those of the outputs, `penalties`
  /// those that tracing has left behind.
  TotalLoss total_loss(const Values& targets, const Values& predicted, const Value& weights,
                       const Values& masks, const Values& penalties) const;
  /// Element types of targets: class numbers are int32, others are those of the prediction.
  std::vector<DType> target_types() const;
  /// Finds or makes the plan; the cache keeps the latest few. Safe to call from several threads.
  ReadyPlan plan(const PlanKey& key);
  const std::vector<Report>& reports() const { return reports_; }
  void forget_plans();

 private:
  Plan compile_plan(const PlanKey& key);
  /// What of `metrics` is for an output.
  const std::vector<Metric>& metrics_of(const Metrics& metrics, size_t output) const;
  void find_layers();

  Kind kind_;
  Values inputs_, outputs_;
  std::vector<Layer> layers_;
  std::set<std::string> names_;  // of a Sequential's layers
  std::vector<Report> reports_;
  std::list<std::pair<PlanKey, std::shared_ptr<FramePool>>> plans_;  // latest first
  std::mutex plans_mutex_;
  std::vector<const void*> trained_;  // weights that the plans were made to train
};

/// The layer that made a symbolic value; an undefined layer for inputs and plain ops.
Layer maker_of(const Value& value);

}  // namespace folio
