// The formulas of the optimizers.

#include "folio/base/fields.h"
#include "folio/ops/elementwise.h"
#include "folio/training/optimizer.h"

namespace folio {
namespace {

class SGDBody final : public OptimizerBody {
 public:
  SGDBody(LearningRate rate, double momentum, bool nesterov, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)), momentum_(momentum), nesterov_(nesterov) {}
  std::string class_name() const override { return "SGD"; }

 private:
  bool on_sheet() const override { return true; }
  void own_fields(Fields& f) override {
    f("momentum", momentum_, {.least = 0, .most = 1});
    f("nesterov", nesterov_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    if (momentum_ > 0)
      for (const Parameter& weight : weights) momentums_.push_back(slot(weight, "momentum"));
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value w(weight), change = gradient * rate();
    if (momentum_ == 0) {
      updates.push_back({weight, w - change});
      return;
    }
    const Value m = Value(momentums_[i]) * momentum_ - change;
    updates.push_back({momentums_[i], m});
    updates.push_back({weight, nesterov_ ? w + (m * momentum_ - change) : w + m});
  }
  double momentum_;
  bool nesterov_;
  std::vector<Parameter> momentums_;
};

class RMSpropBody final : public OptimizerBody {
 public:
  RMSpropBody(LearningRate rate, double rho, double momentum, double epsilon, bool centered,
              OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)),
        rho_(rho),
        momentum_(momentum),
        epsilon_(epsilon),
        centered_(centered) {}
  std::string class_name() const override { return "RMSprop"; }

 private:
  bool on_sheet() const override { return true; }
  void own_fields(Fields& f) override {
    f("rho", rho_);
    f("momentum", momentum_);
    f("epsilon", epsilon_);
    f("centered", centered_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) velocities_.push_back(slot(weight, "velocity"));
    if (momentum_ > 0)
      for (const Parameter& weight : weights) momentums_.push_back(slot(weight, "momentum"));
    if (centered_)
      for (const Parameter& weight : weights) averages_.push_back(slot(weight, "average_gradient"));
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value velocity = rho_ * Value(velocities_[i]) + (1 - rho_) * square(gradient);
    updates.push_back({velocities_[i], velocity});
    Value denominator = velocity + epsilon_;
    if (centered_) {
      const Value average = rho_ * Value(averages_[i]) + (1 - rho_) * gradient;
      updates.push_back({averages_[i], average});
      denominator = velocity - square(average) + epsilon_;
    }
    Value change = rate() * gradient / sqrt(denominator);
    if (momentum_ > 0) {
      change = momentum_ * Value(momentums_[i]) + change;
      updates.push_back({momentums_[i], change});
    }
    updates.push_back({weight, Value(weight) - change});
  }
  double rho_, momentum_, epsilon_;
  bool centered_;
  std::vector<Parameter> velocities_, momentums_, averages_;
};

class AdamBody : public OptimizerBody {
 public:
  AdamBody(LearningRate rate, double beta_1, double beta_2, double epsilon, bool amsgrad,
           OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)),
        beta_1_(beta_1),
        beta_2_(beta_2),
        epsilon_(epsilon),
        amsgrad_(amsgrad) {}
  std::string class_name() const override { return "Adam"; }

 private:
  bool on_sheet() const override { return true; }
  void own_fields(Fields& f) override {
    f("beta_1", beta_1_);
    f("beta_2", beta_2_);
    f("epsilon", epsilon_);
    f("amsgrad", amsgrad_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) {
      means_.push_back(slot(weight, "momentum"));
      squares_.push_back(slot(weight, "velocity"));
    }
    if (amsgrad_)
      for (const Parameter& weight : weights) largest_.push_back(slot(weight, "velocity_hat"));
  }
  void begin_step(std::vector<Update>&) override {
    const Value t = step_number(), root = sqrt(1.0 - pow(number(beta_2_), t));
    alpha_ = rate() * root / (1.0 - pow(number(beta_1_), t));
    // ε after the correction of the root is ε times that correction before it.
    added_ = as_on_sheet() ? epsilon_ * root : number(epsilon_);
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value m(means_[i]), v(squares_[i]);
    const Value mean = m + (gradient - m) * (1 - beta_1_),
                squared = v + (square(gradient) - v) * (1 - beta_2_);
    updates.push_back({means_[i], mean});
    updates.push_back({squares_[i], squared});
    Value root = squared;
    if (amsgrad_) {
      root = maximum(Value(largest_[i]), squared);
      updates.push_back({largest_[i], root});
    }
    updates.push_back({weight, Value(weight) - mean * alpha_ / (sqrt(root) + added_)});
  }
  double beta_1_, beta_2_, epsilon_;
  bool amsgrad_;
  std::vector<Parameter> means_, squares_, largest_;
  Value alpha_, added_;
};

class AdamWBody final : public AdamBody {
 public:
  using AdamBody::AdamBody;
  std::string class_name() const override { return "AdamW"; }
};

