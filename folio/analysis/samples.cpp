#include "folio/analysis/samples.h"

#include <fmt/format.h>

#include <cmath>

#include "folio/base/error.h"

namespace folio {

Samples samples(const Tensor& array, const std::string& what) {
  const Shape& shape = array.shape();
  if (shape.rank() < 1 || shape.rank() > 2)
    throw Error(
        fmt::format("{}: expected an array of shape (n) or (n, width), got {}", what, to_string(shape)));
  if (array.count() == 0) throw Error(what + ": expected at least one sample, got none");
  Samples result{shape[0], array.count() / shape[0], {}};
  result.values.reserve(static_cast<size_t>(array.count()));
  for (int64_t i = 0; i < array.count(); ++i) {
    const double value = array.at(i);
    if (!std::isfinite(value))
      throw Error(
          fmt::format("{}: expected finite numbers, got {} in row {}", what, value, i / result.width));
    result.values.push_back(value);
  }
  return result;
}

std::vector<int64_t> class_numbers(const Tensor& labels, int64_t classes, const std::string& what) {
  const Samples given = samples(labels, what);
  check_same_width(1, given.width, what);
  const double end = classes > 0 ? static_cast<double>(classes) : 1LL << 31;
  std::vector<int64_t> numbers;
  for (int64_t r = 0; r < given.rows; ++r) {
    const double value = given.at(r);
    if (!(value >= 0 && value < end && value == std::floor(value)))
      throw Error(fmt::format("{}: expected class numbers from 0 to {:.0f}, got {} in row {}", what, end - 1,
                              value, r));
    numbers.push_back(static_cast<int64_t>(value));
  }
  return numbers;
}

Samples truth_values(const Tensor& labels, const std::string& what) {
  Samples given = samples(labels, what);
  for (size_t i = 0; i < given.values.size(); ++i)
    if (given.values[i] != 0 && given.values[i] != 1)
      throw Error(fmt::format("{}: expected 0 or 1, got {} in row {}", what, given.values[i],
                              static_cast<int64_t>(i) / given.width));
  return given;
}

std::vector<double> sample_weights(const Tensor& weights, int64_t rows) {
  if (!weights.raw()) return std::vector<double>(static_cast<size_t>(rows), 1.0);
  Samples given = samples(weights, "sample weights");
  check_same_width(1, given.width, "sample weights");
  check_same_rows(rows, given.rows, "sample weights");
  for (int64_t r = 0; r < rows; ++r)
    if (given.at(r) < 0)
      throw Error(fmt::format("sample weights: expected none below 0, got {} in row {}", given.at(r), r));
  return std::move(given.values);
}

std::vector<double> mean_weights(const Tensor& weights, int64_t rows) {
  std::vector<double> result = sample_weights(weights, rows);
  double sum = 0;
  for (double weight : result) sum += weight;
  if (sum == 0) throw Error("sample weights: expected at least one above 0; of nothing there is no mean");
  return result;
}

void check_same_rows(int64_t expected, int64_t got, const std::string& what) {
  if (expected != got) throw Error(fmt::format("{}: expected {} rows, got {}", what, expected, got));
}

void check_same_width(int64_t expected, int64_t got, const std::string& what) {
  if (expected == got) return;
  if (expected == 1)
    throw Error(
        fmt::format("{}: expected one number per row, got {}; use the rows' places of the largest "
                    "number for class numbers",
                    what, got));
  throw Error(fmt::format("{}: expected {} numbers per row, got {}", what, expected, got));
}

}  // namespace folio
