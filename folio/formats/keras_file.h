// `.keras` files (architecture, weights and training state in one zip) and `.weights.h5` files (weights
// alone).
#pragma once
#include <string>
#include <vector>

#include "folio/base/file.h"
#include "folio/formats/hdf5.h"
#include "folio/formats/keras_config.h"
#include "folio/formats/keras_weights.h"

namespace folio {

/// The architecture in a `.keras` file; its weights are not touched.
LoadedModel read_keras_model(const std::string& path, const NestedModel& nested);
/// The weights in a `.keras` or `.weights.h5` file, for `load_weights` and `read_optimizer`.
H5Reader open_keras_weights(const std::string& path, uint64_t limit = default_load_limit());

/// Writes a `.keras` file that every Keras 3 opens. The old file stays until the new one is complete.
void write_keras_file(const std::string& path, const SavedModel& model, const WeightGroup& weights,
                      const std::vector<Tensor>& optimizer = {});
/// Writes a `.weights.h5` file.
void write_keras_weights(const std::string& path, const WeightGroup& weights,
                         const std::vector<Tensor>& optimizer = {});

}  // namespace folio
