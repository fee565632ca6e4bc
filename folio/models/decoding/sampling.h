// From scores of what may come next to what does: temperature, top-k, top-p.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace folio {

struct SamplingOptions {
  double temperature = 1;  ///< logits are divided by it; 0: the largest, always
  int64_t top_k = 0;       ///< only so many of the likeliest; 0: all
  /// Only the likeliest, until together they reach it, at least one (Holtzman 2020). In [0, 1].
  double top_p = 1;
  uint64_t seed = 0;
};

/// Throws `Error` naming the option that is out of range.
void check_sampling(const SamplingOptions& options);

/// The probabilities with which each token is drawn. Logits may be of any size, logarithms of probabilities
/// too; top-k goes before top-p; of equally likely tokens the earlier one is kept. Throws `Error` when there
/// are no logits, when one is NaN, or when all are minus infinity.
std::vector<double> sampling_probabilities(std::span<const float> logits, const SamplingOptions& options);

/// Draws token number `place` of a text: the same place, seed and logits give the same one.
int64_t sample_token(std::span<const float> logits, const SamplingOptions& options, int64_t place);

/// The place of the first largest logit.
int64_t likeliest_token(std::span<const float> logits);

}  // namespace folio
