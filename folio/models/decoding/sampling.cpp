#include "folio/models/decoding/sampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "folio/base/error.h"
#include "folio/base/random.h"

namespace folio {
namespace {

void check_logits(std::span<const float> logits) {
  if (logits.empty()) throw Error("sampling: expected at least one logit, got none");
  float largest = -std::numeric_limits<float>::infinity();
  for (float logit : logits) {
    if (std::isnan(logit))
      throw Error("sampling: expected numbers, got NaN; the model's weights are damaged");
    largest = std::max(largest, logit);
  }
  if (std::isinf(largest))
    throw Error(fmt::format("sampling: expected a finite largest logit, got {}", largest));
}

// Sets all but the first `kept` of `order` to 0 and brings the rest to a sum of 1.
void keep(std::vector<double>& probabilities, const std::vector<size_t>& order, size_t kept) {
  double total = 0;
  for (size_t i = 0; i < order.size(); ++i)
    if (i < kept)
      total += probabilities[order[i]];
    else
      probabilities[order[i]] = 0;
  for (double& p : probabilities) p /= total;
}

}  // namespace

void check_sampling(const SamplingOptions& options) {
  if (!(options.temperature >= 0) || std::isinf(options.temperature))
    throw Error(fmt::format("temperature: expected a number of at least 0, got {}", options.temperature));
  if (options.top_k < 0) throw Error(fmt::format("top_k: expected at least 0, got {}", options.top_k));
  if (!(options.top_p >= 0 && options.top_p <= 1))
    throw Error(fmt::format("top_p: expected 0 to 1, got {}", options.top_p));
}

int64_t likeliest_token(std::span<const float> logits) {
  check_logits(logits);
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

std::vector<double> sampling_probabilities(std::span<const float> logits, const SamplingOptions& options) {
  check_sampling(options);
  const auto first = static_cast<size_t>(likeliest_token(logits));
  std::vector<double> probabilities(logits.size(), 0);
  if (options.temperature == 0) {
    probabilities[first] = 1;
    return probabilities;
  }
  double total = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    const double below = static_cast<double>(logits[i]) - static_cast<double>(logits[first]);
    total += probabilities[i] = std::exp(below / options.temperature);
  }
  for (double& p : probabilities) p /= total;

  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  if (options.top_k > 0 && static_cast<size_t>(options.top_k) < order.size())
    keep(probabilities, order, static_cast<size_t>(options.top_k));
  if (options.top_p < 1) {
    size_t kept = 0;
    double reached = 0;
    do reached += probabilities[order[kept++]];
    while (reached < options.top_p && kept < order.size());
    keep(probabilities, order, kept);
  }
  return probabilities;
}

int64_t sample_token(std::span<const float> logits, const SamplingOptions& options, int64_t place) {
  const std::vector<double> probabilities = sampling_probabilities(logits, options);
  const RandomStream stream{options.seed, 0, 0};
  double left = stream.uniform(static_cast<uint32_t>(place), 0);
  int64_t last = 0;  // for sums that rounding leaves a little below 1
  for (size_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] == 0) continue;
    last = static_cast<int64_t>(i);
    left -= probabilities[i];
    if (left < 0) break;
  }
  return last;
}

}  // namespace folio
