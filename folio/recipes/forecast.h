// Forecasts of a series: the next values from the last ones, one or many steps ahead. (sheet G9)
#pragma once
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/data/series.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// How a series becomes windows and what the network makes of one. Learnt from the training values, kept with
/// a model. A row of x is a window as it is in the file: (length(), columns), the target first, then the
/// other columns; where the file has dates in a year of many steps, also where in the year each value's
/// successor stands.
struct SeriesPreparation {
  std::string target;
  std::vector<std::string> others;  ///< further columns, by name
  bool of_year = false;             ///< sine and cosine of the time of the year are further columns
  int64_t steps = 12, ahead = 1, season = 1;
  std::string difference =
      "none";  ///< what the network adds to: "none", "last" value, or that of the last "season"
  bool logarithm = false;
  double center = 0, width = 1;                ///< of the target, after the logarithm
  double change_center = 0, change_width = 1;  ///< of its differences, in these units
  std::vector<double> centers, widths;         ///< of the further columns

  /// By how many steps differences reach back; 0 without.
  int64_t lag() const { return difference == "season" ? season : difference == "last" ? 1 : 0; }
  /// Of a window.
  int64_t length() const { return steps + lag(); }
  int64_t columns() const { return 1 + static_cast<int64_t>(centers.size()); }

  /// Windows whose first target is one of the values [first, last): x, and y (rows, ahead).
  Data windows(const Series& series, int64_t first, int64_t last) const;
  /// All of them.
  Data windows(const Series& series) const;
  /// The end of the series: what comes after it is to be predicted.
  Tensor last_window(const Series& series) const;

  static constexpr const char* kAsset = "series.json";
  Json to_json() const;
  static SeriesPreparation from_json(const Json& json, const std::string& place);

 private:
  std::vector<std::vector<double>> channels(const Series& series) const;
};

RecipeData forecast_data(const Recipe& recipe, const RunRequest& request, const Settings& settings);
Model forecast_network(const RecipeTask& task, const Settings& settings);
/// The last value, that of the last season, and a linear model of the same windows.
std::vector<Baseline> forecast_baselines(const Recipe& recipe, const RecipeData& data,
                                         const Settings& settings, const FitOptions& options);

}  // namespace folio
