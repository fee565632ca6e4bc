// An encoder-only Transformer: what a text is. (sheet G16)
#pragma once
#include "folio/models/model.h"
#include "folio/models/transformer/blocks.h"

namespace folio {

/// Token numbers (batch, steps), 0 behind the end of a text -> probabilities (batch, classes), from the mean
/// of the steps that count. Places are sines.
Model text_classifier(int64_t vocabulary, int64_t steps, int64_t classes,
                      const TransformerOptions& options = {});

}  // namespace folio
