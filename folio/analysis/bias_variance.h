// Bias and variance of a way to learn, estimated by learning again and again from training sets drawn anew.
// (sheet A5: Bias = E[h] - f, Var = E[(h - E[h])²], expected squared error = Bias² + Var + σ²)
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "folio/data/batches.h"

namespace folio {

/// Learns from `train` and predicts for the rows of `x`: any model at all. One number per row; for classes
/// their numbers. Weights must start anew in every call; `round` serves as a seed.
using TrainAndPredict = std::function<Tensor(const Data& train, const Tensor& x, int round)>;
/// The training set of a round: fresh draws, or `bootstrap(data, seed, round)`.
using DrawTrainingSet = std::function<Data(int round)>;

/// Shares of the expected error at each point, and their means over the points.
struct BiasVariance {
  struct Shares {
    double noise = 0, bias = 0, variance = 0, error = 0;
  };
  std::vector<Shares> points;
  Shares mean;
  /// E[h] of each point, or the main prediction.
  std::vector<double> main_prediction;
  /// "error 0.25 = noise 0.09 + bias² 0.1 + variance 0.06"
  std::string text;
};

/// Predictions of `rounds` models, float64 (rounds, points). Throws `Error` for fewer than 2 rounds or when
/// the number of predictions is not that of the rows of `x`.
Tensor predict_in_rounds(const TrainAndPredict& learner, const DrawTrainingSet& draw, const Tensor& x,
                         int rounds);

/// For squared error: noise E[(y - f)²], bias (E[h] - f)² (squared already) and variance E[(h - E[h])²], with
/// error = E[(y - h)²] their sum, exactly.
///
/// predictions: (rounds, points); targets: (draws, points), values of y drawn for each point, of which f is
/// the mean. One draw has no noise to be seen: with the values of f itself the bias is true; with one noisy y
/// per point, as in a real test set, the noise counts as bias.
BiasVariance squared_error_shares(const Tensor& predictions, const Tensor& targets);

/// For the share of wrong classes (0/1 loss), as Domingos (2000) decomposes it. The main prediction is the
/// class most often predicted at a point, the best one the class most often drawn there (the smallest of
/// several).
///
/// bias: 1 where the main prediction is not the best one, else 0. noise: c1 · (share of draws that are not
/// the best one). variance: c2 · (share of predictions that are not the main one); c2 is 1 at points without
/// bias, and at those with it minus the share of the best class among predictions that are not the main one:
/// there, variance helps. c1 is the share of predictions that are the best class minus that of predictions
/// that agree with a draw that is not. error is their sum, exactly.
BiasVariance zero_one_shares(const Tensor& predictions, const Tensor& targets);

}  // namespace folio
