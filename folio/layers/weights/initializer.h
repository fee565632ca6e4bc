// First values of weights. (sheet C7)
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "folio/base/json.h"
#include "folio/base/random.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// A number, or a word such as "fan_in".
using InitializerSetting = std::variant<double, std::string>;

/// A Keras initializer: a name ("glorot_uniform") and, for some, settings. Written where a name is expected.
struct Initializer {
  Initializer(const char* name) : Initializer(std::string(name)) {}  // NOLINT: names convert
  Initializer(const std::string& name);  // NOLINT; throws `Error` listing the known names
  static Initializer constant(double value);
  static Initializer random_normal(double mean, double stddev);
  static Initializer random_uniform(double low, double high);
  /// A normal distribution cut at two deviations.
  static Initializer truncated_normal(double mean, double stddev);
  /// scale, mode "fan_in" | "fan_out" | "fan_avg", distribution "truncated_normal" | "untruncated_normal" |
  /// "uniform".
  static Initializer variance_scaling(double scale, const std::string& mode, const std::string& distribution);
  /// `gain` times a random matrix with orthogonal columns, or rows where they are fewer (Saxe 2014). Kernels
  /// of more dimensions count as matrices of their last dimension.
  static Initializer orthogonal(double gain = 1);
  /// `gain` times the identity matrix.
  static Initializer identity(double gain = 1);
  /// From a Keras config: a name or an object with class_name and config.
  static Initializer from_config(const Json& config);
  Json config() const;

  /// Changes a setting; throws `Error` listing those that the initializer has.
  Initializer& set(const std::string& setting, const InitializerSetting& value);
  double number(const std::string& setting) const { return std::get<double>(settings.at(setting)); }
  const std::string& word(const std::string& setting) const {
    return std::get<std::string>(settings.at(setting));
  }

  std::string name;                                    ///< snake case, as Keras accepts
  std::map<std::string, InitializerSetting> settings;  ///< all that it has
  std::optional<int64_t> seed;                         ///< not given: the layer's place and the seed of all

  /// Fills a tensor of this shape. Fans count as in Keras: the last two dimensions are inputs and outputs,
  /// the others the receptive field. Glorot: bound √(6 / (n_in + n_out)).
  Tensor make(const Shape& shape, DType type, const RandomStream& stream) const;
};

/// All initializers: what look-up, files, help and tests walk.
struct InitializerRow {
  const char *name, *class_name, *what;
  std::vector<std::pair<const char*, InitializerSetting>> settings;  ///< with their defaults
  void (*fill)(const Initializer& initializer, Tensor& values, const RandomStream& stream);
};
const std::vector<InitializerRow>& initializer_catalog();

}  // namespace folio
