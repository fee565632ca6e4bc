// The parts of a Transformer, composed of Keras' layers, so that models made of them are files of Keras.
#pragma once
#include <string>

#include "folio/layers/layer.h"

namespace folio {

/// What the blocks of one model have in common.
struct TransformerOptions {
  int64_t blocks = 4;
  int64_t heads = 4;
  int64_t width = 128;     ///< features of every step; a multiple of heads
  int64_t hidden = 512;    ///< units between the two fully connected layers of a block
  double dropout = 0.1;    ///< of what each part adds
  bool norm_first = true;  ///< normalization before each part, as is usual now; else behind, as published
  std::string activation = "gelu";  ///< of the hidden units; "relu" as published
  bool shared_embedding = false;    ///< of source and target, whose tokens are then the same
};
/// Throws `Error` naming what does not fit.
void check_transformer(const TransformerOptions& options);

/// x + dropout(part(norm(x))), or norm(x + dropout(part(x))): self-attention, then two fully connected
/// layers. x: (batch, steps, width) -> the same. `mask`: 1 for steps that count (batch, steps), or undefined.
/// `causal`: no step sees a later one.
Value transformer_encoder(const Value& x, const TransformerOptions& options, const Value& mask = {},
                          bool causal = false);
/// The same with attention to `memory`, (batch, other steps, width), in between; x looks back only.
Value transformer_decoder(const Value& x, const Value& memory, const TransformerOptions& options,
                          const Value& memory_mask = {});
/// The normalization that ends a row of blocks that begin with theirs; else x itself.
Value transformer_end(const Value& x, const TransformerOptions& options);

/// x + sin or cos of the step's number: sin(t / 10000^(2i / width)) in feature 2i, cos in 2i + 1 (Vaswani
/// 2017). x: (batch, steps, width), steps known.
Value with_sinusoidal_positions(const Value& x);
/// The table that is added: (steps, width).
Tensor sinusoidal_positions(int64_t steps, int64_t width);
/// Vectors that are learnt, one for each place. ids: (batch, steps), steps known -> (batch, steps, width)
Value learned_positions(const Value& ids, int64_t width);

}  // namespace folio
