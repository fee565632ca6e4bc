// Tables read in parts, so that they may be larger than memory. (sheet B3)
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "folio/base/file.h"
#include "folio/data/batches.h"
#include "folio/data/csv.h"
#include "folio/data/table.h"

namespace folio {

/// A CSV file of any size. Opening it goes through the file once and notes where rows lie; what is wrong in a
/// cell is found when its row is read.
class CsvFile {
 public:
  /// Throws `Error` when there are no rows, or the file is gzip'ed and thus cannot be read in parts.
  explicit CsvFile(const std::string& path, CsvOptions options = {});

  int64_t rows() const { return rows_; }
  /// Rows [first, last) as a table; kinds of columns are those of these rows. Several threads may read at
  /// once. `read(0, n)` is a sample for `TablePreparation::fit` when the rows are in no particular order.
  CsvTable read(int64_t first, int64_t last) const;

 private:
  struct Mark {
    uint64_t at = 0;  // byte
    int64_t line = 1;
  };
  void read_header();
  void find_rows();

  std::shared_ptr<const FileSource> file_;
  CsvOptions options_;
  Mark start_;               // of the first row below the header
  std::vector<Mark> marks_;  // of every so many rows, from the first on
  int64_t rows_ = 0;
  uint64_t end_ = 0;
};

/// The rows of a CSV file as a preparation makes them, read and prepared while they are used: x, and y if the
/// preparation has a target and the file its column.
Data stream_csv(const std::string& path, const TablePreparation& preparation, CsvOptions options = {});

}  // namespace folio
