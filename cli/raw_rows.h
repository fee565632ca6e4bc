// Rows as they were given to a command: what the model takes, and what tells one row from another.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "folio/data/batches.h"

namespace folio::cli {

struct RawRows {
  Data data;
  /// What is written of the rows beside what the model says of them: the columns of a table, "file" of
  /// pictures, "text" of texts; none of arrays.
  std::vector<std::string> columns = {};
  std::function<std::string(size_t column, int64_t row)> cell = {};
  bool is_series = false;  ///< what is predicted of the one row are the rows that are written
  bool is_table = false;   ///< rows are many cells, not one that says it all

  int64_t count = 0;  ///< of a table
  /// The column of this name. Throws `Error` naming those there are.
  size_t column(const std::string& name) const;
  /// What a row is called where there is room for one cell: what was given, or its number.
  std::string name(int64_t row) const;
};

/// The cells of a table, without data.
RawRows raw_table(CsvTable table);
/// Texts: those of --text, the lines of --input, or the column of its table that the model was trained on.
RawRows read_raw_texts(const Model& model, const Options& options);
/// The inputs that `folio predict` was given.
RawRows read_raw_rows(const Model& model, const Options& options);

}  // namespace folio::cli
