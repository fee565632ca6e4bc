#include "folio/report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "folio/base/error.h"
#include "folio/base/markup.h"
#include "folio/report/plot_axis.h"

namespace folio {
namespace {

// Told apart by all kinds of colour blindness, and 3 to 1 or more against both white and black.
constexpr std::array kColours{"#2178b5", "#d9622b", "#0f9780", "#b8479b", "#8a7a1c", "#7a6bd1", "#777777"};
constexpr double kLetter = 6.4;  // its width

std::string shade(double share, bool gray) {
  constexpr std::array<std::array<double, 3>, 4> kBlues{
      {{237, 243, 249}, {153, 194, 222}, {42, 120, 184}, {8, 48, 97}}};
  const double at = std::clamp(share, 0.0, 1.0) * 3;
  const auto i = std::min<size_t>(2, static_cast<size_t>(at));
  std::array<int, 3> rgb;
  for (size_t c = 0; c < 3; ++c)
    rgb[c] = static_cast<int>(std::lround(
        gray ? 85 * at : kBlues[i][c] + (at - static_cast<double>(i)) * (kBlues[i + 1][c] - kBlues[i][c])));
  return fmt::format("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2]);
}

}  // namespace

/// Draws one chart: the frame from the numbers, then the marks, the legend and what was left out.
class PlotPainter {
 public:
  explicit PlotPainter(const Plot& plot) : plot_(plot) {
    using Mark = Plot::Mark;
    if (plot.marks_.empty()) throw Error("plot: expected something to draw, got an empty chart");
    std::vector<double> xs, ys;
    bool bars = false;
    for (const Mark& mark : plot.marks_) {
      xs.insert(xs.end(), mark.x.begin(), mark.x.end());
      if (mark.kind == Mark::kHeatMap) {
        ys.insert(ys.end(), mark.high.begin(), mark.high.end());
        filled_ = true;
        continue;
      }
      bars = bars || mark.kind == Mark::kBars || mark.kind == Mark::kHistogram;
      ys.insert(ys.end(), mark.y.begin(), mark.y.end());
      if (mark.kind == Mark::kBand) ys.insert(ys.end(), mark.high.begin(), mark.high.end());
    }
    x_ = fit_axis(xs, plot.x_, filled_ || !plot.categories_.empty() ? 0 : 0.03, false);
    y_ = fit_axis(ys, plot.y_, filled_ ? 0 : 0.06, bars);
    const bool labels = filled_ && plot.heat_.extent.empty();
    x_ticks_ = labels ? named(plot.heat_.column_labels, false) : ticks_of(x_, 6);
    if (!plot.categories_.empty()) x_ticks_ = named(plot.categories_, false);
    y_ticks_ = labels ? named(plot.heat_.row_labels, true) : ticks_of(y_, 5);
  }

  std::string paint() {
    lay_out();
    grid();
    int colour = filled_ ? 1 : 0;  // blue on blue would not show
    for (const Plot::Mark& mark : plot_.marks_) {
      colour_ = kColours[static_cast<size_t>(colour) % kColours.size()];
      draw(mark);
      colour += mark.kind != Plot::Mark::kBand && mark.kind != Plot::Mark::kHeatMap;
    }
    std::string text = head_ + fmt::format(
                                   "<svg x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
                                   "overflow=\"hidden\">\n{}</svg>\n",
                                   left_, top_, width_, height_, body_);
    if (left_out_ > 0)
      text += label(left_, plot_.height_ - 6, "start",
                    fmt::format("{} value{} left out: not finite{}", left_out_, left_out_ == 1 ? "" : "s",
                                x_.log || y_.log ? ", or not positive on a logarithmic axis" : ""),
                    " font-style=\"italic\"");
    return text;
  }

