#include "folio/data/scaler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "folio/base/error.h"
#include "folio/layers/preprocessing/normalization.h"

namespace folio {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr int64_t kAtOnce = 1 << 20;  // bytes of a source's rows
// What float32 can hold, squared: Normalization keeps variances, and divides by no less than 1e-7.
constexpr double kSmallestScale = 1e-7, kLargestScale = 1e19;

/// Calls body(row as float64) for every row of (rows, features).
template <class Body>
void for_each_row(const Tensor& x, Body&& body) {
  const int64_t rows = x.shape()[0], features = x.shape()[1];
  std::vector<double> row(static_cast<size_t>(features));
  visit(x.dtype(), [&](auto t) {
    const auto* from = static_cast<const decltype(t)*>(x.raw());
    for (int64_t r = 0; r < rows; ++r, from += features) {
      std::copy(from, from + features, row.begin());
      body(row);
    }
  });
}

/// The place of the first infinite element; -1 when there is none.
int64_t first_infinite(const Tensor& x) {
  return visit(x.dtype(), [&](auto t) -> int64_t {
    using T = decltype(t);
    if constexpr (std::is_floating_point_v<T>) {
      const auto values = x.values<T>();
      const auto found =
          std::find_if(values.begin(), values.end(), [](T value) { return std::isinf(value); });
      if (found != values.end()) return found - values.begin();
    }
    return -1;
  });
}

/// A width to divide by: 1 where a feature does not vary beyond rounding.
double safe(double width) { return width < 10 * kEpsilon ? 1 : width; }

}  // namespace

Tensor Scaler::checked(const Tensor& x, const char* method) const {
  const int rank = x.shape().rank();
  const int64_t features = rank > 1 ? x.shape()[-1] : 1;
  if (rank == 0 || x.empty())
    throw Error(
        fmt::format("{}: {}: expected rows of features, got shape {}", name_, method, to_string(x.shape())));
  if (method != std::string_view("fit") && !maps_.empty() && features != this->features())
    throw Error(fmt::format("{}: {}: expected {} features as fitted, got {}; check the columns", name_,
                            method, this->features(), features));
  const int64_t wrong = first_infinite(x);
  if (wrong >= 0)
    throw Error(fmt::format("{}: {}: expected finite or missing values (NaN), got {} in row {}, feature {}",
                            name_, method, x.at(wrong), wrong / (x.count() / x.shape()[0]),
                            wrong % features));
  return x.reshaped({x.count() / features, features});
}

void Scaler::fit(const Tensor& x) {
  const Tensor rows = checked(x, "fit");
  reset(rows.shape()[1]);
  learn(rows);
  maps_ = maps();
}

void Scaler::fit(const RowSource& rows) {
  if (rows.rows() == 0)
    throw Error(fmt::format("{}: fit: expected rows, got none from {}", name_, rows.name()));
  const int64_t step = std::max<int64_t>(1, kAtOnce / std::max<int64_t>(1, rows.row_bytes()));
  maps_.clear();
  for (int64_t first = 0; first < rows.rows(); first += step)
    partial_fit(rows.read(first, std::min(first + step, rows.rows())));
}

void Scaler::partial_fit(const Tensor& x) {
  if (!streams())
    throw Error(name_ +
                ": partial_fit: its quantiles need all rows at once; call fit, or take StandardScaler");
  const Tensor rows = checked(x, "partial_fit");
  if (maps_.empty()) reset(rows.shape()[1]);
  learn(rows);
  maps_ = maps();
}

Tensor Scaler::mapped(const Tensor& x, const char* method, bool inverse) const {
  if (maps_.empty()) throw Error(fmt::format("{}: {}: is not fitted; call fit first", name_, method));
  const Tensor rows = checked(x, method);
  Tensor result(x.shape(), is_floating(x.dtype()) ? x.dtype() : DType::float64);
  visit(result.dtype(), [&](auto t) {
    auto* to = static_cast<decltype(t)*>(result.raw());
    for_each_row(rows, [&](const std::vector<double>& row) {
      for (size_t j = 0; j < row.size(); ++j, ++to) {
        const Map& map = maps_[j];
        const double value = inverse ? (row[j] - map.add) / map.multiply * map.divide + map.subtract
                                     : (row[j] - map.subtract) / map.divide * map.multiply + map.add;
        *to = static_cast<decltype(t)>(value);
      }
    });
  });
  return result;
}

