#include "folio/models/model_graph.h"

#include <algorithm>

#include "folio/base/error.h"
#include "folio/models/model_body.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"

namespace folio {
namespace {

// A layer may stand in several models, so that its rules come several times.
template <class Rule>
std::vector<Rule> once_for_each_weight(const std::vector<Rule>& rules) {
  std::vector<Rule> result;
  for (const Rule& rule : rules)
    if (std::none_of(result.begin(), result.end(),
                     [&](const Rule& other) { return other.parameter == rule.parameter; }))
      result.push_back(rule);
  return result;
}

void add_losses(const ModelBody& model, const ModelInputs& in, const Values& penalties, ModelGraph& graph) {
  const std::vector<double>& shares = model.training.loss_weights;
  Value& total = graph.total;
  for (size_t i = 0; i < graph.predicted.size(); ++i) {
    const Loss* loss = model.loss_of(i);
    graph.losses.push_back(loss ? (*loss)(in.targets[i], graph.predicted[i], in.weights, graph.masks[i])
                                : Value());
    if (!loss) continue;
    const double share = shares.empty() ? 1 : shares[i];
    const Value weighted = share == 1 ? graph.losses[i] : graph.losses[i] * share;
    total = total.defined() ? total + weighted : weighted;
  }
  if (!total.defined()) throw Error(model.label() + ": no output has a loss; compile the model with one");
  const auto rows = static_cast<double>(graph.predicted[0].shape()[0]);
  for (const Value& penalty : penalties)
    total = total + (model.mean_activity_penalties ? penalty / rows : penalty);
  for (const RegularizedWeight& weight : once_for_each_weight(model.regularized_weights()))
    total = total + weight.regularizer(Value(weight.parameter));
}

}  // namespace

ModelGraph trace_model(const ModelBody& model, Purpose purpose, const ModelInputs& in) {
  const bool training = purpose == Purpose::train;
  const Value step = training ? Value(model.training.optimizer->iterations()) : constant(0, DType::int64);
  const Scope scope(model.name());
  Effects effects;
  const auto [predicted, masks] =
      retrace(model.outputs(), model.inputs(),
              {.inputs = in.inputs, .training = training, .seed = random_seed(), .step = step}, effects);
  ModelGraph graph{predicted, masks, {}, {}, effects.updates};
  if (!in.targets.empty()) add_losses(model, in, effects.losses, graph);
  return graph;
}

TrainingStep training_step(const ModelBody& model, const ModelGraph& graph, const Values& others) {
  const Scope scope(model.name());
  OptimizerBody& optimizer = *model.training.optimizer;
  TrainingStep step;
  step.trained = model.trainable_weights();
  Values weights;
  for (const Parameter& parameter : step.trained) weights.emplace_back(parameter);
  Values wanted = weights;
  wanted.insert(wanted.end(), others.begin(), others.end());
  step.gradients = gradients(graph.total, wanted);
  const Value scaled = optimizer.scaled(graph.total);
  const auto end = step.gradients.begin() + static_cast<std::ptrdiff_t>(weights.size());
  step.updates = optimizer.updates(
      step.trained, scaled == graph.total ? Values(step.gradients.begin(), end) : gradients(scaled, weights));
  // Keras holds weights to their constraints after every step.
  for (const ConstrainedWeight& weight : once_for_each_weight(model.constrained_weights()))
    for (Update& update : step.updates)
      if (update.parameter == weight.parameter) update.value = weight.constraint(update.value);
  return step;
}

}  // namespace folio
