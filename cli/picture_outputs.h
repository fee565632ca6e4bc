// Pictures that a model makes, as files.
#pragma once
#include <string>
#include <vector>

#include "cli/raw_rows.h"

namespace folio::cli {

/// Whether --output asks for pictures: a .png, or a folder (one that is there, or a name that ends in /).
bool is_picture_output(const std::string& output);

/// Writes what came out of the rows, (rows, height, width, 1 or 3) from 0 to 1: one picture as the .png, any
/// number into the folder under the names of the rows. Returns their paths. Throws `Error` when the model
/// does not make pictures, when there are several for one file, or unless `overwrite` when a file of the
/// folder is there already; nothing is written then.
std::vector<std::string> write_pictures(const Tensor& output, const RawRows& rows, const std::string& to,
                                        bool overwrite);

}  // namespace folio::cli
