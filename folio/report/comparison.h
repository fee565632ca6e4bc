// Runs side by side: `folio compare`.
#pragma once
#include <string>
#include <vector>

#include "folio/report/html.h"
#include "folio/report/run_record.h"

namespace folio {

/// One column per run; rows whose value no run has are left out. Names that occur twice are numbered.
/// Throws `Error` when there are fewer than two runs.
struct Comparison {
  explicit Comparison(const std::vector<RunRecord>& runs);
  std::vector<std::string> names;
  /// What came out: best and last losses and metrics, results on data held back, parameters, time.
  Table results;
  /// Settings that are not the same in all runs.
  Table settings;

  /// Both tables for a terminal.
  std::string text() const;
};

/// One HTML file with curves over each other, results and settings that differ.
std::string comparison_page(const std::vector<RunRecord>& runs);
/// {"runs": [{"name", "results": {…}, "settings": {…}}]}, settings that differ only.
std::string comparison_json(const std::vector<RunRecord>& runs);

}  // namespace folio
