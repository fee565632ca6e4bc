// A recurrent model run token by token: its states are what it remembers.
#pragma once
#include "folio/models/decoding/generate.h"
#include "folio/models/model.h"

namespace folio {

/// For `generate`: a model of token numbers (batch, steps) that is a chain of an Embedding, recurrent layers
/// forward in time and layers that work at each step by itself, and gives probabilities of the next token, at
/// every step or once. Each token costs one step, whatever came before; the model itself and its states are
/// left alone, and its weights are those of now. Throws `Error` naming the layer that does not go with that.
NextToken next_token_of_states(const Model& model);

}  // namespace folio
