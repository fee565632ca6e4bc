// `.keras` files (architecture, weights and training state in one zip), `.weights.h5` files (weights alone)
// and legacy `.h5` files (all in one HDF5 file). Reading goes by what a file is, not by its name.
#pragma once
#include <string>
#include <vector>

#include "folio/base/file.h"
#include "folio/formats/hdf5.h"
#include "folio/formats/keras_config.h"
#include "folio/formats/keras_weights.h"

namespace folio {

/// The architecture in a `.keras` or legacy `.h5` file; its weights are not touched.
LoadedModel read_keras_model(const std::string& path, const NestedModel& nested);
/// The weights in a file of any kind, for `load_weights` and `read_optimizer`, or `load_legacy_weights` and
/// `read_legacy_optimizer`.
H5Reader open_keras_weights(const std::string& path, uint64_t limit = default_load_limit());

/// A file that Folio adds to the three of a `.keras` file; Keras passes it over.
struct AddedMember {
  std::string name;
  std::vector<std::byte> bytes;
};
/// Writes a `.keras` file that every Keras 3 opens. The old file stays until the new one is complete. With
/// `added` members, the file is sealed (base/zip.h).
void write_keras_file(const std::string& path, const SavedModel& model, const WeightGroup& weights,
                      const std::vector<Tensor>& optimizer = {}, const std::vector<AddedMember>& added = {});
/// Writes a `.weights.h5` file.
void write_keras_weights(const std::string& path, const WeightGroup& weights,
                         const std::vector<Tensor>& optimizer = {});
/// Writes an HDF5 file.
void write_h5_file(const std::string& path, H5Group root);
/// Whether a model or weights file says that Folio wrote it. Throws `Error` when it is none.
bool is_written_by_folio(const std::string& path);

}  // namespace folio
