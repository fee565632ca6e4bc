#include "folio/training/ctc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/scan.h"
#include "folio/ops/slice.h"
#include "folio/ops/softmax.h"
#include "folio/ops/transpose.h"
#include "folio/training/loss.h"

namespace folio {
namespace {

constexpr double kNever = -1e5;  // Keras' logarithm of what cannot be

// log(exp(a) + exp(b))
Value log_sum(const Value& a, const Value& b) {
  const Value low = minimum(a, b), high = maximum(a, b);
  return high + softplus(low - high);
}

double log_sum(double a, double b) {
  const double low = std::min(a, b), high = std::max(a, b);
  return std::isinf(low) ? high : high + std::log1p(std::exp(low - high));
}

// The first place stays; the others get more.
Value with_more(const Value& blank, const Value& more) {
  const int64_t labels = more.shape()[1];
  return concatenate({slice(blank, 1, 0, 1), log_sum(slice(blank, 1, 1, labels), more)}, 1);
}

void check_scores(std::span<const float> scores, int64_t classes) {
  if (classes < 1 || scores.size() % static_cast<size_t>(classes) != 0)
    throw Error(fmt::format("ctc: expected rows of {} scores, got {} numbers", classes, scores.size()));
  for (const float score : scores)
    if (std::isnan(score)) throw Error("ctc: expected numbers, got NaN; the model's weights are damaged");
}

}  // namespace

Value ctc_loss(const Value& labels, const Value& logits) {
  const Shape &y = labels.shape(), &p = logits.shape();
  if (y.rank() != 2 || p.rank() != 3 || y[0] != p[0])
    throw Error("ctc: expected labels (batch, labels) and logits (batch, steps, classes), got " +
                to_string(y) + " and " + to_string(p));
  const DType type = logits.dtype();
  const int64_t batch = y[0], count = y[1], classes = p[2];
  // What each step gives for each label, and for the blank.
  const Value logs = log_softmax(logits), blanks = slice(logs, 2, 0, 1);
  const Value says = matmul(logs, transpose(one_hot(labels, classes, type), {0, 2, 1}));
  // Where a label is the one before again, only a blank leads on.
  Value repeats = constant(Tensor::filled({1, count}, 0, type));
  if (count > 1) {
    const Value same = cast(equal(slice(labels, 1, 0, count - 1), slice(labels, 1, 1, count - 1)), type);
    repeats = concatenate({same, broadcast_to(constant(0, type), {batch, 1})}, 1);
  }
  // After n labels: in a blank, from none to all of them, or in the label itself. At first nothing is said.
  Tensor first({1, count + 1}, type);
  for (int64_t n = 0; n <= count; ++n) first.set(n, n == 0 ? 0 : kNever);
  const Value in_blank = broadcast_to(constant(first), {batch, count + 1});
  const Value in_label = broadcast_to(constant(kNever, type), {batch, count});
  const Value never_next = broadcast_to(kNever * repeats, {batch, count}),
              never_blank = broadcast_to(kNever * (1.0 - repeats), {batch, count});
  const ScanValues all = scan(
      [&](const Values& states, const Values& now) {
        const Value &label = now[0], &blank = now[1];
        const Value before = with_more(states[0], states[1] + never_next);
        const Value next_label = log_sum(slice(before, 1, 0, count) + label, states[1] + label);
        const Value next_blank = with_more(before + blank, states[1] + blank + never_blank);
        return ScanValues{{next_blank, next_label}, {}};
      },
      {in_blank, in_label}, {says, blanks});
  const Value ends = with_more(all.states[0], all.states[1]);
  const Value lengths = sum(cast(not_equal(labels, constant(0, labels.dtype())), type), {1});
  return -sum(ends * one_hot(cast(lengths, DType::int32), count + 1, type), {1});
}

bool takes_labels(const Loss& loss) { return loss.name == "ctc" && !loss.function; }

int64_t ctc_steps_for(std::span<const int64_t> labels) {
  int64_t steps = 0, before = 0;
  for (const int64_t label : labels) {
    if (label != 0) steps += label == before ? 2 : 1;
    before = label;
  }
  return steps;
}

std::vector<int64_t> ctc_greedy(std::span<const float> scores, int64_t classes) {
  check_scores(scores, classes);
  std::vector<int64_t> labels;
  int64_t before = 0;
  for (auto row = scores.begin(); row != scores.end(); row += classes) {
    const int64_t best = std::max_element(row, row + classes) - row;
    if (best != 0 && best != before) labels.push_back(best);
    before = best;
  }
  return labels;
}

std::vector<CtcText> ctc_beam_search(std::span<const float> logits, int64_t classes, int64_t beam) {
  check_scores(logits, classes);
  if (beam < 1) throw Error(fmt::format("beam: expected at least 1, got {}", beam));
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  // Of all ways that say a text, those that end in a blank, and in its last label.
  struct Ways {
    double blank = kNone, label = kNone;
    double both() const { return log_sum(blank, label); }
  };
  using Text = std::vector<int64_t>;
  std::vector<std::pair<Text, Ways>> followed = {{{}, {0, kNone}}};
  for (auto row = logits.begin(); row != logits.end(); row += classes) {
    const double largest = *std::max_element(row, row + classes);
    double total = 0;
    for (int64_t c = 0; c < classes; ++c) total += std::exp(static_cast<double>(row[c]) - largest);
    const auto log_of = [&](int64_t c) { return static_cast<double>(row[c]) - largest - std::log(total); };
    std::map<Text, Ways> next;
    for (const auto& [text, ways] : followed) {
      Ways& stays = next[text];
      stays.blank = log_sum(stays.blank, ways.both() + log_of(0));
      if (!text.empty()) stays.label = log_sum(stays.label, ways.label + log_of(text.back()));
      for (int64_t c = 1; c < classes; ++c) {
        Text longer = text;
        longer.push_back(c);
        const bool again = !text.empty() && text.back() == c;
        Ways& grows = next[longer];
        grows.label = log_sum(grows.label, (again ? ways.blank : ways.both()) + log_of(c));
      }
    }
    followed.clear();
    for (auto& entry : next)
      if (!std::isinf(entry.second.both())) followed.emplace_back(entry);
    const size_t kept = std::min(followed.size(), static_cast<size_t>(beam));
    std::stable_sort(followed.begin(), followed.end(),
                     [](const auto& a, const auto& b) { return a.second.both() > b.second.both(); });
    followed.resize(kept);
  }
  std::vector<CtcText> texts;
  for (const auto& [text, ways] : followed) texts.push_back({text, ways.both()});
  return texts;
}

}  // namespace folio
