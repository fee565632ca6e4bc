// The optimizers by name, and from Keras' configs.
#include <nlohmann/json.hpp>

#include "folio/layers/common/config.h"
#include "folio/training/optimizer.h"

namespace folio {
namespace {

/// Reads what all optimizers take, and lets the rest be asked for.
class Reader {
 public:
  Reader(const Json& config, const std::string& place) : read_(config, place) {
    options.name = read_.text("name", "");
    options.form = read_.text("form", "keras");
    options.weight_decay = read_.number("weight_decay", 0);
    options.clipnorm = read_.number("clipnorm", 0);
    options.clipvalue = read_.number("clipvalue", 0);
    options.global_clipnorm = read_.number("global_clipnorm", 0);
    options.use_ema = read_.flag("use_ema", false);
    options.ema_momentum = read_.number("ema_momentum", 0.99);
    options.ema_overwrite_frequency = read_.integer("ema_overwrite_frequency", 0);
    options.loss_scale_factor = read_.number("loss_scale_factor", 0);
    options.gradient_accumulation_steps = read_.integer("gradient_accumulation_steps", 0);
    for (const char* key : {"is_legacy_optimizer", "jit_compile", "decay"}) read_.raw(key);
  }
  LearningRate rate(double otherwise) {
    const Json& given = read_.raw("learning_rate");
    if (given.is_object()) return Schedule::from_config(given, read_.place() + ": learning_rate");
    return read_.number("learning_rate", otherwise);
  }
  double number(const char* key, double otherwise) { return read_.number(key, otherwise); }
  bool flag(const char* key, bool otherwise) { return read_.flag(key, otherwise); }
  void finish() { read_.finish(); }

  OptimizerOptions options;

 private:
  ConfigReader read_;
};

template <class Made, class... Arguments>
Optimizer finished(Reader& read, Arguments... arguments) {
  read.finish();
  return Made(arguments..., read.options);
}

}  // namespace

const std::vector<OptimizerRow>& optimizer_catalog() {
  static const std::vector<OptimizerRow> rows = {
      {"adafactor", "Adafactor", "rows and columns of squares, steps measured by the weight",
       [] { return Optimizer(Adafactor()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         AdafactorOptions adafactor;
         adafactor.beta_2_decay = read.number("beta_2_decay", -0.8);
         adafactor.epsilon_1 = read.number("epsilon_1", 1e-30);
         adafactor.epsilon_2 = read.number("epsilon_2", 1e-3);
         adafactor.clip_threshold = read.number("clip_threshold", 1);
         adafactor.relative_step = read.flag("relative_step", true);
         return finished<Adafactor>(read, read.rate(0.001), adafactor);
       }},
      {"adadelta", "Adadelta", "steps measured by earlier steps", [] { return Optimizer(Adadelta()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<Adadelta>(read, read.rate(0.001), read.number("rho", 0.95),
                                   read.number("epsilon", 1e-7));
       }},
      {"adagrad", "Adagrad", "divides by the root of all squares so far", [] { return Optimizer(Adagrad()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<Adagrad>(read, read.rate(0.001), read.number("initial_accumulator_value", 0.1),
                                  read.number("epsilon", 1e-7));
       }},
      {"adam", "Adam", "momentum and root mean square, both corrected for their start",
       [] { return Optimizer(Adam()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<Adam>(read, read.rate(0.001), read.number("beta_1", 0.9),
                               read.number("beta_2", 0.999), read.number("epsilon", 1e-7),
                               read.flag("amsgrad", false));
       }},
      {"adamax", "Adamax", "Adam with the largest recent gradient", [] { return Optimizer(Adamax()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<Adamax>(read, read.rate(0.001), read.number("beta_1", 0.9),
                                 read.number("beta_2", 0.999), read.number("epsilon", 1e-7));
       }},
      {"adamw", "AdamW", "Adam with decoupled weight decay", [] { return Optimizer(AdamW()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<AdamW>(read, read.rate(0.001), read.number("weight_decay", 0.004),
                                read.number("beta_1", 0.9), read.number("beta_2", 0.999),
                                read.number("epsilon", 1e-7), read.flag("amsgrad", false));
       }},
      {"ftrl", "Ftrl", "follow the regularized leader", [] { return Optimizer(Ftrl()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         FtrlOptions ftrl;
         ftrl.learning_rate_power = read.number("learning_rate_power", -0.5);
         ftrl.initial_accumulator_value = read.number("initial_accumulator_value", 0.1);
         ftrl.l1_regularization_strength = read.number("l1_regularization_strength", 0);
         ftrl.l2_regularization_strength = read.number("l2_regularization_strength", 0);
         ftrl.l2_shrinkage_regularization_strength = read.number("l2_shrinkage_regularization_strength", 0);
         ftrl.beta = read.number("beta", 0);
         return finished<Ftrl>(read, read.rate(0.001), ftrl);
       }},
      {"lamb", "Lamb", "Adam's step, as long as the weight", [] { return Optimizer(Lamb()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<Lamb>(read, read.rate(0.001), read.number("beta_1", 0.9),
                               read.number("beta_2", 0.999), read.number("epsilon", 1e-7));
       }},
      {"lion", "Lion", "the sign of a momentum", [] { return Optimizer(Lion()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<Lion>(read, read.rate(0.001), read.number("beta_1", 0.9),
                               read.number("beta_2", 0.99));
       }},
      {"nadam", "Nadam", "Adam with Nesterov's look-ahead", [] { return Optimizer(Nadam()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<Nadam>(read, read.rate(0.001), read.number("beta_1", 0.9),
                                read.number("beta_2", 0.999), read.number("epsilon", 1e-7));
       }},
      {"rmsprop", "RMSprop", "divides by a running root mean square", [] { return Optimizer(RMSprop()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<RMSprop>(read, read.rate(0.001), read.number("rho", 0.9), read.number("momentum", 0),
                                  read.number("epsilon", 1e-7), read.flag("centered", false));
       }},
      {"sgd", "SGD", "gradient descent, with momentum or Nesterov's", [] { return Optimizer(SGD()); },
       [](const Json& config, const std::string& place) {
         Reader read(config, place);
         return finished<SGD>(read, read.rate(0.01), read.number("momentum", 0),
                              read.flag("nesterov", false));
       }},
  };
  return rows;
}

}  // namespace folio
