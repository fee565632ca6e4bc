// What classifiers of tables read: one row of features per sample, dense or with zeros left out.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// One feature of a sample.
struct FeatureEntry {
  int64_t feature = 0;
  double value = 0;
};

/// Samples of which only the entries other than 0 are kept: word counts of texts. Entries of a row are sorted
/// by feature, each feature at most once.
struct SparseRows {
  int64_t features = 0;
  std::vector<std::vector<FeatureEntry>> rows;
};

/// A view of samples in either form; tensors and `SparseRows` convert to it. It lives no longer than they do.
class FeatureRows {
 public:
  /// (rows, features), of any type. Throws `Error` for another shape.
  FeatureRows(const Tensor& dense);  // NOLINT: tensors are written where samples are expected
  /// Throws `Error` when entries are not sorted or lie outside.
  FeatureRows(const SparseRows& sparse);  // NOLINT

  int64_t rows() const { return rows_; }
  int64_t features() const { return features_; }
  /// The entries of row `row` that are not 0, by feature; valid until the next call with the same `buffer`.
  const std::vector<FeatureEntry>& entries(int64_t row, std::vector<FeatureEntry>& buffer) const;
  /// All features of row `row`.
  void read(int64_t row, std::vector<double>& values) const;
  /// Throws `Error` naming row and feature unless every value is finite.
  void check_finite(const std::string& place) const;

 private:
  Tensor dense_;
  const SparseRows* sparse_ = nullptr;
  int64_t rows_ = 0, features_ = 0;
};

}  // namespace folio