Tensor Scaler::transform(const Tensor& x) const { return mapped(x, "transform", false); }

Tensor Scaler::inverse_transform(const Tensor& x) const { return mapped(x, "inverse_transform", true); }

std::vector<double> Scaler::scale() const {
  std::vector<double> scale;
  for (const Map& map : maps_) scale.push_back(map.divide / map.multiply);
  return scale;
}

std::vector<double> Scaler::center() const {
  std::vector<double> center;
  for (const Map& map : maps_) center.push_back(map.subtract - map.add * (map.divide / map.multiply));
  return center;
}

bool holds_as_layer(double scale) { return scale >= kSmallestScale && scale <= kLargestScale; }

Layer Scaler::as_layer(const std::string& name) const {
  if (maps_.empty()) throw Error(name_ + ": as_layer: is not fitted; call fit first");
  std::vector<double> variance;
  for (double width : scale()) {
    if (!holds_as_layer(width))
      throw Error(fmt::format(
          "{}: as_layer: feature {}: expected a scale from {} to {}, which is what a layer can hold, got {}; "
          "leave the feature out, or give it another unit",
          name_, variance.size(), kSmallestScale, kLargestScale, width));
    variance.push_back(width * width);
  }
  return Normalization({.mean = Tensor::of({features()}, center()),
                        .variance = Tensor::of({features()}, variance),
                        .name = name});
}

std::vector<double> StandardScaler::variance() const {
  std::vector<double> result;
  for (size_t j = 0; j < squares_.size(); ++j) result.push_back(squares_[j] / count_[j]);
  return result;
}

void StandardScaler::reset(int64_t features) {
  for (auto* sums : {&count_, &mean_, &squares_}) sums->assign(static_cast<size_t>(features), 0);
}

void StandardScaler::learn(const Tensor& x) {
  const size_t features = count_.size();
  // Distances from the first value are small where the values are large and alike.
  std::vector<double> first(features, kNone), count(features), mean(features), rest(features),
      squares(features);
  for_each_row(x, [&](const std::vector<double>& row) {
    for (size_t j = 0; j < features; ++j) {
      if (std::isnan(row[j])) continue;
      if (std::isnan(first[j])) first[j] = row[j];
      mean[j] += row[j] - first[j];
      ++count[j];
    }
  });
  for (size_t j = 0; j < features; ++j)
    if (count[j] > 0) mean[j] = first[j] + mean[j] / count[j];
  for_each_row(x, [&](const std::vector<double>& row) {
    for (size_t j = 0; j < features; ++j) {
      if (std::isnan(row[j])) continue;
      const double distance = row[j] - mean[j];
      rest[j] += distance;
      squares[j] += distance * distance;
    }
  });
  for (size_t j = 0; j < features; ++j) {
    if (count[j] == 0) continue;
    squares[j] = std::max(0.0, squares[j] - rest[j] * rest[j] / count[j]);
    const double all = count_[j] + count[j], apart = mean[j] - mean_[j];
    squares_[j] += squares[j] + apart * apart * count_[j] * (count[j] / all);
    mean_[j] += apart * (count[j] / all);
    count_[j] = all;
  }
}

std::vector<Scaler::Map> StandardScaler::maps() const {
  std::vector<Map> maps(count_.size());
  for (size_t j = 0; j < maps.size(); ++j) {
    const double n = count_[j], variance = squares_[j] / n;  // NaN of no values
    // The most that rounding alone gives, as scikit-learn has it from Chan, Golub and LeVeque.
    const double rounding = n * kEpsilon * variance + std::pow(n * mean_[j] * kEpsilon, 2);
    const double none = n > 0 ? 0 : kNone;
    if (options_.with_mean) maps[j].subtract = mean_[j] + none;
    if (options_.with_std) maps[j].divide = variance <= rounding ? 1 : std::sqrt(variance);
  }
  return maps;
}

