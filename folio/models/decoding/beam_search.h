// The likeliest texts, of which several are followed at once.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace folio {

/// What a text's sum of logarithms is divided by; the end counts as a token.
enum class LengthPenalty {
  none,    ///< 1
  length,  ///< length^alpha
  gnmt,    ///< ((5 + length) / 6)^alpha (Wu 2016)
};

struct BeamOptions {
  int64_t beam = 4;      ///< so many texts are followed
  int64_t longest = 50;  ///< so many tokens at most, with the end
  int64_t end = 0;       ///< the token that ends a text
  LengthPenalty penalty = LengthPenalty::none;
  double alpha = 1;
  std::vector<int64_t> never = {};  ///< tokens that no text may hold
};

/// A text that is followed: the row of the step before that it goes on from, and the token it adds.
struct BeamRow {
  int64_t parent, token;
};

/// The logarithms of the probabilities of what follows each row, (rows, vocabulary). The first call has no
/// rows and asks for what comes first, (1, vocabulary). They hold until the next call.
using BeamStep = std::function<std::span<const float>(std::span<const BeamRow> rows)>;

struct Hypothesis {
  std::vector<int64_t> tokens;  ///< with the end, if it came
  double sum = 0;               ///< of the logarithms
  double score = 0;             ///< the sum divided by the penalty
};

double length_penalty(const BeamOptions& options, int64_t length);

/// At most `beam` texts, the best first. Goes on until none that is still followed could become better than
/// those that are finished. Texts that did not end are given only if none did. Of equal ones the earlier
/// token goes first. Throws `Error` when an option is out of range or logarithms are NaN.
std::vector<Hypothesis> beam_search(const BeamStep& step, const BeamOptions& options);

}  // namespace folio
