// "Human Activity Recognition Using Smartphones" and sets laid out like it. (sheet G4)
#pragma once
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// Windows of measurements with what was done in them and by whom.
struct ActivityWindows {
  Tensor x;        ///< float32 (rows, 128, 9)
  Tensor y;        ///< int32 (rows,), an index of `har_class_names`
  Tensor persons;  ///< int64 (rows,)
};

const std::vector<std::string>& har_class_names();
/// Where the set lies: `folder`, or if that is "", $FOLIO_DATA/har or /usr/share/datasets/har. Throws `Error`
/// that says where was looked and how to get the set.
std::string find_har(const std::string& folder = "");
/// One part, "train" or "test": the nine files of Inertial_Signals (body_acc_x … total_acc_z; plain or
/// gzip'ed), y and subject. Throws `Error` naming file and line.
ActivityWindows load_har(const std::string& folder, const std::string& part);

}  // namespace folio
