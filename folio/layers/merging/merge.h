// Layers that combine several values element by element.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

// Each takes two or more inputs (Subtract exactly two) whose shapes broadcast, the batch apart: an input of
// fewer dimensions gets dimensions of 1 behind its batch. `Add()({a, b})` and `add({a, b})` are the same.

/// a + b + …
class Add final : public Layer {
 public:
  explicit Add(LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// a - b
class Subtract final : public Layer {
 public:
  explicit Subtract(LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// a · b · …
class Multiply final : public Layer {
 public:
  explicit Multiply(LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// (a + b + …) / how many
class Average final : public Layer {
 public:
  explicit Average(LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// The largest of a, b, …
class Maximum final : public Layer {
 public:
  explicit Maximum(LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// The smallest of a, b, …
class Minimum final : public Layer {
 public:
  explicit Minimum(LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// Make the layer and call it.
Value add(const Values& values, LayerOptions options = {});
Value subtract(const Values& values, LayerOptions options = {});
Value multiply(const Values& values, LayerOptions options = {});
Value average(const Values& values, LayerOptions options = {});
Value maximum(const Values& values, LayerOptions options = {});
Value minimum(const Values& values, LayerOptions options = {});

}  // namespace folio
