#include "folio/models/decoding/beam_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"

namespace folio {
namespace {

void check(const BeamOptions& options) {
  if (options.beam < 1) throw Error(fmt::format("beam: expected at least 1, got {}", options.beam));
  if (options.longest < 1) throw Error(fmt::format("longest: expected at least 1, got {}", options.longest));
  if (!(options.alpha >= 0)) throw Error(fmt::format("alpha: expected at least 0, got {}", options.alpha));
}

bool better(const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; }

struct Candidate {
  double sum;
  BeamRow row;
};

// All ends, and the best of the other continuations.
std::vector<Candidate> candidates(std::span<const float> logarithms, const std::vector<Hypothesis>& followed,
                                  const BeamOptions& options) {
  const size_t vocabulary = logarithms.size() / followed.size();
  std::vector<Candidate> ends, others;
  others.reserve(logarithms.size());
  for (size_t row = 0; row < followed.size(); ++row)
    for (size_t token = 0; token < vocabulary; ++token) {
      const double more = static_cast<double>(logarithms[row * vocabulary + token]);
      if (std::isnan(more))
        throw Error("beam_search: expected numbers, got NaN; the model's weights are damaged");
      if (std::isinf(more)) continue;
      const BeamRow place = {static_cast<int64_t>(row), static_cast<int64_t>(token)};
      if (std::find(options.never.begin(), options.never.end(), place.token) != options.never.end()) continue;
      (place.token == options.end ? ends : others).push_back({followed[row].sum + more, place});
    }
  const auto count = std::min<size_t>(others.size(), static_cast<size_t>(options.beam));
  const auto middle = others.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(others.begin(), middle, others.end(), [](const Candidate& a, const Candidate& b) {
    if (a.sum != b.sum) return a.sum > b.sum;
    return a.row.parent != b.row.parent ? a.row.parent < b.row.parent : a.row.token < b.row.token;
  });
  ends.insert(ends.end(), others.begin(), middle);
  return ends;
}

}  // namespace

double length_penalty(const BeamOptions& options, int64_t length) {
  const auto n = static_cast<double>(length);
  switch (options.penalty) {
    case LengthPenalty::length:
      return std::pow(n, options.alpha);
    case LengthPenalty::gnmt:
      return std::pow((5 + n) / 6, options.alpha);
    case LengthPenalty::none:
      break;
  }
  return 1;
}

std::vector<Hypothesis> beam_search(const BeamStep& step, const BeamOptions& options) {
  check(options);
  const auto beam = static_cast<size_t>(options.beam);
  std::vector<Hypothesis> followed = {{}}, finished;
  std::vector<BeamRow> rows;
  for (int64_t length = 1; length <= options.longest && !followed.empty(); ++length) {
    const std::span<const float> logarithms = step(rows);
    if (logarithms.empty() || logarithms.size() % followed.size() != 0)
      throw Error(fmt::format("beam_search: expected logarithms of {} rows, got {} numbers", followed.size(),
                              logarithms.size()));
    std::vector<Hypothesis> next;
    rows.clear();
    for (const Candidate& candidate : candidates(logarithms, followed, options)) {
      const bool ends = candidate.row.token == options.end;
      Hypothesis text = followed[static_cast<size_t>(candidate.row.parent)];
      text.tokens.push_back(candidate.row.token);
      text.sum = candidate.sum;
      text.score = text.sum / length_penalty(options, length);
      if (!ends) rows.push_back(candidate.row);
      (ends ? finished : next).push_back(std::move(text));
    }
    followed = std::move(next);
    std::stable_sort(finished.begin(), finished.end(), better);
    if (finished.size() > beam) finished.resize(beam);
    // Sums only fall, and the penalty is largest at the end.
    if (finished.size() == beam && !followed.empty() &&
        followed[0].sum / length_penalty(options, options.longest) <= finished.back().score)
      break;
  }
  if (!finished.empty()) return finished;
  std::stable_sort(followed.begin(), followed.end(), better);
  return followed;
}

}  // namespace folio
