#include "folio/training/callback.h"

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

bool larger_is_better(const std::string& name) {
  if (name == "loss" || name.ends_with("_loss")) return false;
  if (name.ends_with("acc")) return true;
  for (const char* word :
       {"accuracy", "auc", "precision", "recall", "f1", "fbeta", "io_u", "iou", "r2", "specificity",
        "sensitivity", "true_positives", "true_negatives", "similarity", "correlation"})
    if (name.find(word) != std::string::npos) return true;
  return false;
}

Improvement::Improvement(std::string monitor, std::string mode, double min_delta)
    : min_delta_(std::abs(min_delta)) {
  if (mode != "auto" && mode != "min" && mode != "max")
    throw Error("mode: expected \"auto\", \"min\" or \"max\", got \"" + mode + "\"");
  larger_ = mode == "max" || (mode == "auto" && larger_is_better(monitor));
}
bool Improvement::better(double value, double than) const {
  return larger_ ? value - min_delta_ > than : value + min_delta_ < than;
}
double Improvement::worst() const {
  return larger_ ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

}  // namespace folio
