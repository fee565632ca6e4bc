// For those who look inside a model: which layers were called with which values.
#pragma once
#include <vector>

#include "folio/layers/layer.h"

namespace folio {

/// A call of a layer, as it was traced.
struct RecordedCall {
  const LayerBody* layer;
  Values inputs, outputs;
};

/// While it lives, it notes the calls of layers that this thread traces: those inside an inner model before
/// the model's own. Recorders nest; the innermost notes.
class CallRecorder {
 public:
  CallRecorder();
  ~CallRecorder();
  CallRecorder(const CallRecorder&) = delete;
  CallRecorder& operator=(const CallRecorder&) = delete;
  const std::vector<RecordedCall>& calls() const { return calls_; }
  /// For `LayerBody::traced_call`.
  static void note(const LayerBody& layer, const Values& inputs, const Values& outputs);

 private:
  std::vector<RecordedCall> calls_;
  CallRecorder* outer_;
};

}  // namespace folio
