// What the normalizations of single examples share: mean 0 and variance 1, then scale and center.
#pragma once
#include <vector>

#include "folio/graph/value.h"
#include "folio/layers/common/layer_fields.h"

namespace folio {

/// (x − mean) / √(variance + epsilon), with mean and (biased) variance over `axes`.
Value standardized(const Value& x, const std::vector<int>& axes, double epsilon);

/// 1 / √(variance + epsilon), with the same variance.
Value inverse_deviation(const Value& x, const std::vector<int>& axes, double epsilon);

/// The fields of options with gamma and beta.
template <class Options>
void scale_and_center_fields(Fields& f, Options& o) {
  f("epsilon", o.epsilon, {.least = 0});
  f("center", o.center);
  f("scale", o.scale);
  weight_fields(f, "beta", o.beta_initializer, o.beta_regularizer, o.beta_constraint);
  weight_fields(f, "gamma", o.gamma_initializer, o.gamma_regularizer, o.gamma_constraint);
}
template <class Options>
WeightRules beta_rules(const Options& o) {
  return {o.beta_initializer, o.beta_regularizer, o.beta_constraint};
}
template <class Options>
WeightRules gamma_rules(const Options& o) {
  return {o.gamma_initializer, o.gamma_regularizer, o.gamma_constraint};
}

}  // namespace folio
