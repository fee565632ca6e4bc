#include "folio/layers/weights/initializer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"

namespace folio {
namespace {

// What Keras also accepts.
std::string without_alias(const std::string& name) {
  static const std::map<std::string, std::string> aliases = {
      {"uniform", "random_uniform"},       {"normal", "random_normal"}, {"zero", "zeros"}, {"one", "ones"},
      {"IdentityInitializer", "identity"}, {"Orthogonal", "orthogonal"}};
  const auto found = aliases.find(name);
  return found == aliases.end() ? name : found->second;
}

const InitializerRow* find_row(const std::string& given) {
  const std::string name = without_alias(given);
  for (const InitializerRow& row : initializer_catalog())
    if (name == row.name || name == row.class_name) return &row;
  return nullptr;
}

void check_word(const std::string& setting, const std::string& word) {
  const std::vector<std::string> known =
      setting == "mode" ? std::vector<std::string>{"fan_in", "fan_out", "fan_avg"}
                        : std::vector<std::string>{"truncated_normal", "untruncated_normal", "uniform"};
  if (std::find(known.begin(), known.end(), word) == known.end())
    throw Error(fmt::format("initializer: {}: expected one of {}, got \"{}\"", setting,
                            fmt::join(known, ", "), word.substr(0, 80)));
}

}  // namespace

Initializer::Initializer(const std::string& given) {
  if (const InitializerRow* row = find_row(given)) {
    name = row->name;
    for (const auto& [setting, standard] : row->settings) settings.emplace(setting, standard);
    return;
  }
  std::string names;
  for (const InitializerRow& row : initializer_catalog())
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  throw Error("initializer: expected one of " + names + ", got \"" + given.substr(0, 80) + "\"");
}

Initializer& Initializer::set(const std::string& setting, const InitializerSetting& value) {
  std::string names;
  for (const auto& [known, current] : settings) names += (names.empty() ? "" : ", ") + known;
  const auto place = settings.find(setting);
  if (place == settings.end())
    throw Error(fmt::format("initializer {}: expected {}, got setting \"{}\"", name,
                            names.empty() ? "no settings" : "one of the settings " + names, setting));
  if (place->second.index() != value.index())
    throw Error(fmt::format("initializer {}: {}: expected a {}", name, setting,
                            place->second.index() == 0 ? "number" : "word"));
  if (const auto* word = std::get_if<std::string>(&value)) {
    check_word(setting, *word);
  } else {
    const double number = std::get<double>(value);
    const bool positive = setting == "scale";
    if (!std::isfinite(number) || (positive && number <= 0))
      throw Error(fmt::format("initializer {}: {}: expected a finite number{}, got {}", name, setting,
                              positive ? " above 0" : "", number));
  }
  place->second = value;
  return *this;
}

Initializer Initializer::constant(double value) { return Initializer("constant").set("value", value); }
Initializer Initializer::random_normal(double mean, double stddev) {
  return Initializer("random_normal").set("mean", mean).set("stddev", stddev);
}
Initializer Initializer::random_uniform(double low, double high) {
  return Initializer("random_uniform").set("minval", low).set("maxval", high);
}
Initializer Initializer::truncated_normal(double mean, double stddev) {
  return Initializer("truncated_normal").set("mean", mean).set("stddev", stddev);
}
Initializer Initializer::variance_scaling(double scale, const std::string& mode,
                                          const std::string& distribution) {
  return Initializer("variance_scaling")
      .set("scale", scale)
      .set("mode", mode)
      .set("distribution", distribution);
}
Initializer Initializer::orthogonal(double gain) { return Initializer("orthogonal").set("gain", gain); }
Initializer Initializer::identity(double gain) { return Initializer("identity").set("gain", gain); }

Initializer Initializer::from_config(const Json& config) {
  if (config.is_string()) return Initializer(config.get<std::string>());
  if (!config.is_object() || !config.contains("class_name") || !config["class_name"].is_string())
    throw Error("initializer: expected a name or an object with class_name, got " +
                config.dump().substr(0, 80));
  Initializer result(config["class_name"].get<std::string>());
  const Json given = config.value("config", Json::object());
  ConfigReader read(given, "initializer " + result.name);
  const auto standards = result.settings;
  for (const auto& [setting, standard] : standards) {
    if (const auto* number = std::get_if<double>(&standard)) {
      result.set(setting, read.number(setting, *number));
    } else {
      const std::string word = read.text(setting, std::get<std::string>(standard));
      // Keras 2 called the cut one so.
      result.set(setting, setting == "distribution" && word == "normal" ? "truncated_normal" : word);
    }
  }
  // A generator of seeds (an object) says as little as no seed.
  if (const Json& seed = read.raw("seed"); seed.is_number_integer()) result.seed = seed.get<int64_t>();
  read.finish();
  return result;
}

Json Initializer::config() const {
  const InitializerRow& row = *find_row(name);
  Json given = Json::object();
  for (const auto& [setting, value] : settings)
    std::visit([&, &key = setting](const auto& entry) { given[key] = entry; }, value);
  static const std::vector<std::string> fixed = {"zeros", "ones", "constant", "identity"};
  if (std::find(fixed.begin(), fixed.end(), name) == fixed.end()) given["seed"] = seed ? Json(*seed) : Json();
  return {{"module", "keras.initializers"},
          {"class_name", row.class_name},
          {"config", given},
          {"registered_name", nullptr}};
}

Tensor Initializer::make(const Shape& shape, DType type, const RandomStream& stream) const {
  Tensor values(shape, type);
  find_row(name)->fill(*this, values, seed ? RandomStream{static_cast<uint64_t>(*seed)} : stream);
  return values;
}

}  // namespace folio
