// A set of pictures, changed before training and written down. (sheet F9)
#pragma once
#include <string>
#include <vector>

#include "folio/pictures/image_augmenter.h"

namespace folio {

struct AugmentedSet {
  int64_t pictures = 0;               ///< that were found
  int64_t changed = 0;                ///< that were made of them
  std::string contact_sheet;          ///< its path
  bool divided = false;               ///< only those for training were changed
  bool interrupted = false;           ///< nothing is left of it
  std::vector<std::string> left_out;  ///< why some could not be read
};

/// Writes to the folder `output`, which must not be there or be empty: every picture of `data` as it is,
/// beside each `copies` changed ones, and contact-sheet.png, on which some of them stand in a row with what
/// became of them. `data`: a folder of pictures, whose folders and names are kept, and of which only `train`
/// is changed where it is divided; an .npz of pictures `x` and whatever goes with them row by row, which
/// becomes augmented.npz; or the name of a known set, which becomes folders of classes. The work is done
/// beside `output` and put there whole. Throws `Error` when there are no pictures, or something is in the
/// way.
AugmentedSet write_augmented_set(const std::string& data, const std::string& output,
                                 const ImageAugmenter& augmenter, int64_t copies);

}  // namespace folio