MinMaxScaler::MinMaxScaler(std::pair<double, double> feature_range)
    : Scaler("MinMaxScaler"), range_(feature_range) {
  if (!(range_.first < range_.second) || !std::isfinite(range_.second - range_.first))
    throw Error(
        fmt::format("MinMaxScaler: feature_range: expected two numbers, the smaller first, got ({}, {})",
                    range_.first, range_.second));
}

void MinMaxScaler::reset(int64_t features) {
  for (auto* ends : {&min_, &max_}) ends->assign(static_cast<size_t>(features), kNone);
}

void MinMaxScaler::learn(const Tensor& x) {
  for_each_row(x, [&](const std::vector<double>& row) {
    for (size_t j = 0; j < row.size(); ++j) {
      min_[j] = std::fmin(min_[j], row[j]);  // of a value and NaN, the value
      max_[j] = std::fmax(max_[j], row[j]);
    }
  });
}

std::vector<Scaler::Map> MinMaxScaler::maps() const {
  std::vector<Map> maps(min_.size());
  for (size_t j = 0; j < maps.size(); ++j) {
    maps[j].multiply = (range_.second - range_.first) / safe(max_[j] - min_[j]);
    maps[j].add = range_.first - min_[j] * maps[j].multiply;
  }
  return maps;
}

void MaxAbsScaler::reset(int64_t features) { max_.assign(static_cast<size_t>(features), kNone); }

void MaxAbsScaler::learn(const Tensor& x) {
  for_each_row(x, [&](const std::vector<double>& row) {
    for (size_t j = 0; j < row.size(); ++j) max_[j] = std::fmax(max_[j], std::abs(row[j]));
  });
}

std::vector<Scaler::Map> MaxAbsScaler::maps() const {
  std::vector<Map> maps(max_.size());
  for (size_t j = 0; j < maps.size(); ++j) maps[j].divide = safe(max_[j]);
  return maps;
}

RobustScaler::RobustScaler(RobustScalerOptions options) : Scaler("RobustScaler"), options_(options) {
  const auto [low, high] = options_.quantile_range;
  if (!(low >= 0 && low < high && high <= 100))
    throw Error(fmt::format(
        "RobustScaler: quantile_range: expected two numbers from 0 to 100, the smaller first, got ({}, {})",
        low, high));
}

void RobustScaler::reset(int64_t features) {
  for (auto* sums : {&median_, &width_}) sums->assign(static_cast<size_t>(features), kNone);
}

void RobustScaler::learn(const Tensor& x) {
  const int64_t features = x.shape()[1];
  std::vector<double> values;
  for (int64_t j = 0; j < features; ++j) {
    values.clear();
    for (int64_t i = j; i < x.count(); i += features)
      if (const double value = x.at(i); !std::isnan(value)) values.push_back(value);
    std::sort(values.begin(), values.end());
    const auto [low, high] = options_.quantile_range;
    median_[static_cast<size_t>(j)] = quantile(values, 0.5);
    width_[static_cast<size_t>(j)] = quantile(values, high / 100) - quantile(values, low / 100);
  }
}

std::vector<Scaler::Map> RobustScaler::maps() const {
  std::vector<Map> maps(median_.size());
  for (size_t j = 0; j < maps.size(); ++j) {
    if (options_.with_centering) maps[j].subtract = median_[j];
    if (options_.with_scaling) maps[j].divide = safe(width_[j]);
  }
  return maps;
}

double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return kNone;
  const double place = share * static_cast<double>(sorted.size() - 1), between = place - std::floor(place);
  const auto below = static_cast<size_t>(place);
  const double low = sorted[below], high = sorted[std::min(below + 1, sorted.size() - 1)];
  // From the nearer neighbour, as NumPy does: large neighbours that differ little round differently.
  return between < 0.5 ? low + (high - low) * between : high - (high - low) * (1 - between);
}

}  // namespace folio
