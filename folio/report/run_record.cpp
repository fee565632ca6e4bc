#include "folio/report/run_record.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/file.h"
#include "folio/training/metric.h"

namespace folio {

// One list of fields per struct serves writing and reading.
static void fields(Fields& f, CurveRecord& r) {
  f("name", r.name);
  f("area", r.area);
  f("x", r.x);
  f("y", r.y);
}
static void fields(Fields& f, ClassRecord& r) {
  f("name", r.name);
  f("precision", r.precision);
  f("recall", r.recall);
  f("f1", r.f1);
  f("support", r.support);
}
static void fields(Fields& f, MistakeRecord& r) {
  f("row", r.row);
  f("truth", r.truth);
  f("predicted", r.predicted);
  f("confidence", r.confidence);
  f("picture", r.picture);
  f("text", r.text);
}
static void fields(Fields& f, CalibrationRecord& r) {
  f("confidence", r.confidence);
  f("accuracy", r.accuracy);
  f("samples", r.samples);
}
static void fields(Fields& f, ClassificationRecord& r) {
  f("data", r.data);
  f("output", r.output);
  f("classes", r.classes);
  f("confusion", r.confusion);
  f("rows", r.rows);
  f("averages", r.averages);
  f("samples", r.samples);
  f("accuracy", r.accuracy);
  f("balanced_accuracy", r.balanced_accuracy);
  f("majority", r.majority);
  f("roc", r.roc);
  f("precision_recall", r.precision_recall);
  f("calibration", r.calibration);
  f("calibration_error", r.calibration_error);
  f("mistakes", r.mistakes);
}
static void fields(Fields& f, RegressionRecord& r) {
  f("data", r.data);
  f("name", r.name);
  f("r2", r.r2);
  f("mean_absolute_error", r.mean_absolute_error);
  f("root_mean_squared_error", r.root_mean_squared_error);
  f("samples", r.samples);
  f("truth", r.truth);
  f("predicted", r.predicted);
  f("residual_edges", r.residual_edges);
  f("residual_counts", r.residual_counts);
}
static void fields(Fields& f, LayerRecord& r) {
  f("name", r.name);
  f("class", r.class_name);
  f("output_shape", r.shape);
  f("connected", r.connected);
  f("params", r.parameters);
}
static void fields(Fields& f, ModelRecord& r) {
  f("name", r.name);
  f("total_params", r.total);
  f("trainable_params", r.trainable);
  f("layers", r.layers);
  f("drawing", r.drawing);
}
static void fields(Fields& f, MachineRecord& r) {
  f("cpu", r.cpu);
  f("instruction_set", r.instruction_set);
  f("threads", r.threads);
}
static void fields(Fields& f, TimeRecord& r) {
  f("seconds", r.seconds);
  f("steps", r.steps);
  f("batch_size", r.batch_size);
  f("flops_per_step", r.flops_per_step);
  f("peak_flops", r.peak_flops);
}
static void fields(Fields& f, FindingRecord& r) {
  f("severity", r.severity);
  f("sentence", r.sentence);
  f("remedy", r.remedy);
}
static void fields(Fields& f, ImportanceRecord& r) {
  f("name", r.name);
  f("mean", r.mean);
  f("spread", r.spread);
}
static void fields(Fields& f, PictureRecord& r) {
  f("title", r.title);
  f("reading", r.reading);
  f("picture", r.picture);
}
static void fields(Fields& f, SeriesRecord& r) {
  f("name", r.name);
  f("values", r.values);
}
static void fields(Fields& f, ExampleRecord& r) {
  f("given", r.given);
  f("said", r.said);
  f("wanted", r.wanted);
}
static void fields(Fields& f, ResultRecord& r) {
  f("data", r.data);
  f("values", r.values);
}
template <class T>
static void fields(Fields& f, std::pair<std::string, T>& r) {
  f("name", r.first);
  f("value", r.second);
}
static void fields(Fields& f, RunRecord& r) {
  f("name", r.name);
  f("folio_version", r.folio_version);
  f("date", r.date);
  f("finished", r.finished);
  f("history", r.history);
  f("directions", r.directions);
  f("settings", r.settings);
  f("model", r.model);
  f("machine", r.machine);
  f("time", r.time);
  f("results", r.results);
  f("classification", r.classification);
  f("regression", r.regression);
  f("importance", r.importance, {.sparing = true});
  f("findings", r.findings);
  f("examples", r.examples, {.sparing = true});
  f("pictures", r.pictures, {.sparing = true});
}

namespace {

constexpr int kRecordVersion = 1;
constexpr const char* kFormat = "folio-report";

// What the page takes for granted: lists that go together have the same length.
void check(const RunRecord& record, const std::string& place) {
  const auto same = [&](size_t a, size_t b, const char* what) {
    if (a != b) throw Error(place + ": " + what + " do not fit together; the file is damaged");
  };
  for (const ClassificationRecord& c : record.classification) {
    if (!c.confusion.empty())
      same(c.confusion.size(), c.classes.size() * c.classes.size(), "classes and confusion matrix");
    same(c.rows.size(), c.classes.size(), "classes and their rows");
    for (const auto* curves : {&c.roc, &c.precision_recall})
      for (const CurveRecord& curve : *curves) same(curve.x.size(), curve.y.size(), "the points of a curve");
  }
  for (const RegressionRecord& r : record.regression) {
    same(r.truth.size(), r.predicted.size(), "targets and predictions");
    same(r.residual_edges.size(), r.residual_counts.empty() ? 0 : r.residual_counts.size() + 1, "residuals");
  }
}

Json parse(const std::string& text, const std::string& place) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw Error(place + ": expected a JSON object; the file is damaged");
  return json;
}

std::string setting_text(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_object()) return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string text;
  for (const auto& [key, entry] : value.items())
    text += (text.empty() ? "" : ", ") + key + "=" + setting_text(entry);
  return text;
}

