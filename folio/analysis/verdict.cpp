#include "folio/analysis/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"

namespace folio {
namespace {

/// The median of the last three: one wild epoch at the end does not decide.
double settled(const std::vector<double>& series) {
  if (series.size() < 3) return series.back();
  std::vector<double> last(series.end() - 3, series.end());
  std::sort(last.begin(), last.end());
  return last[1];
}

bool finite(const std::vector<double>& series) {
  return !series.empty() &&
         std::all_of(series.begin(), series.end(), [](double v) { return std::isfinite(v); });
}

/// The accuracy to judge by, "" when there is none.
std::string accuracy_of(const History& history) {
  for (const auto& [key, values] : history.series)
    if (!key.starts_with("val_") && (key == "acc" || key.ends_with("accuracy")) && finite(values) &&
        history.contains("val_" + key) && finite(history["val_" + key]))
      return key;
  return "";
}

std::string numbers(const std::string& what, double training, double validation) {
  return fmt::format("{} {:.4g} in training, {:.4g} in validation", what, training, validation);
}

constexpr const char* kUnderfitAdvice =
    "Try a larger network (more units or layers), longer training, another optimizer or learning rate, batch "
    "normalization, scaled inputs, or less regularization.";
constexpr const char* kOverfitAdvice =
    "Try more training data or augmentation, dropout, an L1 or L2 penalty, early stopping, or a smaller "
    "network.";

/// The rules for the errors alone.
void judge(Verdict& verdict, const std::string& what, double wanted, const VerdictOptions& options,
           const std::string& figures) {
  const double gap = verdict.validation_error - verdict.training_error;
  const bool high = verdict.training_error > wanted, wide = gap > options.largest_gap;
  if (wide && (!high || gap > verdict.training_error)) {
    verdict.fit = Fit::overfit;
    verdict.reason = fmt::format(
        "{}: the gap of {:.3g} is wide, so it knows the training data better than what they "
        "stand for (high variance).",
        figures, gap);
    verdict.advice = kOverfitAdvice;
  } else if (high) {
    verdict.fit = Fit::underfit;
    verdict.reason = fmt::format(
        "{}: a training {} of {:.3g} is above the {:.3g} wanted, so even the training data are "
        "not learned (high bias).",
        figures, what, verdict.training_error, wanted);
    verdict.advice = kUnderfitAdvice;
  } else {
    verdict.fit = Fit::fine;
    verdict.reason = fmt::format("{}: a low training {} and a gap of {:.3g}.", figures, what, gap);
    verdict.advice = "More data or a larger network may still gain a little.";
  }
}

/// Trained on past the best epoch: the validation loss rose while the training loss fell.
void judge_rise(Verdict& verdict, const std::vector<double>& loss, const std::vector<double>& val_loss,
                const VerdictOptions& options) {
  const auto best = std::min_element(val_loss.begin(), val_loss.end());
  verdict.best_epoch = static_cast<int>(best - val_loss.begin());
  const double end = settled(val_loss);
  const bool rose = end - *best > options.largest_rise * std::abs(*best) && val_loss.end() - best > 2;
  if (!rose || verdict.fit != Fit::fine || settled(loss) >= loss[static_cast<size_t>(verdict.best_epoch)])
    return;
  verdict.fit = Fit::overfit;
  verdict.reason = fmt::format(
      "the validation loss was best after epoch {} ({:.4g}) and rose to {:.4g} while the "
      "training loss went on falling (high variance).",
      verdict.best_epoch + 1, *best, end);
  verdict.advice = kOverfitAdvice;
}

/// Both losses fell in the last epoch by more than a twentieth of what they fell in all.
bool still_falling(const std::vector<double>& loss, const std::vector<double>& val_loss) {
  for (const auto* series : {&loss, &val_loss}) {
    const size_t n = series->size();
    if (n < 3) return false;
    const double fallen = series->front() - series->back();
    if (fallen <= 0 || (*series)[n - 3] - series->back() < 2 * 0.05 * fallen) return false;
  }
  return true;
}

}  // namespace

std::string to_string(Fit fit) {
  switch (fit) {
    case Fit::underfit:
      return "underfit";
    case Fit::overfit:
      return "overfit";
    case Fit::fine:
      return "fine";
    case Fit::unknown:
      break;
  }
  return "unknown";
}

Verdict verdict(const History& history, const VerdictOptions& options) {
  Verdict result;
  if (history.contains("loss") && !history["loss"].empty() && !std::isfinite(history["loss"].back())) {
    result.reason = "the training loss is no longer a number: training diverged.";
    result.advice = "Try a lower learning rate, gradient clipping, another initialization, or scaled inputs.";
    return result;
  }
  const std::string accuracy = accuracy_of(history);
  const bool losses = history.contains("loss") && history.contains("val_loss") && finite(history["loss"]) &&
                      finite(history["val_loss"]) && history["loss"].size() == history["val_loss"].size();
  if (accuracy.empty() && !losses) {
    result.reason = "there are no validation numbers for each epoch to compare with those of training.";
    result.advice = "Give validation_data or validation_split.";
    return result;
  }
  if (!accuracy.empty()) {
    const double training = settled(history[accuracy]), validation = settled(history["val_" + accuracy]);
    result.training_error = 1 - training;
    result.validation_error = 1 - validation;
    judge(result, "error", options.wanted_error, options, numbers(accuracy, training, validation));
  } else {
    const auto& loss = history["loss"];
    const double largest = *std::max_element(loss.begin(), loss.end());
    const double baseline = options.baseline > 0 ? options.baseline : largest > 0 ? largest : 1;
    const double training = settled(loss), validation = settled(history["val_loss"]);
    result.training_error = training / baseline;
    result.validation_error = validation / baseline;
    judge(result, "loss (as a part of the baseline's)", options.wanted_loss, options,
          numbers("loss", training, validation));
  }
  if (!losses) return result;
  judge_rise(result, history["loss"], history["val_loss"], options);
  if (result.fit != Fit::overfit && still_falling(history["loss"], history["val_loss"]))
    result.advice = "Both losses are still falling: train longer first. " + result.advice;
  return result;
}

Verdict verdict(const LearningCurve& curve, bool accuracies, const VerdictOptions& options) {
  if (curve.points.empty()) throw Error("verdict: expected a learning curve with points, got none");
  if (!accuracies && options.baseline <= 0)
    throw Error(
        "verdict: a learning curve of losses needs the loss of a model that knows nothing; set baseline");
  const LearningCurve::Point& last = curve.points.back();
  Verdict result;
  if (!std::isfinite(last.mean.training) || !std::isfinite(last.mean.validation)) {
    result.reason = "the scores are no numbers.";
    result.advice = "Look at the training itself first.";
    return result;
  }
  const auto error = [&](double score) { return accuracies ? 1 - score : score / options.baseline; };
  result.training_error = error(last.mean.training);
  result.validation_error = error(last.mean.validation);
  judge(result, accuracies ? "error" : "loss (as a part of the baseline's)",
        accuracies ? options.wanted_error : options.wanted_loss, options,
        numbers(fmt::format("with {} samples {}", last.size, accuracies ? "accuracy" : "loss"),
                last.mean.training, last.mean.validation));
  if (curve.points.size() < 2) return result;
  const LearningCurve::Point& before = curve.points[curve.points.size() - 2];
  const double gain = error(before.mean.validation) - result.validation_error;
  const double spread =
      std::max(last.deviation.validation, before.deviation.validation) / (accuracies ? 1 : options.baseline);
  if (gain > spread && gain > 0.01)
    result.advice =
        fmt::format("From {} to {} samples the validation error still fell by {:.3g}: more data helps. ",
                    before.size, last.size, gain) +
        result.advice;
  return result;
}

}  // namespace folio
