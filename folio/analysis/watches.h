// The doctor's memory, one part for each thing it watches. What is remembered is numbers, so that an
// interrupted training can go on with them; judging is left to folio/analysis/doctor.cpp and the layers'
// rules in folio/analysis/layer_watch.h.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/analysis/probe.h"
#include "folio/training/loss.h"

namespace folio {

/// The course of the training loss, in periods: an epoch, 256 batches of a longer one, or several short ones.
class LossWatch {
 public:
  void add(double loss);
  bool period_full() const { return count_ >= kPeriod; }
  /// Closes the running period; one of fewer than 8 batches goes on, as its mean is not worth much.
  void end_period();
  /// An epoch has ended with this mean.
  void end_epoch(double mean);

  int64_t steps() const { return steps_; }
  int64_t periods() const { return periods_; }
  /// Mean of the first batches: what an untrained model loses.
  double start() const;
  double best() const { return best_; }  ///< the lowest mean of a period; `start` before any
  double latest() const { return latest_; }
  /// Whether the latest period lies above the best by more than noise and by a part of all that was won.
  bool rises() const;
  /// Whether one of the last two periods fell by more than 1 % below all before it.
  bool falls() const { return slow_ < 2; }
  /// Whether the last epochs went up and down in turn, by more than a little.
  bool oscillates() const;
  double swing() const;  ///< mean change from epoch to epoch of those
  /// Epochs since the mean last fell by more than 0.5 % of all that was won.
  int64_t stale_epochs() const { return stale_; }

  template <class F>
  void fields(F&& f) {
    f("steps", steps_), f("periods", periods_), f("start", start_sum_), f("sum", sum_);
    f("squares", squares_), f("count", count_), f("best", best_), f("best_error", best_error_);
    f("slow", slow_), f("latest", latest_), f("latest_error", latest_error_), f("means", means_);
    f("stale", stale_), f("lowest", lowest_);
  }

 private:
  static constexpr int64_t kPeriod = 256, kFirst = 8;
  int64_t steps_ = 0, periods_ = 0, count_ = 0, stale_ = 0, slow_ = 0;
  double start_sum_ = 0, sum_ = 0, squares_ = 0;
  double best_ = 0, best_error_ = 0, latest_ = 0, latest_error_ = 0, lowest_ = 0;
  std::vector<double> means_;  // of the last epochs
};

/// What the targets of the first epoch are like: shares of classes, and what a constant answer would lose.
class TargetWatch {
 public:
  /// Only losses are understood that have a known best constant: cross-entropies and the squared error.
  void begin(const Loss& loss, const Value& output);
  /// Looks at the first rows of a batch's targets.
  void add(const Tensor& targets);
  bool understood() const { return kind_ != 0; }
  /// Numbers of a batch that `add` would look at.
  static int64_t cost(const Tensor& targets);
  double rows() const { return rows_; }
  /// The loss of the best constant answer; 0 when it is not known.
  double baseline() const;
  /// Share of each class; empty when the targets are not classes.
  std::vector<double> shares() const;

  template <class F>
  void fields(F&& f) {
    f("kind", kind_), f("smoothing", smoothing_), f("rows", rows_), f("sums", sums_), f("squares", squares_);
  }

 private:
  enum Kind { kUnknown, kSparse, kCategorical, kBinary, kSquared };
  int kind_ = 0;
  double smoothing_ = 0, rows_ = 0;
  std::vector<double> sums_, squares_;  // of each column, or counts of classes
};

/// Training and validation loss side by side.
class ValidationWatch {
 public:
  void end_epoch(int epoch, double loss, double validation_loss);
  /// How far the validation loss lies above its lowest, as a factor, while the training loss went on falling;
  /// 0 when nothing of the sort was seen.
  double overfitting() const;
  int best_epoch() const { return static_cast<int>(best_epoch_); }
  double best() const { return best_; }
  double latest() const { return latest_; }
  double loss_at_best() const { return loss_at_best_; }
  double latest_loss() const { return latest_loss_; }

  template <class F>
  void fields(F&& f) {
    f("epochs", epochs_), f("best_epoch", best_epoch_), f("above", above_), f("best", best_);
    f("loss_at_best", loss_at_best_), f("latest", latest_), f("latest_loss", latest_loss_);
  }

 private:
  int64_t epochs_ = 0, best_epoch_ = 0, above_ = 0;  // above: epochs in a row
  double best_ = 0, loss_at_best_ = 0, latest_ = 0, latest_loss_ = 0;
};

/// The features that reach the first kernels.
class FeatureWatch {
 public:
  void add(const std::vector<FeatureStatistics>& features, int64_t rows);
  double rows() const { return rows_; }
  struct Entry {
    std::string layer, label;
    bool pictures = false;
    std::vector<double> means, deviations;
  };
  std::vector<Entry> entries() const;

  template <class F>
  void fields(F&& f) {
    f("rows", rows_), f("layers", layers_), f("labels", labels_), f("pictures", pictures_), f("sums", sums_),
        f("squares", squares_);
  }

 private:
  double rows_ = 0;
  std::vector<std::string> layers_, labels_;
  std::vector<int> pictures_;
  std::vector<std::vector<double>> sums_, squares_;
};

}  // namespace folio
