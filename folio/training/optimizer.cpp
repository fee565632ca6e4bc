#include "folio/training/optimizer.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/config.h"
#include "folio/layers/layer.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

OptimizerOptions read_options(ConfigReader& read) {
  OptimizerOptions options;
  options.name = read.text("name", "");
  options.weight_decay = read.number("weight_decay", 0);
  options.clipnorm = read.number("clipnorm", 0);
  options.clipvalue = read.number("clipvalue", 0);
  options.global_clipnorm = read.number("global_clipnorm", 0);
  read.ignore("use_ema", {false});
  for (const char* key :
       {"ema_momentum", "ema_overwrite_frequency", "loss_scale_factor", "is_legacy_optimizer", "jit_compile"})
    read.raw(key);
  read.ignore("gradient_accumulation_steps");
  return options;
}

class SGDBody final : public OptimizerBody {
 public:
  SGDBody(double rate, double momentum, bool nesterov, OptimizerOptions options)
      : OptimizerBody(rate, std::move(options)), momentum_(momentum), nesterov_(nesterov) {
    if (!(momentum >= 0 && momentum <= 1))
      throw Error("SGD: momentum: expected a number from 0 to 1, got " + std::to_string(momentum));
  }
  std::string class_name() const override { return "SGD"; }

 private:
  Json own_config() const override { return {{"momentum", momentum_}, {"nesterov", nesterov_}}; }
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
  RMSpropBody(double rate, double rho, double momentum, double epsilon, bool centered,
              OptimizerOptions options)
      : OptimizerBody(rate, std::move(options)),
        rho_(rho),
        momentum_(momentum),
        epsilon_(epsilon),
        centered_(centered) {}
  std::string class_name() const override { return "RMSprop"; }

 private:
  Json own_config() const override {
    return {{"rho", rho_}, {"momentum", momentum_}, {"epsilon", epsilon_}, {"centered", centered_}};
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

class AdamBody final : public OptimizerBody {
 public:
  AdamBody(double rate, double beta_1, double beta_2, double epsilon, bool amsgrad, OptimizerOptions options)
      : OptimizerBody(rate, std::move(options)),
        beta_1_(beta_1),
        beta_2_(beta_2),
        epsilon_(epsilon),
        amsgrad_(amsgrad) {}
  std::string class_name() const override { return "Adam"; }

 private:
  Json own_config() const override {
    return {{"beta_1", beta_1_}, {"beta_2", beta_2_}, {"epsilon", epsilon_}, {"amsgrad", amsgrad_}};
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) {
      means_.push_back(slot(weight, "momentum"));
      squares_.push_back(slot(weight, "velocity"));
    }
    if (amsgrad_)
      for (const Parameter& weight : weights) largest_.push_back(slot(weight, "velocity_hat"));
  }
  void begin_step() override {
    const DType type = rate().dtype();
    const Value t = step_number();
    alpha_ = rate() * sqrt(1.0 - pow(constant(beta_2_, type), t)) / (1.0 - pow(constant(beta_1_, type), t));
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
    updates.push_back({weight, Value(weight) - mean * alpha_ / (sqrt(root) + epsilon_)});
  }
  double beta_1_, beta_2_, epsilon_;
  bool amsgrad_;
  std::vector<Parameter> means_, squares_, largest_;
  Value alpha_;
};

}  // namespace

OptimizerBody::OptimizerBody(double learning_rate, OptimizerOptions options) : options_(std::move(options)) {
  if (!(learning_rate >= 0) || std::isinf(learning_rate))
    throw Error("optimizer: learning_rate: expected a number of at least 0, got " +
                std::to_string(learning_rate));
  if ((options_.clipnorm > 0) + (options_.clipvalue > 0) + (options_.global_clipnorm > 0) > 1)
    throw Error("optimizer: only one of clipnorm, clipvalue and global_clipnorm can be set; choose one");
  iterations_ = Parameter("iteration", Tensor::scalar(0, DType::int64), false);
  learning_rate_ = Parameter("learning_rate", Tensor::scalar(learning_rate, floatx()), false);
}

void OptimizerBody::set_learning_rate(double rate) {
  if (!(rate >= 0) || std::isinf(rate))
    throw Error("optimizer: learning_rate: expected a number of at least 0, got " + std::to_string(rate));
  learning_rate_.set(Tensor::scalar(rate, learning_rate_.dtype()));
}

Json OptimizerBody::config() const {
  const auto or_null = [](double value) { return value > 0 ? Json(value) : Json(nullptr); };
  Json config = {{"name", options_.name.empty() ? snake_case(class_name()) : options_.name},
                 {"learning_rate", static_cast<double>(learning_rate())},
                 {"weight_decay", or_null(options_.weight_decay)},
                 {"clipnorm", or_null(options_.clipnorm)},
                 {"global_clipnorm", or_null(options_.global_clipnorm)},
                 {"clipvalue", or_null(options_.clipvalue)},
                 {"use_ema", false},
                 {"ema_momentum", 0.99},
                 {"ema_overwrite_frequency", nullptr},
                 {"loss_scale_factor", nullptr}};
  const Json own = own_config();
  for (const auto& [key, value] : own.items()) config[key] = value;
  return config;
}

Parameter OptimizerBody::slot(const Parameter& weight, const std::string& role) {
  Parameter made(weight.name() + "/" + role, Tensor(weight.shape(), weight.dtype()), false);
  slots_.push_back(made);
  return made;
}

void OptimizerBody::build(const std::vector<Parameter>& weights) {
  if (built_) return;
  make_slots(weights);
  built_ = true;
}

