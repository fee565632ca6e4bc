#include "folio/analysis/watches.h"

#include <algorithm>
#include <cmath>

namespace folio {
namespace {

constexpr int64_t kRowsOfTargets = 64;

// Overfitting: for four epochs in a row the validation loss lies a fifth above its lowest and above the
// training loss, which is a tenth lower than it was then. (docs/doctor.md tells what healthy trainings do.)
constexpr double kAbove = 1.2, kFallen = 0.9;
constexpr int64_t kEpochsAbove = 4;

double entropy(double p) { return p > 0 ? -p * std::log(p) : 0; }

}  // namespace

void LossWatch::add(double loss) {
  if (steps_ < kFirst) start_sum_ += loss;
  ++steps_, ++count_;
  sum_ += loss;
  squares_ += loss * loss;
}

double LossWatch::start() const {
  return steps_ == 0 ? 0 : start_sum_ / static_cast<double>(std::min(steps_, kFirst));
}

void LossWatch::end_period() {
  if (count_ < kFirst) return;
  const auto n = static_cast<double>(count_);
  latest_ = sum_ / n;
  latest_error_ = std::sqrt(std::max(squares_ / n - latest_ * latest_, 0.0) / (n - 1));
  if (periods_++ == 0) best_ = start(), best_error_ = latest_error_;
  slow_ = latest_ < best_ - 0.01 * std::abs(best_) ? 0 : slow_ + 1;
  if (latest_ < best_) best_ = latest_, best_error_ = latest_error_;
  sum_ = squares_ = 0;
  count_ = 0;
}

bool LossWatch::rises() const {
  // A quarter of all that was won and a tenth of the start are far above what a falling loss jumps by, and
  // four standard errors above what chance does.
  const double rise = latest_ - best_, won = start() - best_;
  return periods_ > 0 && rise > std::max(0.25 * won, 0.1 * std::abs(start())) &&
         rise > 4 * std::hypot(latest_error_, best_error_);
}

void LossWatch::end_epoch(double mean) {
  constexpr size_t kKept = 11;
  if (means_.size() == kKept) means_.erase(means_.begin());
  means_.push_back(mean);
  const bool fresh = means_.size() == 1;
  const bool fell = mean < lowest_ - 0.005 * std::abs(start() - lowest_);
  stale_ = fresh || fell ? 0 : stale_ + 1;
  if (fresh || fell) lowest_ = mean;
}

double LossWatch::swing() const {
  double total = 0;
  for (size_t i = 1; i < means_.size(); ++i) total += std::abs(means_[i] - means_[i - 1]);
  return means_.size() > 1 ? total / static_cast<double>(means_.size() - 1) : 0;
}

bool LossWatch::oscillates() const {
  // Ten changes of independent noise alternate in 1.8 % of all cases, and noise swings by far less than a
  // twentieth of the start.
  if (means_.size() < 11 || swing() < 0.05 * std::abs(start())) return false;
  for (size_t i = 2; i < means_.size(); ++i)
    if ((means_[i] - means_[i - 1]) * (means_[i - 1] - means_[i - 2]) >= 0) return false;
  return true;
}

void TargetWatch::begin(const Loss& loss, const Value& output) {
  *this = {};
  smoothing_ = loss.label_smoothing();
  if (output.rank() != 2) return;
  if (loss.sparse())
    kind_ = kSparse;
  else if (loss.name == "categorical_crossentropy")
    kind_ = kCategorical;
  else if (loss.name == "binary_crossentropy")
    kind_ = kBinary;
  else if (loss.name == "mean_squared_error")
    kind_ = kSquared;
  if (!loss.sparse() && loss.reduction == "sum") kind_ = 0;
  if (kind_) {
    sums_.assign(static_cast<size_t>(output.shape()[-1]), 0);
    squares_ = sums_;
  }
}

int64_t TargetWatch::cost(const Tensor& targets) {
  return targets.count() / std::max<int64_t>(targets.shape()[0], 1) *
         std::min(targets.shape()[0], kRowsOfTargets);
}

void TargetWatch::add(const Tensor& targets) {
  const int64_t rows = std::min(targets.shape()[0], kRowsOfTargets);
  const auto columns = static_cast<int64_t>(sums_.size());
  if (targets.count() != targets.shape()[0] * (kind_ == kSparse ? 1 : columns)) return;
  rows_ += static_cast<double>(rows);
  for (int64_t r = 0; r < rows; ++r) {
    if (kind_ == kSparse) {
      sums_[static_cast<size_t>(targets.at(r))] += 1;
      continue;
    }
    for (int64_t c = 0; c < columns; ++c) {
      const double y = targets.at(r * columns + c);
      sums_[static_cast<size_t>(c)] += y;
      squares_[static_cast<size_t>(c)] += y * y;
    }
  }
}

double TargetWatch::baseline() const {
  if (kind_ == kUnknown || rows_ == 0) return 0;
  const auto columns = static_cast<double>(sums_.size());
  double total = 0;
  for (size_t c = 0; c < sums_.size(); ++c) {
    const double p = sums_[c] / rows_;
    const double smooth = p * (1 - smoothing_) + smoothing_ / (kind_ == kBinary ? 2 : columns);
    if (kind_ == kSquared)
      total += (squares_[c] / rows_ - p * p) / columns;
    else if (kind_ == kBinary)
      total += (entropy(smooth) + entropy(1 - smooth)) / columns;
    else
      total += entropy(kind_ == kSparse ? p : smooth);
  }
  return std::max(total, 0.0);
}

std::vector<double> TargetWatch::shares() const {
  if (rows_ == 0 || kind_ == kUnknown || kind_ == kSquared) return {};
  // Targets between 0 and 1 are not classes.
  if (kind_ == kBinary && (sums_.size() != 1 || sums_ != squares_)) return {};
  std::vector<double> shares;
  for (double sum : sums_) shares.push_back(sum / rows_);
  if (kind_ == kBinary) shares = {1 - shares[0], shares[0]};
  return shares;
}

void ValidationWatch::end_epoch(int epoch, double loss, double validation_loss) {
  latest_ = validation_loss;
  latest_loss_ = loss;
  if (epochs_++ == 0 || validation_loss < best_) {
    best_ = validation_loss;
    best_epoch_ = epoch;
    loss_at_best_ = loss;
  }
  above_ = best_ > 0 && validation_loss > std::max(kAbove * best_, loss) ? above_ + 1 : 0;
}

double ValidationWatch::overfitting() const {
  return above_ >= kEpochsAbove && latest_loss_ < kFallen * loss_at_best_ ? latest_ / best_ : 0;
}

void FeatureWatch::add(const std::vector<FeatureStatistics>& features, int64_t rows) {
  if (layers_.empty()) {
    sums_.clear(), squares_.clear();
    for (const FeatureStatistics& entry : features) {
      layers_.push_back(entry.layer);
      labels_.push_back(entry.label);
      pictures_.push_back(entry.pictures);
      sums_.emplace_back(entry.means.size());
      squares_.emplace_back(entry.means.size());
    }
  }
  rows_ += static_cast<double>(rows);
  for (size_t e = 0; e < std::min(features.size(), layers_.size()); ++e)
    for (size_t f = 0; f < std::min(features[e].means.size(), sums_[e].size()); ++f) {
      const double mean = features[e].means[f];
      if (!std::isfinite(mean) || !std::isfinite(features[e].variances[f]))
        continue;  // soon told by the loss
      sums_[e][f] += static_cast<double>(rows) * mean;
      squares_[e][f] += static_cast<double>(rows) * (mean * mean + features[e].variances[f]);
    }
}

std::vector<FeatureWatch::Entry> FeatureWatch::entries() const {
  std::vector<Entry> entries;
  for (size_t e = 0; e < layers_.size(); ++e) {
    Entry entry{layers_[e], labels_[e], pictures_[e] != 0, {}, {}};
    for (size_t f = 0; f < sums_[e].size(); ++f) {
      const double mean = sums_[e][f] / rows_, variance = squares_[e][f] / rows_ - mean * mean;
      // What is left of a constant after rounding to float.
      const bool constant = variance <= 1e-10 * mean * mean;
      entry.means.push_back(mean);
      entry.deviations.push_back(constant ? 0 : std::sqrt(std::max(variance, 0.0)));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace folio
