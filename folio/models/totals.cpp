#include "folio/models/totals.h"

#include "folio/base/error.h"

namespace folio {

Totals::Totals(const std::vector<Report>& reports)
    : reports_(reports), sums_(reports.size(), 0), counts_(reports.size(), 0) {}

void Totals::add(const Frame& frame, int64_t rows) {
  int output = 0;
  for (size_t i = 0; i < reports_.size(); ++i) {
    const double value = frame.output(output++).at(0);
    if (reports_[i].mean_of_batches) {
      sums_[i] += value * static_cast<double>(rows);
      counts_[i] += static_cast<double>(rows);
    } else {
      sums_[i] += value;
      counts_[i] += frame.output(output++).at(0);
    }
  }
}

Logs Totals::logs() const {
  Logs logs;
  for (size_t i = 0; i < reports_.size(); ++i)
    logs.emplace_back(reports_[i].name, counts_[i] > 0 ? sums_[i] / counts_[i] : 0);
  return logs;
}

std::vector<double> Totals::sums() const {
  std::vector<double> all = sums_;
  all.insert(all.end(), counts_.begin(), counts_.end());
  return all;
}

void Totals::restore(const std::vector<double>& sums) {
  if (sums.size() != sums_.size() + counts_.size())
    throw Error("saved sums of another training: expected " + std::to_string(sums_.size() + counts_.size()) +
                " numbers, got " + std::to_string(sums.size()));
  const auto middle = sums.begin() + static_cast<std::ptrdiff_t>(sums_.size());
  sums_.assign(sums.begin(), middle);
  counts_.assign(middle, sums.end());
}

}  // namespace folio
