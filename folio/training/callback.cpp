#include "folio/training/callback.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "folio/base/error.h"

namespace folio {

const double* find_log(const Logs& logs, const std::string& name) {
  for (const auto& entry : logs)
    if (entry.first == name) return &entry.second;
  return nullptr;
}

void set_log(Logs& logs, const std::string& name, double value) {
  for (auto& entry : logs)
    if (entry.first == name) {
      entry.second = value;
      return;
    }
  logs.emplace_back(name, value);
}

Improvement::Improvement(std::string monitor, std::string mode, double min_delta)
    : monitor_(std::move(monitor)),
      mode_(std::move(mode)),
      larger_(mode_ == "max"),
      min_delta_(std::abs(min_delta)) {
  if (mode_ != "auto" && mode_ != "min" && mode_ != "max")
    throw Error("mode: expected \"auto\", \"min\" or \"max\", got \"" + mode_ + "\"");
}

void Improvement::begin(const Training& training) {
  if (mode_ != "auto") return;
  const Directions known = training.directions();
  auto found = known.find(monitor_);
  if (found == known.end() && monitor_.starts_with("val_")) found = known.find(monitor_.substr(4));
  if (found != known.end() && found->second) {
    larger_ = *found->second;
    return;
  }
  std::vector<std::string> names;
  for (const auto& entry : known) names.push_back(entry.first);
  throw Error(
      found == known.end()
          ? fmt::format("monitor: expected one of {}, or one of them behind \"val_\", got \"{}\"; give "
                        "the mode \"min\" or \"max\" for what a callback reports",
                        fmt::join(names, ", "), monitor_)
          : fmt::format("monitor: the metric \"{}\" does not say which way it is better; give the mode "
                        "\"min\" or \"max\"",
                        monitor_));
}

bool Improvement::better(double value, double than) const {
  return larger_ ? value - min_delta_ > than : value + min_delta_ < than;
}
double Improvement::worst() const {
  return larger_ ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

}  // namespace folio
