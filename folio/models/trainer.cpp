#include "folio/models/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "folio/models/checked_data.h"
#include "folio/models/fit_training.h"

namespace folio {
namespace {

std::atomic<bool> stop_asked{false};

/// The plan for the batches of one pass: looked up again only when the number of rows changes.
class Runner {
 public:
  Runner(ModelBody& body, PlanKey::Use use, bool weighted) : body_(body), use_(use), weighted_(weighted) {}
  /// Runs the plan on the batch; the frame holds the results until the next call.
  const Frame& run(const Batch& batch) {
    if (batch.rows != rows_) {
      PlanKey key{use_, {}, weighted_, default_threads()};
      for (const Tensor& tensor : batch.tensors) key.types.push_back({tensor.shape(), tensor.dtype()});
      ready_ = body_.plan(key);
      rows_ = batch.rows;
    }
    for (size_t i = 0; i < batch.tensors.size(); ++i)
      ready_.frame->set_input(static_cast<int>(i), batch.tensors[i]);
    ready_.plan.run(*ready_.frame);
    return *ready_.frame;
  }

 private:
  ModelBody& body_;
  PlanKey::Use use_;
  bool weighted_;
  int64_t rows_ = -1;
  ReadyPlan ready_;
};

// The layers of the model that are called on an input.
std::vector<const LayerBody*> readers_of(const Value& input, const ModelBody& model) {
  std::vector<const LayerBody*> layers;
  for (const Node* node : Graph{model.inputs(), model.outputs(), {}}.nodes())
    if (const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get()))
      if (std::find(node->inputs.begin(), node->inputs.end(), input) != node->inputs.end())
        layers.push_back(call->layer().get());
  return layers;
}

}  // namespace

void request_stop() { stop_asked = true; }
bool stop_requested() { return stop_asked; }
void clear_stop() { stop_asked = false; }

Trainer::Trainer(Model model) : model_(std::move(model)), body_(model_.model()) {}

void Trainer::need_compiled() const {
  if (!body_.compiled)
    throw Error(body_.label() + ": is not compiled; call compile with an optimizer and a loss first");
}

Data Trainer::checked(Data data, const std::string& what, bool targets) {
  data.check(what);
  std::vector<Shape> shapes;
  std::vector<DType> types;
  for (const Tensor& tensor : data.x)
    shapes.push_back(tensor.shape().with(0, kUnknown)), types.push_back(floatx());
  body_.build_from(shapes, types);
  const Values &inputs = body_.inputs(), &outputs = body_.outputs();
  const auto input_names = body_.input_names(), output_names = body_.output_names();
  if (data.x.size() != inputs.size())
    throw Error(fmt::format("{}: expected {} inputs ({}), got {}", what, inputs.size(),
                            fmt::join(input_names, ", "), data.x.size()));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Shape &wanted = inputs[i].shape(), given = data.x[i].shape();
    // A missing last dimension of 1 is added, as Keras does.
    if (given.rank() + 1 == wanted.rank() && wanted[-1] == 1)
      data.x[i] = data.x[i].reshaped(given.joined({1}));
    if (!compatible(wanted.with(0, kUnknown), data.x[i].shape()))
      throw Error(fmt::format("{}, input \"{}\": expected shape {}, got {}", what, input_names[i],
                              to_string(wanted), to_string(given)));
    for (const LayerBody* layer : readers_of(inputs[i], body_))
      if (layer->vocabulary() > 0)
        check_ids(data, i, *layer, fmt::format("{}, input \"{}\"", what, input_names[i]));
  }
  if (!targets) return data;
  if (data.y.size() != outputs.size())
    throw Error(fmt::format("{}: expected {} targets ({}), got {}", what, outputs.size(),
                            fmt::join(output_names, ", "), data.y.size()));
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Loss* loss = body_.loss_of(i);
    const Shape predicted = outputs[i].shape();
    Tensor& y = data.y[i];
    const std::string place = fmt::format("{}, target \"{}\"", what, output_names[i]);
    if (loss && loss->sparse()) {
      if (y.shape().rank() == predicted.rank() && y.shape()[-1] == 1) y = y.reshaped(y.shape().without(-1));
      if (!compatible(predicted.without(-1).with(0, kUnknown), y.shape()))
        throw Error(fmt::format("{}: expected class numbers of shape {}, got {}", place,
                                to_string(predicted.without(-1)), to_string(y.shape())));
      check_labels(data, data.x.size() + i, predicted[-1], loss->ignored_class(), place);
    } else {
      if (y.shape().rank() + 1 == predicted.rank() && predicted[-1] == 1)
        y = y.reshaped(y.shape().joined({1}));
      if (!compatible(predicted.with(0, kUnknown), y.shape()))
        throw Error(fmt::format(
            "{}: expected shape {}, got {}{}", place, to_string(predicted), to_string(y.shape()),
            loss && loss->name == "categorical_crossentropy" && y.shape().rank() < predicted.rank()
                ? "; use sparse_categorical_crossentropy for class numbers"
                : ""));
    }
  }
  return data;
}

