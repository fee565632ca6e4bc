// A recurrent encoder and a decoder that looks at it. (sheet G8, G14, G15)
#pragma once
#include "folio/models/model.h"
#include "folio/models/transformer/transformer.h"

namespace folio {

struct Seq2SeqOptions {
  int64_t embedding = 128;  ///< numbers that stand for a token
  int64_t units = 128;      ///< of the encoder in each direction, and of the decoder
  double dropout = 0.1;     ///< of the embeddings, and before the last layer
};

/// Inputs and output are those of `transformer`: in training the decoder is given what it should have said
/// (teacher forcing), later what it has said. A bidirectional GRU reads the source, a GRU that begins where
/// that ends says the target, and each of its steps looks at all steps of the source by the product of the
/// two (Sutskever 2014; Cho 2014; Luong 2015).
Model seq2seq(const TransformerSizes& sizes, const Seq2SeqOptions& options = {});

}  // namespace folio
