// How a table is written, found by looking at its first rows.
#pragma once
#include <string>
#include <string_view>

#include "folio/data/csv.h"

namespace folio {

struct CsvLayout {
  char separator = ',', decimal = '.';
  bool header = false;  ///< the first row names the columns
};

/// So many rows are looked at.
inline constexpr int64_t kCsvRowsLookedAt = 100;

/// What the options leave open is found by looking at the text's first rows. `text` may be the beginning of a
/// table, of whole rows.
CsvLayout look_at_csv(std::string_view text, const std::string& name, const CsvOptions& options);

/// The number that a cell holds, written with this decimal mark and with or without the other mark (a comma,
/// a point) between thousands; NaN when it is text, as the words "nan" and "inf" are here. Infinite when too
/// large.
double csv_number(const std::string& text, char decimal);

/// Whether the cell stands for no value.
bool is_missing_in_csv(const std::string& text, const CsvOptions& options);

}  // namespace folio
