// The axes of charts: which numbers they span, and where their ticks stand.
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "folio/report/plot.h"

namespace folio {

struct PlotAxis {
  double low = 0, high = 1;
  bool log = false;
  /// Whether the value has a place on such an axis at all.
  bool shows(double v) const { return std::isfinite(v) && std::abs(v) < 1e150 && (!log || v > 0); }
  /// 0 at the low end, 1 at the high one.
  double place(double v) const {
    return log ? std::log(v / low) / std::log(high / low) : (v - low) / (high - low);
  }
};

/// The axis that shows all values it can, with a share `margin` of room at both ends. Throws `Error` when
/// there is nothing to show.
PlotAxis fit_axis(std::vector<double> values, const AxisOptions& options, double margin, bool with_zero);

struct PlotTick {
  double value;
  std::string label;
};

/// About `wanted` round numbers.
std::vector<PlotTick> ticks_of(const PlotAxis& axis, int wanted);

}  // namespace folio
