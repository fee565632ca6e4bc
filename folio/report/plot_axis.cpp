#include "folio/report/plot_axis.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"

namespace folio {
namespace {

constexpr double kTiny = 1e-9;

}  // namespace

PlotAxis fit_axis(std::vector<double> values, const AxisOptions& options, double margin, bool with_zero) {
  PlotAxis axis{0, 1, options.log};
  std::erase_if(values, [&](double v) { return !axis.shows(v); });
  if (values.empty()) throw Error("plot: expected at least one value that the axes can show, got none");
  if (with_zero && !axis.log) values.push_back(0);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  axis.low = *low, axis.high = *high;
  const double size = std::max(std::abs(axis.low), std::abs(axis.high));
  if (axis.log) {
    const double room = std::max(std::pow(axis.high / axis.low, margin), 1.05);
    axis.low /= room, axis.high *= room;
  } else if (axis.high - axis.low <= kTiny * size || size == 0) {  // constant
    axis.low -= size > 0 ? size / 2 : 0.5, axis.high += size > 0 ? size / 2 : 0.5;
  } else {
    const double room = margin * (axis.high - axis.low);
    if (!(with_zero && axis.low == 0)) axis.low -= room;
    if (!(with_zero && axis.high == 0)) axis.high += room;
  }
  if (options.low) axis.low = *options.low;
  if (options.high) axis.high = *options.high;
  if (!axis.shows(axis.low) || !axis.shows(axis.high) || axis.high - axis.low <= 1e-12 * std::abs(axis.low))
    throw Error(fmt::format("plot: expected an axis that rises{}, got one from {} to {}",
                            axis.log ? " from above 0" : "", axis.low, axis.high));
  return axis;
}

std::vector<PlotTick> ticks_of(const PlotAxis& axis, int wanted) {
  std::vector<PlotTick> ticks;
  const double decades = axis.log ? std::log10(axis.high / axis.low) : 0;
  if (axis.log && decades >= 1) {
    const int every = std::max(1, static_cast<int>(std::ceil(decades / wanted)));
    for (int e = static_cast<int>(std::ceil(std::log10(axis.low) - kTiny)); std::pow(10, e) <= axis.high; ++e)
      if (e % every == 0)
        ticks.push_back({std::pow(10, e),
                         e < -3 || e > 4 ? fmt::format("1e{}", e) : fmt::format("{:g}", std::pow(10, e))});
    return ticks;
  }
  const double rough = (axis.high - axis.low) / wanted, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double nice : {5.0, 2.0, 1.0})
    if (nice * power >= rough) step = nice * power;
  const double largest = std::max(std::abs(axis.low), std::abs(axis.high));
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - kTiny)));
  const bool plain = largest < 1e5 && decimals <= 4;
  for (double i = std::ceil(axis.low / step - kTiny); i * step <= axis.high + kTiny * step; ++i) {
    const double value = i * step + 0.0;  // no -0
    ticks.push_back({value, plain ? fmt::format("{:.{}f}", value, decimals) : fmt::format("{:.4g}", value)});
  }
  return ticks;
}

}  // namespace folio
