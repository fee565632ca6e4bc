#include "folio/models/transformer/text_classifier.h"

#include "folio/layers/core/dense.h"
#include "folio/layers/core/embedding.h"
#include "folio/layers/core/function.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/pooling/global_average_pooling1d.h"

namespace folio {

Model text_classifier(int64_t vocabulary, int64_t steps, int64_t classes, const TransformerOptions& options) {
  check_transformer(options);
  const Value ids = Input({steps}, {.dtype = DType::int32, .name = "tokens"});
  const Value mask = differs_from(ids, 0);
  Value x = with_sinusoidal_positions(Embedding(vocabulary, options.width)(ids));
  for (int64_t i = 0; i < options.blocks; ++i) x = transformer_encoder(x, options, mask);
  const Value mean = GlobalAveragePooling1D()(transformer_end(x, options), {.mask = mask});
  return {ids, Dense(classes, {.activation = "softmax", .name = "class"})(mean), "text_classifier"};
}

}  // namespace folio
