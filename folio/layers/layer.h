// A layer: configuration, parameters, and a call made of ops.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folio/base/error.h"
#include "folio/base/json.h"
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer_call.h"
#include "folio/layers/weights/weight_rules.h"

namespace folio {

class Fields;

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
  virtual Values call(const LayerCall& call, Effects& effects) = 0;
  /// What the call takes beside its inputs, in the order and by the names that Keras gives them. Whoever
  /// calls the layer, in a program or from a file, may give these and no others.
  virtual CallArgumentList arguments() const { return {}; }
  /// True when the call makes use of masks: one of its arguments is one. A file then says which they are.
  bool takes_masks() const;
  /// True when the steps of the output are those of the input, so that its mask goes through unchanged.
  virtual bool supports_masking() const { return false; }
  /// The masks of the outputs, made by the functions of layers/function.h; undefined or missing: none.
  virtual Values compute_masks(const Values& inputs, const Values& masks) const;
  /// The settings by Keras' names, without name, trainable and dtype: what files hold and what is checked.
  virtual void fields(Fields&) {}
  /// Called when the settings are there and each is good by itself: checks what they must be together.
  virtual void configured() {}
  /// Keras' config: the fields.
  Json config() const;
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
  /// `call`, for whoever traces: masks reach only layers that take them, and errors name the layer.
  Values named_call(LayerCall call, Effects& effects);
  /// `named_call` as part of a model: the penalty on the outputs goes to `effects`.
  Values traced_call(const LayerCall& call, Effects& effects);
  /// All parameters in Keras' order: trainable ones in order of creation, then the others, then those of the
  /// layers inside; each once.
  std::vector<Parameter> weights() const;
  std::vector<Parameter> trainable_weights() const;
  std::vector<Parameter> non_trainable_weights() const;
  /// The trainable weights that have a regularizer, with those of the layers inside.
  std::vector<RegularizedWeight> regularized_weights() const;
  /// The same for those that have a constraint.
  std::vector<ConstrainedWeight> constrained_weights() const;
  /// For layers of pictures: the order of dimensions of what comes in and goes out. `build` and `call` see
  /// the channels last.
  void set_data_format(DataFormat format) { data_format_ = format; }
  /// Notes a call in a graph, and what is left of them: those in graphs that live.
  void note_call(const std::shared_ptr<const Node>& node);
  std::vector<std::shared_ptr<const Node>> call_nodes() const;
  /// `Dense "fc1"`
  std::string label() const { return class_name() + " \"" + name_ + "\""; }
  /// Ends the making of a layer: checks its settings and names it; an empty name becomes Keras' automatic
  /// one.
  void finish(const std::string& name, bool trainable);

 protected:
  /// For `build`: a new parameter, named after its role ("kernel").
  Parameter add_weight(const std::string& role, Shape shape, const Initializer& initializer,
                       bool trainable = true);
  Parameter add_weight(const std::string& role, Shape shape, const Initializer& initializer,
                       const Regularizer& regularizer);
  Parameter add_weight(const std::string& role, Shape shape, const WeightRules& rules);
  /// A weight of a given type that starts with zeros and is not trained.
  Parameter add_state(const std::string& role, Shape shape, DType type);
  /// For `fields`.
  DataFormat& data_format() { return data_format_; }
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
  DataFormat data_format_;
  std::vector<std::weak_ptr<const Node>> calls_;
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

/// What `f` gives; errors in it name the layer, unless they do already.
template <class F>
decltype(auto) naming(const LayerBody& layer, F&& f) {
  try {
    return f();
  } catch (const Error& error) {
    if (std::string(error.what()).starts_with(layer.label())) throw;
    throw Error(layer.label() + ": " + error.what());
  }
}

/// A cheap shared handle: copies are the same layer, calling it twice shares its weights.
class Layer {
 public:
  Layer() = default;
  explicit Layer(std::shared_ptr<LayerBody> body) : body_(std::move(body)) {}

  /// Calls the layer on symbolic values: builds it if needed, checks shapes and records the call.
  /// Throws `Error` when the layer takes no such argument.
  Value operator()(const Value& input, const CallOptions& options = {}) const;
  Value operator()(const Values& inputs, const CallOptions& options = {}) const;
  /// For layers with several outputs.
  Values call(const Values& inputs, const CallOptions& options = {}) const;

  bool defined() const { return body_ != nullptr; }
  const std::string& name() const { return body_->name(); }
  std::string class_name() const { return body_->class_name(); }
  bool trainable() const { return body_->trainable(); }
  void set_trainable(bool trainable) const { body_->set_trainable(trainable); }
  std::vector<Parameter> weights() const { return body_->weights(); }
  std::vector<Parameter> trainable_weights() const { return body_->trainable_weights(); }
  /// What goes into the layer and comes out of it where it was called; throws `Error` unless it has been
  /// called once, in a model that lives, or on one value (several: `call_nodes`).
  Value input() const;
  Value output() const;
  /// Copies of all weights, in Keras' order.
  std::vector<Tensor> get_weights() const;
  /// Shapes must fit; throws `Error` naming layer and weight, and then nothing has changed.
  void set_weights(const std::vector<Tensor>& weights) const;
  LayerBody& body() const { return *body_; }
  const std::shared_ptr<LayerBody>& handle() const { return body_; }
  friend bool operator==(const Layer& a, const Layer& b) { return a.body_ == b.body_; }

 protected:
  /// Of a new body, with the name and the flag `trainable` that all options have, and what some have.
  template <class Options>
  Layer(std::shared_ptr<LayerBody> body, const Options& options) : body_(std::move(body)) {
    if constexpr (requires { options.data_format; }) body_->set_data_format(options.data_format);
    body_->finish(options.name, options.trainable);
  }

  std::shared_ptr<LayerBody> body_;
};

/// A layer from Keras' config of it, given a body with nothing but defaults. Throws `Error` naming the place.
Layer layer_from_config(std::shared_ptr<LayerBody> blank, const Json& config, const std::string& name,
                        const std::string& place);
/// The same for a layer of class `Made`: from_config<Dense>(config, "fc1", "config.json: layers[2]").
template <class Made>
Layer from_config(const Json& config, const std::string& name, const std::string& place) {
  return layer_from_config(Made::blank(), config, name, place);
}

/// Makes a body and ends its making.
template <class Body, class... Arguments>
std::shared_ptr<Body> make_body(const std::string& name, bool trainable, Arguments&&... arguments);

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
  body->finish(name, trainable);
  return body;
}

}  // namespace folio
