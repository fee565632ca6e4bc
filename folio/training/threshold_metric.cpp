#include <algorithm>
#include <cmath>
#include <numeric>

#include "folio/base/error.h"
#include "folio/ops/activations.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gather.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"
#include "folio/training/metric_rows.h"
#include "folio/training/threshold_metric.h"

namespace folio {
namespace {

constexpr double kOutOfTopK = -1e10;  // Keras' score of a class that is not among the k best
constexpr int64_t kMostSums = 1 << 24;

// Numbers that are the same for all rows, along the last dimension.
Value along_last(const std::vector<double>& numbers, DType type) {
  return constant(Tensor::of<double>({static_cast<int64_t>(numbers.size())}, numbers).cast(type));
}

}  // namespace

bool evenly_spaced(const std::vector<double>& thresholds) {
  const size_t n = thresholds.size();
  if (n < 3) return false;
  for (size_t i = 0; i < n; ++i) {
    const double even = static_cast<float>(i) / static_cast<float>(n - 1);
    if (!(std::abs(thresholds[i] - even) <= 1e-7 + 1e-5 * even)) return false;
  }
  return true;
}

void ThresholdMetric::set_thresholding(Thresholding thresholding) {
  thresholding_ = std::move(thresholding);
  order_.resize(thresholding_.thresholds.size());
  std::iota(order_.begin(), order_.end(), size_t{0});
  std::stable_sort(order_.begin(), order_.end(), [&](size_t a, size_t b) {
    return thresholding_.thresholds[a] < thresholding_.thresholds[b];
  });
}

// How many thresholds lie below each score; none below what is not a number.
Value ThresholdMetric::gaps(const Value& scores) const {
  const std::vector<double>& thresholds = thresholding_.thresholds;
  const DType type = scores.dtype();
  if (!thresholding_.even) {
    const Value spread = reshape(scores, scores.shape().joined({1}));
    return sum(spread > along_last(thresholds, type), {-1});
  }
  const Value inside = minimum(maximum(scores, 0.0), 1.0);
  const Value above = -floor(-(inside * static_cast<double>(thresholds.size() - 1)));
  return select(equal(scores, scores), thresholding_.open_ends ? maximum(above, 1.0) : above,
                constant(thresholding_.open_ends ? 1 : 0, type));
}

Values ThresholdMetric::sums(const MetricInputs& batch) const {
  Value scores = thresholding_.from_logits ? sigmoid(batch.y_pred) : batch.y_pred;
  Value y = targets_like(batch.y_true, scores);
  if (scores.rank() < 1) throw Error("expected predictions with a batch dimension, got a scalar");
  if (thresholding_.top_k) {
    const Value chosen = top_k_mask(scores, *thresholding_.top_k);
    scores = select(chosen, scores, constant(kOutOfTopK, scores.dtype()));
  }
  if (thresholding_.class_id) {
    const int64_t id = *thresholding_.class_id, classes = scores.shape()[-1];
    if (scores.rank() < 2 || id >= classes)
      throw Error("class_id: expected one of " + std::to_string(classes) + " classes, got " +
                  std::to_string(id) + " for predictions of shape " + to_string(scores.shape()));
    scores = slice(scores, -1, id, 1), y = slice(y, -1, id, 1);
  }
  const Shape& shape = scores.shape();
  const DType type = scores.dtype();
  Value weights = stretched_weights(batch.weights, shape, type);
  const int64_t labels = thresholding_.multi_label ? shape[-1] : 1;
  if (thresholding_.multi_label && shape.rank() != 2)
    throw Error("multi_label: expected predictions of shape (batch, labels), got " + to_string(shape));
  if (!thresholding_.label_weights.empty()) {
    if (shape[-1] != static_cast<int64_t>(thresholding_.label_weights.size()))
      throw Error("label_weights: expected " + std::to_string(shape[-1]) + ", one per label, got " +
                  std::to_string(thresholding_.label_weights.size()));
    if (!thresholding_.multi_label) weights = weights * along_last(thresholding_.label_weights, type);
  }
  const auto bins = static_cast<int64_t>(thresholding_.thresholds.size()) + 1;
  if (bins > kMostSums / (2 * labels)) throw Error("too many thresholds for so many labels; take fewer");
  Value places = gaps(scores) + equal(y, 0.0) * static_cast<double>(bins);
  if (labels > 1) {
    std::vector<double> starts;
    for (int64_t l = 0; l < labels; ++l) starts.push_back(static_cast<double>(2 * bins * l));
    places = places + along_last(starts, type);
  }
  const Shape flat{shape.count()};
  const Value sums =
      scatter_add(reshape(weights, flat), cast(reshape(places, flat), DType::int32), labels * 2 * bins);
  return {reshape(sums, {labels, 2, bins})};
}

std::vector<double> ThresholdMetric::result(const std::vector<double>& sums) const {
  const size_t thresholds = order_.size(), bins = thresholds + 1;
  std::vector<CountsByThreshold> labels(sums.size() / (2 * bins), CountsByThreshold(thresholds));
  for (size_t l = 0; l < labels.size(); ++l) {
    const double* positives = sums.data() + l * 2 * bins;
    const double* negatives = positives + bins;
    double tp = 0, fp = 0, fn = 0, tn = 0;
    for (size_t t = thresholds; t-- > 0;) {
      tp += positives[t + 1], fp += negatives[t + 1];
      ThresholdCounts& counts = labels[l][order_[t]];
      counts.tp = tp, counts.fp = fp;
    }
    for (size_t t = 0; t < thresholds; ++t) {
      fn += positives[t], tn += negatives[t];
      ThresholdCounts& counts = labels[l][order_[t]];
      counts.fn = fn, counts.tn = tn;
    }
  }
  return result(labels);
}

}  // namespace folio
