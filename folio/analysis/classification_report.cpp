// The table of precision, recall and F1.
#include <fmt/format.h>

#include <algorithm>

#include "folio/analysis/classification.h"
#include "folio/base/error.h"

namespace folio {
namespace {

ClassificationReport report_of(const std::vector<ConfusionCounts>& counts,
                               const std::vector<std::string>& names) {
  if (!names.empty() && names.size() != counts.size())
    throw Error(fmt::format("classification_report: expected {} names, one per class, got {}", counts.size(),
                            names.size()));
  ClassificationReport report;
  for (size_t c = 0; c < counts.size(); ++c) {
    const ConfusionCounts& one = counts[c];
    report.classes.push_back({names.empty() ? std::to_string(c) : names[c], one.precision(), one.recall(),
                              one.f1(), one.support()});
    report.support += one.support();
  }
  return report;
}

void add_average(ClassificationReport& report, const std::vector<ConfusionCounts>& counts,
                 const std::string& how) {
  report.averages.push_back({how + " avg", average(counts, how, &ConfusionCounts::precision),
                             average(counts, how, &ConfusionCounts::recall),
                             average(counts, how, &ConfusionCounts::f1), report.support});
}

}  // namespace

ClassificationReport classification_report(const ConfusionMatrix& matrix,
                                           const std::vector<std::string>& names) {
  const std::vector<ConfusionCounts> counts = matrix.counts();
  ClassificationReport report = report_of(counts, names);
  report.accuracy = matrix.accuracy();
  for (const char* how : {"macro", "weighted"}) add_average(report, counts, how);
  return report;
}

ClassificationReport classification_report(const std::vector<ConfusionCounts>& labels,
                                           const std::vector<std::string>& names) {
  ClassificationReport report = report_of(labels, names);
  for (const char* how : {"micro", "macro", "weighted"}) add_average(report, labels, how);
  return report;
}

std::string ClassificationReport::text(int digits) const {
  size_t width = 12;  // of "weighted avg"
  for (const Row& row : classes) width = std::max(width, row.name.size());
  const auto line = [&](const Row& row) {
    return fmt::format("{:>{}}  {:>9.{}f} {:>9.{}f} {:>9.{}f} {:>9}\n", row.name, width, row.precision,
                       digits, row.recall, digits, row.f1, digits, fmt::format("{:.10g}", row.support));
  };
  std::string text = fmt::format("{:>{}}  {:>9} {:>9} {:>9} {:>9}\n\n", "", width, "precision", "recall",
                                 "f1-score", "support");
  for (const Row& row : classes) text += line(row);
  text += "\n";
  if (accuracy >= 0)
    text += fmt::format("{:>{}}  {:>9} {:>9} {:>9.{}f} {:>9}\n", "accuracy", width, "", "", accuracy, digits,
                        fmt::format("{:.10g}", support));
  for (const Row& row : averages) text += line(row);
  return text;
}

}  // namespace folio