 private:
  // Labels of cells or bars.
  static std::vector<PlotTick> named(const std::vector<std::string>& names, bool downwards) {
    std::vector<PlotTick> ticks;
    const auto n = static_cast<double>(names.size());
    for (size_t i = 0; i < names.size(); ++i)
      ticks.push_back(
          {downwards ? n - 0.5 - static_cast<double>(i) : 0.5 + static_cast<double>(i), names[i]});
    return ticks;
  }

  void lay_out() {
    size_t widest = 0;
    for (const PlotTick& tick : y_ticks_) widest = std::max(widest, tick.label.size());
    left_ = 12 + kLetter * static_cast<double>(widest) + (plot_.y_.label.empty() ? 0 : 18);
    top_ = plot_.title_.empty() ? 10 : 30;
    if (!plot_.title_.empty()) head_ += label(left_, 18, "start", plot_.title_, " class=\"t\"");
    legend();
    width_ = plot_.width_ - left_ - 16;
    // Long names stand at a slant.
    const double room = x_ticks_.empty() ? width_ : width_ / static_cast<double>(x_ticks_.size());
    size_t longest = 0;
    for (const PlotTick& tick : x_ticks_) longest = std::max(longest, tick.label.size());
    slanted_ = kLetter * static_cast<double>(longest) > room;
    bottom_ = (slanted_ ? 14 + 0.7 * kLetter * static_cast<double>(longest) : 22) +
              (plot_.x_.label.empty() ? 4 : 18);
    height_ = plot_.height_ - top_ - bottom_ - 16;
    if (width_ < 20 || height_ < 20)
      throw Error(fmt::format("plot \"{}\": expected a size that leaves room beside its labels, got {} x {}",
                              plot_.title_, plot_.width_, plot_.height_));
  }

  void legend() {
    double x = left_;
    int colour = filled_ ? 1 : 0;
    std::string entries;
    for (const Plot::Mark& mark : plot_.marks_) {
      const char* now = kColours[static_cast<size_t>(colour) % kColours.size()];
      const bool band = mark.kind == Plot::Mark::kBand, line = mark.kind == Plot::Mark::kLine;
      colour += !band && mark.kind != Plot::Mark::kHeatMap;
      if (mark.name.empty()) continue;
      const double width = 30 + kLetter * static_cast<double>(mark.name.size());
      if (x > left_ && x + width > plot_.width_) x = left_, top_ += 17;
      entries +=
          line ? fmt::format("<path d=\"M{:.1f} {:.1f}h16\" stroke=\"{}\" stroke-width=\"2\"{}/>\n", x,
                             top_ + 4, now, mark.line.dashed ? " stroke-dasharray=\"5 3\"" : "")
               : fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"16\" height=\"8\" fill=\"{}\"{}/>\n", x,
                             top_, now, band ? " opacity=\".25\"" : "");
      entries += label(x + 21, top_ + 8, "start", mark.name);
      x += width;
    }
    if (!entries.empty()) head_ += entries, top_ += 20;
  }

  void grid() {
    for (const PlotTick& tick : y_ticks_) {
      const double y = top_ + y_of(tick.value);
      if (!filled_)
        head_ += fmt::format("<path class=\"g\" d=\"M{:.1f} {:.1f}h{:.1f}\"/>\n", left_, y, width_);
      head_ += label(left_ - 6, y + 4, "end", tick.label);
    }
    const double base = top_ + height_;
    for (const PlotTick& tick : x_ticks_) {
      const double x = left_ + x_of(tick.value);
      if (plot_.categories_.empty() && !filled_)
        head_ += fmt::format("<path class=\"g\" d=\"M{:.1f} {:.1f}v{:.1f}\"/>\n", x, top_, height_);
      head_ += slanted_ ? label(x + 3, base + 12, "end", tick.label,
                                fmt::format(" transform=\"rotate(-40 {:.1f} {:.1f})\"", x + 3, base + 12))
                        : label(x, base + 16, "middle", tick.label);
    }
    head_ +=
        fmt::format("<path class=\"a\" d=\"M{:.1f} {:.1f}v{:.1f}h{:.1f}\"/>\n", left_, top_, height_, width_);
    if (!plot_.x_.label.empty())
      head_ += label(left_ + width_ / 2, base + bottom_ - 2, "middle", plot_.x_.label);
    if (!plot_.y_.label.empty())
      head_ += label(14, top_ + height_ / 2, "middle", plot_.y_.label,
                     fmt::format(" transform=\"rotate(-90 14 {:.1f})\"", top_ + height_ / 2));
  }

