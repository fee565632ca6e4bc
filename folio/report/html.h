// The shell of a page and what stands in it: sections, numbered figures, tables. All text that is passed in
// is escaped here.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace folio {

/// One set of points of a figure.
struct FigureSeries {
  std::string name;
  std::vector<double> x, y;
  int colour = 0;  ///< of the palette; below 0: gray
  bool dash = false, thin = false, scatter = false, bars = false, points = false;
  bool still = false;  ///< a line for orientation, without values of its own
};

struct FigureAxis {
  std::string label = {};
  bool log = false;
  bool log_switch = false;   ///< the reader may ask for a logarithmic scale
  bool whole = false;        ///< ticks at whole numbers only
  double low = 0, high = 0;  ///< when low < high
};

/// From 1 to the last epoch.
FigureAxis epoch_axis(size_t epochs);

struct Figure {
  std::string title, reading;
  std::vector<FigureSeries> series;
  FigureAxis x, y;
  bool square = false, nearest = false;
};

/// Cells of a table; the first column names the row.
struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows, foot;
  std::vector<size_t> text_columns;  ///< aligned to the left
};

class HtmlPage {
 public:
  HtmlPage(std::string title, std::string under);

  void section(const std::string& id, const std::string& title);
  void heading(const std::string& text);
  void paragraph(const std::string& text);
  /// Large numbers with what they are, and a remark in small print.
  void facts(const std::vector<std::array<std::string, 3>>& entries);
  /// `kind`: "good", "warning", "serious" or "".
  void verdict(const std::string& kind, const std::string& head, const std::vector<std::string>& sentences);
  void figure(const Figure& figure, const Table& numbers = {});
  /// A figure of markup that is safe already.
  void figure_of(const std::string& markup, const std::string& title, const std::string& reading);
  void table(const Table& table, const std::string& caption = "", bool wide = false);
  /// Two columns without a head.
  void pairs(const std::vector<std::pair<std::string, std::string>>& rows);
  /// What follows stands side by side where there is room, until `end_row`.
  void begin_row() { body_ += "<div class=\"two\">\n"; }
  void end_row() { body_ += "</div>\n"; }
  /// Markup that is safe already.
  void raw(const std::string& markup) { body_ += markup; }

  /// The page, with everything it needs inside.
  std::string finish() const;

  static std::string table_markup(const Table& table, const std::string& caption, bool wide);

 private:
  std::string title_, under_, body_;
  std::vector<std::pair<std::string, std::string>> sections_;
  std::vector<Figure> figures_;
  int numbered_ = 0;
};

/// Numbers for people: 4 digits, "–" for what is not a number; 1,234,567; "2 min 5 s"; "93.1 %".
std::string number_text(double value);
std::string count_text(double value);
std::string time_text(double seconds);
std::string percent_text(double share);

}  // namespace folio