RunRecord interrupted_record(const std::string& folder) {
  RunRecord record;
  const std::string history = folder + "/history.json", settings = folder + "/settings.json";
  if (!file_exists(history) && !file_exists(settings))
    throw Error(folder +
                ": expected the folder of a run, with report.json or history.json in it; train one with "
                "folio train RECIPE --run " +
                folder);
  if (file_exists(history)) {
    const Json json = parse(read_text_file(history), history);
    for (const auto& entry : json.items()) {
      SeriesRecord& series = record.history.emplace_back();
      series.name = entry.key();
      read_known_fields(json, history, [&](Fields& f) { f(series.name.c_str(), series.values); });
    }
  }
  if (file_exists(settings)) record.settings = settings_of(parse(read_text_file(settings), settings));
  return record;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_of(const Json& settings) {
  std::vector<std::pair<std::string, std::string>> list;
  for (const auto& [key, value] : settings.items())
    if (const std::string text = setting_text(value); !text.empty()) list.emplace_back(key, text);
  return list;
}

const SeriesRecord* find_series(const RunRecord& record, const std::string& name) {
  for (const SeriesRecord& series : record.history)
    if (series.name == name) return &series;
  return nullptr;
}

int direction_of(const RunRecord& record, const std::string& name) {
  const std::string plain = name.starts_with("val_") ? name.substr(4) : name;
  for (const std::string& key : {name, plain})
    for (const auto& [known, direction] : record.directions)
      if (known == key) return static_cast<int>(direction);
  if (!record.directions.empty()) return 0;
  const std::optional<bool> larger = larger_is_better(plain);
  return !larger ? 0 : *larger ? 1 : -1;
}

size_t epochs_of(const RunRecord& record) {
  size_t epochs = 0;
  for (const SeriesRecord& series : record.history) epochs = std::max(epochs, series.values.size());
  return epochs;
}

std::string record_json(const RunRecord& record) {
  Json json = {{"format", kFormat}, {"version", kRecordVersion}};
  RunRecord copy = record;
  json.update(written_fields([&](Fields& f) { fields(f, copy); }));
  return json.dump() + "\n";
}

RunRecord parse_record(const std::string& text, const std::string& place) {
  const Json json = parse(text, place);
  const auto format = json.find("format"), version = json.find("version");
  if (format == json.end() || *format != kFormat)
    throw Error(place + ": expected the record of a run, got something else");
  if (version == json.end() || *version != kRecordVersion)
    throw Error(place + ": is of a newer version of Folio; read it with that one");
  RunRecord record;
  read_known_fields(json, place, [&](Fields& f) { fields(f, record); });
  check(record, place);
  return record;
}

RunRecord read_record(const std::string& folder) {
  if (!folder_exists(folder)) throw Error(folder + ": expected the folder of a run, got no folder");
  const std::string path = folder + "/report.json";
  RunRecord record =
      file_exists(path) ? parse_record(read_text_file(path), path) : interrupted_record(folder);
  if (record.name.empty()) {
    std::string base = folder;
    while (base.size() > 1 && base.back() == '/') base.pop_back();
    record.name = base.substr(base.rfind('/') + 1);
  }
  return record;
}

}  // namespace folio
