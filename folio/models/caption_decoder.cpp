#include "folio/models/caption_decoder.h"

#include <fmt/format.h>

#include <cmath>

#include "folio/layers/attention/attention.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/embedding.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/merging/concatenate.h"
#include "folio/layers/pooling/global_average_pooling1d.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/layers/recurrent/gru.h"
#include "folio/layers/recurrent/lstm.h"
#include "folio/layers/regularization/dropout.h"

namespace folio {
namespace {

Value dropped(const Value& x, const CaptionDecoderOptions& o) {
  return o.dropout > 0 ? Dropout(o.dropout)(x) : x;
}

Value embedded(const Value& words, int64_t vocabulary, const CaptionDecoderOptions& o) {
  Embedding embedding(vocabulary, o.embedding, {.name = "word_vectors"});
  const Value vectors = embedding(words);
  if (o.word_vectors.raw()) embedding.set_weights({o.word_vectors});
  return vectors;
}

// All steps of the cell, which begins with what is known of the whole picture.
Value said(const Value& vectors, const Value& whole, const CaptionDecoderOptions& o) {
  const auto begin = [&](const char* name) {
    return Dense(o.units, {.activation = "tanh", .name = name})(whole);
  };
  if (o.cell == "gru")
    return GRU(o.units, {.return_sequences = true})(vectors, {.initial_state = begin("begin")});
  return LSTM(o.units, {.return_sequences = true})(vectors,
                                                   {.initial_state = {begin("begin"), begin("begin_cell")}});
}

}  // namespace

Model caption_decoder(const CaptionDecoderSizes& sizes, const CaptionDecoderOptions& options) {
  for (const auto& [name, size] : {std::pair{"places", sizes.places},
                                   {"features", sizes.features},
                                   {"vocabulary", sizes.vocabulary},
                                   {"steps", sizes.steps},
                                   {"embedding", options.embedding},
                                   {"units", options.units}})
    if (size < 1) throw Error(fmt::format("{}: expected at least 1, got {}", name, size));
  if (options.cell != "gru" && options.cell != "lstm")
    throw Error(fmt::format("cell: expected gru or lstm, got \"{}\"", options.cell));
  const Value places = Input({sizes.places, sizes.features}, {.name = "places"});
  const Value words = Input({sizes.steps}, {.dtype = DType::int32, .name = "words"});

  const Value seen = dropped(places, options);
  const Value memory = Dense(options.units, {.use_bias = false, .name = "memory"})(seen);
  const Value vectors = dropped(embedded(words, sizes.vocabulary, options), options);
  const Value state = said(vectors, GlobalAveragePooling1D()(seen), options);
  // Products of many units would be so large that one place had it all from the beginning.
  const Value query =
      Rescaling(1 / std::sqrt(static_cast<double>(options.units)), 0, {.name = "query"})(state);
  const Value context = Attention({.name = "attention"})({query, memory});
  const Value both = Dense(options.units, {.activation = "tanh"})(Concatenate()({context, state}));
  const Value next =
      Dense(sizes.vocabulary, {.activation = "softmax", .name = "next"})(dropped(both, options));
  return {{places, words}, {next}, "decoder"};
}

}  // namespace folio