std::vector<DType> Trainer::types_of(const Data& data, bool targets) const {
  std::vector<DType> types;
  for (const Value& value : body_.inputs()) types.push_back(value.dtype());
  if (targets)
    for (DType type : body_.target_types()) types.push_back(type);
  if (data.is_weighted()) types.push_back(body_.outputs()[0].dtype());
  return types;
}

int64_t rows_for_training(int64_t rows, double validation_split) {
  return static_cast<int64_t>(std::floor(static_cast<double>(rows) * (1 - validation_split)));
}

History Trainer::fit(const Data& given, const FitOptions& options) {
  need_compiled();
  if (options.epochs < 1)
    throw Error(fmt::format("fit: epochs: expected at least 1, got {}", options.epochs));
  Data data = checked(given, "training data", true);
  Data validation;
  if (!options.validation_data.empty()) {
    validation = checked(options.validation_data, "validation data", true);
  } else if (options.validation_split > 0) {
    if (!(options.validation_split < 1))
      throw Error(fmt::format("fit: validation_split: expected a number in [0, 1), got {}",
                              options.validation_split));
    const int64_t kept = rows_for_training(data.rows(), options.validation_split);
    if (kept < 1 || kept == data.rows())
      throw Error(fmt::format("fit: validation_split {} of {} rows leaves nothing on one side",
                              options.validation_split, data.rows()));
    validation = data.slice(kept, data.rows());
    data = data.slice(0, kept);
  }
  if (!options.class_weight.empty()) {
    if (data.y.size() != 1) throw Error("fit: class_weight needs a model with one output");
    const Loss* loss = body_.loss_of(0);
    weigh_classes(data, options.class_weight, loss && loss->sparse(), body_.outputs()[0].dtype());
  }

  if (options.batch_size < 1)
    throw Error(fmt::format("fit: batch_size: expected at least 1, got {}", options.batch_size));
  body_.training.optimizer->build(body_.trainable_weights());  // a state to save before the first step
  FitTraining training(model_, options, data);
  std::vector<Callback> callbacks = options.callbacks;
  if (options.verbose > 0) callbacks.push_back(ProgressBar());
  for (const Callback& callback : callbacks) callback->on_train_begin(training);
  training.restore_callbacks();

  const int64_t steps = training.steps();
  BatchLoader loader(data, types_of(data, true), options.batch_size, options.shuffle, random_seed(),
                     training.epoch() * steps + training.step());
  Runner runner(body_, PlanKey::Use::train, data.is_weighted());
  const auto settled = [&] {
    for (const Callback& callback : callbacks) callback->on_settled(training);
  };
  settled();
  while (training.epoch() < options.epochs && !training.stopped() && !training.interrupted()) {
    if (training.step() == 0)
      for (const Callback& callback : callbacks) callback->on_epoch_begin(training, training.epoch());
    while (training.step() < steps && !training.stopped()) {
      for (const Callback& callback : callbacks) callback->on_batch_begin(training, training.step());
      const Batch& batch = loader.next();
      const Frame& frame = runner.run(batch);
      training.add(batch, frame, body_.reports());
      if (!callbacks.empty()) {
        const Logs logs = training.logs();
        for (const Callback& callback : callbacks)
          callback->on_batch_end(training, training.step() - 1, logs);
      }
      // After the last step of an epoch its end is awaited.
      if (training.step() == steps || training.stopped()) break;
      training.set_interrupted(stop_requested());
      settled();
      if (training.interrupted()) break;
    }
    if (training.interrupted()) break;
    Logs logs = training.logs();
    if (!validation.empty())
      for (const auto& [name, value] : evaluate(validation, options.batch_size, options.validation_steps, 0))
        logs.emplace_back("val_" + name, value);
    for (const Callback& callback : callbacks) callback->on_epoch_end(training, training.epoch(), logs);
    training.end_epoch(logs);
    training.set_interrupted(stop_requested() && training.epoch() < options.epochs && !training.stopped());
    settled();
  }
  if (!training.interrupted()) body_.training.optimizer->finish(body_.trainable_weights());
  for (const Callback& callback : callbacks) callback->on_train_end(training);
  return training.history();
}

