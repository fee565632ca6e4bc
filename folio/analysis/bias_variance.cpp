#include "folio/analysis/bias_variance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "folio/base/error.h"

namespace folio {
namespace {

void check_tables(const Tensor& predictions, const Tensor& targets) {
  const Shape &p = predictions.shape(), &t = targets.shape();
  if (p.rank() != 2 || t.rank() != 2 || p[1] != t[1] || p.count() == 0 || t.count() == 0)
    throw Error(
        fmt::format("bias and variance: expected predictions (rounds, points) and targets (draws, points), "
                    "got {} and {}",
                    to_string(p), to_string(t)));
  for (const Tensor* table : {&predictions, &targets})
    for (int64_t i = 0; i < table->count(); ++i)
      if (!std::isfinite(table->at(i)))
        throw Error(fmt::format("bias and variance: expected finite numbers, got {}", table->at(i)));
}

/// What all rounds or draws say at a point.
std::vector<double> column(const Tensor& table, int64_t point) {
  std::vector<double> result;
  for (int64_t r = 0; r < table.shape()[0]; ++r) result.push_back(table.at(r * table.shape()[1] + point));
  return result;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double mean_square_from(const std::vector<double>& values, double centre) {
  double sum = 0;
  for (double value : values) sum += (value - centre) * (value - centre);
  return sum / static_cast<double>(values.size());
}

/// How large a part of all each value is.
std::map<double, double> shares_of(const std::vector<double>& values) {
  std::map<double, double> shares;
  for (double value : values) ++shares[value];
  for (auto& entry : shares) entry.second /= static_cast<double>(values.size());
  return shares;
}

double share(const std::map<double, double>& shares, double value) {
  const auto found = shares.find(value);
  return found == shares.end() ? 0 : found->second;
}

double most_frequent(const std::map<double, double>& shares) {
  return std::max_element(shares.begin(), shares.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

void finish(BiasVariance& result, const char* bias) {
  for (const BiasVariance::Shares& point : result.points) {
    const auto count = static_cast<double>(result.points.size());
    result.mean.noise += point.noise / count;
    result.mean.bias += point.bias / count;
    result.mean.variance += point.variance / count;
    result.mean.error += point.error / count;
  }
  result.text = fmt::format("error {:.4g} = noise {:.4g} + {} {:.4g} + variance {:.4g}", result.mean.error,
                            result.mean.noise, bias, result.mean.bias, result.mean.variance);
}

}  // namespace

Tensor predict_in_rounds(const TrainAndPredict& learner, const DrawTrainingSet& draw, const Tensor& x,
                         int rounds) {
  if (rounds < 2) throw Error(fmt::format("bias and variance: expected at least 2 rounds, got {}", rounds));
  if (x.empty()) throw Error("bias and variance: expected points to predict at, got none");
  const int64_t points = x.shape()[0];
  Tensor predictions({rounds, points}, DType::float64);
  for (int round = 0; round < rounds; ++round) {
    const Tensor predicted = learner(draw(round), x, round);
    if (predicted.count() != points)
      throw Error(
          fmt::format("bias and variance: expected one prediction for each of the {} points, got shape {}",
                      points, to_string(predicted.shape())));
    for (int64_t p = 0; p < points; ++p) predictions.set(round * points + p, predicted.at(p));
  }
  return predictions;
}

BiasVariance squared_error_shares(const Tensor& predictions, const Tensor& targets) {
  check_tables(predictions, targets);
  BiasVariance result;
  for (int64_t p = 0; p < targets.shape()[1]; ++p) {
    const std::vector<double> h = column(predictions, p), y = column(targets, p);
    const double f = mean(y), main = mean(h);
    BiasVariance::Shares point{mean_square_from(y, f), (main - f) * (main - f), mean_square_from(h, main), 0};
    for (double target : y) point.error += mean_square_from(h, target) / static_cast<double>(y.size());
    result.points.push_back(point);
    result.main_prediction.push_back(main);
  }
  finish(result, "bias²");
  return result;
}

BiasVariance zero_one_shares(const Tensor& predictions, const Tensor& targets) {
  check_tables(predictions, targets);
  BiasVariance result;
  for (int64_t p = 0; p < targets.shape()[1]; ++p) {
    const auto h = shares_of(column(predictions, p)), y = shares_of(column(targets, p));
    const double best = most_frequent(y), main = most_frequent(h);
    double right = 0, agreed = 0;  // P(h = y), and P(h = y ≠ best)
    for (const auto& [value, part] : y) {
      right += part * share(h, value);
      if (value != best) agreed += part * share(h, value);
    }
    BiasVariance::Shares point;
    point.error = 1 - right;
    point.bias = main == best ? 0 : 1;
    point.variance = main == best ? 1 - share(h, main) : -share(h, best);
    point.noise = (1 - share(y, best)) * share(h, best) - agreed;
    result.points.push_back(point);
    result.main_prediction.push_back(main);
  }
  finish(result, "bias");
  return result;
}

}  // namespace folio
