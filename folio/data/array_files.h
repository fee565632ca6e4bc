// NumPy's files read in parts, so that they may be larger than memory. (sheet B3)
#pragma once
#include <string>

#include "folio/data/rows.h"

namespace folio {

/// The rows of a .npy file, read as they are asked for, not mapped. Types are `read_npy`'s. Throws `Error`
/// for what that refuses, for single numbers, and for column-major files, whose rows do not lie together.
Rows open_npy(const std::string& path);
/// The arrays of a .npz file in the same way. They must be stored, as numpy.savez does; unlike `read_npz`
/// this does not compare checksums, for which all bytes would have to be read.
NamedRows open_npz(const std::string& path);

/// The arrays of one or many files, each array's parts one after another: a .npy or .npz file, a folder of
/// them, or a pattern with * and ? in its last part, such as "data/train-*.npz". Files are taken in the order
/// of their names, numbers in them by value, so that x-10 follows x-9. Each .npz has a part of every array;
/// .npy files belong to the array of their name without its number: x-0.npy, x-1.npy, y-0.npy, y-1.npy.
NamedRows open_rows(const std::string& path);

}  // namespace folio
