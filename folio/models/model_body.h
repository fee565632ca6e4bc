// The inside of a model: its graph, its layers, how it is trained, its plans.
#pragma once
#include <map>
#include <set>
#include <string>

#include "folio/layers/trace.h"
#include "folio/models/layer_order.h"
#include "folio/models/model.h"
#include "folio/models/plan_cache.h"
#include "folio/models/structure.h"

namespace folio {

/// Texts by file name.
using Assets = std::map<std::string, std::string>;

class ModelBody final : public LayerBody {
 public:
  enum class Kind { functional, sequential };
  explicit ModelBody(Kind kind) : kind_(kind) {}

  std::string class_name() const override { return kind_ == Kind::sequential ? "Sequential" : "Functional"; }
  void build(const std::vector<Shape>& inputs) override;
  Values call(const LayerCall& call, Effects& effects) override;
  CallArgumentList arguments() const override { return {CallArgument::training(), CallArgument::mask()}; }
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

  /// What belongs to the model and is no layer: how raw data becomes its input, what its outputs are called
  /// (recipes/raw_data.h). It travels inside model files; Keras passes it over.
  Assets assets;

  TrainingOptions training;
  bool compiled = false;
  /// Penalties on outputs (activity regularizers) are divided by the batch, as Keras does since 3.14, and did
  /// in Keras 2; false for models of Keras 3.0 to 3.13, which add them up.
  bool mean_activity_penalties = true;
  void set_training(TrainingOptions options);
  const Loss* loss_of(size_t output) const;

  /// What of `metrics` is for an output.
  const std::vector<Metric>& metrics_of(const Metrics& metrics, size_t output) const;
  /// What the arrays of a batch are: inputs, targets unless predicting (class numbers are int32, others of
  /// the type of the prediction), then weights.
  std::vector<TensorType> batch_shapes(Purpose purpose, int64_t rows, bool weighted = false) const;
  std::vector<DType> batch_types(Purpose purpose, bool weighted) const;

  /// A key with all but the types of a batch.
  PlanKey plan_key(Purpose purpose, bool weighted = false);
  PlanCache& plans() { return plans_; }

 private:
  uint64_t variant();

  Kind kind_;
  Values inputs_, outputs_;
  std::vector<Layer> layers_;
  std::set<std::string> names_;  // of a Sequential's layers
  PlanCache plans_{*this};
  std::mutex variants_mutex_;
  std::vector<std::vector<const void*>> variants_;  // what was frozen and trained, of each variant
  std::atomic<uint64_t> variants_version_{0}, variant_{0};
};

}  // namespace folio
