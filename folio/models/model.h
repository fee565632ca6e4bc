// Models: graphs of layers that can be trained, saved and used as layers themselves.
#pragma once
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "folio/data/batches.h"
#include "folio/layers/layer.h"
#include "folio/runtime/plan.h"
#include "folio/training/callback.h"
#include "folio/training/loss.h"
#include "folio/training/metric.h"
#include "folio/training/optimizer.h"

namespace folio {

/// One loss for all outputs, one per output, or one by output name.
struct Losses {
  Losses() = default;
  Losses(const char* name) : all{Loss(name)} {}         // NOLINT
  Losses(const std::string& name) : all{Loss(name)} {}  // NOLINT
  Losses(Loss loss) : all{std::move(loss)} {}           // NOLINT
  template <IsLossFunction F>
  Losses(F own) : all{Loss(std::move(own))} {}                                // NOLINT
  Losses(std::vector<Loss> losses) : all(std::move(losses)) {}                // NOLINT
  Losses(std::map<std::string, Loss> losses) : by_name(std::move(losses)) {}  // NOLINT
  std::vector<Loss> all;
  std::map<std::string, Loss> by_name;
  bool empty() const { return all.empty() && by_name.empty(); }
};

/// Metrics for every output, a list per output, or lists by output name.
struct Metrics {
  Metrics() = default;
  Metrics(std::initializer_list<Metric> metrics) : all(metrics) {}
  Metrics(std::vector<Metric> metrics) : all(std::move(metrics)) {}                             // NOLINT
  Metrics(std::map<std::string, std::vector<Metric>> metrics) : by_name(std::move(metrics)) {}  // NOLINT
  std::vector<Metric> all;
  std::vector<std::vector<Metric>> by_output;
  std::map<std::string, std::vector<Metric>> by_name;
  bool empty() const { return all.empty() && by_output.empty() && by_name.empty(); }
};

/// What a model runs for: it decides what layers do, and what is computed.
enum class Purpose { train, evaluate, predict };

/// What `compile` takes: how a model is trained and judged.
struct TrainingOptions {
  Optimizer optimizer = "rmsprop";
  Losses loss = {};
  std::vector<double> loss_weights = {};  ///< one per output; empty means 1
  Metrics metrics = {};
  /// The same, with sample and class weights.
  Metrics weighted_metrics = {};
};

struct FitOptions {
  int64_t batch_size = 32;
  int epochs = 1;
  /// 1: a progress bar on standard error; 0: silence.
  int verbose = 1;
  std::vector<Callback> callbacks = {};
  /// The last rows, taken before shuffling.
  double validation_split = 0;
  Data validation_data = {};
  bool shuffle = true;
  std::map<int, double> class_weight = {};
  int initial_epoch = 0;
  /// 0: all batches. Otherwise an epoch is this many batches, going on where the last one ended.
  int64_t steps_per_epoch = 0;
  int64_t validation_steps = 0;
};

/// The rows that a validation split leaves for training, of so many: the first ones.
int64_t rows_for_training(int64_t rows, double validation_split);

/// What happened: one list per key, as in Keras.
struct History {
  std::vector<std::pair<std::string, std::vector<double>>> series;
  std::vector<int> epochs;
  bool interrupted = false;  ///< stopped by the user
  /// Throws `Error` listing the keys when there is no such key.
  const std::vector<double>& operator[](const std::string& key) const;
  bool contains(const std::string& key) const;
  void add(const Logs& logs);
};

/// Takes the outputs of a batch; `first` is the number of its first row. They are valid until it returns.
using PredictionSink = std::function<void(const std::vector<Tensor>& outputs, int64_t first)>;

/// What a bound step is made for.
struct StepOptions {
  int64_t batch_size = 1;
  Purpose purpose = Purpose::predict;
  /// Shapes of the inputs, and of the targets behind them, without the batch: needed where the model leaves
  /// dimensions open.
  std::vector<Shape> shapes = {};
  bool weighted = false;  ///< whether it takes weights of samples
  int threads = 0;        ///< 0: as many as the model's other plans
};

class BoundStep;

/// How a model is traced as part of a graph of one's own.
struct TraceOptions {
  bool training = false;
  /// Masks of the inputs.
  OneOrMore mask = {};
  /// The number of the step, an int64 scalar, from which random layers draw: an optimizer's `iterations()`.
  /// Needed in training by models that have such layers.
  Value step = {};
  /// Not given: that of `set_random_seed`.
  std::optional<uint64_t> seed = {};
};

class ModelBody;

/// A shared handle to a model; a model is a layer too.
class Model : public Layer {
 public:
  Model() = default;
  explicit Model(std::shared_ptr<ModelBody> body);
  Model(const Value& input, const Value& output, const std::string& name = "");
  Model(Values inputs, Values outputs, const std::string& name = "");

