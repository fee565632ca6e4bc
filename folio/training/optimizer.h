// Rules by which gradients change weights. (sheet D1)
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/graph/graph.h"
#include "folio/training/schedule.h"

namespace folio {

/// What every optimizer takes, with Keras' names. At most one of the clips may be set (sheet C8).
struct OptimizerOptions {
  double weight_decay = 0;     ///< decoupled: weights shrink by weight_decay * learning_rate before each step
  double clipnorm = 0;         ///< largest norm of each gradient
  double clipvalue = 0;        ///< largest magnitude of each element
  double global_clipnorm = 0;  ///< largest norm of all gradients together
  /// Keeps a running mean of the weights, which replaces them at the end of `fit`, and meanwhile every so
  /// many steps if that is above 0.
  bool use_ema = false;
  double ema_momentum = 0.99;
  int64_t ema_overwrite_frequency = 0;
  /// The gradients of so many batches are averaged before the weights change; 0: of one.
  int64_t gradient_accumulation_steps = 0;
  /// Gradients are those of the loss times this, and divided by it again: for types that lose small numbers.
  double loss_scale_factor = 0;
  /// "keras", or "sheet" for the formulas as the sheet prints them, where they differ: Adam adds epsilon
  /// after its corrections, Adagrad sums from 0 and adds epsilon to the root (errata 8, 16). Keras' files
  /// cannot hold such an optimizer.
  std::string form = "keras";
  std::string name = {};
};

class Fields;

class OptimizerBody {
 public:
  OptimizerBody(LearningRate learning_rate, OptimizerOptions options)
      : options_(std::move(options)), given_rate_(std::move(learning_rate)) {}
  virtual ~OptimizerBody() = default;
  virtual std::string class_name() const = 0;
  /// All settings, with Keras' names, and the form. (base/fields.h)
  void fields(Fields& f);
  /// Ends the making of an optimizer: checks its settings and begins with its learning rate. Once, and later
  /// calls change nothing.
  void finish_making();
  /// Takes the settings from Keras' config; before the first step.
  void read(const Json& config, const std::string& place);
  /// Keras' config; throws `Error` when Keras has no such form.
  Json config() const;
  /// The same, and the form.
  Json settings() const;
  /// Makes the slots for these weights, in Keras' order; once, and later calls change nothing.
  void build(const std::vector<Parameter>& weights);
  bool built() const { return built_; }
  /// The loss whose gradients `updates` expects.
  Value scaled(const Value& loss) const;
  /// What one step changes: weights, slots and the iteration counter, composed of ops. Weights that it was
  /// built for may be missing (frozen since); of others it has no slots and throws `Error`.
  std::vector<Update> updates(const std::vector<Parameter>& weights, const Values& gradients);
  /// Keras' `optimizer/vars`: iteration, learning rate (unless it follows a schedule), slots.
  std::vector<Parameter> variables() const;
  const Parameter& iterations() const { return iterations_; }
  /// That of the next step.
  double learning_rate() const;
  /// Throws `Error` when the rate follows a schedule.
  void set_learning_rate(double rate);
  /// The end of a training: weights become their running means, if those are kept.
  void finish(const std::vector<Parameter>& weights) const;

 protected:
  /// The settings that this optimizer alone has.
  virtual void own_fields(Fields&) {}
  /// True when the sheet prints this optimizer.
  virtual bool on_sheet() const { return false; }
  bool as_on_sheet() const { return options_.form == "sheet"; }
  virtual void make_slots(const std::vector<Parameter>& weights) = 0;
  /// Called before the weights: what is the same for all of them, such as Adam's corrected rate.
  virtual void begin_step(std::vector<Update>& /*updates*/) {}
  /// Adds the updates of weight `i` of those that the slots were made for.
  virtual void step(size_t i, const Parameter& weight, const Value& gradient,
                    std::vector<Update>& updates) = 0;
  Parameter slot(const Parameter& weight, const std::string& role, double initial = 0);
  Parameter slot_of(const Shape& shape, const Parameter& weight, const std::string& role, double initial = 0);
  /// A slot that belongs to all weights.
  Parameter scalar_slot(const std::string& role, double initial);
  /// The rate as a float scalar.
  Value rate() const;
  /// The number of this step, from 1, as a float scalar; batches whose gradients are averaged are one step.
  Value step_number() const;
  Value number(double value) const { return constant(value, learning_rate_.dtype()); }

 private:
  void begin();
  std::vector<size_t> places_of(const std::vector<Parameter>& weights) const;
  void accumulate(const Values& gradients, const std::vector<size_t>& places,
                  std::vector<Update>& updates) const;
  Values clipped(Values gradients) const;
  void average(const std::vector<Parameter>& weights, const std::vector<size_t>& places,
               std::vector<Update>& updates) const;

  OptimizerOptions options_;
  LearningRate given_rate_;
  Parameter iterations_, learning_rate_;
  std::vector<Parameter> built_for_, slots_, averages_, sums_;
  bool built_ = false;
};

/// A shared handle; a name such as "adam" makes one with Keras' defaults.
class Optimizer {
 public:
  Optimizer() = default;
  explicit Optimizer(std::shared_ptr<OptimizerBody> body) : body_(std::move(body)) { body_->finish_making(); }
  Optimizer(const char* name) : Optimizer(std::string(name)) {}  // NOLINT: names convert
  Optimizer(const std::string& name);  // NOLINT; throws `Error` listing the known names
  /// From Keras' envelope {class_name, config} (any module); throws `Error` naming `place`.
  static Optimizer from_config(const Json& envelope, const std::string& place);
  bool defined() const { return body_ != nullptr; }
  /// One with the same settings, but this learning rate, that has not made a step yet.
  Optimizer fresh(double learning_rate) const;
  OptimizerBody* operator->() const { return body_.get(); }
  OptimizerBody& operator*() const { return *body_; }

