// Penalties on the size of weights and outputs, added to the training loss.
#pragma once
#include <string>

#include "folio/base/json.h"
#include "folio/graph/value.h"

namespace folio {

/// l1 · sum(|x|) + l2 · sum(x²). A Keras regularizer: a name ("l2", which means 0.01 as in Keras), or L1, L2
/// and L1L2 with numbers of their own. Written where a name is expected. (sheet D3)
struct Regularizer {
  Regularizer() = default;                                           ///< none
  Regularizer(const char* name) : Regularizer(std::string(name)) {}  // NOLINT: names convert
  Regularizer(const std::string& name);  // NOLINT; throws `Error` listing the known names
  static Regularizer l1(double factor);
  static Regularizer l2(double factor);
  static Regularizer l1_l2(double l1, double l2);
  /// From a Keras config: null, a name, or an object with class_name and config.
  static Regularizer from_config(const Json& config);
  Json config() const;

  bool defined() const { return !class_name.empty(); }
  /// The penalty: a scalar.
  Value operator()(const Value& x) const;

  std::string class_name;  ///< "L1", "L2" or "L1L2"; empty: none
  double of_absolutes = 0, of_squares = 0;
};

}  // namespace folio
