#include "folio/models/decoding/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"

namespace folio {

std::vector<float> as_logits(const Tensor& probabilities, int64_t first, int64_t count) {
  std::vector<float> logits(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    logits[static_cast<size_t>(i)] =
        static_cast<float>(std::log(std::max(probabilities.at(first + i), 1e-30)));
  return logits;
}

std::vector<int64_t> generate(const NextToken& next, std::span<const int64_t> prompt,
                              const GenerationOptions& options) {
  check_sampling(options.sampling);
  if (prompt.empty()) throw Error("generate: expected a prompt of at least one token, got none");
  if (options.length < 0) throw Error(fmt::format("length: expected at least 0, got {}", options.length));
  std::vector<int64_t> text;
  if (options.length == 0) return text;
  std::span<const float> logits;
  for (int64_t token : prompt) logits = next(token);
  while (true) {
    const auto place = static_cast<int64_t>(text.size());
    const int64_t token = sample_token(logits, options.sampling, place);
    if (options.end && token == *options.end) break;
    text.push_back(token);
    if (options.heard && !options.heard(token)) break;
    if (place + 1 == options.length) break;
    logits = next(token);
  }
  return text;
}

}  // namespace folio
