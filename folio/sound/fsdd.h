// The Free Spoken Digit Dataset: "zero" to "nine" by a few voices. (sheet G8)
#pragma once
#include <string>
#include <vector>

#include "folio/sound/sound_preparation.h"

namespace folio {

struct SpokenDigit {
  SoundSource source;
  int digit = 0;
  std::string speaker;
  int index = 0;  ///< which of the speaker's recordings of the digit; below 5: of the published test

  bool is_test() const { return index < 5; }
};

/// Where the set lies: `folder`, or if that is "", $FOLIO_DATA/fsdd or /usr/share/datasets/fsdd. Throws
/// `Error` that says where was looked and how to get the set.
std::string find_fsdd(const std::string& folder = "");
/// Whether `find_fsdd` would find it there.
bool is_fsdd(const std::string& folder);
/// All recordings <digit>_<speaker>_<index>.wav of the folder, of its folder `recordings`, or of
/// recordings.tar.gz, in the order of their names; other files are passed over.
std::vector<SpokenDigit> load_fsdd(const std::string& folder);

}  // namespace folio