  void draw(const Plot::Mark& mark) {
    using Mark = Plot::Mark;
    if (mark.kind == Mark::kHeatMap) return heat_map(mark);
    if (mark.kind == Mark::kBand) return band(mark);
    if (mark.kind == Mark::kBars || mark.kind == Mark::kHistogram) return bars(mark);
    curve(mark);
  }

  bool shown(const Plot::Mark& mark, size_t i) {
    const bool good = x_.shows(mark.x[i]) && y_.shows(mark.y[i]) &&
                      (mark.kind != Plot::Mark::kBand || y_.shows(mark.high[i]));
    left_out_ += !good;
    return good;
  }

  // Lines have gaps where values are left out; a value between two gaps is a dot.
  void curve(const Plot::Mark& mark) {
    const bool line = mark.kind == Plot::Mark::kLine;
    std::string path, dots;
    size_t run = 0;
    for (size_t i = 0; i <= mark.y.size(); ++i) {
      const bool good = i < mark.y.size() && shown(mark, i);
      const auto dot = [&](size_t at) {
        dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>\n", x_of(mark.x[at]),
                            y_of(mark.y[at]));
      };
      if (!good && run == 1 && line && !mark.line.points) dot(i - 1);
      if (good && (!line || mark.line.points)) dot(i);
      if (good) path += fmt::format("{}{:.1f} {:.1f}", run > 0 ? "L" : "M", x_of(mark.x[i]), y_of(mark.y[i]));
      run = good ? run + 1 : 0;
    }
    if (line)
      body_ += fmt::format(
          "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" "
          "stroke-linejoin=\"round\"{}/>\n",
          path, colour_, mark.line.dashed ? " stroke-dasharray=\"5 3\"" : "");
    if (!dots.empty())
      body_ += fmt::format("<g fill=\"{}\"{}>\n{}</g>\n", colour_, line ? "" : " opacity=\".7\"", dots);
  }

  void band(const Plot::Mark& mark) {
    std::string there, back;
    for (size_t i = 0; i < mark.y.size(); ++i) {
      if (!shown(mark, i)) continue;
      const double x = x_of(mark.x[i]);
      there += fmt::format("{}{:.1f} {:.1f}", there.empty() ? "M" : "L", x, y_of(mark.y[i]));
      back = fmt::format("L{:.1f} {:.1f}", x, y_of(mark.high[i])) + back;
    }
    body_ += fmt::format("<path d=\"{}{}z\" fill=\"{}\" opacity=\".25\"/>\n", there, back, colour_);
  }

