// A layer: configuration, parameters, and a call made of ops.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/graph/graph.h"
#include "folio/layers/weights/weight_rules.h"

namespace folio {

/// What a layer may want to know, and where it leaves what it wants to be done, while its call is traced.
struct CallContext {
  bool training = false;
  uint64_t seed = 0;
  /// int64 scalar: the training step, for random layers. Defined when training.
  Value step;
  /// Number of the next random call: the same place in the model always gets the same number.
  uint32_t next_site = 0;
  /// State that a training step changes beside the weights: moving statistics.
  std::vector<Update> updates;
  /// Numbers that are added to the training loss: penalties on outputs.
  Values losses;
  /// Masks of the inputs of the call being traced, (batch, steps): 1 for a step that counts, 0 for one that
  /// does not. Undefined for inputs of which all steps count.
  Values masks;
  /// Where a call leaves the masks of its outputs, when `compute_masks` cannot tell them.
  std::optional<Values> output_masks;

  Value mask(size_t input = 0) const { return input < masks.size() ? masks[input] : Value(); }
};

/// A weight whose size is part of the training loss.
struct RegularizedWeight {
  Parameter parameter;
  Regularizer regularizer;
};

/// A weight that is held to something after every training step.
struct ConstrainedWeight {
  Parameter parameter;
  Constraint constraint;
};

/// What a layer is; users hold a `Layer`.
class LayerBody {
 public:
  virtual ~LayerBody() = default;
  /// Keras' class name: "Dense".
  virtual std::string class_name() const = 0;
  /// Makes the parameters; the shapes are those of the call's inputs, the batch unknown. Called once.
  virtual void build(const std::vector<Shape>& /*inputs*/) {}
  /// Composes the outputs from the inputs. May be traced any number of times, with known or unknown shapes.
  virtual Values call(const Values& inputs, CallContext& context) = 0;
  /// True when the call reads `context.masks`; a file then says which masks they are.
  virtual bool takes_masks() const { return false; }
  /// True when the steps of the output are those of the input, so that its mask goes through unchanged.
  virtual bool supports_masking() const { return false; }
  /// The masks of the outputs, made by the functions of layers/function.h; undefined or missing: none.
  virtual Values compute_masks(const Values& inputs, const Values& masks) const;
  /// Keras' config without name, trainable and dtype.
  virtual Json config() const;
  /// Layers inside this one, with the names Keras gives their place ("forward_layer"); empty for most.
  virtual std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const { return {}; }

  /// How many ids there are for a layer that looks its inputs up: they are whole numbers from 0 on. 0 for all
  /// other layers.
  virtual int64_t vocabulary() const { return 0; }
  /// True when, while training, an example's outputs depend on the other examples: statistics of the batch.
  virtual bool mixes_rows() const;

  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  bool trainable() const { return trainable_; }
  /// Freezes or thaws the layer and all inside it.
  virtual void set_trainable(bool trainable);
  bool built() const { return built_; }
  /// Builds once; errors name the layer.
  void ensure_built(const std::vector<Shape>& inputs);
  /// `call`; errors name the layer.
  Values named_call(const Values& inputs, CallContext& context);
  /// `named_call` as part of a model: the penalty on the outputs goes to `context`.
  Values traced_call(const Values& inputs, CallContext& context);
  /// All parameters in Keras' order: trainable ones in order of creation, then the others.
  virtual std::vector<Parameter> weights() const;
  std::vector<Parameter> trainable_weights() const;
  std::vector<Parameter> non_trainable_weights() const;
  /// The trainable weights that have a regularizer, with those of the layers inside.
  std::vector<RegularizedWeight> regularized_weights() const;
  /// The same for those that have a constraint.
  std::vector<ConstrainedWeight> constrained_weights() const;
  /// `Dense "fc1"`
  std::string label() const { return class_name() + " \"" + name_ + "\""; }

 protected:
  /// For `build`: a new parameter, named after its role ("kernel").
  Parameter add_weight(const std::string& role, Shape shape, const Initializer& initializer,
                       bool trainable = true);
  Parameter add_weight(const std::string& role, Shape shape, const Initializer& initializer,
                       const Regularizer& regularizer);
  Parameter add_weight(const std::string& role, Shape shape, const WeightRules& rules);
  /// A weight of a given type that starts with zeros and is not trained.
  Parameter add_state(const std::string& role, Shape shape, DType type);
  /// The penalty on every output of the layer.
  void set_activity_regularizer(Regularizer regularizer) { activity_regularizer_ = regularizer; }

 private:
  Parameter make_weight(const std::string& role, const Shape& shape, const Initializer& initializer,
                        bool trainable, DType type);

