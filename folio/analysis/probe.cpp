#include "folio/analysis/probe.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "folio/compiler/compile.h"
#include "folio/layers/call_recorder.h"
#include "folio/models/model_body.h"
#include "folio/models/model_graph.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

// The slopes of both functions are there 4 % of their largest.
constexpr double kSigmoidEnd = 0.01, kTanhEnd = 0.98;

bool contains(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::vector<int> all_but_last(const Value& x) {
  std::vector<int> axes(static_cast<size_t>(x.rank() - 1));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

// A rectifier may be capped, as ReLU6 is.
std::string activation_of(const Value& output) {
  const std::string name = output.node().op->name();
  if (name == "Minimum" && activation_of(output.node().inputs[0]) == "relu") return "relu";
  return name == "Relu" ? "relu" : name == "Sigmoid" ? "sigmoid" : name == "Tanh" ? "tanh" : "";
}

bool learns(const LayerBody& layer) {
  for (const Parameter& parameter : layer.weights())
    if (parameter.trainable()) return true;
  return false;
}

bool has_kernel(const std::vector<Parameter>& weights) {
  return std::any_of(weights.begin(), weights.end(),
                     [](const Parameter& weight) { return weight.shape().rank() > 1; });
}

Value squares(const Value& x) { return sum(square(x)); }

void find_layers(const LayerBody& body, std::set<const LayerBody*>& layers) {
  for (const auto& [name, child] : body.children()) {
    if (!dynamic_cast<const ModelBody*>(child.get())) layers.insert(child.get());
    find_layers(*child, layers);
  }
}

// The calls of a model's layers: not of inner models, which are these layers, nor of what makes masks.
std::vector<RecordedCall> layer_calls(const ModelBody& body, const CallRecorder& recorder) {
  std::set<const LayerBody*> layers;
  find_layers(body, layers);
  std::vector<RecordedCall> calls;
  for (const RecordedCall& call : recorder.calls())
    if (layers.count(call.layer)) calls.push_back(call);
  return calls;
}

// The values that reach a first kernel with nothing learnt before, each with the layer of that kernel.
std::vector<std::pair<Value, const LayerBody*>> entries(const std::vector<RecordedCall>& calls,
                                                        Values untouched) {
  std::vector<std::pair<Value, const LayerBody*>> result;
  for (const RecordedCall& call : calls) {
    const bool raw = std::all_of(call.inputs.begin(), call.inputs.end(),
                                 [&](const Value& value) { return contains(untouched, value); });
    if (!raw) continue;
    const Value& x = call.inputs[0];
    const bool known = std::any_of(result.begin(), result.end(), [&](const auto& e) { return e.first == x; });
    if (!learns(*call.layer))
      untouched.insert(untouched.end(), call.outputs.begin(), call.outputs.end());
    else if (has_kernel(call.layer->weights()) && call.layer->vocabulary() == 0 && !known)
      result.emplace_back(x, call.layer);
  }
  return result;
}

}  // namespace

Probe::Probe(const Model& model, const Batch& batch, int64_t rows) : rows_(std::min(rows, batch.rows)) {
  ModelBody& body = model.model();
  const size_t n_inputs = body.inputs().size(), n_outputs = body.outputs().size();
  Graph graph;
  for (const Tensor& tensor : batch.tensors)
    graph.inputs.push_back(input(tensor.shape().with(0, rows_), tensor.dtype()));
  const auto first = graph.inputs.begin(), middle = first + static_cast<std::ptrdiff_t>(n_inputs);
  const Values inputs(first, middle), targets(middle, middle + static_cast<std::ptrdiff_t>(n_outputs));
  const Value weights = graph.inputs.size() > n_inputs + n_outputs ? graph.inputs.back() : Value();

  const CallRecorder recorder;
  const ModelGraph traced = trace_model(body, Purpose::train, {inputs, targets, weights});
  const auto put = [&](const Value& value) {
    graph.outputs.push_back(value);
    return static_cast<int>(graph.outputs.size()) - 1;
  };
  total_ = put(traced.total);
  for (size_t i = 0; i < n_outputs; ++i)
    if (traced.losses[i].defined())
      losses_.emplace_back(put(traced.losses[i]),
                           body.training.loss_weights.empty() ? 1 : body.training.loss_weights[i]);
  if (n_outputs == 1) predicted_ = put(traced.predicted[0]);

  const std::vector<RecordedCall> calls = layer_calls(body, recorder);
  Values made;
  for (const RecordedCall& call : calls) made.push_back(call.outputs[0]);
  const TrainingStep step = training_step(body, traced, made);
  const std::vector<Parameter>& trained = step.trained;
  const Values& gradient = step.gradients;
  const Scope scope(body.name());

  std::vector<Parameter> told;  // the weights of a layer go with its first call
  for (size_t c = 0; c < calls.size(); ++c) {
    const LayerBody& layer = *calls[c].layer;
    const Value& y = calls[c].outputs[0];
    if (!is_floating(y.dtype())) continue;
    Place place;
    LayerReport& report = place.report;
    report.layer = layer.name();
    report.class_name = layer.class_name();
    report.activation = activation_of(y);
    report.is_output = contains(traced.predicted, y);
    report.units = y.rank() > 1 ? y.shape()[-1] : 1;
    place.count = static_cast<double>(y.shape().count());
    const std::vector<int> axes = y.rank() > 1 ? all_but_last(y) : std::vector<int>{};
    place.sums = put(sum(y, axes));
    place.squares = put(squares(y));
    if (report.activation == "relu") place.zeros = put(sum(equal(y, 0.0)));
    if (report.activation == "sigmoid") place.saturated = put(sum((y < kSigmoidEnd) + (y > 1 - kSigmoidEnd)));
    if (report.activation == "tanh") place.saturated = put(sum((y < -kTanhEnd) + (y > kTanhEnd)));
    const std::vector<Parameter> own = layer.trainable_weights();
    report.has_kernel = has_kernel(own);
    if (report.has_kernel) place.output_gradient = put(squares(gradient[trained.size() + c]));
    for (const Parameter& parameter : own) {
      if (std::find(told.begin(), told.end(), parameter) != told.end()) continue;
      told.push_back(parameter);
      const auto at = std::find(trained.begin(), trained.end(), parameter);
      if (at == trained.end()) continue;  // of a frozen model
      report.trained += parameter.value().count();
      place.weights.push_back(put(squares(Value(parameter))));
      place.gradients.push_back(put(squares(gradient[static_cast<size_t>(at - trained.begin())])));
      for (const Update& update : step.updates)
        if (update.parameter == parameter)
          place.updates.push_back(put(squares(update.value - Value(parameter))));
    }
    places_.push_back(std::move(place));
  }
  const bool pictures =
      std::any_of(inputs.begin(), inputs.end(), [](const Value& x) { return x.rank() > 2; });
  for (const auto& [x, layer] : entries(calls, inputs)) {
    const std::vector<int> axes = all_but_last(x);
    const Value average = mean(x, axes);
    features_.push_back(
        {layer->name(), layer->label(), pictures, put(average), put(mean(square(x - average), axes))});
  }
  plan_ = folio::compile(graph, {body.name() + " probe", 0, {}});
  frame_ = std::make_unique<Frame>(plan_);
}

double Probe::root(const std::vector<int>& outputs) const {
  double total = 0;
  for (int output : outputs) total += number(output);
  return std::sqrt(total);
}

LayerReport Probe::report(const Place& place) const {
  LayerReport report = place.report;
  const Tensor& sums = frame_->output(place.sums);
  double total = 0;
  for (int64_t u = 0; u < sums.count(); ++u) total += sums.at(u);
  const double squares = number(place.squares);
  report.mean = total / place.count;
  report.deviation = std::sqrt(std::max(squares / place.count - report.mean * report.mean, 0.0));
  report.finite = std::isfinite(total) && std::isfinite(squares);
  if (place.zeros >= 0) {
    report.zeros = number(place.zeros) / place.count;
    report.active.resize(static_cast<size_t>(report.units));
    for (int64_t u = 0; u < report.units; ++u) report.active[static_cast<size_t>(u)] = sums.at(u) > 0;
    report.dead_units = std::count(report.active.begin(), report.active.end(), 0);
  }
  if (place.saturated >= 0) report.saturated = number(place.saturated) / place.count;
  if (place.output_gradient >= 0) report.output_gradient = std::sqrt(number(place.output_gradient));
  report.weight_norm = root(place.weights);
  report.gradient_norm = root(place.gradients);
  report.update_norm = root(place.updates);
  return report;
}

ProbeResult Probe::run(const Batch& batch) {
  for (size_t i = 0; i < batch.tensors.size(); ++i)
    frame_->set_input(static_cast<int>(i), batch.tensors[i].rows(0, rows_));
  plan_.run(*frame_);
  ProbeResult result;
  LayerStatistics& statistics = result.statistics;
  statistics.rows = rows_;
  statistics.loss = statistics.penalty = number(total_);
  for (const auto& [output, share] : losses_) statistics.penalty -= share * number(output);
  for (const Place& place : places_) statistics.layers.push_back(report(place));
  for (const FeaturePlace& place : features_) {
    FeatureStatistics features{place.layer, place.label, place.pictures, {}, {}};
    const Tensor &means = frame_->output(place.means), &variances = frame_->output(place.variances);
    for (int64_t f = 0; f < means.count(); ++f) {
      features.means.push_back(means.at(f));
      features.variances.push_back(variances.at(f));
    }
    result.features.push_back(std::move(features));
  }
  if (predicted_ >= 0) result.predicted = frame_->output(predicted_);
  return result;
}

}  // namespace folio
