// What weights are held to after every training step.
#pragma once
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/graph/value.h"

namespace folio {

/// A Keras constraint: a name ("non_neg", "max_norm"), or one with settings of its own. Written where a name
/// is expected. Norms are those of the weight's slices along `axis`: of a Dense kernel along 0, the weights
/// of each unit; of a Conv2D kernel {0, 1, 2}, those of each filter.
struct Constraint {
  Constraint() = default;                                          ///< none
  Constraint(const char* name) : Constraint(std::string(name)) {}  // NOLINT: names convert
  Constraint(const std::string& name);  // NOLINT; throws `Error` listing the known names
  /// Slices longer than `max_value` are shortened to it.
  static Constraint max_norm(double max_value = 2, std::vector<int64_t> axis = {0});
  /// Slices outside move towards [min_value, max_value], by the share `rate` of the way.
  static Constraint min_max_norm(double min_value = 0, double max_value = 1, double rate = 1,
                                 std::vector<int64_t> axis = {0});
  /// Elements below 0 become 0.
  static Constraint non_neg();
  /// Slices get length 1.
  static Constraint unit_norm(std::vector<int64_t> axis = {0});
  /// From a Keras config: null, a name, or an object with class_name and config.
  static Constraint from_config(const Json& config);
  Json config() const;

  bool defined() const { return !class_name.empty(); }
  /// The weight as it should be.
  Value operator()(const Value& weight) const;

  std::string class_name;  ///< "MaxNorm", "MinMaxNorm", "NonNeg" or "UnitNorm"; empty: none
  double min_value = 0, max_value = 0, rate = 1;
  std::vector<int64_t> axis;
};

/// The class names: what look-up and tests walk.
const std::vector<std::string>& constraint_names();

}  // namespace folio
