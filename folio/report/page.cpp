#include "folio/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "folio/base/bytes.h"
#include "folio/base/markup.h"
#include "folio/report/html.h"
#include "folio/report/png.h"
#include "folio/report/readings.h"

namespace folio {
namespace {

constexpr size_t kMatrixClasses = 25, kTableClasses = 100;

std::vector<double> epochs_up_to(size_t count) {
  std::vector<double> list(count);
  std::iota(list.begin(), list.end(), 1);
  return list;
}

std::vector<std::string> metrics_of(const RunRecord& record) {
  std::vector<std::string> names;
  for (const SeriesRecord& series : record.history)
    if (!series.name.starts_with("val_") && series.name != "loss" && !is_rate(series.name))
      names.push_back(series.name);
  return names;
}

Figure history_figure(const RunRecord& record, const std::string& metric, const std::string& title) {
  Figure figure{title, metric == "loss" ? read_loss(record) : read_metric(record, metric), {}, {}, {}, false,
                false};
  for (const bool validation : {false, true})
    if (const SeriesRecord* series = find_series(record, (validation ? "val_" : "") + metric)) {
      FigureSeries& line = figure.series.emplace_back();
      line.name = validation ? "validation" : "training";
      line.x = epochs_up_to(series->values.size()), line.y = series->values;
      line.colour = validation, line.points = series->values.size() <= 12;
    }
  figure.x = epoch_axis(epochs_of(record));
  figure.y.log_switch = metric == "loss";
  return figure;
}

Table history_table(const RunRecord& record, const std::vector<std::string>& names) {
  Table table{{"epoch"}, {}, {}, {}};
  std::vector<const SeriesRecord*> columns;
  for (const std::string& name : names)
    for (const std::string& full : {name, "val_" + name})
      if (const SeriesRecord* series = find_series(record, full))
        columns.push_back(series), table.head.push_back(full);
  for (size_t e = 0; e < epochs_of(record); ++e) {
    auto& row = table.rows.emplace_back();
    row.push_back(std::to_string(e + 1));
    for (const SeriesRecord* series : columns)
      row.push_back(e < series->values.size() ? number_text(series->values[e]) : "");
  }
  return table;
}

void add_curves(HtmlPage& page, const RunRecord& record) {
  if (record.history.empty()) return;
  page.section("curves", "Learning curves");
  if (find_series(record, "loss"))
    page.figure(history_figure(record, "loss", "Loss per epoch"), history_table(record, {"loss"}));
  const std::vector<std::string> metrics = metrics_of(record);
  page.begin_row();
  for (const std::string& metric : metrics) {
    std::string title = metric + " per epoch";
    title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
    page.figure(history_figure(record, metric, title), history_table(record, {metric}));
  }
  for (const SeriesRecord& series : record.history)
    if (is_rate(series.name) && !series.values.empty()) {
      Figure figure{"Learning rate per epoch", read_rate(series), {}, {}, {}, false, false};
      figure.series.push_back({"learning rate", epochs_up_to(series.values.size()), series.values, 2, false,
                               false, false, false, series.values.size() <= 12, false});
      figure.x = epoch_axis(series.values.size()), figure.y.log_switch = true;
      page.figure(figure, history_table(record, {series.name}));
    }
  page.end_row();
}

// Cells are shaded by the share of their row, so that rare classes are seen too.
std::string confusion_markup(const ClassificationRecord& record) {
  const size_t n = record.classes.size();
  std::string text = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"confusion{}\"><thead><tr>"
      "<th class=\"axis\" scope=\"col\">true ↓ predicted →</th>",
      n > 12 ? " many" : "");
  for (const std::string& name : record.classes) text += "<th scope=\"col\">" + escape_markup(name) + "</th>";
  text += "</tr></thead>\n<tbody>\n";
  for (size_t i = 0; i < n; ++i) {
    text += "<tr><th scope=\"row\">" + escape_markup(record.classes[i]) + "</th>";
    const double total = std::accumulate(record.confusion.begin() + static_cast<long>(i * n),
                                         record.confusion.begin() + static_cast<long>((i + 1) * n), 0.0);
    for (size_t j = 0; j < n; ++j) {
      const double count = record.confusion[i * n + j], share = total > 0 ? count / total : 0;
      text += count == 0 ? "<td class=\"zero\">0</td>"
                         : fmt::format("<td style=\"background:rgba(var(--cell),{:.3f}){}\">{}</td>",
                                       0.06 + 0.94 * std::sqrt(share),
                                       share > 0.3 ? ";color:var(--cell-ink)" : "", count_text(count));
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

void add_frequent_confusions(HtmlPage& page, const ClassificationRecord& record) {
  const size_t n = record.classes.size();
  std::vector<size_t> cells;
  for (size_t i = 0; i < n * n; ++i)
    if (i / n != i % n && record.confusion[i] > 0) cells.push_back(i);
  std::stable_sort(cells.begin(), cells.end(),
                   [&](size_t a, size_t b) { return record.confusion[a] > record.confusion[b]; });
  cells.resize(std::min<size_t>(cells.size(), 20));
  Table table{{"true class", "taken for", "times"}, {}, {}, {1}};
  for (const size_t cell : cells)
    table.rows.push_back(
        {record.classes[cell / n], record.classes[cell % n], count_text(record.confusion[cell])});
  page.table(table, fmt::format("The most frequent of the confusions among {} classes. {}", n,
                                read_confusion(record)));
}

Figure curve_figure(const std::vector<CurveRecord>& curves, const std::string& title,
                    const std::string& reading, const char* area) {
  Figure figure{title, reading, {}, {}, {}, true, true};
  for (size_t i = 0; i < curves.size(); ++i) {
    FigureSeries& line = figure.series.emplace_back();
    line.name = fmt::format("{} ({} {:.3f})", curves[i].name, area, curves[i].area);
    line.x = curves[i].x, line.y = curves[i].y;
    line.colour = static_cast<int>(i), line.dash = i >= 7, line.thin = curves.size() > 3;
  }
  figure.x.low = figure.y.low = 0, figure.x.high = figure.y.high = 1;
  return figure;
}

Table area_table(const std::vector<CurveRecord>& curves, const std::string& area) {
  Table table{{"class", area}, {}, {}, {}};
  for (const CurveRecord& curve : curves)
    table.rows.push_back({curve.name, fmt::format("{:.4f}", curve.area)});
  return table;
}

void add_class_table(HtmlPage& page, const ClassificationRecord& record) {
  const auto cells = [](const ClassRecord& row) {
    return std::vector<std::string>{row.name, fmt::format("{:.3f}", row.precision),
                                    fmt::format("{:.3f}", row.recall), fmt::format("{:.3f}", row.f1),
                                    count_text(row.support)};
  };
  const bool labels = record.confusion.empty();
  Table table{{labels ? "label" : "class", "precision", "recall", "F1", "support"}, {}, {}, {}};
  std::vector<ClassRecord> rows = record.rows;
  std::string which = labels ? read_labels(record) + " " : "";
  if (rows.size() > kTableClasses) {
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.f1 < b.f1; });
    which += fmt::format("The {} worst of {} classes. ", kTableClasses, rows.size());
    rows.resize(kTableClasses);
  }
  for (const ClassRecord& row : rows) table.rows.push_back(cells(row));
  for (const ClassRecord& row : record.averages) table.foot.push_back(cells(row));
  page.table(table, which + read_classes(record));
}

void add_mistakes(HtmlPage& page, const ClassificationRecord& record) {
  if (record.mistakes.empty()) return;
  page.heading("The most confident mistakes");
  const bool pictures = std::any_of(record.mistakes.begin(), record.mistakes.end(),
                                    [](const auto& m) { return !m.picture.empty(); });
  std::string text = fmt::format("<ul class=\"mistakes{}\">\n", pictures ? "" : " texts");
  for (const MistakeRecord& m : record.mistakes) {
    const std::string truth = escape_markup(m.truth), predicted = escape_markup(m.predicted);
    text += "<li>";
    if (is_png_uri(m.picture))
      text += fmt::format("<img src=\"{}\" alt=\"Sample {}: {}, taken for {}\">", m.picture, m.row, truth,
                          predicted);
    if (!m.text.empty()) text += "<code>" + escape_markup(m.text) + "</code>";
    text += fmt::format("<b>{}</b> {}<em>is {}</em><em>row {}</em></li>\n", predicted,
                        percent_text(m.confidence), truth, m.row);
  }
  page.figure_of(text + "</ul>\n", "Mistakes, the surest first",
                 fmt::format("The model was {} sure of the first and {} of the last shown.",
                             percent_text(record.mistakes.front().confidence),
                             percent_text(record.mistakes.back().confidence)));
}

// `number`: of the outputs that tell classes, from 0.
void add_classification(HtmlPage& page, const ClassificationRecord& record, size_t number) {
  const std::string tail = number > 0 ? fmt::format("-{}", number + 1) : "";
  const std::string of = record.output.empty() ? "" : " of “" + record.output + "”";
  page.section("classes" + tail, (record.confusion.empty() ? "Labels" : "Classes") + of);
  if (!record.confusion.empty() && record.classes.size() <= kMatrixClasses)
    page.figure_of(confusion_markup(record), fmt::format("Confusion matrix ({} data)", record.data),
                   read_confusion(record) + " Shades are shares of the row.");
  else if (!record.confusion.empty())
    add_frequent_confusions(page, record);
  add_class_table(page, record);
  page.section("ranking" + tail, "Ranking and confidence" + of);
  page.begin_row();
  if (!record.roc.empty()) {
    Figure roc = curve_figure(record.roc, "ROC curves", read_roc(record), "AUC");
    roc.x.label = "false positive rate", roc.y.label = "true positive rate";
    roc.series.push_back({"guessing (diagonal)", {0, 1}, {0, 1}, -1, true, true, false, false, false, true});
    page.figure(roc, area_table(record.roc, "AUC"));
  }
  if (!record.precision_recall.empty()) {
    Figure pr =
        curve_figure(record.precision_recall, "Precision over recall", read_precision_recall(record), "AP");
    pr.x.label = "recall", pr.y.label = "precision";
    page.figure(pr, area_table(record.precision_recall, "average precision"));
  }
  page.end_row();
  if (!record.calibration.empty()) {
    Figure figure{"Calibration", read_calibration(record), {}, {}, {}, true, false};
    FigureSeries& line = figure.series.emplace_back();
    Table table{{"confidence", "accuracy", "samples"}, {}, {}, {}};
    line.name = "accuracy", line.points = true;
    for (const CalibrationRecord& bin : record.calibration) {
      line.x.push_back(bin.confidence), line.y.push_back(bin.accuracy);
      table.rows.push_back({fmt::format("{:.3f}", bin.confidence), fmt::format("{:.3f}", bin.accuracy),
                            count_text(bin.samples)});
    }
    figure.series.push_back({"perfect", {0, 1}, {0, 1}, -1, true, true, false, false, false, true});
    figure.x = {.label = "confidence", .low = 0, .high = 1},
    figure.y = {.label = "accuracy", .low = 0, .high = 1};
    page.figure(figure, table);
  }
  add_mistakes(page, record);
}

void add_regression(HtmlPage& page, const RegressionRecord& record) {
  const std::string of = record.name.empty() ? "" : " of " + record.name;
  page.begin_row();
  Figure scatter{"Predicted over true values" + of, read_scatter(record), {}, {}, {}, true, true};
  scatter.series.push_back(
      {"samples", record.truth, record.predicted, 0, false, false, true, false, false, false});
  if (!record.truth.empty()) {
    const auto [low, high] = std::minmax_element(record.truth.begin(), record.truth.end());
    scatter.series.push_back(
        {"perfect", {*low, *high}, {*low, *high}, -1, true, true, false, false, false, true});
  }
  scatter.x.label = "true", scatter.y.label = "predicted";
  page.figure(scatter);
  Figure residuals{"Errors" + of, read_residuals(record), {}, {}, {}, true, false};
  FigureSeries& bars = residuals.series.emplace_back();
  bars.name = "samples", bars.bars = true, bars.colour = 0;
  for (size_t i = 0; i < record.residual_counts.size(); ++i)
    bars.x.push_back((record.residual_edges[i] + record.residual_edges[i + 1]) / 2),
        bars.y.push_back(record.residual_counts[i]);
  residuals.x.label = "predicted − true";
  page.figure(residuals);
  page.end_row();
}

void add_facts(HtmlPage& page, const RunRecord& record) {
  std::vector<std::array<std::string, 3>> facts;
  for (const ResultRecord& result : record.results)
    if (result.data == "test" || record.results.size() == 1)
      for (const auto& [name, value] : result.values)
        facts.push_back({result.data + " " + name,
                         name.ends_with("accuracy") ? percent_text(value) : number_text(value), ""});
  if (!record.regression.empty()) facts.push_back({"R²", fmt::format("{:.4f}", record.regression[0].r2), ""});
  if (record.model.total > 0)
    facts.push_back({"parameters", count_text(static_cast<double>(record.model.total)), ""});
  if (const size_t epochs = epochs_of(record))
    facts.push_back({"epochs", count_text(static_cast<double>(epochs)), ""});
  const TimeRecord& time = record.time;
  if (time.seconds > 0) facts.push_back({"training time", time_text(time.seconds), ""});
  page.facts(facts);
}

void add_results(HtmlPage& page, const RunRecord& record) {
  if (record.results.empty() && record.regression.empty()) return;
  Table table{{"data"}, {}, {}, {}};
  for (const ResultRecord& result : record.results)
    for (const auto& [name, value] : result.values)
      if (std::find(table.head.begin(), table.head.end(), name) == table.head.end())
        table.head.push_back(name);
  for (const ResultRecord& result : record.results) {
    auto& row = table.rows.emplace_back(table.head.size());
    row[0] = result.data;
    for (const auto& [name, value] : result.values)
      row[static_cast<size_t>(std::find(table.head.begin(), table.head.end(), name) - table.head.begin())] =
          fmt::format("{:.6g}", value);
  }
  page.section("results", "Results");
  if (!record.results.empty()) page.table(table);
  for (const RegressionRecord& r : record.regression) add_regression(page, r);
}

std::string image(const std::string& uri, const std::string& alt) {
  return fmt::format("<div class=\"drawing\" tabindex=\"0\"><img alt=\"{}\" src=\"{}\"></div>\n",
                     escape_markup(alt), uri);
}

void add_examples(HtmlPage& page, const RunRecord& record) {
  if (record.examples.empty()) return;
  page.section("examples", "What it says");
  Table table{{"given", "said", "wanted"}, {}, {}, {1, 2}};
  for (const ExampleRecord& e : record.examples) table.rows.push_back({e.given, e.said, e.wanted});
  page.table(table, "The first of the test.", true);
}

void add_pictures(HtmlPage& page, const RunRecord& record) {
  if (record.pictures.empty()) return;
  page.section("pictures", "Pictures");
  for (const PictureRecord& p : record.pictures)
    if (is_picture_uri(p.picture))
      page.figure_of(image(p.picture, "Picture of " + p.title), p.title, p.reading);
}

void add_findings(HtmlPage& page, const RunRecord& record) {
  if (record.findings.empty()) return;
  std::string text = "<ul class=\"findings\">\n";
  for (const FindingRecord& f : record.findings) {
    const bool known = f.severity == "warning" || f.severity == "serious" || f.severity == "note";
    text += fmt::format("<li class=\"{}\"><b>{}</b>{}<span>{}</span></li>\n", known ? f.severity : "note",
                        escape_markup(f.severity), escape_markup(f.sentence), escape_markup(f.remedy));
  }
  page.heading("What the doctor saw");
  page.raw(text + "</ul>\n");
}

void add_importance(HtmlPage& page, const RunRecord& record) {
  if (record.importance.empty()) return;
  constexpr size_t kShown = 20;
  const double most = std::max(record.importance[0].mean, 1e-300);
  std::string text = "<table class=\"importance\"><tbody>\n";
  for (size_t i = 0; i < std::min(record.importance.size(), kShown); ++i) {
    const ImportanceRecord& column = record.importance[i];
    text += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"bar\"><i style=\"width:{:.1f}%\"></i></td><td>{}</td><td>± "
        "{}</td></tr>\n",
        escape_markup(column.name), 100 * std::clamp(column.mean / most, 0.0, 1.0), number_text(column.mean),
        number_text(column.spread));
  }
  page.section("columns", "Columns");
  page.figure_of("<div class=\"scroll\" tabindex=\"0\">" + text + "</tbody></table></div>\n",
                 "By how much the loss grows without a column", read_importance(record));
}

void add_model(HtmlPage& page, const RunRecord& record) {
  if (record.model.layers.empty()) return;
  page.section("model", "Model");
  Table table{{"layer", "class", "output shape", "parameters"}, {}, {}, {1, 2}};
  const bool branches = std::any_of(record.model.layers.begin(), record.model.layers.end(),
                                    [](const auto& l) { return l.connected.find(',') != l.connected.npos; });
  if (branches) table.head.push_back("connected to"), table.text_columns.push_back(4);
  for (const LayerRecord& l : record.model.layers) {
    table.rows.push_back({l.name, l.class_name, l.shape, count_text(static_cast<double>(l.parameters))});
    if (branches) table.rows.back().push_back(l.connected);
  }
  table.foot.push_back({"total", "", "", count_text(static_cast<double>(record.model.total))});
  if (record.model.trainable != record.model.total)
    table.foot.push_back({"trainable", "", "", count_text(static_cast<double>(record.model.trainable))});
  page.table(table,
             fmt::format("Model “{}”: {} parameters, {} trainable.", record.model.name,
                         count_text(static_cast<double>(record.model.total)),
                         count_text(static_cast<double>(record.model.trainable))),
             true);
  if (record.model.drawing.empty()) return;
  // As a picture: scripts inside would not run.
  page.figure_of(image(svg_uri(record.model.drawing), "Graph of the layers of " + record.model.name),
                 "The model",
                 fmt::format("{} layers, from the input at the top to the output at the bottom.",
                             record.model.layers.size()));
}

void add_machine(HtmlPage& page, const RunRecord& record) {
  page.section("settings", "Settings, machine and time");
  if (!record.settings.empty()) page.heading("Settings"), page.pairs(record.settings);
  const TimeRecord& t = record.time;
  std::vector<std::pair<std::string, std::string>> rows;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) rows.emplace_back(key, value);
  };
  add("processor", record.machine.cpu);
  add("instruction set", record.machine.instruction_set);
  if (record.machine.threads > 0) add("threads", std::to_string(record.machine.threads));
  if (t.seconds > 0) add("training", time_text(t.seconds) + " with validation and saving");
  if (t.seconds > 0 && t.steps > 0) {
    const double step = t.seconds / static_cast<double>(t.steps);
    add("steps", fmt::format("{} of batch {}", count_text(static_cast<double>(t.steps)), t.batch_size));
    add("time per step", fmt::format("{}, {} samples a second", time_text(step),
                                     count_text(std::round(static_cast<double>(t.batch_size) / step))));
    if (t.flops_per_step > 0) {
      const double rate = t.flops_per_step / step;
      add("work per step", fmt::format("{:.3g} million operations", t.flops_per_step * 1e-6));
      if (t.peak_flops > 0)
        add("share of peak", fmt::format("{} of {:.1f} billion operations a second, measured",
                                         percent_text(rate / t.peak_flops), t.peak_flops * 1e-9));
    }
  }
  if (!record.folio_version.empty()) add("Folio", record.folio_version);
  page.heading("Machine and time"), page.pairs(rows);
}

std::string under(const RunRecord& record) {
  std::string text;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : " · ") + part;
  };
  for (const char* key : {"recipe", "data", "optimizer"})
    for (const auto& [name, value] : record.settings)
      if (name == key) add(value);
  add(record.date);
  if (!record.finished) add("not finished: the run was interrupted");
  return text;
}

}  // namespace

std::string report_page(const RunRecord& record) {
  HtmlPage page(record.name, under(record));
  page.section("verdict", "Verdict");
  add_facts(page, record);
  const RunVerdict verdict = verdict_of(record);
  page.verdict(verdict.kind, verdict.head, verdict.sentences);
  add_findings(page, record);
  add_results(page, record);
  add_examples(page, record);
  add_pictures(page, record);
  add_curves(page, record);
  for (size_t c = 0; c < record.classification.size(); ++c)
    add_classification(page, record.classification[c], c);
  add_importance(page, record);
  add_model(page, record);
  add_machine(page, record);
  return page.finish();
}

}  // namespace folio
