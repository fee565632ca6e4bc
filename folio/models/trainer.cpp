#include "folio/models/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "folio/base/error.h"
#include "folio/base/range.h"
#include "folio/base/tell.h"
#include "folio/models/batch_runner.h"
#include "folio/models/checked_data.h"
#include "folio/models/running_fit.h"
#include "folio/training/ctc.h"

namespace folio {
namespace {

std::atomic<bool> stop_asked{false};

// Whether the arrays lie in memory and have equally many rows, at least one: all that a plan which was made
// for arrays of their types does not know already.
bool has_plain_rows(const Data& data) {
  if (data.is_streamed() || data.augmentation || data.x.empty() || data.x[0].shape().rank() == 0)
    return false;
  const auto fits = [rows = data.rows()](const Tensor& tensor) {
    return tensor.shape().rank() > 0 && tensor.shape()[0] == rows;
  };
  return data.rows() > 0 && std::all_of(data.x.begin(), data.x.end(), fits) &&
         std::all_of(data.y.begin(), data.y.end(), fits) && (!data.is_weighted() || fits(data.sample_weight));
}

// The rows that `fit` trains on, and those that it validates with.
struct FitData {
  Data training, validation;
};

FitData split(Data data, const FitOptions& options) {
  const int64_t kept = rows_for_training(data.rows(), options.validation_split);
  if (kept < 1 || kept == data.rows())
    throw Error(fmt::format("fit: validation_split {} of {} rows leaves nothing on one side",
                            options.validation_split, data.rows()));
  return {data.slice(0, kept), data.slice(kept, data.rows())};
}

/// A layer of the model, or of a model inside it, that takes statistics of the batch where a single row has
/// none: its inputs have one value a row and channel.
const LayerBody* statistician_of_rows(const ModelBody& model) {
  for (const Node* node : Graph{model.inputs(), model.outputs(), {}}.nodes()) {
    const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get());
    if (!call) continue;
    const auto* inner = dynamic_cast<const ModelBody*>(call->layer().get());
    if (const LayerBody* found = inner ? statistician_of_rows(*inner) : nullptr) return found;
    if (call->layer()->class_name() == "BatchNormalization" && call->layer()->trainable() &&
        node->inputs[0].shape().rank() == 2)
      return call->layer().get();
  }
  return nullptr;
}

void check_options(const FitOptions& options) {
  kCounts.check(options.epochs, "fit: epochs");
  kCounts.check(static_cast<double>(options.batch_size), "fit: batch_size");
  kCountsOrNone.check(static_cast<double>(options.steps_per_epoch), "fit: steps_per_epoch");
  kCountsOrNone.check(static_cast<double>(options.validation_steps), "fit: validation_steps");
  kCountsOrNone.check(options.initial_epoch, "fit: initial_epoch");
  kShares.check(options.validation_split, "fit: validation_split");
  for (const auto& [label, weight] : options.class_weight) {
    kCountsOrNone.check(label, "fit: class_weight: class");
    Range{.least = 0}.check(weight, fmt::format("fit: class_weight of {}", label));
  }
}

// Labels that no steps can say have a loss of about 1e5 and teach nothing.
void note_long_labels(const ModelBody& body, const Data& data, size_t output) {
  const int64_t steps = body.outputs()[output].shape()[1];
  if (steps == kUnknown) return;
  const Tensor y = data.y[output].cast(DType::int64);
  const int64_t width = y.shape()[1];
  int64_t long_rows = 0, first = -1;
  for (int64_t r = 0; r < y.shape()[0]; ++r) {
    const std::span<const int64_t> labels(y.data<int64_t>() + r * width, static_cast<size_t>(width));
    if (ctc_steps_for(labels) <= steps) continue;
    if (long_rows++ == 0) first = r;
  }
  if (long_rows > 0)
    warn(fmt::format(
        "the labels of {} rows of {} do not fit into the {} steps of the model, first those of row "
        "{} (equal labels need a blank between): they teach nothing; give the model more steps, or "
        "leave them out",
        long_rows, y.shape()[0], steps, first));
}

// What is not wrong, but hardly meant, is said before the training.
void note_oddities(const ModelBody& body, const FitData& data, const FitOptions& options) {
  for (size_t i = 0;
       i < data.training.y.size() && options.validation_data.empty() && !data.validation.empty(); ++i) {
    const Loss* loss = body.loss_of(i);
    if (!loss || !is_of_classes(*loss) || (takes_shares(*loss) && body.outputs()[i].shape()[-1] > 1))
      continue;
    const std::string unseen = unseen_classes(data.training, data.validation, i, loss->sparse());
    if (!unseen.empty())
      warn(fmt::format(
          "the last rows, which validation_split {} keeps for validation, hold {}, which the rows of "
          "training never do: they seem to be sorted by class; shuffle them first",
          options.validation_split, unseen));
  }
  for (size_t i = 0; i < data.training.y.size() && !data.training.is_streamed(); ++i)
    if (const Loss* loss = body.loss_of(i); loss && takes_labels(*loss))
      note_long_labels(body, data.training, i);
  if (data.training.rows() % options.batch_size != 1) return;
  if (const LayerBody* layer = statistician_of_rows(body))
    warn(fmt::format(
        "{} rows in batches of {} leave a batch with a single row, whose variance is 0 to {}: its step "
        "teaches little and moves the running variance; choose another batch size, or leave out a row",
        data.training.rows(), options.batch_size, layer->label()));
}

FitData checked_for_fit(ModelBody& body, const Data& given, const FitOptions& options) {
  check_options(options);
  FitData data{checked(body, given, "training data", true), {}};
  if (!options.validation_data.empty())
    data.validation = checked(body, options.validation_data, "validation data", true);
  else if (options.validation_split > 0)
    data = split(std::move(data.training), options);
  note_oddities(body, data, options);
  if (!options.class_weight.empty()) {
    if (data.training.y.size() != 1) throw Error("fit: class_weight needs a model with one output");
    const Loss* loss = body.loss_of(0);
    if (loss && takes_labels(*loss))
      throw Error("fit: class_weight: expected a loss of classes, got ctc, whose targets are many labels");
    const int64_t width = body.outputs()[0].shape()[-1];
    weigh_classes(data.training, options.class_weight, loss && loss->sparse(), width == 1 ? 2 : width,
                  body.outputs()[0].dtype());
  }
  return data;
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

template <class Run>
auto Trainer::with_checked(const Data& data, Purpose purpose, int64_t batch_size, const char* what,
                           Run&& run) {
  const bool targets = purpose != Purpose::predict;
  kCounts.check(static_cast<double>(batch_size), "batch_size");
  if (data.is_streamed()) return run(checked(body_, data, what, targets), ReadyPlan());
  // A plan for arrays of these types has met such arrays before: only their values are left to be checked.
  if (body_.has_graph() && has_plain_rows(data) && data.x.size() == body_.inputs().size()) {
    ReadyPlan first =
        body_.plans().find(plan_key_for(body_, purpose, data, std::min(batch_size, data.rows()), false));
    if (first.defined()) {
      for (const ValueCheck& check : first.checks()) check(data, what);
      return run(data, std::move(first));
    }
  }
  checked(body_, data, what, targets);
  return run(data, ReadyPlan());
}

int64_t rows_for_training(int64_t rows, double validation_split) {
  return static_cast<int64_t>(std::floor(static_cast<double>(rows) * (1 - validation_split)));
}

History Trainer::fit(const Data& given, const FitOptions& options) {
  need_compiled();
  const auto [data, validation] = checked_for_fit(body_, given, options);
  body_.training.optimizer->build(body_.trainable_weights());  // a state to save before the first step
  RunningFit training(model_, options, data, validation);
  std::vector<Callback> callbacks = options.callbacks;
  if (options.verbose > 0) callbacks.push_back(ProgressBar());
  for (const Callback& callback : callbacks) callback->on_train_begin(training);
  training.restore_callbacks();

  const int64_t steps = training.steps();
  BatchRunner runner(
      body_, Purpose::train, data,
      {options.batch_size, options.shuffle, random_seed(), training.epoch() * steps + training.step()});
  const auto settled = [&] {
    for (const Callback& callback : callbacks) callback->on_settled(training);
  };
  settled();
  while (training.epoch() < options.epochs && !training.stopped() && !training.interrupted()) {
    if (training.step() == 0)
      for (const Callback& callback : callbacks) callback->on_epoch_begin(training, training.epoch());
    while (training.step() < steps && !training.stopped()) {
      for (const Callback& callback : callbacks) callback->on_batch_begin(training, training.step());
      const Frame& frame = runner.run();
      training.add(runner, frame);
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
      for (const auto& [name, value] :
           evaluate_checked(validation, options.batch_size, options.validation_steps))
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

Logs Trainer::evaluate_checked(const Data& data, int64_t batch_size, int64_t steps, ReadyPlan first) {
  BatchRunner runner(body_, Purpose::evaluate, data, {batch_size}, std::move(first));
  const int64_t count = steps > 0 ? std::min(steps, runner.steps()) : runner.steps();
  std::optional<Totals> totals;
  for (int64_t step = 0; step < count; ++step) {
    const Frame& frame = runner.run();
    if (!totals) totals.emplace(runner.logs());
    totals->add(frame, runner.rows());
  }
  return totals->logs();
}

Logs Trainer::evaluate(const Data& given, int64_t batch_size, int64_t steps, int verbose) {
  need_compiled();
  const Logs logs = with_checked(given, Purpose::evaluate, batch_size, "evaluation data",
                                 [&](const Data& data, ReadyPlan first) {
                                   return evaluate_checked(data, batch_size, steps, std::move(first));
                                 });
  if (verbose > 0)
    for (const auto& [name, value] : logs) tell(fmt::format("{}: {:.4f}\n", name, value));
  return logs;
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
  const auto run = [&](const Data& data, ReadyPlan plan) {
    BatchRunner runner(body_, Purpose::predict, data, {batch_size}, std::move(plan));
    for (int64_t first = 0; first < data.rows(); first += batch_size) sink(runner.run().outputs(), first);
  };
  const auto inputs_alone = [&](const Data& data) {
    with_checked(data, Purpose::predict, batch_size, "prediction input", run);
  };
  given.y.empty() && !given.is_weighted() ? inputs_alone(given) : inputs_alone(given.inputs());
}

Batch Trainer::one_batch(const Data& given) {
  need_compiled();
  const Data data = checked(body_, given, "training batch", true);
  const auto types = body_.batch_types(Purpose::train, data.is_weighted());
  if (data.is_streamed()) return BatchLoader(data, types, data.rows(), false, 0).next();
  Batch batch;
  gather_batch(data, {data.rows()}, types, batch);
  return batch;
}

Logs Trainer::train_on_batch(const Data& given) {
  need_compiled();
  // What has no rows is refused by the check.
  const int64_t rows =
      given.empty() || given.x[0].shape().rank() == 0 ? 1 : std::max<int64_t>(given.rows(), 1);
  return with_checked(given, Purpose::train, rows, "training batch", [&](const Data& data, ReadyPlan first) {
    BatchRunner runner(body_, Purpose::train, data, {data.rows()}, std::move(first));
    const Frame& frame = runner.run();
    Totals totals(runner.logs());
    totals.add(frame, data.rows());
    return totals.logs();
  });
}

Plan Trainer::plan_for(int64_t batch_size, bool training) {
  if (training) need_compiled();
  PlanKey key = body_.plan_key(training ? Purpose::train : Purpose::predict);
  key.types = body_.batch_shapes(key.purpose, batch_size);
  return body_.plans().get(key).plan();
}

}  // namespace folio
