// What the normalizations of single examples share: mean 0 and variance 1, then scale and center.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "folio/graph/value.h"
#include "folio/layers/config.h"

namespace folio {

/// (x − mean) / √(variance + epsilon), with mean and (biased) variance over `axes`.
Value standardized(const Value& x, const std::vector<int>& axes, double epsilon);

/// Throws `Error` unless epsilon is at least 0.
void check_epsilon(const char* layer, double epsilon);

/// Options of layers with gamma and beta, to and from Keras' config.
template <class Options>
void add_scale_and_center(const Options& options, Json& config) {
  config["epsilon"] = options.epsilon;
  config["center"] = options.center;
  config["scale"] = options.scale;
  config["beta_initializer"] = options.beta_initializer.config();
  config["gamma_initializer"] = options.gamma_initializer.config();
  for (const char* key : {"beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"})
    config[key] = nullptr;
}

template <class Options>
void read_scale_and_center(ConfigReader& read, Options& options) {
  options.epsilon = read.number("epsilon", options.epsilon);
  options.center = read.flag("center", true);
  options.scale = read.flag("scale", true);
  options.beta_initializer = read.initializer("beta_initializer", "zeros");
  options.gamma_initializer = read.initializer("gamma_initializer", "ones");
  for (const char* key : {"beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"})
    read.ignore(key);
}

}  // namespace folio
