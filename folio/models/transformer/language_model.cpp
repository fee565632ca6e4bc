#include "folio/models/transformer/language_model.h"

#include "folio/layers/core/dense.h"
#include "folio/layers/core/embedding.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/merging/merge.h"
#include "folio/layers/regularization/dropout.h"

namespace folio {

Model language_model(int64_t vocabulary, int64_t steps, const TransformerOptions& options) {
  check_transformer(options);
  const Value ids = Input({steps}, {.dtype = DType::int32, .name = "tokens"});
  Value x = Add()({Embedding(vocabulary, options.width)(ids), learned_positions(ids, options.width)});
  if (options.dropout > 0) x = Dropout(options.dropout)(x);
  for (int64_t i = 0; i < options.blocks; ++i) x = transformer_encoder(x, options, {}, true);
  const Value next =
      Dense(vocabulary, {.activation = "softmax", .name = "next"})(transformer_end(x, options));
  return {ids, next, "language_model"};
}

}  // namespace folio
