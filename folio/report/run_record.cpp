#include "folio/report/run_record.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json.h"
#include "folio/base/markup.h"

namespace folio {
namespace {

constexpr int kRecordVersion = 1;
constexpr const char* kFormat = "folio-report";

// One list of fields per struct serves writing and reading.
template <class A>
void fields(A& a, CurveRecord& r) {
  a("name", r.name), a("area", r.area), a("x", r.x), a("y", r.y);
}
template <class A>
void fields(A& a, ClassRecord& r) {
  a("name", r.name), a("precision", r.precision), a("recall", r.recall), a("f1", r.f1),
      a("support", r.support);
}
template <class A>
void fields(A& a, MistakeRecord& r) {
  a("row", r.row), a("truth", r.truth), a("predicted", r.predicted), a("confidence", r.confidence);
  a("picture", r.picture), a("text", r.text);
}
template <class A>
void fields(A& a, CalibrationRecord& r) {
  a("confidence", r.confidence), a("accuracy", r.accuracy), a("samples", r.samples);
}
template <class A>
void fields(A& a, ClassificationRecord& r) {
  a("data", r.data), a("output", r.output), a("classes", r.classes), a("confusion", r.confusion);
  a("rows", r.rows), a("averages", r.averages), a("samples", r.samples);
  a("accuracy", r.accuracy), a("balanced_accuracy", r.balanced_accuracy);
  a("majority", r.majority), a("roc", r.roc), a("precision_recall", r.precision_recall);
  a("calibration", r.calibration), a("calibration_error", r.calibration_error), a("mistakes", r.mistakes);
}
template <class A>
void fields(A& a, RegressionRecord& r) {
  a("data", r.data), a("name", r.name), a("r2", r.r2), a("mean_absolute_error", r.mean_absolute_error);
  a("root_mean_squared_error", r.root_mean_squared_error), a("samples", r.samples), a("truth", r.truth);
  a("predicted", r.predicted), a("residual_edges", r.residual_edges), a("residual_counts", r.residual_counts);
}
template <class A>
void fields(A& a, LayerRecord& r) {
  a("name", r.name), a("class", r.class_name), a("output_shape", r.shape), a("connected", r.connected);
  a("params", r.parameters);
}
template <class A>
void fields(A& a, ModelRecord& r) {
  a("name", r.name), a("total_params", r.total), a("trainable_params", r.trainable), a("layers", r.layers);
  a("drawing", r.drawing);
}
template <class A>
void fields(A& a, MachineRecord& r) {
  a("cpu", r.cpu), a("instruction_set", r.instruction_set), a("threads", r.threads);
}
template <class A>
void fields(A& a, TimeRecord& r) {
  a("seconds", r.seconds), a("steps", r.steps), a("batch_size", r.batch_size);
  a("flops_per_step", r.flops_per_step), a("peak_flops", r.peak_flops);
}
template <class A>
void fields(A& a, FindingRecord& r) {
  a("severity", r.severity), a("sentence", r.sentence), a("remedy", r.remedy);
}
template <class A>
void fields(A& a, SeriesRecord& r) {
  a("name", r.name), a("values", r.values);
}
template <class A>
void fields(A& a, ResultRecord& r) {
  a("data", r.data), a("values", r.values);
}
template <class A, class T>
void fields(A& a, std::pair<std::string, T>& r) {
  a("name", r.first), a("value", r.second);
}
template <class A>
void fields(A& a, RunRecord& r) {
  a("name", r.name), a("folio_version", r.folio_version), a("date", r.date), a("finished", r.finished);
  a("history", r.history), a("settings", r.settings), a("model", r.model), a("machine", r.machine);
  a("time", r.time), a("results", r.results), a("classification", r.classification);
  a("regression", r.regression), a("findings", r.findings);
}

struct Writer {
  Json json = Json::object();
  template <class T>
  void operator()(const char* key, T& value) {
    json[key] = to_json(value);
  }
  static Json to_json(std::string& text) { return valid_utf8(text); }
  static Json to_json(bool& value) { return value; }
  static Json to_json(int& value) { return value; }
  static Json to_json(int64_t& value) { return value; }
  static Json to_json(double& value) { return std::isfinite(value) ? Json(value) : Json(); }
  template <class T>
  static Json to_json(std::vector<T>& list) {
    Json json = Json::array();
    for (T& value : list) json.push_back(to_json(value));
    return json;
  }
  template <class T>
  static Json to_json(T& value) {
    Writer writer;
    fields(writer, value);
    return writer.json;
  }
};

/// What is missing keeps its default: older files stay readable.
struct Reader {
  const Json& json;
  std::string place;
  template <class T>
  void operator()(const char* key, T& value) {
    if (const auto found = json.find(key); found != json.end()) read(*found, value, place + "." + key);
  }
  static void expect(bool good, const std::string& place, const char* what) {
    if (!good) throw Error(place + ": expected " + what + "; the file is damaged");
  }
  static void read(const Json& json, std::string& value, const std::string& place) {
    expect(json.is_string(), place, "a text");
    value = json.get<std::string>();
  }
  static void read(const Json& json, bool& value, const std::string& place) {
    expect(json.is_boolean(), place, "true or false");
    value = json.get<bool>();
  }
  static void read(const Json& json, int64_t& value, const std::string& place) {
    expect(json.is_number_integer(), place, "a whole number");
    value = json.get<int64_t>();
  }
  static void read(const Json& json, int& value, const std::string& place) {
    int64_t wide = 0;
    read(json, wide, place);
    expect(wide == static_cast<int>(wide), place, "a smaller number");
    value = static_cast<int>(wide);
  }
  static void read(const Json& json, double& value, const std::string& place) {
    expect(json.is_number() || json.is_null(), place, "a number");
    value = json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
  }
  template <class T>
  static void read(const Json& json, std::vector<T>& list, const std::string& place) {
    expect(json.is_array(), place, "a list");
    for (const Json& entry : json) read(entry, list.emplace_back(), place);
  }
  template <class T>
  static void read(const Json& json, T& value, const std::string& place) {
    expect(json.is_object(), place, "an object");
    Reader reader{json, place};
    fields(reader, value);
  }
};

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
    for (const auto& [name, values] : json.items()) {
      SeriesRecord& series = record.history.emplace_back();
      series.name = name;
      Reader::read(values, series.values, history + ": " + name);
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

size_t epochs_of(const RunRecord& record) {
  size_t epochs = 0;
  for (const SeriesRecord& series : record.history) epochs = std::max(epochs, series.values.size());
  return epochs;
}

std::string record_json(const RunRecord& record) {
  Json json = {{"format", kFormat}, {"version", kRecordVersion}};
  RunRecord copy = record;
  json.update(Writer::to_json(copy));
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
  Reader::read(json, record, place);
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
