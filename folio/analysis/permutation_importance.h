// Which columns a model goes by. (Breiman 2001)
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "folio/models/model.h"

namespace folio {

struct PermutationOptions {
  int repeats = 5;
  int64_t most_rows = 2000;  ///< the first rows alone, where there are more
  uint64_t seed = 1;
};

struct Importance {
  std::string name;
  double mean = 0;  ///< by how much the loss grows when the column's values are dealt out anew among the rows
  double spread = 0;  ///< standard deviation over the repeats
};

/// Of each column how much worse the model's loss becomes without what it says: its features are permuted
/// among the rows, together. Columns that say the same share their importance. `columns`: names with their
/// numbers of features, in the order of the features of the model's only input (rows, features), which they
/// make up. The most important first. Throws `Error` when they do not fit, or there are fewer than two rows.
std::vector<Importance> permutation_importance(const Model& model, const Data& data,
                                               const std::vector<std::pair<std::string, int64_t>>& columns,
                                               const PermutationOptions& options = {});

}  // namespace folio
