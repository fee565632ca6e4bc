// How near translations come to what people wrote: BLEU and chrF, to the digit of sacreBLEU 2.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace folio {

/// The words of a line as mteval-v13a cuts it: punctuation apart, except within numbers; case stays.
std::vector<std::string> tokenize_13a(std::string_view line);

struct BleuScore {
  double bleu = 0;                        ///< 0 to 100
  std::array<double, 4> precisions = {};  ///< of runs of 1 to 4 words, in percent
  double brevity_penalty = 1;
  int64_t hypothesis_length = 0, reference_length = 0;  ///< words
};

/// Of all lines together, each with one reference: the geometric mean of the precisions of runs of 1 to 4
/// words (an empty one smoothed by halves), times a penalty for texts that are too short (Papineni 2002).
/// Words are those of `tokenize_13a`. Throws `Error` unless there are as many lines of both.
BleuScore bleu(const std::vector<std::string>& hypotheses, const std::vector<std::string>& references);

/// The same with several references for each line, at least one: a run of words counts as often as it comes
/// in the one that has most of it, and the length is that of the reference nearest in length, the shorter of
/// two.
BleuScore bleu_of_several(const std::vector<std::string>& hypotheses,
                          const std::vector<std::vector<std::string>>& references);

/// 0 to 100: the F-score with recall counting twice of runs of 1 to 6 characters without blanks, of all lines
/// together (Popović 2015).
double chrf(const std::vector<std::string>& hypotheses, const std::vector<std::string>& references);

}  // namespace folio
