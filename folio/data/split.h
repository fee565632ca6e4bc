// Rows dealt out to training, validation and test, and to the folds of a cross-validation.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "folio/data/batches.h"
#include "folio/data/csv.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// Row numbers of the three parts: each row stands in one of them, once.
struct Split {
  std::vector<int64_t> train, validation, test;
};

struct SplitOptions {
  double validation = 0;  ///< the share of all rows, in [0, 1)
  double test = 0.2;
  bool shuffle = true;  ///< false: rows in order, the first for training, the last for testing
  uint64_t seed = 1;
  /// A number per row; every part gets its share of every number's rows, rounded down or up. Needs shuffle.
  std::vector<int64_t> classes = {};
  /// A number per row; rows of one number (a person, a device) never stand in two parts. Parts then have
  /// their shares only as nearly as the groups' sizes allow. Needs shuffle.
  std::vector<int64_t> groups = {};
};
/// Throws `Error` when the options contradict each other or a part with a share is left without rows.
Split split_rows(int64_t rows, const SplitOptions& options = {});

/// One round of a cross-validation.
struct Fold {
  std::vector<int64_t> train, test;
};

struct FoldOptions {
  bool shuffle = true;
  uint64_t seed = 1;
  std::vector<int64_t> classes = {};  ///< as in SplitOptions
  std::vector<int64_t> groups = {};
};
/// `folds` rounds; every row is tested in just one of them. Row numbers ascend.
std::vector<Fold> k_fold(int64_t rows, int folds, const FoldOptions& options = {});

/// A number per row, equal where the column's values are: for `classes` and `groups`. Missing values are a
/// value of their own.
std::vector<int64_t> ids_of(const CsvColumn& column);
/// The same of (rows,) or (rows, 1) of whole numbers, or of (rows, classes), each row's largest being its
/// class.
std::vector<int64_t> ids_of(const Tensor& labels);

/// These rows of a tensor, in this order.
Tensor take_rows(const Tensor& tensor, std::span<const int64_t> rows);
CsvTable take_rows(const CsvTable& table, std::span<const int64_t> rows);
/// These rows of all arrays.
Data take_rows(const Data& data, std::span<const int64_t> rows);

}  // namespace folio
