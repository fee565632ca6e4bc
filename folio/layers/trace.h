// Recorded calls of layers, and tracing them again with other inputs.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

/// A recorded call of a layer on symbolic values. Plans trace it again with known shapes.
class LayerCallOp final : public Op {
 public:
  std::string name() const override { return "LayerCall"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  void define(const Views&, const Views&) const override;
  const std::shared_ptr<LayerBody>& layer() const { return layer_; }
  /// The call that was recorded, on the node's inputs or others in their places. Masks are those that were
  /// given by hand; `named` holds what was given, and not what the layer takes otherwise.
  LayerCall call(const Values& node_inputs) const;

 private:
  friend Values recorded_call(const std::shared_ptr<LayerBody>& layer, const Values& inputs,
                              const Values& masks, const CallArguments& named);
  LayerCallOp(std::shared_ptr<LayerBody> layer, size_t inputs, const Values& masks,
              const CallArguments& named);

  std::shared_ptr<LayerBody> layer_;
  // A node's inputs: the layer's, then masks, then named values.
  size_t inputs_;
  std::vector<size_t> masked_;                          // inputs that were given a mask
  std::vector<std::pair<std::string, size_t>> values_;  // each name with how many values
  CallArguments settings_;                              // flags and numbers
};

/// Records a call; masks may be undefined or fewer than inputs. Throws `Error` when the layer takes no such
/// arguments.
Values recorded_call(const std::shared_ptr<LayerBody>& layer, const Values& inputs, const Values& masks,
                     const CallArguments& named);

/// Values and the masks that go with them, undefined where there is none.
struct MaskedValues {
  Values values, masks;
};

/// Follows the graph of `outputs` back to `inputs`, replacing these by those of `call` and tracing every
/// layer call anew, with the call's settings. Masks go with the values: from those of `call` to those of
/// the result.
MaskedValues retrace(const Values& outputs, const Values& inputs, const LayerCall& call, Effects& effects);

/// For layers that contain layers: calls `inner` as a part of `outer`'s call, with its settings; what it
/// leaves behind is added to `effects`. `penalty`: with the inner layer's own on its outputs.
Values call_within(const LayerCall& outer, Effects& effects, const Layer& inner, Values inputs,
                   const CallOptions& options = {}, bool penalty = true);

}  // namespace folio
