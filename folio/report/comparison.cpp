#include "folio/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "folio/base/error.h"
#include "folio/base/json.h"
#include "folio/base/markup.h"
#include "folio/report/readings.h"
#include "folio/training/callback.h"

namespace folio {
namespace {

/// A row of results: its value in each run, NaN where there is none.
struct Measure {
  std::string name;
  std::vector<double> values;
  int better = 0;  ///< 1: more, -1: less, 0: neither
};

std::vector<std::string> numbered(const std::vector<RunRecord>& runs) {
  std::map<std::string, int> seen;
  std::vector<std::string> names;
  for (const RunRecord& run : runs) {
    const int times = ++seen[run.name];
    names.push_back(times > 1 ? fmt::format("{} ({})", run.name, times) : run.name);
  }
  return names;
}

class Measures {
 public:
  explicit Measures(const std::vector<RunRecord>& runs) : runs_(runs.size()) {
    for (size_t r = 0; r < runs.size(); ++r) add(runs[r], r);
    // By kind, so that what is read together stands together.
    std::stable_sort(list.begin(), list.end(),
                     [](const Measure& a, const Measure& b) { return kind(a) < kind(b); });
  }
  std::vector<Measure> list;

 private:
  static int kind(const Measure& m) {
    return m.name.starts_with("test ")         ? 0
           : m.name.starts_with("validation ") ? 1
           : m.name.starts_with("best ")       ? 2
           : m.name.starts_with("last ")       ? 3
                                               : 4;
  }
  void set(const std::string& name, size_t run, double value, int better) {
    auto found = std::find_if(list.begin(), list.end(), [&](const Measure& m) { return m.name == name; });
    if (found == list.end()) found = list.insert(list.end(), {name, std::vector<double>(runs_, NAN), better});
    found->values[run] = value;
  }
  void add(const RunRecord& run, size_t r) {
    const auto better = [&](const std::string& name) { return direction_of(run, name); };
    for (const ResultRecord& result : run.results)
      for (const auto& [name, value] : result.values) set(result.data + " " + name, r, value, better(name));
    for (const SeriesRecord& series : run.history) {
      if (series.values.empty() || is_rate(series.name)) continue;
      if (series.name.starts_with("val_")) {
        const int best = best_epoch(series.values, better(series.name) > 0);
        if (best >= 0)
          set("best " + series.name, r, series.values[static_cast<size_t>(best)], better(series.name));
      }
      set("last " + series.name, r, series.values.back(), better(series.name));
    }
    if (run.model.total > 0) set("parameters", r, static_cast<double>(run.model.total), 0);
    set("epochs", r, static_cast<double>(epochs_of(run)), 0);
    if (run.time.seconds > 0) set("seconds", r, run.time.seconds, -1);
    if (run.time.seconds > 0 && run.time.steps > 0)
      set("seconds per step", r, run.time.seconds / static_cast<double>(run.time.steps), -1);
  }
  size_t runs_;
};

// The place of the (first) best value; -1 when nothing is better or all are the same.
int best_of(const Measure& measure) {
  if (measure.better == 0) return -1;
  const int best = best_epoch(measure.values, measure.better > 0);
  if (best < 0) return -1;
  const double value = measure.values[static_cast<size_t>(best)];
  const auto finite =
      std::count_if(measure.values.begin(), measure.values.end(), [](double v) { return std::isfinite(v); });
  return finite == std::count(measure.values.begin(), measure.values.end(), value) ? -1 : best;
}

std::string text_of(const Measure& measure, double value) {
  if (!std::isfinite(value)) return "–";
  if (measure.name.starts_with("seconds")) return time_text(value);
  return measure.better == 0 ? count_text(value) : number_text(value);
}

std::vector<std::string> keys_of(const std::vector<RunRecord>& runs) {
  std::vector<std::string> keys;
  for (const RunRecord& run : runs)
    for (const auto& entry : run.settings)
      if (std::find(keys.begin(), keys.end(), entry.first) == keys.end()) keys.push_back(entry.first);
  return keys;
}

std::string setting(const RunRecord& run, const std::string& key) {
  for (const auto& [name, value] : run.settings)
    if (name == key) return value;
  return "";
}

// Letters as a terminal counts them.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string plain(const Table& table) {
  std::vector<std::vector<std::string>> rows{table.head};
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  std::vector<size_t> widths(table.head.size(), 0);
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width_of(row[i]), ' ');
      line += i == 0 ? row[i] + gap : "  " + gap + row[i];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

// Validation in full lines, training in thin broken ones, a colour for each run.
Figure overlay(const std::vector<RunRecord>& runs, const std::vector<std::string>& names,
               const std::string& metric) {
  Figure figure;
  figure.title = metric + " per epoch";
  figure.title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(figure.title[0])));
  std::string best_name;
  double best = NAN;
  size_t epochs = 0;
  const bool more = std::any_of(runs.begin(), runs.end(),
                                [&](const RunRecord& run) { return direction_of(run, metric) > 0; });
  const bool validated = std::any_of(runs.begin(), runs.end(),
                                     [&](const RunRecord& run) { return find_series(run, "val_" + metric); });
  for (size_t r = 0; r < runs.size(); ++r)
    for (const bool validation : {true, false}) {
      const SeriesRecord* series = find_series(runs[r], (validation ? "val_" : "") + metric);
      if (!series || series->values.empty()) continue;
      FigureSeries& line = figure.series.emplace_back();
      line.name = names[r] + (!validated ? "" : validation ? ", validation" : ", training");
      line.x.resize(series->values.size());
      std::iota(line.x.begin(), line.x.end(), 1);
      line.y = series->values, line.colour = static_cast<int>(r);
      line.dash = line.thin = validated && !validation, line.points = series->values.size() <= 12;
      epochs = std::max(epochs, series->values.size());
      const int at = best_epoch(series->values, more);
      if (at < 0 || !validation) continue;
      const double value = series->values[static_cast<size_t>(at)];
      if (!std::isnan(best) && (more ? value <= best : value >= best)) continue;
      best = value;
      best_name = fmt::format("{} reaches the {} validation {}: {} in epoch {}. ", names[r],
                              more ? "highest" : "lowest", metric, number_text(value), at + 1);
    }
  figure.reading = validated ? best_name + "Validation in full, training in broken lines."
                             : "Training only; there is no validation of it.";
  if (is_rate(metric))
    figure.title = "Learning rate per epoch", figure.reading = "The learning rate of each run.";
  figure.x = epoch_axis(epochs), figure.y.log_switch = metric == "loss" || is_rate(metric);
  return figure;
}

