// Where a model begins.
#pragma once
#include <optional>

#include "folio/layers/layer.h"

namespace folio {

struct InputOptions {
  int64_t batch_size = kUnknown;
  std::optional<DType> dtype = {};  ///< not given: `floatx()`
  std::string name = {};            ///< empty: automatic, "input_layer", "input_layer_1", …
};

/// A symbolic value of shape (batch, shape…), its `InputOp` labelled with the name: `Input({32, 32, 3})`.
/// Sizes may be `kUnknown`.
Value Input(Shape shape, InputOptions options = {});

/// What an input layer is; a Sequential model begins with the value that it stands for.
class InputLayerBody final : public LayerBody {
 public:
  explicit InputLayerBody(TensorType type = {}) : type_(std::move(type)) {}
  std::string class_name() const override { return "InputLayer"; }
  Values call(const LayerCall& call, Effects& effects) override;
  /// batch_shape, dtype and sparse: here the type belongs to the config.
  void fields(Fields& f) override;
  const TensorType& type() const { return type_; }
  /// A new symbolic value of this type, labelled with the layer's name.
  Value value() const { return input(type_.shape, type_.dtype, name()); }

 private:
  TensorType type_;
};

/// The same as a layer, for models that are lists of layers; called on a value it checks the shape and passes
/// it on.
class InputLayer final : public Layer {
 public:
  explicit InputLayer(Shape shape, InputOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
