#include "folio/report/readings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "folio/analysis/verdict.h"
#include "folio/report/html.h"
#include "folio/training/callback.h"

namespace folio {
namespace {

const std::vector<double>* values_of(const RunRecord& record, const std::string& name) {
  const SeriesRecord* series = find_series(record, name);
  return series && !series->values.empty() ? &series->values : nullptr;
}

// "epoch 3", counted from 1 as people do.
std::string epoch(size_t e) { return fmt::format("epoch {}", e + 1); }

size_t not_finite(const std::vector<double>& values) {
  return static_cast<size_t>(
      std::count_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); }));
}

// The worst by a number, of classes that occur.
const ClassRecord* least(const ClassificationRecord& record, double ClassRecord::*number) {
  const ClassRecord* worst = nullptr;
  for (const ClassRecord& row : record.rows)
    if (row.support > 0 && (!worst || row.*number < worst->*number)) worst = &row;
  return worst;
}

const ClassRecord* most_frequent(const ClassificationRecord& record) {
  const ClassRecord* most = nullptr;
  for (const ClassRecord& row : record.rows)
    if (!most || row.support > most->support) most = &row;
  return most;
}

void add_imbalance(const RunRecord& record, RunVerdict& verdict) {
  for (const ClassificationRecord& c : record.classification) {
    if (c.rows.empty() || c.majority < 0.7 || c.accuracy - c.balanced_accuracy < 0.05) continue;
    const ClassRecord* rarest = least(c, &ClassRecord::recall);
    verdict.sentences.push_back(fmt::format(
        "Accuracy misleads{}: always guessing “{}” would be right {} of the time, and the "
        "accuracy of {} hides a "
        "mean recall over the classes of {}{}. Look at recall, precision and the "
        "precision-recall curve; class weights "
        "or another threshold move them.",
        c.output.empty() ? " here" : fmt::format(" at the output “{}”", c.output), most_frequent(c)->name,
        percent_text(c.majority), percent_text(c.accuracy), percent_text(c.balanced_accuracy),
        rarest ? fmt::format(" (“{}”: {})", rarest->name, percent_text(rarest->recall)) : ""));
    if (verdict.kind != "serious") verdict.kind = "warning";
  }
}

const double* value_of(const ResultRecord& result, const std::string& name) {
  for (const auto& [key, value] : result.values)
    if (key == name) return &value;
  return nullptr;
}

// What is simpler and reached as much on the same test rows is said first.
void add_baselines(const RunRecord& record, RunVerdict& verdict) {
  constexpr std::string_view kBaseline = "test, ";
  const auto is_test = [](const ResultRecord& result) { return result.data == "test"; };
  const auto test = std::find_if(record.results.begin(), record.results.end(), is_test);
  if (test == record.results.end()) return;
  for (const char* measure : {"accuracy", "mae", "loss"}) {
    const double* ours = value_of(*test, measure);
    if (!ours) continue;
    const bool more = std::string_view(measure) == "accuracy";
    const ResultRecord* best = nullptr;
    double least = *ours;
    for (const ResultRecord& result : record.results) {
      const double* theirs = result.data.starts_with(kBaseline) ? value_of(result, measure) : nullptr;
      if (!theirs || (more ? *theirs < least : *theirs > least)) continue;
      best = &result;
      least = *theirs;
    }
    if (!best) return;
    const std::string name = best->data.substr(kBaseline.size());
    const bool better = least != *ours;
    verdict.sentences.insert(
        verdict.sentences.begin(),
        fmt::format("On the same test rows {} is {}: {} {} beside {}. {}", name,
                    better ? "better" : "as good", measure, number_text(least), number_text(*ours),
                    better ? "Take it, or give the network more data or other settings"
                           : "It can be read, so prefer it"));
    verdict.sentences.front() += ".";
    if (better) {
      verdict.head = "Something simpler is better";
      if (verdict.kind != "serious") verdict.kind = "warning";
    }
    return;
  }
}

}  // namespace

bool is_rate(const std::string& name) { return name == "learning_rate" || name == "lr"; }

int best_epoch(const std::vector<double>& values, bool more) {
  int best = -1;
  for (size_t e = 0; e < values.size(); ++e) {
    if (!std::isfinite(values[e])) continue;
    const double so_far = best < 0 ? 0 : values[static_cast<size_t>(best)];
    if (best < 0 || (more ? values[e] > so_far : values[e] < so_far)) best = static_cast<int>(e);
  }
  return best;
}

