#include "folio/layers/initializer.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"

namespace folio {
namespace {

struct Scaling {
  const char *name, *class_name;
  double scale;
  const char *mode, *distribution;
};
constexpr Scaling kScalings[] = {
    {"glorot_uniform", "GlorotUniform", 1, "fan_avg", "uniform"},
    {"glorot_normal", "GlorotNormal", 1, "fan_avg", "truncated_normal"},
    {"he_uniform", "HeUniform", 2, "fan_in", "uniform"},
    {"he_normal", "HeNormal", 2, "fan_in", "truncated_normal"},
    {"lecun_uniform", "LecunUniform", 1, "fan_in", "uniform"},
    {"lecun_normal", "LecunNormal", 1, "fan_in", "truncated_normal"},
};
struct Plain {
  const char *name, *class_name;
};
constexpr Plain kPlain[] = {{"zeros", "Zeros"},
                            {"ones", "Ones"},
                            {"constant", "Constant"},
                            {"random_normal", "RandomNormal"},
                            {"random_uniform", "RandomUniform"},
                            {"truncated_normal", "TruncatedNormal"},
                            {"variance_scaling", "VarianceScaling"}};

const Scaling* scaling_of(const std::string& name) {
  for (const Scaling& row : kScalings)
    if (name == row.name || name == row.class_name) return &row;
  return nullptr;
}

// What Keras also accepts.
std::string without_alias(const std::string& name) {
  return name == "uniform"  ? "random_uniform"
         : name == "normal" ? "random_normal"
         : name == "zero"   ? "zeros"
         : name == "one"    ? "ones"
                            : name;
}

// Normal values beyond two deviations are drawn again; `attempt` moves to another row of the stream.
double truncated_normal(const RandomStream& stream, uint32_t element) {
  for (uint32_t attempt = 0;; ++attempt) {
    const double value = stream.normal(attempt, element);
    if (std::abs(value) <= 2) return value;
  }
}

}  // namespace

const std::vector<std::string>& initializer_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Scaling& row : kScalings) all.emplace_back(row.name);
    for (const Plain& row : kPlain) all.emplace_back(row.name);
    return all;
  }();
  return names;
}

Initializer::Initializer(std::string given) : name(without_alias(given)) {
  if (const Scaling* row = scaling_of(name)) {
    name = row->name;
    a = row->scale;
    mode = row->mode;
    distribution = row->distribution;
    return;
  }
  for (const Plain& row : kPlain)
    if (name == row.name || name == row.class_name) {
      name = row.name;
      if (name == "random_normal" || name == "truncated_normal") b = 0.05;
      if (name == "random_uniform") a = -0.05, b = 0.05;
      if (name == "variance_scaling") a = 1, mode = "fan_in", distribution = "truncated_normal";
      return;
    }
  std::string names;
  for (const std::string& known : initializer_names()) names += (names.empty() ? "" : ", ") + known;
  throw Error("initializer: expected one of " + names + ", got \"" + name + "\"");
}

Initializer Initializer::constant(double value) {
  Initializer result("constant");
  result.a = value;
  return result;
}
Initializer Initializer::random_normal(double mean, double stddev) {
  Initializer result("random_normal");
  result.a = mean, result.b = stddev;
  return result;
}
Initializer Initializer::random_uniform(double low, double high) {
  Initializer result("random_uniform");
  result.a = low, result.b = high;
  return result;
}
Initializer Initializer::variance_scaling(double scale, std::string mode, std::string distribution) {
  Initializer result("variance_scaling");
  result.a = scale;
  result.mode = std::move(mode);
  result.distribution = std::move(distribution);
  return result;
}

Initializer Initializer::from_config(const Json& config) {
  if (config.is_string()) return Initializer(config.get<std::string>());
  if (!config.is_object() || !config.contains("class_name"))
    throw Error("initializer: expected a name or an object with class_name, got " +
                config.dump().substr(0, 80));
  Initializer result(config["class_name"].get<std::string>());
  const Json settings = config.value("config", Json::object());
  const auto number = [&](const char* key, double& to) {
    if (settings.contains(key) && settings[key].is_number()) to = settings[key].get<double>();
  };
  if (result.name == "constant") number("value", result.a);
  if (result.name == "random_normal" || result.name == "truncated_normal")
    number("mean", result.a), number("stddev", result.b);
  if (result.name == "random_uniform") number("minval", result.a), number("maxval", result.b);
  if (result.name == "variance_scaling") {
    number("scale", result.a);
    result.mode = settings.value("mode", result.mode);
    result.distribution = settings.value("distribution", result.distribution);
  }
  return result;
}

Json Initializer::config() const {
  Json settings = Json::object();
  std::string class_name;
  if (const Scaling* row = scaling_of(name)) class_name = row->class_name;
  for (const Plain& row : kPlain)
    if (name == row.name) class_name = row.class_name;
  if (name != "zeros" && name != "ones" && name != "constant") settings["seed"] = nullptr;
  if (name == "constant") settings["value"] = a;
  if (name == "random_normal" || name == "truncated_normal") settings["mean"] = a, settings["stddev"] = b;
  if (name == "random_uniform") settings["minval"] = a, settings["maxval"] = b;
  if (name == "variance_scaling")
    settings["scale"] = a, settings["mode"] = mode, settings["distribution"] = distribution;
  return {{"module", "keras.initializers"},
          {"class_name", class_name},
          {"config", settings},
          {"registered_name", nullptr}};
}

Tensor Initializer::make(const Shape& shape, DType type, const RandomStream& stream) const {
  Tensor result(shape, type);
  const int64_t count = result.count();
  if (name == "zeros") return result;
  if (name == "ones" || name == "constant") {
    result.fill(name == "ones" ? 1 : a);
    return result;
  }
  double mean = a, deviation = b, low = a, high = b;
  bool uniform = name == "random_uniform", truncated = name == "truncated_normal";
  if (!mode.empty()) {
    double fan_in = 1, fan_out = 1;
    if (shape.rank() == 1) fan_in = fan_out = static_cast<double>(shape[0]);
    if (shape.rank() > 1) {
      const auto field = static_cast<double>(shape.count(0, shape.rank() - 2));
      fan_in = field * static_cast<double>(shape[-2]);
      fan_out = field * static_cast<double>(shape[-1]);
    }
    const double fan = mode == "fan_in" ? fan_in : mode == "fan_out" ? fan_out : (fan_in + fan_out) / 2;
    const double variance = a / std::max(1.0, fan);
    uniform = distribution == "uniform";
    truncated = distribution == "truncated_normal";
    // A normal cut at two deviations has 0.8796 of its deviation left.
    mean = 0, deviation = std::sqrt(variance) / (truncated ? 0.87962566103423978 : 1);
    high = std::sqrt(3 * variance), low = -high;
  }
  for (int64_t i = 0; i < count; ++i) {
    const auto element = static_cast<uint32_t>(i);
    if (uniform)
      result.set(i, low + (high - low) * stream.uniform(0, element));
    else
      result.set(
          i, mean + deviation * (truncated ? truncated_normal(stream, element) : stream.normal(0, element)));
  }
  return result;
}

}  // namespace folio
