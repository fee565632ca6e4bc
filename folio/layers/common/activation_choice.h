// What a layer does to its result at the end.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "folio/layers/layer.h"

namespace folio {

/// An activation function by its Keras name (ops/activations.h lists them), or a layer: `LeakyReLU({.negative_slope = 0.2})`.
class ActivationChoice {
 public:
  /// What comes in goes out.
  ActivationChoice() = default;
  ActivationChoice(const char* name) : name_(name) {}             // NOLINT: names convert
  ActivationChoice(std::string name) : name_(std::move(name)) {}  // NOLINT
  ActivationChoice(const Layer& layer) : layer_(layer) {}         // NOLINT: layers too

  /// Throws `Error` that lists the names when there is none such.
  Value apply(const Value& x) const;
  const std::string& name() const { return name_; }
  /// Undefined when it is a function.
  const Layer& layer() const { return layer_; }
  /// What `LayerBody::children` gives of it: its weights, if it has any, are those of the layer that uses it.
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const;

 private:
  std::string name_;
  Layer layer_;
};

}  // namespace folio
