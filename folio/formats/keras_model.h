// Models from and to files. `Model::save`, `Model::load` and `Model::load_weights` are defined here too.
#pragma once
#include <optional>
#include <string>

#include "folio/models/model.h"

namespace folio {

/// The model in a `.keras` or `.h5` file with fresh weights: the file need not hold any.
Model load_architecture(const std::string& path);

struct AddedMember;
/// Writes a `.keras` file with further members, sealed. (formats/keras_file.h)
void save_with(const Model& model, const std::string& path, const std::vector<AddedMember>& added);
/// Gives a compiled model the weights and the optimizer state of a file written from it. Throws `Error`, and
/// leaves the model as it was, when they do not fit.
void restore_training(const Model& model, const std::string& path);

struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  /// Steps between saves; 0: after every epoch.
  int64_t save_freq = 0;
  /// What the monitored value must be better than to be saved at all, with `save_best_only`.
  std::optional<double> initial_value_threshold = {};
};

/// Saves the model after every epoch, or only when the monitored value is better than ever (sheet D5), also
/// than before an interruption. The path may hold {epoch} or {epoch:02d}, counted from 1, {batch} between
/// epochs, and the name of any reported value: "run-{epoch:02d}-{val_loss:.2f}.keras".
class ModelCheckpoint final : public Callback {
 public:
  explicit ModelCheckpoint(std::string path, ModelCheckpointOptions options = {});
};

}  // namespace folio