class AdagradBody final : public OptimizerBody {
 public:
  AdagradBody(LearningRate rate, double initial, double epsilon, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)), initial_(initial), epsilon_(epsilon) {}
  std::string class_name() const override { return "Adagrad"; }

 private:
  bool on_sheet() const override { return true; }
  void own_fields(Fields& f) override {
    f("initial_accumulator_value", initial_);
    f("epsilon", epsilon_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    const double first = as_on_sheet() ? 0 : initial_;
    for (const Parameter& weight : weights) sums_.push_back(slot(weight, "accumulator", first));
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value total = Value(sums_[i]) + square(gradient);
    updates.push_back({sums_[i], total});
    const Value root = as_on_sheet() ? sqrt(total) + epsilon_ : sqrt(total + epsilon_);
    updates.push_back({weight, Value(weight) - rate() * gradient / root});
  }
  double initial_, epsilon_;
  std::vector<Parameter> sums_;
};

class AdadeltaBody final : public OptimizerBody {
 public:
  AdadeltaBody(LearningRate rate, double rho, double epsilon, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)), rho_(rho), epsilon_(epsilon) {}
  std::string class_name() const override { return "Adadelta"; }

 private:
  void own_fields(Fields& f) override {
    f("rho", rho_);
    f("epsilon", epsilon_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) {
      gradients_.push_back(slot(weight, "accumulated_grad"));
      changes_.push_back(slot(weight, "accumulated_delta_var"));
    }
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value squares = rho_ * Value(gradients_[i]) + (1 - rho_) * square(gradient), before(changes_[i]);
    const Value change = sqrt(before + epsilon_) * gradient / sqrt(squares + epsilon_);
    updates.push_back({gradients_[i], squares});
    updates.push_back({changes_[i], rho_ * before + (1 - rho_) * square(change)});
    updates.push_back({weight, Value(weight) - rate() * change});
  }
  double rho_, epsilon_;
  std::vector<Parameter> gradients_, changes_;
};

class AdamaxBody final : public OptimizerBody {
 public:
  AdamaxBody(LearningRate rate, double beta_1, double beta_2, double epsilon, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)),
        beta_1_(beta_1),
        beta_2_(beta_2),
        epsilon_(epsilon) {}
  std::string class_name() const override { return "Adamax"; }

 private:
  void own_fields(Fields& f) override {
    f("beta_1", beta_1_);
    f("beta_2", beta_2_);
    f("epsilon", epsilon_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) {
      means_.push_back(slot(weight, "momentum"));
      norms_.push_back(slot(weight, "norm"));
    }
  }
  void begin_step(std::vector<Update>&) override {
    alpha_ = rate() / (1.0 - pow(number(beta_1_), step_number()));
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value m(means_[i]), mean = m + (gradient - m) * (1 - beta_1_),
                              norm = maximum(beta_2_ * Value(norms_[i]), abs(gradient));
    updates.push_back({means_[i], mean});
    updates.push_back({norms_[i], norm});
    updates.push_back({weight, Value(weight) - mean * alpha_ / (norm + epsilon_)});
  }
  double beta_1_, beta_2_, epsilon_;
  std::vector<Parameter> means_, norms_;
  Value alpha_;
};

class NadamBody final : public OptimizerBody {
 public:
  NadamBody(LearningRate rate, double beta_1, double beta_2, double epsilon, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)),
        beta_1_(beta_1),
        beta_2_(beta_2),
        epsilon_(epsilon) {}
  std::string class_name() const override { return "Nadam"; }

 private:
  void own_fields(Fields& f) override {
    f("beta_1", beta_1_);
    f("beta_2", beta_2_);
    f("epsilon", epsilon_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) {
      means_.push_back(slot(weight, "momentum"));
      squares_.push_back(slot(weight, "velocity"));
    }
    product_ = scalar_slot("u_product", 1);
  }
  // The momentum of step t after Dozat (2016): beta_1 with a warm-up.
  Value momentum_of(const Value& t) const { return beta_1_ * (1.0 - 0.5 * pow(number(0.96), t)); }
  void begin_step(std::vector<Update>& updates) override {
    const Value t = step_number(), now = momentum_of(t), next = momentum_of(t + 1.0),
                product = Value(product_) * now;
    updates.push_back({product_, product});
    of_mean_ = next / (1.0 - product * next);
    of_gradient_ = (1.0 - now) / (1.0 - product);
    correction_ = 1.0 - pow(number(beta_2_), t);
    rate_ = rate();
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value m(means_[i]), v(squares_[i]);
    const Value mean = m + (gradient - m) * (1 - beta_1_),
                squared = v + (square(gradient) - v) * (1 - beta_2_);
    updates.push_back({means_[i], mean});
    updates.push_back({squares_[i], squared});
    const Value ahead = mean * of_mean_ + gradient * of_gradient_;
    updates.push_back({weight, Value(weight) - ahead * rate_ / (sqrt(squared / correction_) + epsilon_)});
  }
  double beta_1_, beta_2_, epsilon_;
  std::vector<Parameter> means_, squares_;
  Parameter product_;
  Value of_mean_, of_gradient_, correction_, rate_;
};

