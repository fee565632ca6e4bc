#include "folio/analysis/feature_rows.h"

#include <fmt/format.h>

#include <cmath>

#include "folio/base/error.h"

namespace folio {

FeatureRows::FeatureRows(const Tensor& dense) : dense_(dense) {
  if (dense.shape().rank() != 2)
    throw Error(fmt::format("samples: expected shape (rows, features), got {}; reshape them",
                            to_string(dense.shape())));
  rows_ = dense.shape()[0];
  features_ = dense.shape()[1];
}

FeatureRows::FeatureRows(const SparseRows& sparse)
    : sparse_(&sparse), rows_(static_cast<int64_t>(sparse.rows.size())), features_(sparse.features) {
  for (size_t r = 0; r < sparse.rows.size(); ++r) {
    int64_t last = -1;
    for (const FeatureEntry& entry : sparse.rows[r]) {
      if (entry.feature <= last || entry.feature >= features_)
        throw Error(
            fmt::format("samples: row {}: expected features below {} in rising order, got {} after {}; "
                        "sort the entries and add up equal ones",
                        r, features_, entry.feature, last));
      last = entry.feature;
    }
  }
}

const std::vector<FeatureEntry>& FeatureRows::entries(int64_t row, std::vector<FeatureEntry>& buffer) const {
  if (sparse_ != nullptr) return sparse_->rows[static_cast<size_t>(row)];
  buffer.clear();
  visit(dense_.dtype(), [&](auto type) {
    const auto* values = dense_.data<decltype(type)>() + row * features_;
    for (int64_t f = 0; f < features_; ++f)
      if (values[f] != 0) buffer.push_back({f, static_cast<double>(values[f])});
  });
  return buffer;
}

void FeatureRows::read(int64_t row, std::vector<double>& values) const {
  std::vector<FeatureEntry> buffer;
  values.assign(static_cast<size_t>(features_), 0);
  for (const FeatureEntry& entry : entries(row, buffer))
    values[static_cast<size_t>(entry.feature)] = entry.value;
}

void FeatureRows::check_finite(const std::string& place) const {
  std::vector<FeatureEntry> buffer;
  for (int64_t r = 0; r < rows_; ++r)
    for (const FeatureEntry& entry : entries(r, buffer))
      if (!std::isfinite(entry.value))
        throw Error(
            fmt::format("{}: row {}, feature {}: expected a finite number, got {}; fill in or drop it", place,
                        r, entry.feature, entry.value));
}

}  // namespace folio
