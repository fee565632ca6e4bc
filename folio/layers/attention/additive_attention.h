// Attention by a small network on queries and keys.
#pragma once
#include <optional>

#include "folio/layers/layer.h"

namespace folio {

struct AdditiveAttentionOptions {
  bool use_scale = true;  ///< features of the sum are weighted
  double dropout = 0;     ///< of the weights, while training; in [0, 1)
  std::optional<int64_t> seed = {};
  std::string name = {};
  bool trainable = true;
};

/// As `Attention`, with scores Σ scale · tanh(query + key) over the features. Weight: scale (features).
/// (sheet G15; Bahdanau 2015)
class AdditiveAttention final : public Layer {
 public:
  explicit AdditiveAttention(AdditiveAttentionOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
