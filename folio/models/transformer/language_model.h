// A decoder-only Transformer: what comes next in a text. (sheet G16)
#pragma once
#include "folio/models/model.h"
#include "folio/models/transformer/blocks.h"

namespace folio {

/// Token numbers (batch, steps) -> probabilities of the token that follows each, (batch, steps, vocabulary).
/// Places are learnt. (Radford 2018)
Model language_model(int64_t vocabulary, int64_t steps, const TransformerOptions& options = {});

}  // namespace folio
