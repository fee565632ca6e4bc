// A model of texts run one token at a time, which keeps what its attention has seen.
#pragma once
#include <memory>
#include <span>

#include "folio/models/decoding/beam_search.h"
#include "folio/models/decoding/generate.h"
#include "folio/models/model.h"

namespace folio {

struct CachedDecoderOptions {
  int64_t batch = 1;  ///< texts side by side
  int64_t longest =
      0;            ///< steps that are kept where the model leaves them open; 0: those of the model's input
  int threads = 1;  ///< a step is small
};

/// Takes a model whose last input is token numbers (batch, steps), which gives logits or a softmax (batch,
/// steps, vocabulary) and looks at these tokens by causal self-attention or recurrent layers. Inputs before
/// it, and what layers make of them alone, are computed once for each text: an encoder, looked at by
/// attention. A step costs the same however long the text is, and gives what the whole model would at this
/// place, up to rounding. Every decoder has a memory of its own, so that several may run at once on one
/// model; weights may change meanwhile. Masks of padding among the tokens are taken no notice of.
class CachedDecoder {
 public:
  /// Throws `Error` naming the layer that cannot go step by step.
  explicit CachedDecoder(const Model& model, const CachedDecoderOptions& options = {});

  /// Begins new texts: the model's inputs but the last, (batch, …) in their types; none for a model of one
  /// input.
  void begin(const std::vector<Tensor>& sources = {});
  /// The next token of each text; gives the logits of what follows, (batch, vocabulary), valid until the next
  /// step. Throws `Error` when all steps are used, or there are not as many tokens as texts.
  const Tensor& step(std::span<const int64_t> tokens);
  /// Text i goes on from where text parents[i] is; their sources must be equal.
  void reorder(std::span<const int64_t> parents);

  int64_t batch() const { return tokens_.count(); }
  int64_t place() const { return place_; }
  int64_t longest() const { return longest_; }
  int64_t vocabulary() const { return step_frame_->output(0).shape()[1]; }

 private:
  Plan encoder_, step_;
  std::unique_ptr<Frame> encoder_frame_, step_frame_;
  std::vector<Parameter> state_;
  Tensor tokens_, number_;
  int64_t place_ = 0, longest_ = 0;
};

/// For `generate`, with a decoder of its own. When all steps are used, it goes on from the latter half of
/// them.
NextToken next_token(const Model& model);

/// Beams over a decoder that has begun with as many copies of one text's sources as it has rows, at least
/// `options.beam`. `first`: the token that begins every text; it is not part of the results.
std::vector<Hypothesis> beam_search(CachedDecoder& decoder, int64_t first, BeamOptions options);

}  // namespace folio
