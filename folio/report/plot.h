// Charts as SVG pictures: for the examples and the documentation. The same numbers give the same bytes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace folio {

struct LineOptions {
  bool dashed = false, points = false;
};

struct AxisOptions {
  std::string label = {};
  bool log = false;
  std::optional<double> low = {}, high = {};  ///< otherwise as the numbers ask for
};

struct HeatMapOptions {
  std::vector<std::string> row_labels = {}, column_labels = {};
  bool numbers = false;  ///< writes each value into its cell
  bool gray = false;     ///< from black to white, as pictures are; otherwise from pale to dark blue
  std::optional<double> low = {}, high = {};
  /// Where the cells lie when other marks share the plane: {left, right, bottom, top}; row 0 is then at the
  /// bottom. Without it row 0 is at the top, as in matrices and pictures.
  std::vector<double> extent = {};
};

/// One chart. Marks are drawn in the order in which they are added, in colours that the colour-blind can tell
/// apart and that can be read on white and on black. Values that an axis cannot show (not finite, or not
/// positive on a logarithmic axis) are left out, and the picture says how many. Wrong lengths and charts
/// without a single value throw `Error`.
class Plot {
 public:
  explicit Plot(std::string title = "") : title_(std::move(title)) {}

  Plot& line(const std::string& name, std::vector<double> x, std::vector<double> y, LineOptions options = {});
  /// A line over 1, 2, 3, …
  Plot& per_epoch(const std::string& name, const std::vector<double>& y, LineOptions options = {});
  Plot& scatter(const std::string& name, std::vector<double> x, std::vector<double> y);
  /// The area between `low` and `high`, in the colour of the mark that follows.
  Plot& band(const std::string& name, std::vector<double> x, std::vector<double> low,
             std::vector<double> high);
  /// Several sets of bars over the same categories stand side by side.
  Plot& bars(const std::string& name, const std::vector<std::string>& categories,
             std::vector<double> heights);
  /// How often values fall between equally spaced edges.
  Plot& histogram(const std::string& name, const std::vector<double>& values, int bins = 30);
  /// Values row by row.
  Plot& heat_map(std::vector<double> values, int64_t columns, HeatMapOptions options = {});
  Plot& x_axis(AxisOptions options);
  Plot& y_axis(AxisOptions options);
  Plot& size(double width, double height);

  std::string svg() const;

 private:
  friend class PlotPainter;
  friend std::string side_by_side(const std::vector<Plot>& plots, int columns);
  struct Mark {
    enum Kind { kLine, kScatter, kBand, kBars, kHistogram, kHeatMap } kind;
    std::string name;
    std::vector<double> x, y, high;
    LineOptions line = {};
  };
  Plot& add(Mark mark);

  std::string title_;
  std::vector<Mark> marks_;
  std::vector<std::string> categories_;
  HeatMapOptions heat_;
  int64_t columns_ = 0;
  AxisOptions x_, y_;
  double width_ = 480, height_ = 320;
};

/// Charts in one picture, `columns` in a row (0: all).
std::string side_by_side(const std::vector<Plot>& plots, int columns = 0);

}  // namespace folio
