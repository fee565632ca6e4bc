// The Transformer as published: an encoder and a decoder. (sheet G14, G16; Vaswani 2017)
#pragma once
#include "folio/models/model.h"
#include "folio/models/transformer/blocks.h"

namespace folio {

struct TransformerSizes {
  int64_t source_vocabulary = 0, source_steps = 0;
  int64_t target_vocabulary = 0, target_steps = 0;
};

/// Inputs "source", (batch, source steps), and "target", (batch, target steps): token numbers, 0 behind the
/// end; the target begins with a token for its begin, one step before what is to be said. Output: the
/// probabilities of what follows each step of the target, (batch, target steps, target vocabulary). Places
/// are sines, embeddings are multiplied by √width.
Model transformer(const TransformerSizes& sizes, const TransformerOptions& options = {});

}  // namespace folio
