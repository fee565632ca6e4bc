// Legacy `.h5` files: what Keras 2 wrote and Keras 3 still reads and writes. One HDF5 file holds the
// architecture as a text, the weights by name of layer, and the optimizer's state.
#pragma once
#include <string>
#include <vector>

#include "folio/formats/hdf5.h"
#include "folio/formats/keras_config.h"
#include "folio/training/optimizer.h"

namespace folio {

/// True when the weights lie in the legacy layout, with an architecture beside them or without.
bool is_legacy(const H5Reader& file);

/// The architecture in a legacy file; throws `Error` when it holds weights alone.
LoadedModel read_legacy_model(const H5Reader& file, const NestedModel& nested);

/// A config as Keras 2 or a legacy file of Keras 3 has it, in the form of config.json. What is not understood
/// is left as it is, for the reader of config.json to complain about. keras_legacy_config.cpp.
Json modern_config(Json legacy);
/// training_config in the form of compile_config.
Json modern_training(const Json& legacy);
/// The other way round: config.json and compile_config as Keras 3 writes them into legacy files.
Json legacy_config(Json modern);
Json legacy_training(const Json& modern);

/// How weights find their layers.
enum class LegacyMatch {
  by_order,  ///< as Keras does: layers that have weights, one after the other
  by_name    ///< the file is this very model's: names decide, so that no order can be mistaken
};

/// Sets all parameters of these layers (Keras' model.layers). Counts and shapes are compared before anything
/// is read, everything is read before any parameter changes: on `Error` the layers are as they were.
void load_legacy_weights(const H5Reader& file, const std::vector<Layer>& layers, LegacyMatch match);

/// The optimizer's state in the order of `OptimizerBody::variables`, whichever Keras wrote it. Keras 2 did
/// not save the learning rate: that is `optimizer`'s. Empty when not saved.
std::vector<Tensor> read_legacy_optimizer(const H5Reader& file, const OptimizerBody& optimizer);

/// Which Keras wrote a file, as far as that decides what it means.
class KerasWriter {
 public:
  /// `version`: "2.16.0"; `penalties`: what Folio says of them beside it, or "".
  KerasWriter(const std::string& version, std::string penalties);
  bool is_keras2() const { return major_ > 0 && major_ < 3; }
  bool mean_activity_penalties() const;

 private:
  int major_ = 0, minor_ = 0;  // 0: not known
  std::string penalties_;
};
/// The key under which Folio keeps whether penalties on outputs are means, and what stands there.
inline constexpr const char* kPenalties = "folio_activity_penalties";
const char* penalties_text(const SavedModel& model);
/// Where Keras 2 and Keras 3 mean different things by the same words: hard_sigmoid becomes the function that
/// Keras 2 had, and settings of convolutions that have none in Keras 3 go.
void translate_keras2(Json& config);

/// A complete legacy file. `optimizer` may be empty.
H5Group legacy_file(const SavedModel& model, const std::vector<Layer>& layers,
                    const std::vector<Parameter>& optimizer);

}  // namespace folio
