#include "folio/models/model_plan.h"

#include <fmt/format.h>

#include <bit>
#include <map>

#include "folio/compiler/compile.h"
#include "folio/models/model_body.h"
#include "folio/models/model_graph.h"
#include "folio/ops/cast.h"
#include "folio/ops/gather.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

/// Keras' keys of metrics in histories: a name that is taken gets a number, that of a weighted metric first
/// the word.
class MetricNames {
 public:
  std::string next(const std::string& output, const std::string& name, bool weighted) {
    const std::string plain = output + name, marked = output + "weighted_" + name;
    return numbered(weighted && used_.count(plain) ? marked : plain);
  }

 private:
  std::string numbered(const std::string& name) {
    const int number = used_[name]++;
    return number == 0 ? name : name + "_" + std::to_string(number);
  }
  std::map<std::string, int> used_;
};

/// The inputs of a plan, and what the model is given.
struct PlanInputs {
  Values given;
  ModelInputs rows;
};

// A last dimension of 1 more or less, as Keras is used to.
Value with_rank(const Value& x, int rank) {
  if (x.rank() + 1 == rank) return reshape(x, x.shape().joined({1}));
  return x.rank() == rank + 1 ? reshape(x, x.shape().without(-1)) : x;
}

PlanInputs inputs_for(const ModelBody& model, const PlanKey& key) {
  const size_t n_inputs = model.inputs().size();
  std::vector<std::string> names = model.input_names();
  for (const std::string& name : model.output_names()) names.push_back("target " + name);
  const std::vector<TensorType> wanted = model.batch_shapes(key.purpose, key.types[0].shape[0], key.weighted);
  const Value numbers =
      key.table_rows > 0 ? input({key.types[0].shape[0]}, DType::int64, "numbers of rows") : Value();
  PlanInputs in;
  for (size_t i = 0; i < key.types.size(); ++i) {
    const bool weights = key.weighted && i + 1 == key.types.size();
    const TensorType& type = key.types[i];
    Value rows = input(numbers.defined() ? type.shape.with(0, key.table_rows) : type.shape, type.dtype,
                       weights ? "sample_weight" : names[i]);
    in.given.push_back(rows);
    if (numbers.defined()) rows = gather(rows, numbers);
    const bool scaled = i < n_inputs && is_floating(wanted[i].dtype);
    rows = with_rank(cast(rows, wanted[i].dtype, scaled ? key.scale : 1), wanted[i].shape.rank());
    if (weights)
      in.rows.weights = rows;
    else
      (i < n_inputs ? in.rows.inputs : in.rows.targets).push_back(rows);
  }
  if (numbers.defined()) in.given.push_back(numbers);
  return in;
}

// What is logged, in order, before it is traced.
std::vector<LogEntry> named_logs(const ModelBody& model) {
  const auto names = model.output_names();
  const bool several = names.size() > 1;
  std::vector<LogEntry> logs{{"loss"}};
  for (size_t i = 0; i < names.size() && several; ++i)
    if (model.loss_of(i)) logs.push_back({names[i] + "_loss"});
  MetricNames metric_names;
  for (const bool weighted : {false, true})
    for (size_t i = 0; i < names.size(); ++i)
      for (const Metric& metric :
           model.metrics_of(weighted ? model.training.weighted_metrics : model.training.metrics, i))
        logs.push_back(
            {metric_names.next(several ? names[i] + "_" : "", metric.name, weighted), metric, i, weighted});
  return logs;
}

// The loss and the metrics: the plan's outputs, and what they are.
std::vector<LogEntry> add_logs(const ModelBody& model, const ModelInputs& in, const ModelGraph& traced,
                               Values& outputs) {
  const Scope scope(model.name());
  outputs.push_back(traced.total);
  if (traced.losses.size() > 1)
    for (const Value& loss : traced.losses)
      if (loss.defined()) outputs.push_back(loss);
  std::vector<LogEntry> logs = named_logs(model);
  for (LogEntry& log : logs) {
    if (!log.metric.defined()) continue;
    const size_t i = log.output;
    const Values sums = log.metric.sums(
        {in.targets[i], traced.predicted[i], log.weighted ? in.weights : Value(), traced.masks[i]});
    log.outputs = static_cast<int>(sums.size());
    log.sums = 0;
    for (const Value& sum : sums) log.sums += sum.shape().count();
    outputs.insert(outputs.end(), sums.begin(), sums.end());
  }
  return logs;
}

const char* word_for(Purpose purpose) {
  return purpose == Purpose::train ? "training" : purpose == Purpose::evaluate ? "evaluation" : "prediction";
}

}  // namespace

Directions directions_of(const ModelBody& model) {
  Directions directions;
  for (const LogEntry& log : named_logs(model))
    directions[log.name] = log.metric.defined() ? log.metric.larger_is_better() : false;
  return directions;
}

size_t PlanKey::hash() const {
  uint64_t sum = 0;
  const auto add = [&](uint64_t number) {
    sum = (sum ^ number) * 0x9E3779B97F4A7C15;
    sum ^= sum >> 32;
  };
  add(static_cast<uint64_t>(purpose) * 2 + weighted);
  add(static_cast<uint64_t>(threads));
  add(variant);
  add(seed);
  add(std::bit_cast<uint64_t>(scale));
  add(static_cast<uint64_t>(table_rows));
  for (const TensorType& type : types) {
    add(static_cast<uint64_t>(type.dtype));
    for (int64_t dim : type.shape) add(static_cast<uint64_t>(dim));
  }
  return sum;
}

ModelPlan compile_model(const ModelBody& model, const PlanKey& key) {
  const bool predicts = key.purpose == Purpose::predict;
  const auto [given, in] = inputs_for(model, key);
  const ModelGraph traced = trace_model(model, key.purpose, in);
  ModelPlan result{{}, {}, value_checks(model, !predicts)};
  Graph graph{given, {}, {}};
  if (predicts)
    graph.outputs = traced.predicted;
  else
    result.logs = add_logs(model, in, traced, graph.outputs);
  if (key.purpose == Purpose::train) graph.updates = training_step(model, traced).updates;
  graph.updates.insert(graph.updates.end(), traced.updates.begin(), traced.updates.end());
  result.plan = compile(graph, {fmt::format("{} {}", model.name(), word_for(key.purpose)), key.threads, {}});
  return result;
}

}  // namespace folio
