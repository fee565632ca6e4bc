#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/report/page.h"
#include "folio/report/readings.h"

namespace folio::cli {

int report(const Options& options) {
  const RunRecord record = read_record(options.subject);
  const std::string output = options.output.empty() ? options.subject + "/report.html" : options.output;
  std::vector<std::string> others = files_of_run(options.subject);
  std::erase(others, options.subject + "/report.html");
  check_outputs({{"--output", output, Output::Kind::page}}, others, options.overwrite);
  write_file_atomically(output, report_page(record));
  const RunVerdict verdict = verdict_of(record);
  if (options.json) {
    fmt::print("{}\n", json_text({{"report", output},
                                  {"epochs", epochs_of(record)},
                                  {"finished", record.finished},
                                  {"verdict", verdict.head},
                                  {"sentences", verdict.sentences}}));
    return 0;
  }
  fmt::print("{}\n", verdict.head);
  for (const std::string& sentence : verdict.sentences) fmt::print("  {}\n", sentence);
  fmt::print("report: {}\n", output);
  return 0;
}

}  // namespace folio::cli