RunVerdict verdict_of(const RunRecord& record) {
  History history;
  for (const SeriesRecord& series : record.history) history.series.emplace_back(series.name, series.values);
  VerdictOptions options;
  if (record.classification.size() == 1 && record.regression.empty()) {
    const ClassificationRecord& c = record.classification[0];
    const double classes = c.confusion.empty() ? 2 : static_cast<double>(c.classes.size());
    options.baseline = std::log(std::max(2.0, classes));
  }
  const Verdict judged = folio::verdict(history, options);
  RunVerdict verdict;
  switch (judged.fit) {
    case Fit::overfit:
      verdict = {"warning", "Overfitting (high variance)", {}};
      break;
    case Fit::underfit:
      verdict = {"warning", "Underfitting (high bias)", {}};
      break;
    case Fit::fine:
      verdict = {"good", "A sound fit", {}};
      break;
    case Fit::unknown:
      verdict = {"", "No verdict", {}};
      break;
  }
  if (const auto* loss = values_of(record, "loss"); loss && !std::isfinite(loss->back()))
    verdict = {"serious", "Training diverged", {}};
  for (std::string sentence : {judged.reason, judged.advice}) {
    if (sentence.empty()) continue;
    sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
    verdict.sentences.push_back(sentence);
  }
  add_imbalance(record, verdict);
  add_baselines(record, verdict);
  return verdict;
}

std::string read_loss(const RunRecord& record) {
  const auto *loss = values_of(record, "loss"), *validation = values_of(record, "val_loss");
  if (!loss) return "No loss was recorded.";
  std::string text;
  if (const size_t wrong = not_finite(*loss))
    text += fmt::format("{} of {} training losses are not numbers. ", wrong, loss->size());
  if (loss->size() == 1)
    text += fmt::format("After one epoch the training loss is {}", number_text(loss->back()));
  else
    text += fmt::format("Training loss goes from {} to {} in {} epochs", number_text(loss->front()),
                        number_text(loss->back()), loss->size());
  if (!validation) return text + ".";
  const int best = best_epoch(*validation, false);
  if (best < 0) return text + "; validation loss is never a number.";
  const auto at = static_cast<size_t>(best);
  const double least = (*validation)[at];
  text += fmt::format("; validation loss is lowest in {} ({})", epoch(at), number_text(least));
  if (at + 1 == validation->size()) return text + (validation->size() > 1 ? ", the last." : ".");
  const double rise = validation->back() / least - 1;
  if (std::isfinite(rise) && least > 0)
    text += rise > 0.01 ? fmt::format(" and rises by {} after", percent_text(rise)) : " and stays there";
  return text + ".";
}

std::string read_metric(const RunRecord& record, const std::string& metric) {
  const auto *training = values_of(record, metric), *validation = values_of(record, "val_" + metric);
  const auto* best_of = validation ? validation : training;
  if (!best_of) return "Nothing was recorded.";
  const bool more = direction_of(record, metric) > 0;
  const int best = best_epoch(*best_of, more);
  if (best < 0) return fmt::format("{} is never a number.", metric);
  const auto at = static_cast<size_t>(best);
  std::string text = fmt::format("{} {} is {} in {} ({})", validation ? "Validation" : "Training", metric,
                                 more ? "highest" : "lowest", epoch(at), number_text((*best_of)[at]));
  if (validation && training && at < training->size())
    text += fmt::format("; training {} is {} there", metric, number_text((*training)[at]));
  return text + ".";
}

std::string read_rate(const SeriesRecord& rate) {
  const auto [low, high] = std::minmax_element(rate.values.begin(), rate.values.end());
  if (*low == *high) return fmt::format("The learning rate stays at {}.", number_text(*low));
  const auto changes =
      std::adjacent_find(rate.values.begin(), rate.values.end(), [](double a, double b) { return b > a; });
  if (changes == rate.values.end())
    return fmt::format("The learning rate falls from {} to {}.", number_text(rate.values.front()),
                       number_text(rate.values.back()));
  return fmt::format("The learning rate moves between {} and {} and ends at {}.", number_text(*low),
                     number_text(*high), number_text(rate.values.back()));
}

std::string read_confusion(const ClassificationRecord& record) {
  const size_t n = record.classes.size();
  const double total = std::accumulate(record.confusion.begin(), record.confusion.end(), 0.0);
  double wrong = 0, most = 0;
  size_t from = 0, to = 0;
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j) {
      const double count = record.confusion[i * n + j];
      if (i == j) continue;
      wrong += count;
      if (count > most) most = count, from = i, to = j;
    }
  std::string text = fmt::format("{} of {} samples are wrong ({})", count_text(wrong), count_text(total),
                                 percent_text(total > 0 ? wrong / total : 0));
  if (most == 0) return text + ".";
  return text + fmt::format("; most often “{}” is taken for “{}” ({} times).", record.classes[from],
                            record.classes[to], count_text(most));
}

