#include "folio/analysis/learning_curve.h"

#include <fmt/format.h>

#include <cmath>

#include "folio/analysis/resampling.h"
#include "folio/base/error.h"

namespace folio {
namespace {

void summarize(LearningCurve::Point& point) {
  const auto count = static_cast<double>(point.scores.size());
  for (double Scores::*part : {&Scores::training, &Scores::validation}) {
    for (const Scores& scores : point.scores) point.mean.*part += scores.*part / count;
    double squares = 0;
    for (const Scores& scores : point.scores)
      squares += (scores.*part - point.mean.*part) * (scores.*part - point.mean.*part);
    if (count > 1) point.deviation.*part = std::sqrt(squares / (count - 1));
  }
}

}  // namespace

std::string LearningCurve::table() const {
  std::string text = "    size  training      ±  validation      ±\n";
  for (const Point& point : points)
    text += fmt::format("{:8} {:9.4f} {:6.4f} {:11.4f} {:6.4f}\n", point.size, point.mean.training,
                        point.deviation.training, point.mean.validation, point.deviation.validation);
  return text;
}

LearningCurve learning_curve(const TrainAndScore& train_and_score, const Data& data, const Data& validation,
                             const std::vector<int64_t>& sizes, int repeats, uint64_t seed) {
  data.check("learning curve");
  validation.check("learning curve: validation");
  if (sizes.empty() || repeats < 1)
    throw Error("learning curve: expected sizes and at least 1 repeat, got none");
  for (size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] < 1 || sizes[i] > data.rows() || (i > 0 && sizes[i] <= sizes[i - 1]))
      throw Error(
          fmt::format("learning curve: expected rising sizes from 1 to {}, got {}", data.rows(), sizes[i]));
  LearningCurve curve;
  for (int64_t size : sizes) {
    LearningCurve::Point point;
    point.size = size;
    for (int repeat = 0; repeat < repeats; ++repeat)
      point.scores.push_back(train_and_score(random_part(data, size, seed, repeat), validation, repeat));
    summarize(point);
    curve.points.push_back(std::move(point));
  }
  return curve;
}

}  // namespace folio
