#include "folio/analysis/probabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "folio/analysis/samples.h"
#include "folio/base/error.h"

namespace folio {
namespace {

// The weighted mean of a measure of (probabilities of a row, its class). One column is that of class 1 of
// two.
double mean_of(const Tensor& labels, const Tensor& probabilities, const Tensor& weights,
               const std::function<double(const std::vector<double>&, size_t)>& measure) {
  const Samples given = samples(probabilities, "probabilities");
  for (size_t i = 0; i < given.values.size(); ++i)
    if (given.values[i] < 0 || given.values[i] > 1)
      throw Error(fmt::format("probabilities: expected numbers from 0 to 1, got {} in row {}",
                              given.values[i], static_cast<int64_t>(i) / given.width));
  const std::vector<int64_t> classes = class_numbers(labels, std::max<int64_t>(2, given.width), "labels");
  check_same_rows(static_cast<int64_t>(classes.size()), given.rows, "probabilities");
  const std::vector<double> weight = mean_weights(weights, given.rows);
  double sum = 0, total = 0;
  std::vector<double> row;
  for (int64_t r = 0; r < given.rows; ++r) {
    row.clear();
    for (int64_t c = 0; c < given.width; ++c) row.push_back(given.at(r, c));
    if (row.size() == 1) row.insert(row.begin(), 1 - row[0]);
    sum +=
        weight[static_cast<size_t>(r)] * measure(row, static_cast<size_t>(classes[static_cast<size_t>(r)]));
    total += weight[static_cast<size_t>(r)];
  }
  return sum / total;
}

}  // namespace

double log_loss(const Tensor& labels, const Tensor& probabilities, const Tensor& weights, double epsilon) {
  if (epsilon < 0)
    epsilon = probabilities.dtype() == DType::float32 ? std::numeric_limits<float>::epsilon()
                                                      : std::numeric_limits<double>::epsilon();
  if (!(epsilon <= 0.5)) throw Error(fmt::format("log_loss: epsilon: expected at most 0.5, got {}", epsilon));
  const auto clip = [&](double p) { return std::clamp(p, epsilon, 1 - epsilon); };
  return mean_of(labels, probabilities, weights, [&](const std::vector<double>& p, size_t label) {
    double sum = 0;
    for (double one : p) sum += clip(one);
    return sum > 0 ? -std::log(clip(p[label]) / sum) : std::numeric_limits<double>::infinity();
  });
}

double brier_score(const Tensor& labels, const Tensor& probabilities, const Tensor& weights) {
  const bool two = probabilities.shape().rank() < 2 || probabilities.shape()[-1] == 1;
  return mean_of(labels, probabilities, weights, [&](const std::vector<double>& p, size_t label) {
    double sum = 0;
    for (size_t c = two ? 1 : 0; c < p.size(); ++c) sum += (p[c] - (c == label)) * (p[c] - (c == label));
    return sum;
  });
}

}  // namespace folio
