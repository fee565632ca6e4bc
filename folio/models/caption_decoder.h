// A recurrent decoder that says what a picture shows, and looks at its places. (sheet G5)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio {

struct CaptionDecoderSizes {
  int64_t places = 49;      ///< of the picture's last feature map
  int64_t features = 1280;  ///< of each place
  int64_t vocabulary = 0, steps = 0;
};

struct CaptionDecoderOptions {
  std::string cell = "gru";  ///< or "lstm"
  int64_t embedding = 64;    ///< numbers that stand for a word
  int64_t units = 128;
  double dropout = 0.4;      ///< of the features of places, of the embeddings, and before the last layer
  Tensor word_vectors = {};  ///< what the embedding begins with, (vocabulary, embedding)
};

/// Inputs: the features of a picture's places (batch, places, features), and the words that have been said,
/// with their begin (batch, steps); output: probabilities of the word behind each (batch, steps, vocabulary).
/// A GRU or LSTM that begins with the mean of the places says the words; each of its steps looks at all
/// places by the scaled product of the two, and the next word follows from both (Vinyals 2015; Xu 2015, with
/// the products of Vaswani 2017). In training it is given what it should have said, later what it has said.
Model caption_decoder(const CaptionDecoderSizes& sizes, const CaptionDecoderOptions& options = {});

}  // namespace folio
