// What the normalizations of single examples share: mean 0 and variance 1, then scale and center.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "folio/graph/value.h"
#include "folio/layers/common/config.h"

namespace folio {

/// (x − mean) / √(variance + epsilon), with mean and (biased) variance over `axes`.
Value standardized(const Value& x, const std::vector<int>& axes, double epsilon);

/// Throws `Error` unless epsilon is at least 0.
void check_epsilon(const char* layer, double epsilon);

template <class Options>
WeightRules beta_rules(const Options& options) {
  return {options.beta_initializer, options.beta_regularizer, options.beta_constraint};
}
template <class Options>
WeightRules gamma_rules(const Options& options) {
  return {options.gamma_initializer, options.gamma_regularizer, options.gamma_constraint};
}

/// Options of layers with gamma and beta, to and from Keras' config.
template <class Options>
void add_scale_and_center(const Options& options, Json& config) {
  config["epsilon"] = options.epsilon;
  config["center"] = options.center;
  config["scale"] = options.scale;
  beta_rules(options).write(config, "beta");
  gamma_rules(options).write(config, "gamma");
}

template <class Options>
void read_scale_and_center(ConfigReader& read, Options& options) {
  options.epsilon = read.number("epsilon", options.epsilon);
  options.center = read.flag("center", true);
  options.scale = read.flag("scale", true);
  const WeightRules beta = read.weight("beta", "zeros"), gamma = read.weight("gamma", "ones");
  options.beta_initializer = beta.initializer, options.gamma_initializer = gamma.initializer;
  options.beta_regularizer = beta.regularizer, options.gamma_regularizer = gamma.regularizer;
  options.beta_constraint = beta.constraint, options.gamma_constraint = gamma.constraint;
}

}  // namespace folio
