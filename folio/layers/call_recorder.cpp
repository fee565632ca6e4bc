#include "folio/layers/call_recorder.h"

namespace folio {
namespace {

thread_local CallRecorder* recorder = nullptr;

}  // namespace

CallRecorder::CallRecorder() : outer_(recorder) { recorder = this; }
CallRecorder::~CallRecorder() { recorder = outer_; }

void CallRecorder::note(const LayerBody& layer, const Values& inputs, const Values& outputs) {
  if (recorder) recorder->calls_.push_back({&layer, inputs, outputs});
}

}  // namespace folio