void check(const std::vector<RunRecord>& runs) {
  if (runs.size() < 2) throw Error(fmt::format("compare: expected at least two runs, got {}", runs.size()));
}

}  // namespace

Comparison::Comparison(const std::vector<RunRecord>& runs) : names(numbered(runs)) {
  check(runs);
  results.head = settings.head = {""};
  results.head.insert(results.head.end(), names.begin(), names.end());
  settings.head = results.head;
  for (const Measure& measure : Measures(runs).list) {
    auto& row = results.rows.emplace_back();
    row.push_back(measure.name.starts_with("seconds") ? "time" + measure.name.substr(7) : measure.name);
    const int best = best_of(measure);
    for (size_t r = 0; r < runs.size(); ++r)
      row.push_back(text_of(measure, measure.values[r]) + (best < 0                      ? ""
                                                           : static_cast<int>(r) == best ? " *"
                                                                                         : "  "));
  }
  for (const std::string& key : keys_of(runs)) {
    std::vector<std::string> row{key};
    std::set<std::string> different;
    for (const RunRecord& run : runs) row.push_back(setting(run, key)), different.insert(row.back());
    if (different.size() > 1) settings.rows.push_back(row);
  }
}

std::string Comparison::text() const {
  std::string text = plain(results) + "* best of the row\n";
  return text + (settings.rows.empty() ? "\nThe settings are all the same.\n"
                                       : "\nSettings that differ\n" + plain(settings));
}

std::string comparison_page(const std::vector<RunRecord>& runs) {
  const Comparison comparison(runs);
  std::string title;
  for (const std::string& name : comparison.names) title += (title.empty() ? "" : " · ") + name;
  HtmlPage page(fmt::format("{} runs side by side", runs.size()), title);
  page.section("results", "Results");
  page.table(comparison.results, "An asterisk marks the best of a row.");
  page.section("settings", "Settings that differ");
  if (comparison.settings.rows.empty())
    page.paragraph("The settings are all the same.");
  else
    page.table(comparison.settings);
  std::vector<std::string> metrics;
  for (const RunRecord& run : runs)
    for (const SeriesRecord& series : run.history)
      if (!series.name.starts_with("val_") &&
          std::find(metrics.begin(), metrics.end(), series.name) == metrics.end())
        metrics.push_back(series.name);
  if (!metrics.empty()) page.section("curves", "Learning curves");
  for (const std::string& metric : metrics) page.figure(overlay(runs, comparison.names, metric));
  page.section("verdicts", "Verdicts");
  for (size_t r = 0; r < runs.size(); ++r) {
    const RunVerdict verdict = verdict_of(runs[r]);
    page.heading(comparison.names[r]);
    page.verdict(verdict.kind, verdict.head, verdict.sentences);
  }
  return page.finish();
}

std::string comparison_json(const std::vector<RunRecord>& runs) {
  const Comparison comparison(runs);
  const std::vector<Measure> measures = Measures(runs).list;
  Json list = Json::array();
  for (size_t r = 0; r < runs.size(); ++r) {
    Json results = Json::object(), settings = Json::object();
    for (const Measure& m : measures)
      results[m.name] = std::isfinite(m.values[r]) ? Json(m.values[r]) : Json();
    for (const auto& row : comparison.settings.rows) settings[valid_utf8(row[0])] = valid_utf8(row[r + 1]);
    list.push_back({{"name", valid_utf8(comparison.names[r])}, {"results", results}, {"settings", settings}});
  }
  return Json({{"runs", list}}).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace folio
