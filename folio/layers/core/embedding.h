// Whole numbers as vectors that are learnt.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct EmbeddingOptions {
  Initializer embeddings_initializer = "random_uniform";
  Regularizer embeddings_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint embeddings_constraint = {};
  bool mask_zero = false;  ///< id 0 stands for no step: layers behind leave it out
  std::string name = {};
  bool trainable = true;
};

/// Row id of a table, for each id. Ids are whole numbers from 0 to input_dim - 1 (floats lose what follows
/// the point). fit, evaluate and predict refuse others when the layer reads an input of the model; ids that
/// are computed elsewhere give NaN. Weight: embeddings (input_dim, output_dim).
/// ids: (batch, …) -> (batch, …, output_dim). (sheet G11; Mikolov 2013)
class Embedding final : public Layer {
 public:
  Embedding(int64_t input_dim, int64_t output_dim, EmbeddingOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