  void bars(const Plot::Mark& mark) {
    const double zero = y_.log ? height_ : y_of(std::clamp(0.0, y_.low, y_.high));
    for (size_t i = 0; i < mark.y.size(); ++i) {
      if (!shown(mark, i)) continue;
      const auto [from, to] = bar_sides(mark, i);
      const double y = y_of(mark.y[i]);
      body_ += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n", x_of(from),
          std::min(y, zero), std::max(0.5, x_of(to) - x_of(from) - 0.5), std::abs(zero - y), colour_);
    }
  }

  std::pair<double, double> bar_sides(const Plot::Mark& mark, size_t i) const {
    if (mark.kind == Plot::Mark::kHistogram) {
      const double half = (mark.x[1] - mark.x[0]) / 2;
      return {mark.x[i] - half, mark.x[i] + half};
    }
    double sets = 0, mine = 0;
    for (const Plot::Mark& other : plot_.marks_)
      if (other.kind == Plot::Mark::kBars) mine = &other == &mark ? sets : mine, ++sets;
    const double middle = static_cast<double>(i) + 0.5, from = middle - 0.4 + 0.8 * mine / sets;
    return {from, from + 0.8 / sets};
  }

  void heat_map(const Plot::Mark& mark) {
    double low = 1e300, high = -1e300;
    for (const double v : mark.y)
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
    low = plot_.heat_.low.value_or(low), high = plot_.heat_.high.value_or(high);
    const auto columns = static_cast<size_t>(plot_.columns_), rows = mark.y.size() / columns;
    const double w = (x_of(mark.x[1]) - x_of(mark.x[0])) / static_cast<double>(columns);
    const double h = (y_of(mark.high[0]) - y_of(mark.high[1])) / static_cast<double>(rows);
    const double base = y_of(mark.high[0]), from = x_of(mark.x[0]);
    const bool upwards = !plot_.heat_.extent.empty();
    for (size_t i = 0; i < mark.y.size(); ++i) {
      if (!std::isfinite(mark.y[i]) && ++left_out_) continue;
      const double share = high > low ? (mark.y[i] - low) / (high - low) : 0.5;
      const size_t row = upwards ? i / columns : rows - 1 - i / columns;
      const double x = from + w * static_cast<double>(i % columns),
                   y = base - h * static_cast<double>(row + 1);
      body_ += fmt::format(
          "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\" "
          "shape-rendering=\"crispEdges\"/>\n",
          x, y, w, h, shade(share, plot_.heat_.gray));
      if (plot_.heat_.numbers)
        body_ += fmt::format(
            "<text x=\"{:.1f}\" y=\"{:.1f}\" style=\"text-anchor:middle;fill:{}\">{:.4g}</text>\n", x + w / 2,
            y + h / 2 + 4, (share > 0.5) != plot_.heat_.gray ? "#fff" : "#123", mark.y[i]);
    }
  }

  static std::string label(double x, double y, const char* anchor, const std::string& text,
                           const std::string& more = "") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                       escape_markup(text));
  }
  double x_of(double value) const { return width_ * x_.place(value); }
  double y_of(double value) const { return height_ * (1 - y_.place(value)); }

  const Plot& plot_;
  PlotAxis x_, y_;
  std::vector<PlotTick> x_ticks_, y_ticks_;
  std::string head_, body_;
  const char* colour_ = "";
  double left_ = 0, top_ = 0, width_ = 0, height_ = 0, bottom_ = 0;
  bool slanted_ = false, filled_ = false;
  int left_out_ = 0;
};

namespace {

void check_lengths(const std::string& name, size_t x, size_t y) {
  if (x != y)
    throw Error(fmt::format("plot: {}: expected as many values along both axes, got {} and {}", name, x, y));
}

std::string picture(double width, double height, const std::string& title, const std::string& inner) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">\n"
      "<title>{2}</title>\n<style>text{{fill:#767676}}.t{{font-size:13px;font-weight:bold}}"
      ".g{{stroke:#888;stroke-opacity:.22}}.a{{fill:none;stroke:#888}}</style>\n{3}</svg>\n",
      width, height, escape_markup(title), inner);
}

}  // namespace

Plot& Plot::add(Mark mark) {
  marks_.push_back(std::move(mark));
  return *this;
}

Plot& Plot::line(const std::string& name, std::vector<double> x, std::vector<double> y, LineOptions options) {
  check_lengths(name, x.size(), y.size());
  return add({Mark::kLine, name, std::move(x), std::move(y), {}, options});
}

Plot& Plot::per_epoch(const std::string& name, const std::vector<double>& y, LineOptions options) {
  std::vector<double> x(y.size());
  std::iota(x.begin(), x.end(), 1);
  return line(name, std::move(x), y, options);
}

