#include "folio/models/seq2seq.h"

#include <fmt/format.h>

#include "folio/layers/attention/attention.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/embedding.h"
#include "folio/layers/core/function.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/merging/concatenate.h"
#include "folio/layers/recurrent/bidirectional.h"
#include "folio/layers/recurrent/gru.h"
#include "folio/layers/regularization/dropout.h"

namespace folio {
namespace {

Value dropped(const Value& x, const Seq2SeqOptions& o) { return o.dropout > 0 ? Dropout(o.dropout)(x) : x; }

}  // namespace

Model seq2seq(const TransformerSizes& sizes, const Seq2SeqOptions& options) {
  for (const auto& [name, size] : {std::pair{"embedding", options.embedding}, {"units", options.units}})
    if (size < 1) throw Error(fmt::format("{}: expected at least 1, got {}", name, size));
  const Value source = Input({sizes.source_steps}, {.dtype = DType::int32, .name = "source"});
  const Value target = Input({sizes.target_steps}, {.dtype = DType::int32, .name = "target"});
  const Value mask = differs_from(source, 0);

  const Value read = dropped(Embedding(sizes.source_vocabulary, options.embedding)(source), options);
  const GRU reader(options.units, {.return_sequences = true, .return_state = true});
  const Values encoded = Bidirectional(reader).call({read}, {.mask = mask});
  // Both directions in as many numbers as the decoder has units.
  const Value memory = Dense(options.units, {.use_bias = false, .name = "memory"})(encoded[0]);
  const Value begin =
      Dense(options.units, {.activation = "tanh", .name = "begin"})(Concatenate()({encoded[1], encoded[2]}));

  const Value given = dropped(Embedding(sizes.target_vocabulary, options.embedding)(target), options);
  const Value state = GRU(options.units, {.return_sequences = true})(given, {.initial_state = begin});
  const Value context = Attention({.name = "attention"})({state, memory}, {.mask = {Value(), mask}});
  const Value both = Dense(options.units, {.activation = "tanh"})(Concatenate()({context, state}));
  const Value next =
      Dense(sizes.target_vocabulary, {.activation = "softmax", .name = "next"})(dropped(both, options));
  return {{source, target}, {next}, "seq2seq"};
}

}  // namespace folio
