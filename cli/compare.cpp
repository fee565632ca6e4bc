#include <fmt/format.h>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/report/comparison.h"

namespace folio::cli {

int compare(const Options& options) {
  if (options.runs.size() < 2) throw UsageError("compare: expected at least two run folders, got one");
  std::vector<RunRecord> runs;
  for (const std::string& folder : options.runs) runs.push_back(read_record(folder));
  const std::string output = options.output.empty() ? "compare.html" : options.output;
  std::vector<std::string> others;
  for (const std::string& folder : options.runs)
    for (const std::string& path : files_of_run(folder)) others.push_back(path);
  check_outputs({{"--output", output, Output::Kind::page}}, others, options.overwrite);
  write_file_atomically(output, comparison_page(runs));
  if (options.json)
    fmt::print("{}\n", comparison_json(runs));
  else
    fmt::print("{}\npage: {}\n", Comparison(runs).text(), output);
  return 0;
}

}  // namespace folio::cli