  void compile(TrainingOptions options) const;
  bool compiled() const;
  History fit(const Data& data, const FitOptions& options = {}) const;
  /// "loss" and the metrics.
  Logs evaluate(const Data& data, int64_t batch_size = 32, int verbose = 0) const;
  Tensor predict(const Tensor& x, int64_t batch_size = 32) const;
  std::vector<Tensor> predict(const std::vector<Tensor>& x, int64_t batch_size = 32) const;
  /// Of the inputs of `data`, which may be larger than memory; each batch's outputs go to `sink`.
  void predict(const Data& data, const PredictionSink& sink, int64_t batch_size = 32) const;
  /// One step on one batch; "loss" and the metrics of that batch.
  Logs train_on_batch(const Data& batch) const;

  /// One plan with memory of its own, for loops that run it a million times. (models/bound_step.h)
  BoundStep bind(const StepOptions& options = {}) const;

  /// The outputs as values of a graph of one's own, computed from `inputs`: for training steps that `fit`
  /// does not know. What layers leave behind is added to `effects`: updates of their state, which belong into
  /// the graph with the optimizer's, and penalties, which belong into the loss. All traces of one step share
  /// one `Effects`, so that each random layer draws numbers of its own.
  Values trace(const Values& inputs, Effects& effects, const TraceOptions& options = {}) const;
  /// The same for one input and one output.
  Value trace(const Value& input, Effects& effects, const TraceOptions& options = {}) const;

  /// Keras-style table of layers, shapes and parameters.
  std::string summary() const;
  /// Keras' model.layers.
  const std::vector<Layer>& layers() const;
  /// Throws `Error` listing the names when there is no such layer. With `input()` and `output()` of layers,
  /// models are cut: Model(model.inputs()[0], model.get_layer("features").output()).
  Layer layer(const std::string& name) const;
  Layer get_layer(const std::string& name) const { return layer(name); }
  const Values& inputs() const;
  const Values& outputs() const;
  Optimizer optimizer() const;
  const TrainingOptions& training_options() const;
  int64_t count_parameters() const;
  /// The plan that a batch of this size runs when training or predicting, for printing, drawing and
  /// profiling.
  Plan training_plan(int64_t batch_size) const;
  Plan prediction_plan(int64_t batch_size) const;

  /// Writes a `.keras` file, a legacy `.h5` file, or `.weights.h5` for the weights alone. (defined in
  /// formats/)
  void save(const std::string& path) const;
  /// Reads a `.keras` or `.h5` file, of Keras 2 too, compiled if it was. (defined in formats/)
  static Model load(const std::string& path);
  /// Reads the weights of a `.keras`, `.h5` or `.weights.h5` file into this model. (defined in formats/)
  void load_weights(const std::string& path) const;

  ModelBody& model() const;
};

/// An entry of a Sequential: a layer, or `Input({…})` at the front.
struct SequentialItem {
  SequentialItem(Layer layer)
      : layer(std::move(layer)) {}  // NOLINT: layers are written where items are expected
  SequentialItem(Value input) : input(std::move(input)) {}  // NOLINT
  Layer layer;
  Value input;
};

/// Layers in a row. Without `Input` at the front the shapes are learnt from the first data.
class Sequential : public Model {
 public:
  Sequential(std::initializer_list<SequentialItem> items, const std::string& name = "");
  explicit Sequential(const std::vector<SequentialItem>& items = {}, const std::string& name = "");
  void add(const SequentialItem& item) const;
};

struct FitState;

/// A running fit: a training that knows its model, as callbacks that save need it.
class ModelFit : public Training {
 public:
  virtual const Model& model() const = 0;
  /// The running batch: its rows, and its arrays as the model takes them, which are gathered when asked for.
  /// In on_batch_end only.
  virtual int64_t batch_rows() const = 0;
  virtual const Batch& batch() const = 0;
  /// The epochs done.
  virtual const History& history() const = 0;
  /// Where it stands; to be asked for in on_settled only.
  virtual FitState state() const = 0;
  /// Goes on from `state`; in on_train_begin only, after the model has got its weights and optimizer state
  /// back. Throws `Error` when the state belongs to a training with other data or settings.
  virtual void go_on(FitState state) = 0;
};

}  // namespace folio
