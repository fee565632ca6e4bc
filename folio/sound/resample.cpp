#include "folio/sound/resample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "folio/base/error.h"

namespace folio {
namespace {

constexpr double kZeros = 24;     // of the sinc on each side
constexpr double kRolloff = 0.9;  // where it cuts off, as a share of half of the lower rate
constexpr double kBeta = 8;       // of the window: about 80 dB

// The modified Bessel function of the first kind and order 0.
double bessel(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > sum * 1e-17; ++k) sum += term *= x * x / (4.0 * k * k);
  return sum;
}

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

}  // namespace

std::vector<float> resample(std::span<const float> samples, int64_t from, int64_t to) {
  if (from < 1 || to < 1)
    throw Error(fmt::format("resample: expected rates of at least 1, got {} and {}", from, to));
  if (from == to) return {samples.begin(), samples.end()};
  const int64_t divisor = std::gcd(from, to), up = to / divisor, down = from / divisor;
  const auto count = static_cast<int64_t>(samples.size());
  // Sample i lies i * down / up samples behind the first of the old ones.
  const auto made = static_cast<int64_t>((static_cast<__int128>(count) * up + down - 1) / down);
  const double cutoff = kRolloff * std::min(1.0, static_cast<double>(up) / static_cast<double>(down));
  const double half = kZeros / cutoff, outermost = bessel(kBeta);
  const auto reach = static_cast<int64_t>(std::ceil(half));
  // The weights depend on where between two old samples the new one lies: one of `up` places.
  std::vector<std::vector<float>> phases(static_cast<size_t>(std::min(up, made)));
  const auto weights = [&](int64_t phase) {
    std::vector<double> exact;
    for (int64_t k = -reach + 1; k <= reach; ++k) {
      const double away = static_cast<double>(k) - static_cast<double>(phase) / static_cast<double>(up);
      const double inside = 1 - away * away / (half * half);
      exact.push_back(inside <= 0 ? 0 : sinc(cutoff * away) * bessel(kBeta * std::sqrt(inside)) / outermost);
    }
    const double sum = std::accumulate(exact.begin(), exact.end(), 0.0);  // what is constant stays so
    std::vector<float> result;
    for (const double weight : exact) result.push_back(static_cast<float>(weight / sum));
    return result;
  };
  std::vector<float> result(static_cast<size_t>(made));
  for (int64_t i = 0; i < made; ++i) {
    const __int128 place = static_cast<__int128>(i) * down;
    const auto before = static_cast<int64_t>(place / up);
    std::vector<float>& filter = phases[static_cast<size_t>(i % up)];
    if (filter.empty()) filter = weights(static_cast<int64_t>(place % up));
    const int64_t first = before - reach + 1;
    double sum = 0;
    for (int64_t k = std::max<int64_t>(-first, 0), end = std::min(2 * reach, count - first); k < end; ++k)
      sum += static_cast<double>(filter[static_cast<size_t>(k)]) * samples[static_cast<size_t>(first + k)];
    result[static_cast<size_t>(i)] = static_cast<float>(sum);
  }
  return result;
}

}  // namespace folio
