// Values in the order of time, out of a table. (sheet G9)
#pragma once
#include <string>
#include <vector>

#include "folio/data/csv.h"

namespace folio {

/// Columns of numbers at equal steps of time, without gaps.
struct Series {
  std::string place;               ///< the file's name, for messages
  std::string date;                ///< name of the column of dates; "" without one
  bool months_alone = false;       ///< dates are written without a day
  std::vector<double> days;        ///< of each row, since 1970-01-01; empty without dates
  double step = 0;                 ///< in days; 30.4375 for months, 0 without dates
  std::vector<std::string> names;  ///< of the columns, the target first
  std::vector<std::vector<double>> columns;
  std::vector<std::string> remarks = {};  ///< what was sorted, left out or filled in, a sentence each

  size_t rows() const { return columns[0].size(); }
  /// When the row `ahead` steps behind the last one comes, as the file writes it; "+1" without dates.
  std::string time_after(int64_t ahead) const;
};

/// The target and the other columns of numbers, sorted by the first column of dates, if there is one. Of rows
/// for the same time the last one counts; missing values and times are filled in linearly between their
/// neighbours, all of which the remarks name. `target` "": the last column of numbers. Throws `Error` when
/// there is no such column or no value.
Series read_series(const CsvTable& table, const std::string& target);

}  // namespace folio
