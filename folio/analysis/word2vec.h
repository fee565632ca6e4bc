// Words as vectors, learnt from the words they stand beside.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

struct Word2VecOptions {
  bool cbow = false;  ///< the mean of the words around tells the word; otherwise the word tells each of them
  int64_t width = 100;      ///< numbers of a vector
  int64_t window = 5;       ///< words to each side at most; how many is drawn from 1 to this for each word
  int64_t negatives = 5;    ///< words drawn at random to be told from the right one
  double subsample = 1e-4;  ///< words with a larger share of the text are left out now and then; 0: never
  double learning_rate = 0.05;  ///< falls to 0 in a line
  int epochs = 5;
  uint64_t seed = 1;
  /// Hears the mean loss of a pair after each epoch, and how many words of the text it took a second.
  std::function<void(int epoch, double loss, double words_per_second)> on_epoch_end = {};
  /// Asked now and then; true ends the training.
  std::function<bool()> stop = {};
};

/// Skip-gram or CBOW with negative sampling (Mikolov 2013): at each place with word w and the word c beside
/// it, -log σ(u_w·v_c) - Σ log σ(-u_n·v_c) falls, over `negatives` words n drawn by count^0.75; of CBOW v_c
/// is the mean over the words around. A place's words share its negatives, and its gradients are those before
/// any of its updates (Ji 2016). A negative that is w, or was drawn already, is left out. CBOW's update goes
/// whole to each word around, as word2vec's own.
///
/// texts: numbers from 0 to counts.size() - 1, others (negative ones) are passed over; windows do not leave a
/// text. counts: how often each word comes. The v: float32 (words, width). One thread trains, so that the
/// same seed gives the same bits however many there are; they may differ between instruction sets. Throws
/// `Error` for options out of range and numbers beyond the words. (sheet G11)
Tensor word2vec(const std::vector<std::vector<int32_t>>& texts, const std::vector<int64_t>& counts,
                const Word2VecOptions& options = {});

/// The share of a word's places that are kept: sqrt(t / f) + t / f, at most 1, f being its share of the text.
double kept_share(int64_t count, int64_t total, double subsample);

}  // namespace folio
