// Functions of Keras that stand between the layers of a model: arithmetic, reductions, other shapes, and what
// masks are made of.
#pragma once
#include <optional>

#include "folio/layers/layer.h"

namespace folio {

/// What stands between the brackets of `x[:, 1:3, -1]`, for one dimension.
struct IndexPart {
  enum class Kind { slice, number, new_axis, ellipsis };
  Kind kind = Kind::slice;
  std::optional<int64_t> start = {}, stop = {};  ///< of a slice; a number is `start`
  int64_t step = 1;
};

/// By Keras' names; which of them a function has, its row says.
struct FunctionSettings {
  std::vector<int64_t> axis = {};  ///< none: all
  bool keepdims = false;
  std::vector<int64_t> newshape = {}, axes = {};
  int64_t indices_or_sections = 1, axis1 = 0, axis2 = 0, source = 0, destination = 0;
  double x_min = 0, x_max = 0, negative_slope = 0.2, alpha = 1;
  bool approximate = true;
  std::string dtype = "float32";
  std::vector<IndexPart> index = {};  ///< of GetItem
};

/// A function of Keras (`keras.ops`) as a layer without weights, by its class name there: "Multiply", "Mean",
/// "Reshape"; `names()` lists them. Inputs fit each other from the last dimension on, and may be constants.
/// Results are floats; truth values 1 and 0.
class FunctionBody final : public LayerBody {
 public:
  /// Throws `Error` unless the function is known.
  explicit FunctionBody(const std::string& function, FunctionSettings settings = {});

  std::string class_name() const override { return function_; }
  Values call(const LayerCall& call, Effects& effects) override;
  /// Its inputs, one by one.
  CallArgumentList arguments() const override;
  void fields(Fields& f) override;
  /// The part of `keras.src.ops` that holds it: "numpy".
  const char* module() const;
  const std::vector<IndexPart>& index() const { return settings_.index; }

  static bool knows(const std::string& function);
  static const std::vector<std::string>& names();

 private:
  std::string function_;
  FunctionSettings settings_;
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