Logs Trainer::evaluate(const Data& given, int64_t batch_size, int64_t steps, int verbose) {
  need_compiled();
  const Data data = checked(given, "evaluation data", true);
  BatchLoader loader(data, types_of(data, true), batch_size, false, 0);
  Runner runner(body_, PlanKey::Use::evaluate, data.is_weighted());
  const int64_t count = steps > 0 ? std::min(steps, loader.steps()) : loader.steps();
  std::optional<Totals> totals;
  for (int64_t step = 0; step < count; ++step) {
    const Batch& batch = loader.next();
    const Frame& frame = runner.run(batch);
    if (!totals) totals.emplace(body_.reports());
    totals->add(frame, batch.rows);
  }
  if (verbose > 0)
    for (const auto& [name, value] : totals->logs()) fmt::print(stderr, "{}: {:.4f}\n", name, value);
  return totals->logs();
}

std::vector<Tensor> Trainer::predict(const Data& given, int64_t batch_size) {
  std::vector<Tensor> results;
  predict(given, batch_size, [&](const std::vector<Tensor>& outputs, int64_t first) {
    if (results.empty())
      for (const Tensor& output : outputs)
        results.emplace_back(output.shape().with(0, given.rows()), output.dtype());
    for (size_t i = 0; i < outputs.size(); ++i)
      results[i].rows(first, first + outputs[i].shape()[0]).assign(outputs[i]);
  });
  return results;
}

void Trainer::predict(const Data& given, int64_t batch_size, const PredictionSink& sink) {
  const Data data = checked(given.inputs(), "prediction input", false);
  BatchLoader loader(data, types_of(data, false), batch_size, false, 0);
  Runner runner(body_, PlanKey::Use::predict, false);
  for (int64_t first = 0; first < data.rows(); first += batch_size)
    sink(runner.run(loader.next()).outputs(), first);
}

Batch Trainer::one_batch(const Data& given) {
  need_compiled();
  const Data data = checked(given, "training batch", true);
  BatchLoader loader(data, types_of(data, true), data.rows(), false, 0);
  return loader.next();
}

Logs Trainer::train_on_batch(const Data& given) {
  const Batch batch = one_batch(given);
  Runner runner(body_, PlanKey::Use::train, given.is_weighted());
  const Frame& frame = runner.run(batch);
  Totals totals(body_.reports());
  totals.add(frame, batch.rows);
  return totals.logs();
}

Plan Trainer::plan_for(int64_t batch_size, bool training) {
  if (training) need_compiled();
  PlanKey key{training ? PlanKey::Use::train : PlanKey::Use::predict, {}, false, default_threads()};
  for (const Value& value : body_.inputs())
    key.types.push_back({value.shape().with(0, batch_size), value.dtype()});
  if (training) {
    const auto types = body_.target_types();
    for (size_t i = 0; i < body_.outputs().size(); ++i) {
      const Loss* loss = body_.loss_of(i);
      const Shape shape = body_.outputs()[i].shape().with(0, batch_size);
      key.types.push_back({loss && loss->sparse() ? shape.without(-1) : shape, types[i]});
    }
  }
  return body_.plan(key).plan;
}

}  // namespace folio