 protected:
  std::shared_ptr<OptimizerBody> body_;
};

/// w ← w - rate * g; with momentum m ← momentum * m - rate * g and w ← w + m, or with Nesterov's look-ahead
/// after Keras' change of variable (errata 15) w ← w + momentum * m - rate * g. These w are the points to
/// which the sheet looks ahead, θ + momentum * m; its θ is w - momentum * m.
class SGD final : public Optimizer {
 public:
  explicit SGD(LearningRate learning_rate = 0.01, double momentum = 0, bool nesterov = false,
               OptimizerOptions options = {});
};

/// v ← rho * v + (1 - rho) * g²; w ← w - rate * g / √(v + epsilon), with ε inside the root (errata 8).
class RMSprop final : public Optimizer {
 public:
  explicit RMSprop(LearningRate learning_rate = 0.001, double rho = 0.9, double momentum = 0,
                   double epsilon = 1e-7, bool centered = false, OptimizerOptions options = {});
};

/// m, v: running means of g and g², corrected for their start; w ← w - rate * m̂ / (√v̂ + ε). ε is added before
/// the correction, as Keras does (errata 16).
class Adam final : public Optimizer {
 public:
  explicit Adam(LearningRate learning_rate = 0.001, double beta_1 = 0.9, double beta_2 = 0.999,
                double epsilon = 1e-7, bool amsgrad = false, OptimizerOptions options = {});
};

/// Adam whose weight decay acts on the weights and not through the gradients; 0.004 unless given.
class AdamW final : public Optimizer {
 public:
  explicit AdamW(LearningRate learning_rate = 0.001, double weight_decay = 0.004, double beta_1 = 0.9,
                 double beta_2 = 0.999, double epsilon = 1e-7, bool amsgrad = false,
                 OptimizerOptions options = {});
};

/// a ← a + g², from `initial_accumulator_value`; w ← w - rate * g / √(a + ε)
class Adagrad final : public Optimizer {
 public:
  explicit Adagrad(LearningRate learning_rate = 0.001, double initial_accumulator_value = 0.1,
                   double epsilon = 1e-7, OptimizerOptions options = {});
};

/// a, d: running means of g² and of squared steps; step = √(d + ε) / √(a + ε) * g, w ← w - rate * step
class Adadelta final : public Optimizer {
 public:
  explicit Adadelta(LearningRate learning_rate = 0.001, double rho = 0.95, double epsilon = 1e-7,
                    OptimizerOptions options = {});
};

/// Adam with the largest recent gradient in place of the root mean square.
class Adamax final : public Optimizer {
 public:
  explicit Adamax(LearningRate learning_rate = 0.001, double beta_1 = 0.9, double beta_2 = 0.999,
                  double epsilon = 1e-7, OptimizerOptions options = {});
};

/// Adam with Nesterov's look-ahead.
class Nadam final : public Optimizer {
 public:
  explicit Nadam(LearningRate learning_rate = 0.001, double beta_1 = 0.9, double beta_2 = 0.999,
                 double epsilon = 1e-7, OptimizerOptions options = {});
};

/// w ← w - rate * sign(beta_1 * m + (1 - beta_1) * g); m ← beta_2 * m + (1 - beta_2) * g
class Lion final : public Optimizer {
 public:
  explicit Lion(LearningRate learning_rate = 0.001, double beta_1 = 0.9, double beta_2 = 0.99,
                OptimizerOptions options = {});
};

/// Adam's step, as long for each weight as the weight itself, times the rate: for large batches (You 2020).
class Lamb final : public Optimizer {
 public:
  explicit Lamb(LearningRate learning_rate = 0.001, double beta_1 = 0.9, double beta_2 = 0.999,
                double epsilon = 1e-7, OptimizerOptions options = {});
};

struct AdafactorOptions {
  double beta_2_decay = -0.8;  ///< running means forget by 1 - step ^ beta_2_decay
  double epsilon_1 = 1e-30;    ///< added to squares of gradients
  double epsilon_2 = 1e-3;     ///< least size of a weight
  double clip_threshold = 1;   ///< largest root mean square of a step
  bool relative_step = true;   ///< the rate is at most 1 / √step, as it is in any case
};
/// Steps measured by the weight's size and by mean squares of which rows and columns alone are kept (Shazeer
/// 2018).
class Adafactor final : public Optimizer {
 public:
  explicit Adafactor(LearningRate learning_rate = 0.001, AdafactorOptions adafactor = {},
                     OptimizerOptions options = {});
};

struct FtrlOptions {
  double learning_rate_power = -0.5, initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0, l2_regularization_strength = 0;
  double l2_shrinkage_regularization_strength = 0, beta = 0;
};
/// Follow the regularized leader (McMahan 2013): weights of little use become exactly 0.
class Ftrl final : public Optimizer {
 public:
  explicit Ftrl(LearningRate learning_rate = 0.001, FtrlOptions ftrl = {}, OptimizerOptions options = {});
};

/// All optimizers: what look-up, files, help and tests walk.
struct OptimizerRow {
  const char *name, *class_name, *what;
  Optimizer (*make)();  ///< with Keras' defaults
  Optimizer from_config(const Json& config, const std::string& place) const;
};
const std::vector<OptimizerRow>& optimizer_catalog();

}  // namespace folio