std::vector<Parameter> OptimizerBody::variables() const {
  std::vector<Parameter> all{iterations_, learning_rate_};
  all.insert(all.end(), slots_.begin(), slots_.end());
  return all;
}

Value OptimizerBody::step_number() const {
  return cast(Value(iterations_) + constant(1, DType::int64), learning_rate_.dtype());
}

std::vector<Update> OptimizerBody::updates(const std::vector<Parameter>& weights, const Values& given) {
  build(weights);
  Values gradients = given;
  if (options_.clipvalue > 0)
    for (Value& g : gradients) g = minimum(maximum(g, -options_.clipvalue), options_.clipvalue);
  if (options_.clipnorm > 0)
    for (Value& g : gradients) {
      const Value norm = sqrt(sum(square(g)));
      g = g * (options_.clipnorm / maximum(norm, options_.clipnorm));
    }
  if (options_.global_clipnorm > 0 && !gradients.empty()) {
    Value total;
    for (const Value& g : gradients) {
      const Value squares = sum(square(g));
      total = total.defined() ? total + squares : squares;
    }
    const Value factor = options_.global_clipnorm / maximum(sqrt(total), options_.global_clipnorm);
    for (Value& g : gradients) g = g * factor;
  }
  std::vector<Update> updates;
  begin_step();
  for (size_t i = 0; i < weights.size(); ++i) {
    const Scope scope("update " + weights[i].name());
    const size_t before = updates.size();
    step(i, weights[i], gradients[i], updates);
    // Decay acts on the weight before the step: w - w * decay * rate, and the step's change after it.
    if (options_.weight_decay > 0)
      for (size_t u = before; u < updates.size(); ++u)
        if (updates[u].parameter == weights[i])
          updates[u].value = updates[u].value - Value(weights[i]) * (options_.weight_decay * rate());
  }
  updates.push_back({iterations_, Value(iterations_) + constant(1, DType::int64)});
  return updates;
}

SGD::SGD(double learning_rate, double momentum, bool nesterov, OptimizerOptions options)
    : Optimizer(std::make_shared<SGDBody>(learning_rate, momentum, nesterov, std::move(options))) {}
RMSprop::RMSprop(double learning_rate, double rho, double momentum, double epsilon, bool centered,
                 OptimizerOptions options)
    : Optimizer(std::make_shared<RMSpropBody>(learning_rate, rho, momentum, epsilon, centered,
                                              std::move(options))) {}
Adam::Adam(double learning_rate, double beta_1, double beta_2, double epsilon, bool amsgrad,
           OptimizerOptions options)
    : Optimizer(
          std::make_shared<AdamBody>(learning_rate, beta_1, beta_2, epsilon, amsgrad, std::move(options))) {}

const std::vector<OptimizerRow>& optimizer_catalog() {
  static const std::vector<OptimizerRow> rows = {
      {"sgd", "SGD", "gradient descent, with momentum or Nesterov's", [] { return Optimizer(SGD()); },
       [](const Json& config, const std::string& place) {
         ConfigReader read(config, place);
         const double rate = read.number("learning_rate", 0.01), momentum = read.number("momentum", 0);
         const bool nesterov = read.flag("nesterov", false);
         OptimizerOptions options = read_options(read);
         read.finish();
         return Optimizer(SGD(rate, momentum, nesterov, options));
       }},
      {"rmsprop", "RMSprop", "divides by a running root mean square", [] { return Optimizer(RMSprop()); },
       [](const Json& config, const std::string& place) {
         ConfigReader read(config, place);
         const double rate = read.number("learning_rate", 0.001), rho = read.number("rho", 0.9),
                      momentum = read.number("momentum", 0), epsilon = read.number("epsilon", 1e-7);
         const bool centered = read.flag("centered", false);
         OptimizerOptions options = read_options(read);
         read.finish();
         return Optimizer(RMSprop(rate, rho, momentum, epsilon, centered, options));
       }},
      {"adam", "Adam", "momentum and root mean square, both corrected for their start",
       [] { return Optimizer(Adam()); },
       [](const Json& config, const std::string& place) {
         ConfigReader read(config, place);
         const double rate = read.number("learning_rate", 0.001), beta_1 = read.number("beta_1", 0.9),
                      beta_2 = read.number("beta_2", 0.999), epsilon = read.number("epsilon", 1e-7);
         const bool amsgrad = read.flag("amsgrad", false);
         OptimizerOptions options = read_options(read);
         read.finish();
         return Optimizer(Adam(rate, beta_1, beta_2, epsilon, amsgrad, options));
       }},
  };
  return rows;
}

Optimizer::Optimizer(const std::string& name) {
  std::string names;
  for (const OptimizerRow& row : optimizer_catalog()) {
    if (name == row.name || name == row.class_name) {
      *this = row.make();
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error("optimizer: expected one of " + names + ", got \"" + name + "\"");
}

Optimizer Optimizer::from_config(const Json& envelope, const std::string& place) {
  if (envelope.is_string()) return Optimizer(envelope.get<std::string>());
  if (!envelope.is_object() || !envelope.contains("class_name") || !envelope["class_name"].is_string())
    throw Error(place + ": expected an optimizer with class_name and config, got " +
                envelope.dump().substr(0, 80));
  const auto name = envelope["class_name"].get<std::string>();
  const Json config = envelope.value("config", Json::object());
  std::string names;
  for (const OptimizerRow& row : optimizer_catalog()) {
    if (name == row.class_name) return row.from_config(config, place + " (" + name + ")");
    names += (names.empty() ? "" : ", ") + std::string(row.class_name);
  }
  throw Error(place + ": expected one of the optimizers " + names + ", got \"" + name + "\"");
}

}  // namespace folio
