#include "folio/models/transformer/transformer.h"

#include <fmt/format.h>

#include <cmath>

#include "folio/layers/core/dense.h"
#include "folio/layers/core/embedding.h"
#include "folio/layers/core/function.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/layers/regularization/dropout.h"

namespace folio {
namespace {

// Variance 1 / width, so that √width times a vector is of the size of the places.
Embedding embedding(int64_t vocabulary, const TransformerOptions& o) {
  const double deviation = 1 / std::sqrt(static_cast<double>(o.width));
  return Embedding(vocabulary, o.width, {.embeddings_initializer = Initializer::random_normal(0, deviation)});
}

Value embedded(const Value& ids, const Layer& embedding, const TransformerOptions& o) {
  const Value x = Rescaling(std::sqrt(static_cast<double>(o.width)))(embedding(ids));
  const Value y = with_sinusoidal_positions(x);
  return o.dropout > 0 ? Dropout(o.dropout)(y) : y;
}

}  // namespace

Model transformer(const TransformerSizes& sizes, const TransformerOptions& options) {
  check_transformer(options);
  const Value source = Input({sizes.source_steps}, {.dtype = DType::int32, .name = "source"});
  const Value target = Input({sizes.target_steps}, {.dtype = DType::int32, .name = "target"});
  const Value mask = differs_from(source, 0);
  if (options.shared_embedding && sizes.source_vocabulary != sizes.target_vocabulary)
    throw Error(fmt::format("shared_embedding: expected as many tokens on both sides, got {} and {}",
                            sizes.source_vocabulary, sizes.target_vocabulary));
  const Embedding read = embedding(sizes.source_vocabulary, options);
  Value memory = embedded(source, read, options);
  for (int64_t i = 0; i < options.blocks; ++i) memory = transformer_encoder(memory, options, mask);
  memory = transformer_end(memory, options);
  Value y = embedded(target, options.shared_embedding ? read : embedding(sizes.target_vocabulary, options),
                     options);
  for (int64_t i = 0; i < options.blocks; ++i) y = transformer_decoder(y, memory, options, mask);
  y = transformer_end(y, options);
  const Value next = Dense(sizes.target_vocabulary, {.activation = "softmax", .name = "next"})(y);
  return {{source, target}, {next}, "transformer"};
}

}  // namespace folio
