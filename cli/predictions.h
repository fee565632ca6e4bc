// What a model says of rows, in the forms in which people and programs read it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/raw_rows.h"

namespace folio::cli {

/// A cell of a .csv, in quotes where it could be mistaken for several.
std::string csv_cell(const std::string& text);

class Predictions {
 public:
  /// `output`: (rows, …). `threshold`: from which probability on the second of two classes is taken; not
  /// given, the more probable one is. Throws `UsageError` when it is given for another model.
  Predictions(const Model& model, RawRows rows, Tensor output, std::optional<double> threshold);

  /// The columns that went in, then "prediction" and "probability_<class>", or numbers. Columns that
  /// predictions were written to before are replaced.
  std::string csv() const;
  /// For people at a terminal. Throws `Error` when the model says more of a row than fits into a line.
  std::string table() const;
  /// [{"input": …, "prediction": …, "probabilities": {"<class>": p}}, …] on one line.
  std::string json() const;

 private:
  std::vector<double> shares(int64_t row) const;
  size_t chosen(const std::vector<double>& shares) const;

  RawRows rows_;
  Tensor output_;
  std::vector<std::string> classes_;
  std::optional<double> threshold_;
  int64_t count_, width_;
};

}  // namespace folio::cli
