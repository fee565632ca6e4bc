// Sequences of labels of which nobody knows when they come. (sheet G8)
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "folio/graph/value.h"

namespace folio {

/// Connectionist temporal classification (Graves 2006): minus the logarithm of the probability of all ways in
/// which the steps can say the labels, each label for one step or several, blanks (class 0) anywhere between,
/// and between equal labels at least one. labels: (batch, L) class numbers, 0 behind the end; logits: (batch,
/// T, classes) -> (batch,). Keras' formula: labels that do not fit into the steps give about 1e5 for each
/// step that is missing, never infinity. Throws `Error` where shapes do not fit.
Value ctc_loss(const Value& labels, const Value& logits);

struct Loss;
/// Whether targets are labels of any number, (batch, L): the loss "ctc".
bool takes_labels(const Loss& loss);
/// How many steps it takes to say labels, 0 behind the end: one for each, and one for the blank between equal
/// ones.
int64_t ctc_steps_for(std::span<const int64_t> labels);

/// What the likeliest class of each step says: runs of it once, without blanks. `scores`: the logits or
/// probabilities of one sequence, (steps, classes) row by row.
std::vector<int64_t> ctc_greedy(std::span<const float> scores, int64_t classes);

struct CtcText {
  std::vector<int64_t> labels;
  double log_probability = 0;  ///< of all ways that were followed and say it
};
/// The likeliest labels, of which `beam` beginnings are followed from step to step, the best first; with a
/// beam as wide as there are texts it is exact. `logits` as above. Throws `Error` for a beam below 1.
std::vector<CtcText> ctc_beam_search(std::span<const float> logits, int64_t classes, int64_t beam = 10);

}  // namespace folio
