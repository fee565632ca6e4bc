#include "folio/layers/common/config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/ops/activations.h"

namespace folio {
namespace {
const Json kNull;
}

ConfigReader::ConfigReader(const Json& config, std::string place)
    : config_(config), place_(std::move(place)) {
  if (!config.is_object())
    throw Error(place_ + ": expected a config object, got " + config.dump().substr(0, 80));
  // What every Keras config may hold and Folio reads elsewhere.
  for (const char* key : {"name", "trainable", "dtype"}) used_.insert(key);
}

const Json& ConfigReader::raw(const std::string& key) {
  used_.insert(key);
  const auto found = config_.find(key);
  return found == config_.end() ? kNull : *found;
}

bool ConfigReader::has(const std::string& key) { return !raw(key).is_null(); }

void ConfigReader::fail(const std::string& key, const std::string& expected) {
  throw Error(place_ + ": " + key + ": expected " + expected + ", got " + raw(key).dump().substr(0, 120));
}

std::string ConfigReader::text(const std::string& key, const std::string& otherwise) {
  if (!has(key)) return otherwise;
  if (!raw(key).is_string()) fail(key, "a text");
  return raw(key).get<std::string>();
}

bool ConfigReader::flag(const std::string& key, bool otherwise) {
  if (!has(key)) return otherwise;
  if (!raw(key).is_boolean()) fail(key, "true or false");
  return raw(key).get<bool>();
}

double ConfigReader::number(const std::string& key, double otherwise) {
  if (!has(key)) return otherwise;
  if (!raw(key).is_number()) fail(key, "a number");
  return raw(key).get<double>();
}

int64_t ConfigReader::integer(const std::string& key) {
  if (!raw(key).is_number_integer()) fail(key, "a whole number");
  return raw(key).get<int64_t>();
}

int64_t ConfigReader::integer(const std::string& key, int64_t otherwise) {
  return has(key) ? integer(key) : otherwise;
}

std::vector<int64_t> ConfigReader::integers(const std::string& key, size_t count, int64_t otherwise) {
  const Json& value = raw(key);
  if (value.is_null()) return std::vector<int64_t>(count, otherwise);
  if (value.is_number_integer()) return std::vector<int64_t>(count, value.get<int64_t>());
  std::vector<int64_t> result;
  if (value.is_array())
    for (const Json& item : value)
      if (item.is_number_integer()) result.push_back(item.get<int64_t>());
  if (result.size() != count || value.size() != count)
    fail(key, "a whole number or a list of " + std::to_string(count));
  return result;
}

std::vector<int64_t> ConfigReader::integers(const std::string& key, std::vector<int64_t> otherwise) {
  const Json& value = raw(key);
  if (value.is_null()) return otherwise;
  if (value.is_number_integer()) return {value.get<int64_t>()};
  if (!value.is_array()) fail(key, "a whole number or a list of them");
  std::vector<int64_t> result;
  for (const Json& item : value) {
    if (!item.is_number_integer()) fail(key, "a whole number or a list of them");
    result.push_back(item.get<int64_t>());
  }
  return result;
}

Regularizer ConfigReader::regularizer(const std::string& key) {
  try {
    return Regularizer::from_config(raw(key));
  } catch (const Error& error) {
    throw Error(place_ + ": " + key + ": " + error.what());
  }
}

Initializer ConfigReader::initializer(const std::string& key, const char* otherwise) {
  if (!has(key)) return otherwise;
  try {
    return Initializer::from_config(raw(key));
  } catch (const Error& error) {
    throw Error(place_ + ": " + key + ": " + error.what());
  }
}

Constraint ConfigReader::constraint(const std::string& key) {
  try {
    return Constraint::from_config(raw(key));
  } catch (const Error& error) {
    throw Error(place_ + ": " + key + ": " + error.what());
  }
}

WeightRules ConfigReader::weight(const std::string& role, const char* otherwise) {
  return {initializer(role + "_initializer", otherwise), regularizer(role + "_regularizer"),
          constraint(role + "_constraint")};
}

std::string ConfigReader::activation(const std::string& key) {
  const Json& value = raw(key);
  std::string name = "linear";
  if (value.is_string())
    name = value.get<std::string>();
  else if (value.is_object() && value.value("class_name", "") == "function" && value.contains("config") &&
           value["config"].is_string())
    name = value["config"].get<std::string>();
  else if (!value.is_null())
    fail(key, "the name of an activation");
  try {
    return folio::activation(name).name;
  } catch (const Error& error) {
    throw Error(place_ + ": " + key + ": " + error.what());
  }
}

void ConfigReader::ignore(const std::string& key) { ignore(key, {}); }

void ConfigReader::ignore(const std::string& key, const std::vector<Json>& defaults) {
  const Json& value = raw(key);
  if (value.is_null() || std::find(defaults.begin(), defaults.end(), value) != defaults.end()) return;
  throw Error(place_ + ": " + key + " = " + value.dump().substr(0, 120) +
              " is not supported; save the model without it");
}

void ConfigReader::finish() {
  for (const auto& [key, value] : config_.items())
    if (!used_.count(key) && !value.is_null())
      throw Error(place_ + ": entry \"" + key + "\" = " + value.dump().substr(0, 120) +
                  " is not known to Folio");
}

}  // namespace folio
