#include "folio/models/transformer/transformer.h"

#include <cmath>

#include "folio/layers/core/dense.h"
#include "folio/layers/core/embedding.h"
#include "folio/layers/core/function.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/layers/regularization/dropout.h"

namespace folio {
namespace {

Value embedded(const Value& ids, int64_t vocabulary, const TransformerOptions& o) {
  const Value x = Rescaling(std::sqrt(static_cast<double>(o.width)))(Embedding(vocabulary, o.width)(ids));
  const Value y = with_sinusoidal_positions(x);
  return o.dropout > 0 ? Dropout(o.dropout)(y) : y;
}

}  // namespace

Model transformer(const TransformerSizes& sizes, const TransformerOptions& options) {
  check_transformer(options);
  const Value source = Input({sizes.source_steps}, {.dtype = DType::int32, .name = "source"});
  const Value target = Input({sizes.target_steps}, {.dtype = DType::int32, .name = "target"});
  const Value mask = differs_from(source, 0);
  Value memory = embedded(source, sizes.source_vocabulary, options);
  for (int64_t i = 0; i < options.blocks; ++i) memory = transformer_encoder(memory, options, mask);
  memory = transformer_end(memory, options);
  Value y = embedded(target, sizes.target_vocabulary, options);
  for (int64_t i = 0; i < options.blocks; ++i) y = transformer_decoder(y, memory, options, mask);
  y = transformer_end(y, options);
  const Value next = Dense(sizes.target_vocabulary, {.activation = "softmax", .name = "next"})(y);
  return {{source, target}, {next}, "transformer"};
}

}  // namespace folio
