// Known data sets of pictures: what there is, where it is looked for, and loading it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// Pictures with their classes.
struct Dataset {
  std::string name;
  Tensor x;  // uint8 (rows, height, width, channels)
  Tensor y;  // int32 (rows,), an index of class_names
  std::vector<std::string> class_names;
};

/// What the catalogue says of a set.
struct DatasetInfo {
  std::string name;
  std::string description;
  int64_t train_rows = 0, test_rows = 0;  // as published
  int64_t height = 0, width = 0, channels = 0;
  std::vector<std::string> class_names;
  std::string source;  // how to get it
};

/// Every set that `load` knows.
const std::vector<DatasetInfo>& datasets();

/// Loads one split of a set:
///   "train"             what was published for training, but for the validation rows
///   "validation"        a validation file where the folder has one, else the last 5000 rows for training
///   "train+validation"  both, in the published order: all 60,000 of MNIST, as Keras' load_data() gives
///   "test"              what was published for testing
/// so no row is ever in two of train, validation and test. The files are looked for in `folder` (itself, then
/// `folder/<name>`), or if it is "", in $FOLIO_DATA/<name>, then in /usr/share/datasets/<name>, where
/// Debian's packages put them. Throws `Error` that says where was looked and how to get the set, or what is
/// wrong in a file.
Dataset load(const std::string& name, const std::string& split, const std::string& folder = "");

}  // namespace folio
