// Checkpoints: a training on the disk, so that whatever ends the process costs at most the steps since the
// last one. A checkpoint is a `.keras` file, which Keras opens too, with the rest of the training's state
// beside the model, and a checksum over all of it. Two are kept in turn; the one being replaced is always the
// older.
#pragma once
#include <optional>
#include <string>

#include "folio/models/fit_state.h"

namespace folio {

/// Writes `training` and its model to `path`, at once or not at all.
void write_checkpoint(const std::string& path, const Model& model, const FitState& state);
/// Reads the state. Throws `Error` when any bit of the file has changed since it was written.
FitState read_checkpoint(const std::string& path);

/// The checkpoint to go on from.
struct FoundCheckpoint {
  std::string path;
  FitState state;
  std::string damage;  ///< what is wrong with a later one that had to be passed over; "" when nothing is
};
/// The latest sound checkpoint in the folder; none when there is no checkpoint. Throws `Error` when there are
/// only damaged ones.
std::optional<FoundCheckpoint> find_checkpoint(const std::string& folder);

struct BackupAndRestoreOptions {
  int64_t save_freq = 0;  ///< steps between checkpoints, with one after every epoch; 0: not by steps
  double seconds = 0;     ///< a checkpoint when this much time has passed since the last; 0: not by time
                          ///< (neither: after every epoch)
  bool delete_checkpoint = true;  ///< once the training has ended well
};

/// Saves the training to `folder` as it goes, and when it finds a checkpoint there as it begins, goes on from
/// it: weights, optimizer, callbacks, history, place in the data and random numbers, to the bit. When the
/// user interrupts the training, or it ends, it is saved where it stands. A checkpoint that cannot be
/// written, as on a full disk, is reported once, tried again, and costs nothing else.
class BackupAndRestore final : public Callback {
 public:
  explicit BackupAndRestore(std::string folder, BackupAndRestoreOptions options = {});
};

}  // namespace folio
