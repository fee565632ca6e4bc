#include "folio/layers/weights/constraint.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

constexpr double kEpsilon = 1e-7;  // Keras' backend epsilon

Constraint made(const char* class_name, double min_value, double max_value, double rate,
                std::vector<int64_t> axis) {
  for (double number : {min_value, max_value, rate})
    if (!std::isfinite(number))
      throw Error(fmt::format("constraint {}: expected finite numbers, got {}", class_name, number));
  Constraint result;
  result.class_name = class_name;
  result.min_value = min_value, result.max_value = max_value, result.rate = rate;
  result.axis = std::move(axis);
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
  if (config.is_string()) return Constraint(config.get<std::string>());
  if (!config.is_object() || !config.contains("class_name") || !config["class_name"].is_string())
    throw Error("constraint: expected null, a name or an object with class_name, got " +
                config.dump().substr(0, 80));
  const Constraint standard(config["class_name"].get<std::string>());
  const Json settings = config.value("config", Json::object());
  ConfigReader read(settings, "constraint " + standard.class_name);
  double least = standard.min_value, most = standard.max_value, rate = standard.rate;
  const bool between = standard.class_name == "MinMaxNorm";
  if (between) least = read.number("min_value", least), rate = read.number("rate", rate);
  if (between || standard.class_name == "MaxNorm") most = read.number("max_value", most);
  std::vector<int64_t> axis = standard.axis;
  if (standard.class_name != "NonNeg") axis = read.integers("axis", axis);
  read.finish();
  return made(standard.class_name.c_str(), least, most, rate, std::move(axis));
}

Json Constraint::config() const {
  if (!defined()) return nullptr;
  Json settings = Json::object();
  const bool between = class_name == "MinMaxNorm";
  if (between) settings["min_value"] = min_value;
  if (between || class_name == "MaxNorm") settings["max_value"] = max_value;
  if (between) settings["rate"] = rate;
  if (class_name != "NonNeg") settings["axis"] = axis.size() == 1 ? Json(axis[0]) : Json(axis);
  return {{"module", "keras.constraints"},
          {"class_name", class_name},
          {"config", settings},
          {"registered_name", nullptr}};
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