  std::string name_;
  bool trainable_ = true, built_ = false;
  std::vector<Parameter> trainable_weights_, other_weights_;
  std::vector<RegularizedWeight> regularized_;
  std::vector<ConstrainedWeight> constrained_;
  Regularizer activity_regularizer_;
};

/// While it lives, the layers that this thread makes may have so many weight elements together and no more.
/// Sizes in a config from a file are promises: they are not paid for beyond what the file can hold. Limits
/// nest; the tightest counts.
class WeightLimit {
 public:
  explicit WeightLimit(int64_t elements);
  ~WeightLimit();
  WeightLimit(const WeightLimit&) = delete;
  WeightLimit& operator=(const WeightLimit&) = delete;
  /// Throws `Error` when the weight is too large for what is left.
  static void spend(const std::string& weight, const Shape& shape);

 private:
  double left_;
  WeightLimit* outer_;
};

/// A cheap shared handle: copies are the same layer, calling it twice shares its weights.
class Layer {
 public:
  Layer() = default;
  explicit Layer(std::shared_ptr<LayerBody> body) : body_(std::move(body)) {}

  /// Calls the layer on symbolic values: builds it if needed, checks shapes and records the call.
  Value operator()(const Value& input) const;
  Value operator()(const Values& inputs) const;
  /// For layers with several outputs, and for masks of one's own: those of the inputs, undefined where the
  /// mask that came with an input holds.
  Values call(const Values& inputs, const Values& masks = {}) const;

  bool defined() const { return body_ != nullptr; }
  const std::string& name() const { return body_->name(); }
  std::string class_name() const { return body_->class_name(); }
  bool trainable() const { return body_->trainable(); }
  void set_trainable(bool trainable) const { body_->set_trainable(trainable); }
  std::vector<Parameter> weights() const { return body_->weights(); }
  /// Copies of all weights, in Keras' order.
  std::vector<Tensor> get_weights() const;
  /// Shapes must fit; throws `Error` naming layer and weight, and then nothing has changed.
  void set_weights(const std::vector<Tensor>& weights) const;
  LayerBody& body() const { return *body_; }
  const std::shared_ptr<LayerBody>& handle() const { return body_; }
  friend bool operator==(const Layer& a, const Layer& b) { return a.body_ == b.body_; }

 protected:
  std::shared_ptr<LayerBody> body_;
};

/// Makes a layer of body `Body`; an empty name becomes Keras' automatic one.
template <class Body, class... Arguments>
std::shared_ptr<Body> make_body(const std::string& name, bool trainable, Arguments&&... arguments);

/// A recorded call of a layer on symbolic values. Plans trace it again with known shapes.
class LayerCallOp final : public Op {
 public:
  /// `masked` lists the inputs that were given a mask; these masks follow the inputs, in that order.
  explicit LayerCallOp(std::shared_ptr<LayerBody> layer, std::vector<size_t> masked = {})
      : layer_(std::move(layer)), masked_(std::move(masked)) {}
  std::string name() const override { return "LayerCall"; }
  std::string attributes() const override { return layer_->label(); }
  Types infer(const Types& in) const override;
  void define(const Views&, const Views&) const override;
  const std::shared_ptr<LayerBody>& layer() const { return layer_; }
  /// What the node's inputs are: the layer's, and their masks, undefined where none was given.
  struct Arguments {
    Values inputs, masks;
  };
  Arguments arguments(const Values& node_inputs) const;

 private:
  std::shared_ptr<LayerBody> layer_;
  std::vector<size_t> masked_;
};

/// Follows the graph of `outputs` back to `inputs`, replacing `inputs` by `actual` and tracing every layer
/// call anew. Masks go with the values: those of `actual` are `context.masks`, those of the outputs are left
/// in `context.output_masks`.
Values retrace(const Values& outputs, const Values& inputs, const Values& actual, CallContext& context);

/// Keras' automatic names: "dense", "dense_1", …; `reset_names` starts over.
std::string automatic_name(const std::string& class_name);
std::string snake_case(const std::string& class_name);
void reset_names();

/// The type in which layers make their parameters; float64 makes whole models run in double, by the
/// definitions.
DType floatx();
void set_floatx(DType type);

/// Seed of the initializers that follow, and of models made afterwards; each layer draws from a stream of its
/// own.
void set_random_seed(uint64_t seed);
uint64_t random_seed();

template <class Body, class... Arguments>
std::shared_ptr<Body> make_body(const std::string& name, bool trainable, Arguments&&... arguments) {
  auto body = std::make_shared<Body>(std::forward<Arguments>(arguments)...);
  body->set_name(name.empty() ? automatic_name(body->class_name()) : name);
  if (!trainable) body->set_trainable(false);
  return body;
}

}  // namespace folio
