#include "folio/analysis/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace folio {
namespace {

// Every threshold is told with its reason in docs/doctor.md, beside what healthy trainings measure.

// Initializations suppose features of about unit size. Standardized columns stay below 4 in 256 rows even
// when one of 1000 rows holds all of their variance; bytes of pictures have a root mean square of about 100.
constexpr double kLarge = 10, kSmall = 0.01, kUnequal = 100;
constexpr double kRowsForConstants = 256;
// Classes.
constexpr double kMajority = 0.9, kUneven = 10, kRowsForClasses = 100;
// A rate that changes weights by a tenth per step replaces them in ten steps; in healthy trainings the
// largest change of any layer in any step was 0.0019 to 0.086 of its weights. Such a rate moves a loss in 100
// steps.
constexpr double kHighRatio = 0.1, kLowRatio = 1e-4;
constexpr int64_t kStepsToLearn = 100, kPeriodsToLearn = 3;
// Shares of the start, or of the constant answer's loss, that count as having learnt nothing.
constexpr double kStays = 0.02, kHardlyFalls = 0.05, kGuessing = 0.97;
constexpr int64_t kStaleEpochs = 10;

Finding finding(Severity severity, const char* kind, const std::string& layer, double number,
                std::string sentence, std::string remedy) {
  Finding result;
  result.severity = severity;
  result.kind = kind;
  result.layer = layer;
  result.number = number;
  result.sentence = std::move(sentence);
  result.remedy = std::move(remedy);
  return result;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

size_t largest(const std::vector<double>& values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

void judge_constants(const FeatureWatch::Entry& entry, double rows, const Say& say) {
  const auto constants = std::count(entry.deviations.begin(), entry.deviations.end(), 0.0);
  if (constants == 0 || rows < kRowsForConstants || entry.pictures) return;
  const bool all = constants == static_cast<int64_t>(entry.deviations.size());
  const auto first =
      std::find(entry.deviations.begin(), entry.deviations.end(), 0.0) - entry.deviations.begin();
  say(finding(
          all ? Severity::warning : Severity::note, "constant_inputs", entry.layer,
          static_cast<double>(constants),
          fmt::format("The inputs of {}: {} of {} features never changed in the {:.0f} rows looked at; the "
                      "first is number {}, always {:.4g}.",
                      entry.label, constants, entry.deviations.size(), rows, first,
                      entry.means[static_cast<size_t>(first)]),
          "leaving them out: they tell nothing (B1)"),
      1);
}

void judge_scales(const FeatureWatch::Entry& entry, const Say& say) {
  std::vector<double> sizes, changing;
  for (size_t f = 0; f < entry.means.size(); ++f) {
    sizes.push_back(std::hypot(entry.means[f], entry.deviations[f]));
    if (entry.deviations[f] > 0) changing.push_back(entry.deviations[f]);
  }
  if (changing.empty()) return;
  const size_t top = largest(sizes);
  const double most = *std::max_element(changing.begin(), changing.end());
  const double least = *std::min_element(changing.begin(), changing.end());
  const char* remedy =
      "the z-norm or min-max scaling, fitted on the training data and kept in the model (B1, B2)";
  if (sizes[top] > kLarge)
    say(finding(
            Severity::warning, "unscaled_inputs", entry.layer, sizes[top],
            fmt::format("The inputs of {} are not scaled: feature {} has a mean of {:.4g} and a deviation of "
                        "{:.4g}, where about 0 and 1 are expected{}.",
                        entry.label, top, entry.means[top], entry.deviations[top],
                        most / least > kUnequal
                            ? fmt::format("; the smallest deviation of a feature is {:.2g}", least)
                            : ""),
            remedy),
        sizes[top] / kLarge);
  else if (most < kSmall)
    say(finding(Severity::warning, "unscaled_inputs", entry.layer, most,
                fmt::format("The inputs of {} are not scaled: no feature has a deviation above {:.2g}, where "
                            "about 1 is expected.",
                            entry.label, most),
                remedy),
        kSmall / most);
  else if (most > kUnequal * median(changing))
    say(finding(Severity::warning, "unscaled_inputs", entry.layer, most / median(changing),
                fmt::format(
                    "The inputs of {} are not scaled alike: the largest deviation of a feature is {:.2g}, "
                    "half of them have less than {:.2g}.",
                    entry.label, most, median(changing)),
                remedy),
        most / median(changing) / kUnequal);
}

std::string accuracy_remedy() {
  return "class weights, precision and recall in place of accuracy (A2), or a changed prior (H2)";
}

// What a loss that has not fallen means, when nothing else has explained it.
void tell_no_progress(const Course& course, double without_penalty, const Say& say) {
  const LossWatch& loss = course.loss;
  const double penalty = course.layers.peak_penalty();
  if (course.baseline > 0 && penalty > course.baseline) {
    say(finding(Severity::warning, "underfitting", "", penalty,
                fmt::format(
                    "The regularizers leave nothing: they added up to {:.4g} to the loss, and after {} steps "
                    "the rest of it, {:.4g}, is no less than always giving the same answer would lose, "
                    "{:.4g}.",
                    penalty, loss.steps(), without_penalty, course.baseline),
                "a smaller factor in the regularizers (D3)"),
        1);
  } else if (course.cause_known) {
    return;
  } else if (course.baseline > 0) {
    say(finding(Severity::warning, "underfitting", "", without_penalty,
                fmt::format(
                    "The training loss is {:.4g} after {} steps; always giving the same answer would lose "
                    "{:.4g}: nothing of use has been learnt.",
                    without_penalty, loss.steps(), course.baseline),
                "a larger network, less regularization (D3, D4), another learning rate (D2), and a look at "
                "whether "
                "the inputs tell anything about the targets (A5)"),
        1);
  } else {
    say(finding(Severity::note, "loss_stalls", "", loss.latest(),
                fmt::format(
                    "The training loss has not fallen by more than 2 % in {} steps: it began at {:.4g} and "
                    "is {:.4g}.",
                    loss.steps(), loss.start(), loss.latest()),
                "a larger or smaller learning rate (D2), and a look at the data"),
        1);
  }
}

Finding rate_too_high(const Course& course, const std::string& what) {
  return finding(
      Severity::serious, "learning_rate_too_high", course.layers.peak_layer(), course.layers.peak_ratio(),
      fmt::format("The learning rate, {:.3g} now, is too high: {}, and a step changed {} by up to "
                  "{:.2g} times its weights, where about 0.001 is usual.",
                  course.learning_rate, what, course.layers.peak_label(), course.layers.peak_ratio()),
      "a tenth of the learning rate, or a schedule that warms up (D2), and gradient clipping (C8)");
}

}  // namespace

void judge_features(const FeatureWatch& features, const Say& say) {
  for (const FeatureWatch::Entry& entry : features.entries()) {
    judge_constants(entry, features.rows(), say);
    judge_scales(entry, say);
  }
}

void judge_classes(const TargetWatch& targets, const Say& say) {
  const std::vector<double> shares = targets.shares();
  if (shares.size() < 2 || targets.rows() < kRowsForClasses) return;
  const size_t top = largest(shares);
  double least = shares[top];
  for (double share : shares)
    if (share > 0) least = std::min(least, share);
  const bool dominates = shares[top] >= kMajority;
  if (!dominates && shares[top] / least < kUneven) return;
  say(finding(dominates ? Severity::warning : Severity::note, "class_imbalance", "", shares[top],
              fmt::format(
                  "The classes are imbalanced: class {} makes up {:.1f} % of the {:.0f} targets looked at, "
                  "the rarest class {:.2g} %; always answering {} would be {:.1f} % accurate.",
                  top, 100 * shares[top], targets.rows(), 100 * least, top, 100 * shares[top]),
              accuracy_remedy()),
      1);
}

void judge_accuracy(const TargetWatch& targets, double accuracy, const Say& say) {
  const std::vector<double> shares = targets.shares();
  if (shares.size() < 2 || targets.rows() < kRowsForClasses) return;
  const size_t top = largest(shares);
  // Shares of fewer classes than nine of ten are what `underfitting` is about.
  if (shares[top] < kMajority || accuracy > shares[top] + kHardlyFalls * (1 - shares[top])) return;
  say(finding(
          Severity::warning, "majority_class", "", accuracy,
          fmt::format("The training accuracy, {:.4f}, is no better than always answering class {} ({:.4f}).",
                      accuracy, top, shares[top]),
          accuracy_remedy()),
      1);
}

void judge_predictions(const std::vector<double>& seen, const TargetWatch& targets, const Say& say) {
  const std::vector<double> shares = targets.shares();
  double rows = 0;
  for (double count : seen) rows += count;
  // Where one class dominates, answering nothing else is told by `majority_class`.
  if (shares.size() != seen.size() || shares[largest(shares)] >= kMajority || rows == 0) return;
  const size_t top = largest(seen);
  if (seen[top] < rows) return;
  say(finding(
          Severity::warning, "collapsed_predictions", "", static_cast<double>(top),
          fmt::format("All of the last {:.0f} predictions looked at are class {}, which only {:.1f} % of the "
                      "targets are.",
                      rows, top, 100 * shares[top]),
          "a smaller learning rate (D2), He or Xavier initialization (C7), and a look at whether targets and "
          "inputs belong together"),
      1);
}

void judge_validation(const ValidationWatch& validation, const Say& say) {
  const double factor = validation.overfitting();
  if (factor == 0) return;
  say(finding(
          Severity::warning, "overfitting", "", factor,
          fmt::format("Overfitting since epoch {}: the validation loss has risen from {:.4g} to {:.4g} while "
                      "the training loss fell from {:.4g} to {:.4g}.",
                      validation.best_epoch() + 1, validation.best(), validation.latest(),
                      validation.loss_at_best(), validation.latest_loss()),
          "early stopping with the best weights restored (D5), dropout (D4), L2 penalties (D3), augmentation "
          "(F9), or more data"),
      factor);
}

void judge_period(const Course& course, const Say& say) {
  const LossWatch& loss = course.loss;
  const bool moves_much = course.layers.peak_ratio() >= kHighRatio;
  if (loss.rises()) {
    const double growth = 1 + (loss.latest() - loss.best()) / std::max(std::abs(loss.start()), 1e-30);
    const std::string what =
        fmt::format("the training loss rose from {:.4g} to {:.4g}", loss.best(), loss.latest());
    if (moves_much)
      say(rate_too_high(course, what), growth);
    else
      say(finding(
              Severity::warning, "loss_rises", "", loss.latest(), "T" + what.substr(1) + ".",
              "a smaller learning rate (D2), gradient clipping (C8), and a look at whether the order of the "
              "data has changed its kind"),
          growth);
    return;
  }
  if (loss.periods() < kPeriodsToLearn || loss.steps() < kStepsToLearn) return;
  const double won = loss.start() - loss.best(), start = std::abs(loss.start());
  // Where the constant answer's loss is known, a model that begins trained is not taken for one that fails.
  const double without_penalty = loss.best() - course.layers.latest_penalty();
  if (course.baseline > 0 && without_penalty < kGuessing * course.baseline) return;
  const bool stays = course.baseline > 0 || won < kStays * start;
  if (won < kHardlyFalls * start && course.layers.peak_ratio() > 0 && course.layers.peak_ratio() < kLowRatio)
    return say(
        finding(
            Severity::warning, "learning_rate_too_low", "", course.layers.peak_ratio(),
            fmt::format("The learning rate, {:.3g} now, is too low: in {} steps the training loss fell from "
                        "{:.4g} to {:.4g}, and no step changed a layer by more than {:.1e} of its weights, "
                        "where about 0.001 is usual.",
                        course.learning_rate, loss.steps(), loss.start(), loss.latest(),
                        course.layers.peak_ratio()),
            "ten times the learning rate (D2), or Adam (D1)"),
        1);
  if (loss.falls() || !stays) return;
  if (moves_much)
    say(rate_too_high(course, fmt::format("after {} steps the training loss is still {:.4g}", loss.steps(),
                                          loss.latest())),
        1);
  else
    tell_no_progress(course, without_penalty, say);
}

void judge_epoch(const Course& course, const Say& say) {
  const LossWatch& loss = course.loss;
  if (loss.oscillates()) {
    say(finding(Severity::warning, "loss_oscillates", "", loss.swing(),
                fmt::format("The training loss goes up and down from epoch to epoch, by {:.3g} on average.",
                            loss.swing()),
                "a smaller learning rate (D2), or momentum (D1)"),
        1);
  } else if (loss.stale_epochs() == kStaleEpochs) {
    say(finding(
            Severity::note, "plateau", "", loss.latest(),
            fmt::format("The training loss has come to rest at {:.4g}: for {} epochs it has not fallen by "
                        "more than 0.5 % of what it fell before.",
                        loss.latest(), kStaleEpochs),
            "a lower learning rate from here on, such as ReduceLROnPlateau (D2), or stopping (D5)"),
        1);
  }
}

}  // namespace folio
