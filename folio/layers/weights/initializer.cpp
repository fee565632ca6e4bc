#include "folio/layers/weights/initializer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"

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

// A generator of seeds (an object) says as little as no seed.
struct Seed {
  static void read(const Json& json, void* value, const FieldRules&) {
    if (json.is_number_integer()) *static_cast<std::optional<int64_t>*>(value) = json.get<int64_t>();
  }
};
constexpr FieldType kSeed = {Seed::read, kFieldType<std::optional<int64_t>>.write,
                             kFieldType<std::optional<int64_t>>.check};

bool is_random(const std::string& name) {
  static const std::vector<std::string> fixed = {"zeros", "ones", "constant", "identity"};
  return std::find(fixed.begin(), fixed.end(), name) == fixed.end();
}

}  // namespace

static void fields(Fields& f, Initializer& initializer) {
  for (auto& [setting, value] : initializer.settings) {
    FieldRules rules{.finite = true};
    if (setting == "scale") rules.above = 0;
    if (setting == "mode") rules.words = "fan_in fan_out fan_avg";
    if (setting == "distribution") rules.words = "truncated_normal untruncated_normal uniform normal";
    std::visit([&, &key = setting](auto& member) { f(key.c_str(), member, rules); }, value);
  }
  f.visit({"seed", &initializer.seed, kSeed, {.hidden = !is_random(initializer.name)}});
}

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
  Initializer changed = *this;
  changed.settings[setting] = value;
  check_fields("initializer " + name, [&](Fields& f) { fields(f, changed); });
  return *this = std::move(changed);
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
  const NamedConfig given = named_config("initializer", config);
  Initializer result(given.class_name);
  read_fields(
      given.config, "initializer " + result.name, [&](Fields& f) { fields(f, result); }, kKerasEntries);
  // Keras 2 called the cut one so.
  if (const auto found = result.settings.find("distribution");
      found != result.settings.end() && found->second == InitializerSetting("normal"))
    found->second = "truncated_normal";
  return result;
}

Json Initializer::config() const {
  Initializer copy = *this;
  return keras_object("keras.initializers", find_row(name)->class_name,
                      written_fields([&](Fields& f) { fields(f, copy); }));
}

Tensor Initializer::make(const Shape& shape, DType type, const RandomStream& stream) const {
  Tensor values(shape, type);
  find_row(name)->fill(*this, values, seed ? RandomStream{static_cast<uint64_t>(*seed)} : stream);
  return values;
}

}  // namespace folio