std::string read_labels(const ClassificationRecord& record) {
  return fmt::format("Of {} samples ({} data) {} have all of their labels right.", count_text(record.samples),
                     record.data, percent_text(record.accuracy));
}

std::string read_classes(const ClassificationRecord& record) {
  const ClassRecord *worst = least(record, &ClassRecord::f1), *best = nullptr;
  for (const ClassRecord& row : record.rows)
    if (row.support > 0 && (!best || row.f1 > best->f1)) best = &row;
  if (!worst) return "No class occurs.";
  return fmt::format(
      "“{}” is recognized best (F1 {:.3f}), “{}” worst (F1 {:.3f}: precision {:.3f}, recall {:.3f}).",
      best->name, best->f1, worst->name, worst->f1, worst->precision, worst->recall);
}

std::string read_roc(const ClassificationRecord& record) {
  if (record.roc.empty()) return "There is nothing to rank.";
  const auto [low, high] = std::minmax_element(record.roc.begin(), record.roc.end(),
                                               [](const auto& a, const auto& b) { return a.area < b.area; });
  if (record.roc.size() == 1)
    return fmt::format(
        "A sample of “{}” is scored above one that is not with a chance of {:.4f} (AUC); guessing has 0.5.",
        low->name, low->area);
  return fmt::format(
      "Each class against the rest; the area runs from {:.4f} (“{}”) to {:.4f} (“{}”); guessing has 0.5.",
      low->area, low->name, high->area, high->name);
}

std::string read_precision_recall(const ClassificationRecord& record) {
  if (record.precision_recall.empty()) return "There is nothing to rank.";
  const auto& worst = *std::min_element(record.precision_recall.begin(), record.precision_recall.end(),
                                        [](const auto& a, const auto& b) { return a.area < b.area; });
  double share = 0, total = record.samples;
  for (const ClassRecord& row : record.rows)
    if (row.name == worst.name) share = row.support;
  if (total == 0)  // of an older file
    for (const ClassRecord& row : record.rows) total += row.support;
  return fmt::format("{}average precision is {:.4f}{}; guessing would have {:.4f}.",
                     record.precision_recall.size() == 1 ? "The " : "The lowest ", worst.area,
                     record.precision_recall.size() == 1 ? "" : " (“" + worst.name + "”)",
                     total > 0 ? share / total : 0);
}

std::string read_calibration(const ClassificationRecord& record) {
  double over = 0, total = 0;
  for (const CalibrationRecord& bin : record.calibration)
    over += bin.samples * (bin.confidence - bin.accuracy), total += bin.samples;
  const double gap = total > 0 ? over / total : 0;
  std::string text = fmt::format("Confidence and accuracy differ by {:.1f} points on average",
                                 100 * record.calibration_error);
  if (record.calibration_error < 0.02) return text + ": the probabilities can be taken at their word.";
  if (std::abs(gap) < 0.5 * record.calibration_error) return text + ", in both directions.";
  return text + (gap > 0 ? ": the model is too sure of itself."
                         : ": the model is more often right than it believes.");
}

std::string read_scatter(const RegressionRecord& record) {
  return fmt::format(
      "R² is {:.4f}: the model explains {} of the variance. Predictions are off by {} on average (root mean "
      "square {}).",
      record.r2, percent_text(std::max(0.0, record.r2)), number_text(record.mean_absolute_error),
      number_text(record.root_mean_squared_error));
}

std::string read_importance(const RunRecord& record) {
  const ImportanceRecord& first = record.importance[0];
  const auto idle = std::count_if(record.importance.begin(), record.importance.end(),
                                  [](const ImportanceRecord& c) { return c.mean <= c.spread; });
  std::string text = fmt::format(
      "Each column's values were dealt out anew among the validation rows, several times. Without what “{}” "
      "says the loss grows by {}, the "
      "most of all.",
      first.name, number_text(first.mean));
  if (idle > 0)
    text += fmt::format(
        " {} of {} columns change it by no more than chance does; columns that say the same share "
        "what they are worth.",
        idle, record.importance.size());
  return text;
}

std::string read_residuals(const RegressionRecord& record) {
  double sum = 0, total = 0;
  for (size_t i = 0; i < record.residual_counts.size(); ++i)
    sum += record.residual_counts[i] * (record.residual_edges[i] + record.residual_edges[i + 1]) / 2,
        total += record.residual_counts[i];
  const double mean = total > 0 ? sum / total : 0;
  if (std::abs(mean) < 0.1 * record.root_mean_squared_error)
    return "Errors are centred: the model is neither too high nor too low on the whole.";
  return fmt::format("Predictions are too {} by about {} on the whole.", mean > 0 ? "high" : "low",
                     number_text(std::abs(mean)));
}

}  // namespace folio
