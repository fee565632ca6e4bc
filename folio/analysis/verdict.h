// Underfit, overfit or fine: what a training's numbers say, in plain words, and what the sheet says to try.
// The rules are in docs/analysis.md. (sheet A5)
#pragma once
#include <string>

#include "folio/analysis/learning_curve.h"
#include "folio/models/model.h"

namespace folio {

enum class Fit : uint8_t {
  unknown,   ///< no validation data, or numbers that are none
  underfit,  ///< high bias: not even the training set is learned
  overfit,   ///< high variance: the training set is learned, other data much less
  fine,
};
std::string to_string(Fit fit);

/// What counts as high. Errors are shares of wrong answers (1 - accuracy); losses are divided by `baseline`.
struct VerdictOptions {
  double wanted_error = 0.1;  ///< a training error above it is high
  double wanted_loss = 0.5;   ///< the same for losses, as a part of the baseline's
  double largest_gap = 0.05;  ///< validation error minus training error above it is wide; so for losses
  double largest_rise = 0.2;  ///< this part of its best value is what the validation loss may rise again
  /// The loss of a model that has learned nothing: ln(classes) for cross-entropy, the variance of y for
  /// squared error. 0: the largest training loss of the history stands in for it.
  double baseline = 0;
};

struct Verdict {
  Fit fit = Fit::unknown;
  double training_error = 0, validation_error = 0;  ///< as compared: 1 - accuracy, or loss / baseline
  int best_epoch = -1;                              ///< of the validation loss, from 0; -1: there is none
  std::string reason;                               ///< one sentence with the numbers
  std::string advice;                               ///< one sentence: remedies of the sheet
  std::string text() const { return to_string(fit) + ": " + reason + " " + advice; }
};

/// Judges by accuracy if the history has one with and without "val_", else by "loss" and "val_loss"; of the
/// last three epochs it takes the median.
Verdict verdict(const History& history, const VerdictOptions& options = {});
/// Judges by the largest training set. `accuracies`: scores are accuracies; otherwise they are losses, and
/// `options.baseline` is needed (throws `Error` without).
Verdict verdict(const LearningCurve& curve, bool accuracies = true, const VerdictOptions& options = {});

}  // namespace folio
