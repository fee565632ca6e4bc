// Functions of Keras that stand between the layers of a model: what masks are made of, and files spell out.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

/// A function of Keras as a layer without weights: "NotEqual", "LogicalOr", "Any", "ExpandDims", "ZerosLike",
/// "OnesLike"; and arithmetic, for what layers cannot be given: constants. Inputs fit each other from the
/// last dimension on. Results are floats; truth values 1 and 0.
class FunctionBody final : public LayerBody {
 public:
  struct Settings {
    int axis = -1;  ///< Any, ExpandDims
    bool keepdims = false;
  };
  /// Throws `Error` unless the function is one of those above.
  FunctionBody(const std::string& function, Settings settings);

  std::string class_name() const override { return function_; }
  Values call(const LayerCall& call, Effects& effects) override;
  /// Its inputs, one by one.
  CallArgumentList arguments() const override;
  void fields(Fields& f) override;

  static bool knows(const std::string& function);
  static const std::vector<std::string>& names();

 private:
  std::string function_;
  Settings settings_;
};

// What masks are made of; x: (batch, steps, …), masks: (batch, steps).

/// 1 where x is not `value`.
Value differs_from(const Value& x, double value);
/// 1 where one of the masks is.
Value either(const Value& a, const Value& b);
/// 1 where any of the last dimension is.
Value any_of_last(const Value& x);
/// The mask for every element of x.
Value mask_like(const Value& mask, const Value& x);
/// A mask that hides nothing of x.
Value mask_of_all(const Value& x);

}  // namespace folio
