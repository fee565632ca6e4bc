// First values of weights. (sheet C7)
#pragma once
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/base/random.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// A Keras initializer: a name ("glorot_uniform") and, for some, settings. Written where a name is expected.
struct Initializer {
  Initializer(const char* name) : Initializer(std::string(name)) {}  // NOLINT: names convert
  Initializer(std::string name);  // NOLINT; throws `Error` listing the known names
  static Initializer constant(double value);
  static Initializer random_normal(double mean, double stddev);
  static Initializer random_uniform(double low, double high);
  /// scale, mode "fan_in" | "fan_out" | "fan_avg", distribution "truncated_normal" | "untruncated_normal" |
  /// "uniform".
  static Initializer variance_scaling(double scale, std::string mode, std::string distribution);
  /// From a Keras config: a name or an object with class_name and config.
  static Initializer from_config(const Json& config);
  Json config() const;

  std::string name;  ///< snake case, as Keras accepts
  double a = 0, b = 0;
  std::string mode, distribution;

  /// Fills a tensor of this shape. Fans count as in Keras: the last two dimensions are inputs and outputs,
  /// the others the receptive field. Glorot: bound √(6 / (n_in + n_out)).
  Tensor make(const Shape& shape, DType type, const RandomStream& stream) const;
};

/// The names that `Initializer` takes.
const std::vector<std::string>& initializer_names();

}  // namespace folio
