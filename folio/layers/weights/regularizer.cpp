#include "folio/layers/weights/regularizer.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {

static void fields(Fields& f, Regularizer& r) {
  if (r.class_name != "L2") f("l1", r.of_absolutes, {.finite = true});
  if (r.class_name != "L1") f("l2", r.of_squares, {.finite = true});
}

namespace {

Regularizer made(const char* class_name, double l1, double l2) {
  Regularizer result;
  result.class_name = class_name;
  result.of_absolutes = l1, result.of_squares = l2;
  check_fields("regularizer", [&](Fields& f) { fields(f, result); });
  return result;
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
  const NamedConfig given = named_config("regularizer", config);
  Regularizer result(given.class_name);
  read_fields(
      given.config, "regularizer", [&](Fields& f) { fields(f, result); }, kKerasEntries);
  return result;
}

Json Regularizer::config() const {
  if (!defined()) return nullptr;
  Regularizer copy = *this;
  return keras_object("keras.regularizers", class_name, written_fields([&](Fields& f) { fields(f, copy); }));
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
