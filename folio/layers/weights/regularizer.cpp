#include "folio/layers/weights/regularizer.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

Regularizer made(const char* class_name, double l1, double l2) {
  for (double factor : {l1, l2})
    if (!std::isfinite(factor))
      throw Error(fmt::format("regularizer: expected finite numbers, got {}", factor));
  Regularizer result;
  result.class_name = class_name;
  result.of_absolutes = l1, result.of_squares = l2;
  return result;
}

double factor_of(const Json& settings, const char* key, double otherwise) {
  if (!settings.contains(key) || settings[key].is_null()) return otherwise;
  if (!settings[key].is_number())
    throw Error(
        fmt::format("regularizer: {}: expected a number, got {}", key, settings[key].dump().substr(0, 80)));
  return settings[key].get<double>();
}

}  // namespace

Regularizer::Regularizer(const std::string& name) {
  if (name == "l1" || name == "L1")
    *this = l1(0.01);
  else if (name == "l2" || name == "L2")
    *this = l2(0.01);
  else if (name == "l1l2" || name == "L1L2")
    *this = l1_l2(0, 0);  // Keras' defaults: nothing
  else
    throw Error("regularizer: expected one of l1, l2, L1L2, got \"" + name.substr(0, 80) + "\"");
}

Regularizer Regularizer::l1(double factor) { return made("L1", factor, 0); }
Regularizer Regularizer::l2(double factor) { return made("L2", 0, factor); }
Regularizer Regularizer::l1_l2(double l1, double l2) { return made("L1L2", l1, l2); }

Regularizer Regularizer::from_config(const Json& config) {
  if (config.is_null()) return {};
  if (config.is_string()) return Regularizer(config.get<std::string>());
  if (!config.is_object() || !config.contains("class_name") || !config["class_name"].is_string())
    throw Error("regularizer: expected null, a name or an object with class_name, got " +
                config.dump().substr(0, 80));
  const Regularizer standard(config["class_name"].get<std::string>());
  const Json settings = config.value("config", Json::object());
  if (!settings.is_object())
    throw Error("regularizer: config: expected an object, got " + settings.dump().substr(0, 80));
  return made(standard.class_name.c_str(), factor_of(settings, "l1", standard.of_absolutes),
              factor_of(settings, "l2", standard.of_squares));
}

Json Regularizer::config() const {
  if (!defined()) return nullptr;
  Json settings = Json::object();
  if (class_name != "L2") settings["l1"] = of_absolutes;
  if (class_name != "L1") settings["l2"] = of_squares;
  return {{"module", "keras.regularizers"},
          {"class_name", class_name},
          {"config", settings},
          {"registered_name", nullptr}};
}

Value Regularizer::operator()(const Value& x) const {
  Value penalty;
  if (of_absolutes != 0) penalty = sum(abs(x)) * of_absolutes;
  if (of_squares != 0) {
    const Value squares = sum(square(x)) * of_squares;
    penalty = penalty.defined() ? penalty + squares : squares;
  }
  return penalty.defined() ? penalty : constant(0, x.dtype());
}

}  // namespace folio
