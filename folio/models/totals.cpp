#include "folio/models/totals.h"

#include "folio/base/error.h"

namespace folio {

Totals::Totals(const std::vector<LogEntry>& entries) : entries_(entries) {
  int64_t count = 0;
  for (const LogEntry& entry : entries_) count += entry.sums;
  sums_.assign(static_cast<size_t>(count), 0.0);
}

void Totals::add(const Frame& frame, int64_t rows) {
  int output = 0;
  double* to = sums_.data();
  for (const LogEntry& entry : entries_) {
    if (!entry.metric.defined()) {
      *to++ += frame.output(output++).at(0) * static_cast<double>(rows);
      *to++ += static_cast<double>(rows);
      continue;
    }
    for (int i = 0; i < entry.outputs; ++i) {
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
  for (const LogEntry& entry : entries_) {
    const std::vector<double> sums(from, from + entry.sums);
    from += entry.sums;
    if (!entry.metric.defined()) {
      logs.emplace_back(entry.name, sums[1] > 0 ? sums[0] / sums[1] : 0);
      continue;
    }
    const std::vector<double> values = entry.metric.result(sums);
    for (size_t i = 0; i < values.size(); ++i)
      logs.emplace_back(values.size() == 1 ? entry.name : entry.name + "[" + std::to_string(i) + "]",
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
