// How far predictions of numbers are off. (sheet A1, C2)
#pragma once
#include <string>

#include "folio/tensor/tensor.h"

namespace folio {

/// All of these: targets and predicted (n,) or (n, outputs), weights (n,) or none; in double. Errors are
/// averaged over the outputs. Throw `Error` on other shapes, on numbers that are not finite and on weights
/// that sum to 0. Definitions are scikit-learn's.
double mean_squared_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights = {});
/// The mean over the outputs of the root of each one's.
double root_mean_squared_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights = {});
double mean_absolute_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights = {});
/// Mean of |y - ŷ| / |y| as a share, not in percent; a target of 0 counts as 2.2e-16.
double mean_absolute_percentage_error(const Tensor& targets, const Tensor& predicted,
                                      const Tensor& weights = {});
/// With weights the smallest error that half of the weight does not exceed.
double median_absolute_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights = {});

/// 1 - Σ (y - ŷ)² / Σ (y - mean y)²: 1 perfect, 0 no better than the mean, below 0 worse. Of several outputs
/// the mean, or with `multioutput` "variance_weighted" the mean weighted by the outputs' variance. Targets
/// that are all the same have 1 when predicted exactly and 0 when not; so has a single sample.
double r2_score(const Tensor& targets, const Tensor& predicted, const Tensor& weights = {},
                const std::string& multioutput = "uniform_average");
/// The same, but errors are taken from their mean: what a constant shift does not change.
double explained_variance(const Tensor& targets, const Tensor& predicted, const Tensor& weights = {},
                          const std::string& multioutput = "uniform_average");

}  // namespace folio
