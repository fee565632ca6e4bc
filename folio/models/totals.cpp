#include "folio/models/totals.h"

#include "folio/base/error.h"

namespace folio {

Totals::Totals(const std::vector<Report>& reports) : reports_(reports) {
  int64_t count = 0;
  for (const Report& report : reports_) count += report.sums;
  sums_.assign(static_cast<size_t>(count), 0.0);
}

void Totals::add(const Frame& frame, int64_t rows) {
  int output = 0;
  double* to = sums_.data();
  for (const Report& report : reports_) {
    if (!report.metric.defined()) {
      *to++ += frame.output(output++).at(0) * static_cast<double>(rows);
      *to++ += static_cast<double>(rows);
      continue;
    }
    for (int i = 0; i < report.outputs; ++i) {
      const Tensor& batch = frame.output(output++);
      visit(batch.dtype(), [&](auto t) {
        for (const auto value : batch.values<decltype(t)>()) *to++ += static_cast<double>(value);
      });
    }
  }
}

Logs Totals::logs() const {
  Logs logs;
  auto from = sums_.begin();
  for (const Report& report : reports_) {
    const std::vector<double> sums(from, from + report.sums);
    from += report.sums;
    if (!report.metric.defined()) {
      logs.emplace_back(report.name, sums[1] > 0 ? sums[0] / sums[1] : 0);
      continue;
    }
    const std::vector<double> values = report.metric.result(sums);
    for (size_t i = 0; i < values.size(); ++i)
      logs.emplace_back(values.size() == 1 ? report.name : report.name + "[" + std::to_string(i) + "]",
                        values[i]);
  }
  return logs;
}

void Totals::restore(const std::vector<double>& sums) {
  if (sums.size() != sums_.size())
    throw Error("saved sums of another training: expected " + std::to_string(sums_.size()) +
                " numbers, got " + std::to_string(sums.size()));
  sums_ = sums;
}

}  // namespace folio
