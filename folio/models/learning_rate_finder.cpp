#include "folio/models/learning_rate_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"

namespace folio {
namespace {

void check(const LearningRateRange& range) {
  const auto fail = [](const char* what, const char* expected, double got) {
    throw Error(fmt::format("find_learning_rate: {}: expected {}, got {}", what, expected, got));
  };
  if (!(range.lowest > 0)) fail("lowest", "a number above 0", range.lowest);
  if (!(range.highest > range.lowest) || std::isinf(range.highest))
    fail("highest", "a number above the lowest", range.highest);
  if (range.steps < 2) fail("steps", "at least 2", static_cast<double>(range.steps));
  if (!(range.smoothing >= 0 && range.smoothing < 1))
    fail("smoothing", "a number from 0 to below 1", range.smoothing);
  if (!(range.most > 1)) fail("most", "a number above 1", range.most);
}

/// Raises the rate and takes down the losses.
class RangeTest final : public CallbackBody {
 public:
  explicit RangeTest(const LearningRateRange& range) : range_(range) {}
  void on_batch_begin(Training& training, int64_t batch) override {
    const double part = static_cast<double>(batch) / static_cast<double>(range_.steps - 1);
    rate_ = range_.lowest * std::pow(range_.highest / range_.lowest, part);
    training.set_learning_rate(rate_);
  }
  void on_batch_end(Training& training, int64_t batch, const Logs& logs) override {
    // The logs hold the mean over all rows of the epoch so far.
    const auto rows = static_cast<double>(dynamic_cast<ModelFit&>(training).batch_rows());
    const double total = *find_log(logs, "loss") * (rows_ + rows), loss = (total - total_) / rows;
    rows_ += rows, total_ = total;
    mean_ = range_.smoothing * mean_ + (1 - range_.smoothing) * loss;
    const double smooth = mean_ / (1 - std::pow(range_.smoothing, static_cast<double>(batch + 1)));
    if (!std::isfinite(smooth)) return training.stop();
    curve.rates.push_back(rate_);
    curve.losses.push_back(smooth);
    lowest_ = std::min(lowest_, smooth);
    if (lowest_ > 0 && smooth > range_.most * lowest_) training.stop();
  }
  LearningRateCurve curve;

 private:
  const LearningRateRange& range_;
  double rate_ = 0, rows_ = 0, total_ = 0, mean_ = 0, lowest_ = INFINITY;
};

double suggestion_of(const LearningRateCurve& curve, double otherwise) {
  const auto& losses = curve.losses;
  const auto lowest = static_cast<size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin());
  double steepest = 0, best = otherwise;
  for (size_t i = 1; i < lowest; ++i) {
    const double slope = losses[i + 1] - losses[i - 1];  // the steps are equal factors of the rate
    if (slope < steepest) steepest = slope, best = curve.rates[i];
  }
  return best;
}

/// Puts a model's weights and settings back, whatever happens meanwhile.
class Unchanged {
 public:
  explicit Unchanged(const Model& model)
      : model_(model), weights_(model.get_weights()), options_(model.training_options()) {}
  ~Unchanged() {
    model_.set_weights(weights_);
    model_.compile(options_);
  }
  Unchanged(const Unchanged&) = delete;
  Unchanged& operator=(const Unchanged&) = delete;

 private:
  const Model& model_;
  std::vector<Tensor> weights_;
  TrainingOptions options_;
};

}  // namespace

LearningRateCurve find_learning_rate(const Model& model, const Data& data, LearningRateRange range) {
  check(range);
  if (!model.compiled()) throw Error("find_learning_rate: expected a compiled model; call compile first");
  model.predict(data.slice(0, 1).x, 1);  // makes the weights of a Sequential that has not seen a shape
  const auto test = std::make_shared<RangeTest>(range);
  {
    const Unchanged guard(model);
    TrainingOptions options = model.training_options();
    options.optimizer = options.optimizer.fresh(range.lowest);
    model.compile(options);
    model.fit(data, {.batch_size = range.batch_size,
                     .verbose = 0,
                     .callbacks = {Callback(test)},
                     .steps_per_epoch = range.steps});
  }
  test->curve.suggestion = suggestion_of(test->curve, range.lowest);
  return test->curve;
}

}  // namespace folio
