#include "folio/report/report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <fstream>

#include "folio/base/clock.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/version.h"
#include "folio/compiler/compile.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/isa.h"
#include "folio/models/drawing.h"
#include "folio/models/model_body.h"
#include "folio/models/model_plan.h"
#include "folio/models/summary.h"
#include "folio/report/judgement.h"
#include "folio/report/page.h"

namespace folio {
namespace {

ModelRecord model_record(const Model& model) {
  const Summary summary = summarize(model);
  ModelRecord record{summary.name, summary.total, summary.trainable, {}, draw_svg(model)};
  for (const SummaryRow& row : summary.rows) {
    LayerRecord& layer = record.layers.emplace_back();
    layer.name = row.name, layer.class_name = row.class_name, layer.parameters = row.parameters;
    for (const Shape& shape : row.outputs)
      layer.shape += (layer.shape.empty() ? "" : ", ") + to_string(shape);
    for (const std::string& from : row.connected)
      layer.connected += (layer.connected.empty() ? "" : ", ") + from;
  }
  return record;
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      if (const size_t colon = line.find(": "); colon != line.npos) return line.substr(colon + 2);
  return "";
}

double flops_per_step(const Model& model, int64_t batch_size) {
  double flops = 0;
  const Plan plan = model.training_plan(batch_size);
  for (const Step& step : plan.contents().steps) flops += step.flops;
  return flops;
}

// At most so many steps or pixels are judged, evenly chosen.
constexpr int64_t kMostRows = 1000000;

// Every `every`-th of the rows (…, width) of a tensor, as float64 (rows, width).
Tensor rows_of(const Tensor& tensor, int64_t width, int64_t every) {
  const int64_t rows = (tensor.count() / width + every - 1) / every;
  Tensor result({rows, width}, DType::float64);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) result.set(r * width + c, tensor.at(r * every * width + c));
  return result;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Scores (n, classes), made probabilities if the loss took logits; one column becomes two.
Tensor probabilities_of(const Tensor& scores, const Loss& loss) {
  const int64_t n = scores.shape()[0], width = scores.shape()[1];
  Tensor result({n, std::max<int64_t>(2, width)}, DType::float64);
  for (int64_t i = 0; i < n; ++i) {
    if (width == 1) {
      const double p = loss.from_logits() ? sigmoid(scores.at(i)) : scores.at(i);
      result.set(2 * i, 1 - p), result.set(2 * i + 1, p);
      continue;
    }
    double largest = -INFINITY, sum = 0;
    for (int64_t c = 0; c < width; ++c) largest = std::max(largest, scores.at(i * width + c));
    for (int64_t c = 0; c < width; ++c) sum += std::exp(scores.at(i * width + c) - largest);
    for (int64_t c = 0; c < width; ++c) {
      const double s = scores.at(i * width + c);
      result.set(i * width + c, loss.from_logits() ? std::exp(s - largest) / sum : s);
    }
  }
  return result;
}

// Class numbers (n,) of targets (n, 1) that are such numbers, or of vectors with a one in them.
Tensor labels_of(const Tensor& targets) {
  const int64_t n = targets.shape()[0], width = targets.shape()[1];
  Tensor labels({n}, DType::int32);
  for (int64_t i = 0; i < n; ++i) {
    int64_t best = 0;
    for (int64_t c = 1; c < width; ++c)
      if (targets.at(i * width + c) > targets.at(i * width + best)) best = c;
    labels.set(i, width > 1 ? static_cast<double>(best) : targets.at(i));
  }
  return labels;
}

// Leaves out the rows whose label the loss leaves out.
void drop_ignored(Tensor& labels, Tensor& scores, const Loss& loss) {
  const std::optional<int64_t> ignored = loss.ignored_class();
  if (!ignored) return;
  const int64_t width = scores.shape()[1];
  int64_t kept = 0;
  for (int64_t i = 0; i < labels.count(); ++i) {
    if (static_cast<int64_t>(labels.at(i)) == *ignored) continue;
    labels.set(kept, labels.at(i));
    for (int64_t c = 0; c < width; ++c) scores.set(kept * width + c, scores.at(i * width + c));
    ++kept;
  }
  labels = labels.rows(0, kept), scores = scores.rows(0, kept);
}

void judge_output(RunRecord& record, const ReportInputs& inputs, size_t output) {
  const ModelBody& body = inputs.model.model();
  const Loss* loss = body.loss_of(output);
  if (!loss) return;
  const Tensor &scores = inputs.predictions[output], &targets = inputs.data.y[output];
  if (scores.shape()[0] != targets.shape()[0])
    throw Error(fmt::format("report: expected a prediction for each of {} targets, got {}",
                            targets.shape()[0], scores.shape()[0]));
  if (scores.empty()) return;
  const std::string name = body.outputs().size() > 1 ? body.output_names()[output] : "";
  size_t wrong = 0;
  for (int64_t i = 0; i < scores.count(); ++i) wrong += !std::isfinite(scores.at(i));
  if (wrong > 0) {
    record.findings.push_back(
        {"serious",
         fmt::format("{} of {} predicted numbers{} are not finite.", wrong, scores.count(),
                     name.empty() ? "" : fmt::format(" of output “{}”", name)),
         "Try a lower learning rate, and clipping of gradients (sheet C8)."});
    return;
  }
  const int64_t width = scores.shape().rank() > 1 ? scores.shape()[-1] : 1, rows = scores.count() / width;
  const int64_t every = scores.shape().rank() > 2 ? (rows + kMostRows - 1) / kMostRows : 1;
  // With "focal" in the middle of its name or without.
  const auto entropy_of = [&](const char* kind) {
    return loss->name.starts_with(kind) && loss->name.ends_with("crossentropy");
  };
  const bool sparse = loss->sparse(), binary = entropy_of("binary_");
  if (targets.count() != (sparse ? rows : scores.count())) return;
  if (binary || sparse || entropy_of("categorical_")) {
    const auto names = inputs.class_names.size() == static_cast<size_t>(std::max<int64_t>(2, width))
                           ? inputs.class_names
                           : std::vector<std::string>{};
    Tensor judged = rows_of(scores, width, every);
    const Tensor truth = rows_of(targets, sparse ? 1 : width, every);
    ClassificationRecord result;
    if (binary && width > 1) {
      if (loss->from_logits())
        for (int64_t i = 0; i < judged.count(); ++i) judged.set(i, sigmoid(judged.at(i)));
      result = judge_labels(truth, judged, names);
    } else {
      const bool whole = rows == scores.shape()[0] && inputs.data.x.size() == 1;
      Tensor labels = labels_of(truth);
      const int64_t all = labels.count();
      drop_ignored(labels, judged, *loss);
      if (labels.empty()) return;
      result = judge_classes(
          labels, probabilities_of(judged, *loss),
          whole && labels.count() == all ? Samples{inputs.data.x[0], inputs.rows, inputs.texts} : Samples(),
          names);
    }
    result.data = inputs.part, result.output = name;
    record.classification.push_back(std::move(result));
    return;
  }
  for (RegressionRecord& numbers : judge_numbers(targets, scores, {})) {
    numbers.data = inputs.part;
    if (!name.empty()) numbers.name = name + (numbers.name.empty() ? "" : ", " + numbers.name);
    record.regression.push_back(std::move(numbers));
  }
}

void judge(RunRecord& record, const ReportInputs& inputs) {
  if (inputs.predictions.empty() || !inputs.model.compiled()) return;
  if (inputs.predictions.size() != inputs.model.outputs().size() ||
      inputs.predictions.size() != inputs.data.y.size())
    throw Error(fmt::format("report: expected predictions and targets of {} outputs, got {} and {}",
                            inputs.model.outputs().size(), inputs.predictions.size(), inputs.data.y.size()));
  for (size_t output = 0; output < inputs.predictions.size(); ++output) judge_output(record, inputs, output);
}

}  // namespace

RunRecord collect_record(const std::string& folder, const ReportInputs& inputs) {
  RunRecord record;
  record.name = folder.substr(folder.find_last_of('/', folder.find_last_not_of('/')) + 1);
  record.folio_version = kVersion;
  record.date = fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::time(nullptr)));
  record.finished = inputs.finished;
  for (const auto& [name, values] : inputs.history.series) record.history.push_back({name, values});
  if (inputs.model.defined() && inputs.model.compiled())
    for (const auto& [name, larger] : directions_of(inputs.model.model()))
      if (larger) record.directions.emplace_back(name, *larger ? 1 : -1);
  record.settings = inputs.settings;
  record.machine = {cpu_name(), cpu::to_string(cpu::active_isa()), default_threads()};
  record.time = inputs.time;
  for (const auto& [part, logs] : inputs.results) record.results.push_back({part, logs});
  for (const Importance& column : inputs.importance)
    record.importance.push_back({column.name, column.mean, column.spread});
  record.examples = inputs.examples;
  record.pictures = inputs.pictures;
  for (const Finding& f : inputs.findings)
    record.findings.push_back(
        {to_string(f.severity), f.sentence, f.remedy.empty() ? "" : "Try " + f.remedy + "."});
  if (!inputs.model.defined()) return record;
  record.model = model_record(inputs.model);
  if (record.time.flops_per_step == 0 && record.time.batch_size > 0 && inputs.model.compiled())
    record.time.flops_per_step = flops_per_step(inputs.model, record.time.batch_size);
  judge(record, inputs);
  return record;
}

void write_report(const std::string& folder, const ReportInputs& inputs) {
  const RunRecord record = collect_record(folder, inputs);
  write_file_atomically(folder + "/report.json", record_json(record));
  write_file_atomically(folder + "/report.html", report_page(record));
}

double measured_peak_flops(int threads) {
  constexpr int64_t kSize = 256;
  std::vector<float> a(kSize * kSize, 1), b(kSize * kSize, 1), c(kSize * kSize);
  const cpu::MatrixProduct product{a.data(), kSize, 1,     b.data(), kSize, false,
                                   c.data(), kSize, kSize, kSize,    kSize, false};
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double start = seconds_now();
    for (int i = 0; i < 20; ++i) cpu::functions().matrix_product(product);
    best = std::min(best, seconds_now() - start);
  }
  return threads * 20 * 2.0 * kSize * kSize * kSize / best;
}

}  // namespace folio
