#include "folio/analysis/picture_scores.h"

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"

namespace folio {
namespace {

void check_same(const Tensor& truth, const Tensor& predicted) {
  if (truth.shape() != predicted.shape() || truth.empty())
    throw Error("scores of pictures: expected pictures of shape " + to_string(truth.shape()) + ", got " +
                to_string(predicted.shape()));
}

double squared(double x) { return x * x; }

}  // namespace

double peak_signal_to_noise(const Tensor& truth, const Tensor& predicted, double largest,
                            const Tensor& mask) {
  constexpr double kLeast = 1e-10;
  check_same(truth, predicted);
  const bool masked = !mask.empty();
  if (masked) check_same(truth, mask);
  const int64_t pictures = truth.shape()[0], size = truth.count() / pictures;
  double sum = 0;
  int64_t counted = 0;
  for (int64_t r = 0; r < pictures; ++r) {
    double error = 0;
    int64_t elements = 0;
    for (int64_t i = r * size; i < (r + 1) * size; ++i) {
      if (masked && mask.at(i) == 0) continue;
      error += squared((predicted.at(i) - truth.at(i)) / largest);
      ++elements;
    }
    if (elements == 0) continue;
    sum += -10 * std::log10(std::max(error / static_cast<double>(elements), kLeast));
    ++counted;
  }
  if (counted == 0)
    throw Error("scores of pictures: expected a mask that leaves something, got one of zeros");
  return sum / static_cast<double>(counted);
}

double mean_squared_difference(const Tensor& truth, const Tensor& predicted) {
  check_same(truth, predicted);
  double sum = 0;
  for (int64_t i = 0; i < truth.count(); ++i) sum += squared(predicted.at(i) - truth.at(i));
  return sum / static_cast<double>(truth.count());
}

}  // namespace folio