class LionBody final : public OptimizerBody {
 public:
  LionBody(LearningRate rate, double beta_1, double beta_2, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)), beta_1_(beta_1), beta_2_(beta_2) {}
  std::string class_name() const override { return "Lion"; }

 private:
  void own_fields(Fields& f) override {
    f("beta_1", beta_1_, {.most = 1, .above = 0});
    f("beta_2", beta_2_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) means_.push_back(slot(weight, "momentum"));
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value m(means_[i]);
    updates.push_back({weight, Value(weight) - rate() * sign(m * beta_1_ + gradient * (1 - beta_1_))});
    updates.push_back({means_[i], m * beta_2_ + gradient * (1 - beta_2_)});
  }
  double beta_1_, beta_2_;
  std::vector<Parameter> means_;
};

class FtrlBody final : public OptimizerBody {
 public:
  FtrlBody(LearningRate rate, FtrlOptions ftrl, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)), ftrl_(ftrl) {}
  std::string class_name() const override { return "Ftrl"; }

 private:
  void own_fields(Fields& f) override {
    f("learning_rate_power", ftrl_.learning_rate_power, {.most = 0});
    f("initial_accumulator_value", ftrl_.initial_accumulator_value, {.least = 0});
    f("l1_regularization_strength", ftrl_.l1_regularization_strength, {.least = 0});
    f("l2_regularization_strength", ftrl_.l2_regularization_strength, {.least = 0});
    f("l2_shrinkage_regularization_strength", ftrl_.l2_shrinkage_regularization_strength, {.least = 0});
    f("beta", ftrl_.beta);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) {
      sums_.push_back(slot(weight, "accumulator", ftrl_.initial_accumulator_value));
      linears_.push_back(slot(weight, "linear"));
    }
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value w(weight), before(sums_[i]), after = before + square(gradient);
    const double power = -ftrl_.learning_rate_power, l1 = ftrl_.l1_regularization_strength;
    const Value grown = (pow(after, power) - pow(before, power)) / rate();
    const Value linear =
        Value(linears_[i]) + (gradient + w * (2 * ftrl_.l2_shrinkage_regularization_strength) - grown * w);
    const Value quadratic =
        pow(after, power) / rate() + (2 * ftrl_.l2_regularization_strength + ftrl_.beta / rate());
    updates.push_back({weight, (minimum(maximum(linear, -l1), l1) - linear) / quadratic});
    updates.push_back({linears_[i], linear});
    updates.push_back({sums_[i], after});
  }
  FtrlOptions ftrl_;
  std::vector<Parameter> sums_, linears_;
};

}  // namespace

SGD::SGD(LearningRate rate, double momentum, bool nesterov, OptimizerOptions options)
    : Optimizer(std::make_shared<SGDBody>(std::move(rate), momentum, nesterov, std::move(options))) {}
RMSprop::RMSprop(LearningRate rate, double rho, double momentum, double epsilon, bool centered,
                 OptimizerOptions options)
    : Optimizer(std::make_shared<RMSpropBody>(std::move(rate), rho, momentum, epsilon, centered,
                                              std::move(options))) {}
Adam::Adam(LearningRate rate, double beta_1, double beta_2, double epsilon, bool amsgrad,
           OptimizerOptions options)
    : Optimizer(std::make_shared<AdamBody>(std::move(rate), beta_1, beta_2, epsilon, amsgrad,
                                           std::move(options))) {}
AdamW::AdamW(LearningRate rate, double weight_decay, double beta_1, double beta_2, double epsilon,
             bool amsgrad, OptimizerOptions options) {
  options.weight_decay = weight_decay;
  body_ = std::make_shared<AdamWBody>(std::move(rate), beta_1, beta_2, epsilon, amsgrad, std::move(options));
  body_->finish_making();
}
Adagrad::Adagrad(LearningRate rate, double initial_accumulator_value, double epsilon,
                 OptimizerOptions options)
    : Optimizer(std::make_shared<AdagradBody>(std::move(rate), initial_accumulator_value, epsilon,
                                              std::move(options))) {}
Adadelta::Adadelta(LearningRate rate, double rho, double epsilon, OptimizerOptions options)
    : Optimizer(std::make_shared<AdadeltaBody>(std::move(rate), rho, epsilon, std::move(options))) {}
Adamax::Adamax(LearningRate rate, double beta_1, double beta_2, double epsilon, OptimizerOptions options)
    : Optimizer(std::make_shared<AdamaxBody>(std::move(rate), beta_1, beta_2, epsilon, std::move(options))) {}
Nadam::Nadam(LearningRate rate, double beta_1, double beta_2, double epsilon, OptimizerOptions options)
    : Optimizer(std::make_shared<NadamBody>(std::move(rate), beta_1, beta_2, epsilon, std::move(options))) {}
Lion::Lion(LearningRate rate, double beta_1, double beta_2, OptimizerOptions options)
    : Optimizer(std::make_shared<LionBody>(std::move(rate), beta_1, beta_2, std::move(options))) {}
Ftrl::Ftrl(LearningRate rate, FtrlOptions ftrl, OptimizerOptions options)
    : Optimizer(std::make_shared<FtrlBody>(std::move(rate), ftrl, std::move(options))) {}

}  // namespace folio
