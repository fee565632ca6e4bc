// A text continued token by token.
#pragma once
#include <functional>
#include <optional>

#include "folio/models/decoding/sampling.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// A model that is told one token after the other, and gives each time the logits of what follows all of
/// them; what it remembers (states, keys and values) is its own. The logits hold until the next call.
using NextToken = std::function<std::span<const float>(int64_t token)>;

/// Probabilities from place `first` on as logits: their logarithms, never minus infinity.
std::vector<float> as_logits(const Tensor& probabilities, int64_t first, int64_t count);

struct GenerationOptions {
  SamplingOptions sampling = {};
  int64_t length = 100;             ///< so many tokens beyond the prompt at most
  std::optional<int64_t> end = {};  ///< a token that ends the text; it is not part of it
  /// Called with each new token; false ends the text.
  std::function<bool(int64_t token)> heard = {};
};

/// The tokens that follow `prompt`, which has at least one. The same seed gives the same text. Throws `Error`
/// when there is no prompt or an option is out of range.
std::vector<int64_t> generate(const NextToken& next, std::span<const int64_t> prompt,
                              const GenerationOptions& options = {});

}  // namespace folio
