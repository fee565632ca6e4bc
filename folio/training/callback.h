// What may happen around training: watchers that can stop it, save it or talk about it. (sheet D5, D6)
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "folio/tensor/tensor.h"
#include "folio/training/schedule.h"

namespace folio {

/// Values by name, in the order in which Keras reports them: "loss", metrics, then "val_…".
using Logs = std::vector<std::pair<std::string, double>>;
/// The value of `name`, or null.
const double* find_log(const Logs& logs, const std::string& name);
/// Changes the value of `name`, or adds it.
void set_log(Logs& logs, const std::string& name, double value);

/// What is reported of an epoch, without "val_", and whether more of it is better; nothing where its metric
/// does not say.
using Directions = std::map<std::string, std::optional<bool>>;

/// What a callback sees of a training, and may do to it.
class Training {
 public:
  virtual ~Training() = default;
  virtual int epochs() const = 0;
  /// The running epoch, from 0; after its end the next one.
  virtual int epoch() const = 0;
  /// Steps of the running epoch done.
  virtual int64_t step() const = 0;
  /// Steps of an epoch; 0 when nobody knows before the first has ended.
  virtual int64_t steps() const = 0;
  virtual int64_t batch_size() const = 0;
  virtual Directions directions() const = 0;
  virtual void stop() = 0;
  /// A callback has asked to stop.
  virtual bool stopped() const = 0;
  /// The user has asked to stop: the step just done was the last one for now.
  virtual bool interrupted() const = 0;
  virtual std::vector<Tensor> get_weights() const = 0;
  virtual void set_weights(const std::vector<Tensor>& weights) = 0;
  virtual double learning_rate() const = 0;
  virtual void set_learning_rate(double rate) = 0;
  /// Where a value that is not finite can be found: in the batch, or in a weight; "" when there is none.
  virtual std::string find_non_finite() const = 0;
};

/// What of a callback outlives an interruption.
struct CallbackState {
  std::map<std::string, double> numbers;
  std::vector<Tensor> tensors;
};

class CallbackBody {
 public:
  virtual ~CallbackBody() = default;
  /// All that decides what it does later; a training that goes on from `state` must end with the same bits.
  virtual CallbackState state() const { return {}; }
  /// Called after on_train_begin when an interrupted training goes on.
  virtual void restore(const CallbackState& /*state*/) {}
  virtual void on_train_begin(Training&) {}
  virtual void on_train_end(Training&) {}
  /// Epochs and batches count from 0.
  virtual void on_epoch_begin(Training&, int /*epoch*/) {}
  virtual void on_epoch_end(Training&, int /*epoch*/, Logs&) {}
  virtual void on_batch_begin(Training&, int64_t /*batch*/) {}
  virtual void on_batch_end(Training&, int64_t /*batch*/, const Logs&) {}
  /// After every step and every epoch, when all callbacks have heard of it: what is saved now goes on as if
  /// nothing had happened.
  virtual void on_settled(Training&) {}
};

/// A shared handle.
class Callback {
 public:
  explicit Callback(std::shared_ptr<CallbackBody> body) : body_(std::move(body)) {}
  CallbackBody* operator->() const { return body_.get(); }
  const std::shared_ptr<CallbackBody>& handle() const { return body_; }

 protected:
  std::shared_ptr<CallbackBody> body_;
};

/// Whether a monitored value has become better; NaN never is. mode "min" takes less as better, "max" more,
/// "auto" what the metric says whose value it is.
class Improvement {
 public:
  Improvement(std::string monitor, std::string mode, double min_delta);
  /// To be called when a training begins. Throws `Error` where the mode is "auto" and no metric of the model
  /// says which way is better.
  void begin(const Training& training);
  bool better(double value, double than) const;
  double worst() const;

 private:
  std::string monitor_, mode_;
  bool larger_;
  double min_delta_;
};

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;
  int patience = 0;
  std::string mode = "auto";
  bool restore_best_weights = false;
  int start_from_epoch = 0;
  /// Patience runs on until the value is better than this.
  std::optional<double> baseline = {};
};
/// Stops when the monitored value has not improved for `patience` epochs. (sheet D5)
class EarlyStopping final : public Callback {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {});
};

/// Stops as soon as a batch's loss is not finite, with a `NonFiniteError`.
class TerminateOnNaN final : public Callback {
 public:
  TerminateOnNaN();
};

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;
  int patience = 10;
  std::string mode = "auto";
  double min_delta = 1e-4;
  int cooldown = 0;  ///< epochs after a reduction in which patience does not run
  double min_lr = 0;
};
/// Performance scheduling: the learning rate times `factor` when the monitored value has not improved for
/// `patience` epochs. Logs "learning_rate", that of the epoch. (sheet D2)
class ReduceLROnPlateau final : public Callback {
 public:
  explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});
};

/// Sets the learning rate of each epoch, and logs it as "learning_rate". (sheet D2)
class LearningRateScheduler final : public Callback {
 public:
  explicit LearningRateScheduler(std::function<double(int epoch, double rate)> schedule);
  explicit LearningRateScheduler(std::function<double(int epoch)> schedule);
  /// A schedule whose steps are epochs.
  explicit LearningRateScheduler(const Schedule& schedule);
};

/// The stopping rule of gradient descent: stops when a step has changed the weights by less than `tolerance`,
/// the Euclidean norm over all of them. (sheet C3)
class StopWhenConverged final : public Callback {
 public:
  explicit StopWhenConverged(double tolerance = 1e-6);
};

/// What LambdaCallback calls; all may be left out. Epochs and batches count from 0.
struct LambdaCallbackOptions {
  std::function<void(Training&)> on_train_begin = {}, on_train_end = {};
  std::function<void(Training&, int epoch)> on_epoch_begin = {};
  std::function<void(Training&, int epoch, Logs& logs)> on_epoch_end = {};
  std::function<void(Training&, int64_t batch)> on_batch_begin = {};
  std::function<void(Training&, int64_t batch, const Logs& logs)> on_batch_end = {};
};
/// Functions at the moments of a training. What they remember themselves is not part of a checkpoint.
class LambdaCallback final : public Callback {
 public:
  explicit LambdaCallback(LambdaCallbackOptions options);
};

/// Appends a line per epoch to a CSV file: epoch (from 0), then the logs.
class CSVLogger final : public Callback {
 public:
  explicit CSVLogger(std::string path, bool append = false);
};

/// A bar per epoch with rate, time left, loss and metrics when standard error is a terminal; a line per epoch
/// when not.
class ProgressBar final : public Callback {
 public:
  ProgressBar();
};

}  // namespace folio
