// Features brought to a common range by what the training rows show, with scikit-learn's names, rules and
// numbers. (sheet B1, B2)
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "folio/data/rows.h"
#include "folio/layers/layer.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// What the scalers share. Features are the last dimension of (rows, …, features), so that a series of
/// (rows, steps, channels) is scaled by channel; (rows,) is one feature. Missing values (NaN) are left out
/// when fitting and stay missing. A feature that does not vary is moved, but divided by 1; one without any
/// value becomes NaN. All is computed in float64. Infinite values, no rows, or another number of features
/// than was fitted throw `Error`, and nothing is changed.
class Scaler {
 public:
  virtual ~Scaler() = default;

  /// Learns from these rows alone.
  void fit(const Tensor& x);
  /// Learns from all rows of a source, reading a few at a time; is not fitted when that fails.
  void fit(const RowSource& rows);
  /// Learns from these rows too: data of any size is fitted in one pass, batch by batch.
  void partial_fit(const Tensor& x);
  /// Floating-point types are kept; whole numbers become float64.
  Tensor transform(const Tensor& x) const;
  /// The values before `transform`.
  Tensor inverse_transform(const Tensor& x) const;
  /// `transform` as a layer (Keras' Normalization), so that a saved model takes data as it comes. Throws
  /// `Error` for a feature without a value, or with a scale that the layer cannot hold.
  Layer as_layer(const std::string& name = "") const;

  /// 0 before fitting.
  int64_t features() const { return static_cast<int64_t>(maps_.size()); }
  /// By feature: `transform` is (x - center) / scale.
  std::vector<double> center() const;
  std::vector<double> scale() const;

 protected:
  /// (x - subtract) / divide * multiply + add; which of these a scaler uses is scikit-learn's choice, so that
  /// rounding is the same too.
  struct Map {
    double subtract = 0, divide = 1, multiply = 1, add = 0;
  };
  explicit Scaler(std::string name) : name_(std::move(name)) {}
  Scaler(const Scaler&) = default;
  Scaler& operator=(const Scaler&) = default;

  virtual bool streams() const { return true; }
  /// Forgets everything and prepares for so many features.
  virtual void reset(int64_t features) = 0;
  /// Takes checked rows into account; `x` is (rows, features).
  virtual void learn(const Tensor& x) = 0;
  /// The maps of all that was learnt.
  virtual std::vector<Map> maps() const = 0;

  std::string name_;  // the class's, for messages

 private:
  /// Checks the shape and that all is finite or missing; returns it as (rows, features).
  Tensor checked(const Tensor& x, const char* method) const;
  Tensor mapped(const Tensor& x, const char* method, bool inverse) const;
  std::vector<Map> maps_;
};

/// Whether a layer can divide by this scale: Keras' Normalization keeps its square in single precision.
bool holds_as_layer(double scale);

struct StandardScalerOptions {
  bool with_mean = true;
  bool with_std = true;
};
/// (x - mean) / σ, the z-norm, σ being the root of the mean squared deviation. Batches are merged by Chan,
/// Golub and LeVeque's formulas (1983), which stay exact when the mean is large beside σ.
class StandardScaler final : public Scaler {
 public:
  explicit StandardScaler(StandardScalerOptions options = {}) : Scaler("StandardScaler"), options_(options) {}
  const std::vector<double>& mean() const { return mean_; }
  std::vector<double> variance() const;

 private:
  void reset(int64_t features) override;
  void learn(const Tensor& x) override;
  std::vector<Map> maps() const override;
  StandardScalerOptions options_;
  std::vector<double> count_, mean_, squares_;  // squares_: summed squared distances from the mean
};

/// Linearly from [data_min, data_max] to `feature_range`; both are of the rows fitted, others may lie
/// outside.
class MinMaxScaler final : public Scaler {
 public:
  /// Throws `Error` unless the range's first number is the smaller.
  explicit MinMaxScaler(std::pair<double, double> feature_range = {0, 1});
  const std::vector<double>& data_min() const { return min_; }
  const std::vector<double>& data_max() const { return max_; }

 private:
  void reset(int64_t features) override;
  void learn(const Tensor& x) override;
  std::vector<Map> maps() const override;
  std::pair<double, double> range_;
  std::vector<double> min_, max_;
};

/// x / the largest magnitude: to [-1, 1], zeros staying zeros.
class MaxAbsScaler final : public Scaler {
 public:
  MaxAbsScaler() : Scaler("MaxAbsScaler") {}
  const std::vector<double>& max_abs() const { return max_; }

 private:
  void reset(int64_t features) override;
  void learn(const Tensor& x) override;
  std::vector<Map> maps() const override;
  std::vector<double> max_;
};

struct RobustScalerOptions {
  bool with_centering = true;
  bool with_scaling = true;
  std::pair<double, double> quantile_range = {25, 75};  ///< per cent
};
/// (x - median) / (difference of two quantiles): what a few outliers hardly move. Quantiles lie between
/// neighbouring values in proportion, as NumPy's do. They are exact and need all rows at once, so that
/// `partial_fit` is an error; fit a sample of rows that do not fit into memory.
class RobustScaler final : public Scaler {
 public:
  explicit RobustScaler(RobustScalerOptions options = {});
  const std::vector<double>& median() const { return median_; }

 private:
  bool streams() const override { return false; }
  void reset(int64_t features) override;
  void learn(const Tensor& x) override;
  std::vector<Map> maps() const override;
  RobustScalerOptions options_;
  std::vector<double> median_, width_;
};

/// The value below which this share of sorted numbers lies, between neighbours in proportion; NaN of none.
double quantile(const std::vector<double>& sorted, double share);

}  // namespace folio
