#include "folio/layers/weights/constraint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {

static void fields(Fields& f, Constraint& c) {
  const bool between = c.class_name == "MinMaxNorm";
  if (between) f("min_value", c.min_value, {.finite = true});
  if (between || c.class_name == "MaxNorm") f("max_value", c.max_value, {.finite = true});
  if (between) f("rate", c.rate, {.finite = true});
  if (c.class_name != "NonNeg") f("axis", c.axis, {.one_as_number = true});
}

namespace {

constexpr double kEpsilon = 1e-7;  // Keras' backend epsilon

Constraint made(const char* class_name, double min_value, double max_value, double rate,
                std::vector<int64_t> axis) {
  Constraint result;
  result.class_name = class_name;
  result.min_value = min_value, result.max_value = max_value, result.rate = rate;
  result.axis = std::move(axis);
  check_fields("constraint " + result.class_name, [&](Fields& f) { fields(f, result); });
  return result;
}

// Keras' norms, with its guard against slices of zeros: w * wanted / (epsilon + norm).
template <class Wanted>
Value with_norms(const Value& weight, const std::vector<int64_t>& axis, Wanted&& wanted) {
  std::vector<int> axes;
  for (int64_t place : axis) {
    if (place < -weight.rank() || place >= weight.rank())
      throw Error(fmt::format("constraint: axis: expected dimensions of a weight {}, got {}",
                              to_string(weight.shape()), place));
    axes.push_back(static_cast<int>(place));
  }
  const Value norms = sqrt(sum(square(weight), axes, true));
  return weight * (wanted(norms) / (norms + kEpsilon));
}

}  // namespace

const std::vector<std::string>& constraint_names() {
  static const std::vector<std::string> names = {"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"};
  return names;
}

Constraint::Constraint(const std::string& name) {
  if (name == "MaxNorm" || name == "max_norm")
    *this = max_norm();
  else if (name == "MinMaxNorm" || name == "min_max_norm")
    *this = min_max_norm();
  else if (name == "NonNeg" || name == "non_neg")
    *this = non_neg();
  else if (name == "UnitNorm" || name == "unit_norm")
    *this = unit_norm();
  else
    throw Error(fmt::format("constraint: expected one of {}, got \"{}\"", fmt::join(constraint_names(), ", "),
                            name.substr(0, 80)));
}

Constraint Constraint::max_norm(double max_value, std::vector<int64_t> axis) {
  return made("MaxNorm", 0, max_value, 1, std::move(axis));
}
Constraint Constraint::min_max_norm(double min_value, double max_value, double rate,
                                    std::vector<int64_t> axis) {
  return made("MinMaxNorm", min_value, max_value, rate, std::move(axis));
}
Constraint Constraint::non_neg() { return made("NonNeg", 0, 0, 1, {}); }
Constraint Constraint::unit_norm(std::vector<int64_t> axis) {
  return made("UnitNorm", 1, 1, 1, std::move(axis));
}

Constraint Constraint::from_config(const Json& config) {
  if (config.is_null()) return {};
  const NamedConfig given = named_config("constraint", config);
  Constraint result(given.class_name);
  read_fields(
      given.config, "constraint " + result.class_name, [&](Fields& f) { fields(f, result); }, kKerasEntries);
  return result;
}

Json Constraint::config() const {
  if (!defined()) return nullptr;
  Constraint copy = *this;
  return keras_object("keras.constraints", class_name, written_fields([&](Fields& f) { fields(f, copy); }));
}

Value Constraint::operator()(const Value& weight) const {
  if (class_name == "NonNeg") return weight * (weight >= 0.0);
  return with_norms(weight, axis, [&](const Value& norms) {
    if (class_name == "UnitNorm") return constant(1, norms.dtype());
    const Value within = minimum(maximum(norms, min_value), max_value);
    return rate == 1 ? within : rate * within + (1 - rate) * norms;
  });
}

}  // namespace folio
