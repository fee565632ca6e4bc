// Two recurrent layers, one each way.
#pragma once
#include "folio/layers/recurrent/rnn.h"

namespace folio {

struct BidirectionalOptions {
  std::string merge_mode = "concat";  ///< concat, sum, mul or ave; empty: two outputs
  Layer backward_layer = {};          ///< not given: like `layer`, the other way
  std::string name = {};
  bool trainable = true;
};

/// A recurrent layer like `layer` (its settings, not its weights) from the first step to the last, another
/// one from the last to the first, and their outputs merged. With `return_state` the states behind, forward
/// ones first; a call's `initial_state` is in the same order. Where steps are masked, outputs of sequences
/// are zeros. x: (batch, time, features) -> (batch, [time,] 2 · units) by "concat", else (batch, [time,]
/// units). (Schuster 1997) Cells of one's own are found in a CustomObjectScope.
class Bidirectional final : public RecurrentLayer {
 public:
  explicit Bidirectional(const Layer& layer, BidirectionalOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