Plot& Plot::scatter(const std::string& name, std::vector<double> x, std::vector<double> y) {
  check_lengths(name, x.size(), y.size());
  return add({Mark::kScatter, name, std::move(x), std::move(y), {}, {}});
}

Plot& Plot::band(const std::string& name, std::vector<double> x, std::vector<double> low,
                 std::vector<double> high) {
  check_lengths(name, x.size(), low.size());
  check_lengths(name, low.size(), high.size());
  return add({Mark::kBand, name, std::move(x), std::move(low), std::move(high), {}});
}

Plot& Plot::bars(const std::string& name, const std::vector<std::string>& categories,
                 std::vector<double> heights) {
  check_lengths(name, categories.size(), heights.size());
  if (!categories_.empty() && categories != categories_)
    throw Error("plot: " + name + ": expected bars over the same categories as those before");
  categories_ = categories;
  std::vector<double> x(heights.size() + 1);
  std::iota(x.begin(), x.end(), 0);
  return add({Mark::kBars, name, std::move(x), std::move(heights), {}, {}});
}

Plot& Plot::histogram(const std::string& name, const std::vector<double>& values, int bins) {
  if (bins < 1) throw Error(fmt::format("plot: {}: expected at least one bin, got {}", name, bins));
  const PlotAxis axis = fit_axis(values, {}, 0, false);
  std::vector<double> middles, counts(static_cast<size_t>(bins), 0);
  for (int i = 0; i < bins; ++i) middles.push_back(axis.low + (axis.high - axis.low) * (i + 0.5) / bins);
  for (const double v : values)
    if (axis.shows(v)) ++counts[static_cast<size_t>(std::min(bins - 1.0, bins * axis.place(v)))];
  return add({Mark::kHistogram, name, std::move(middles), std::move(counts), {}, {}});
}

Plot& Plot::heat_map(std::vector<double> values, int64_t columns, HeatMapOptions options) {
  if (columns < 1 || values.empty() || values.size() % static_cast<size_t>(columns) != 0)
    throw Error(fmt::format("plot: heat map: expected whole rows of {} values, got {} values", columns,
                            values.size()));
  const auto rows = static_cast<double>(values.size() / static_cast<size_t>(columns));
  std::vector<double> extent{0, static_cast<double>(columns), 0, rows};
  if (!options.extent.empty()) extent = options.extent;
  if (extent.size() != 4) throw Error("plot: heat map: expected an extent of left, right, bottom and top");
  heat_ = std::move(options), columns_ = columns;
  return add({Mark::kHeatMap, "", {extent[0], extent[1]}, std::move(values), {extent[2], extent[3]}, {}});
}

Plot& Plot::x_axis(AxisOptions options) {
  x_ = std::move(options);
  return *this;
}

Plot& Plot::y_axis(AxisOptions options) {
  y_ = std::move(options);
  return *this;
}

Plot& Plot::size(double width, double height) {
  width_ = width, height_ = height;
  return *this;
}

std::string Plot::svg() const { return picture(width_, height_, title_, PlotPainter(*this).paint()); }

std::string side_by_side(const std::vector<Plot>& plots, int columns) {
  if (plots.empty()) throw Error("plot: expected at least one chart to put side by side, got none");
  const size_t in_row = columns > 0 ? static_cast<size_t>(columns) : plots.size();
  double width = 0, height = 0, x = 0, y = 0;
  std::string inner, titles;
  for (size_t i = 0; i < plots.size(); ++i) {
    if (i % in_row == 0) x = 0, y = height;
    inner += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n{}</g>\n", x, y,
                         PlotPainter(plots[i]).paint());
    x += plots[i].width_;
    width = std::max(width, x), height = std::max(height, y + plots[i].height_);
    titles += (i > 0 ? "; " : "") + plots[i].title_;
  }
  return picture(width, height, titles, inner);
}

}  // namespace folio
