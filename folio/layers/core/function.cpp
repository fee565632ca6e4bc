#include "folio/layers/core/function.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

Value floats(const Value& x) { return is_floating(x.dtype()) ? x : cast(x, floatx()); }
// Not x * 0, which NaN would survive.
Value zeros(const Value& x) { return floats(x) > floats(x); }

int from_front(int axis, int rank) {
  const int at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank)
    throw Error(fmt::format("axis: expected {} to {}, got {}", -rank, rank - 1, axis));
  return at;
}

using Combine = Value (*)(const Value&, const Value&);
using Apply = Value (*)(const Value&, const FunctionBody::Settings&);

// A function of two inputs, or of one.
struct Row {
  const char* name;
  Combine combine;
  Apply apply = nullptr;
};

const std::vector<Row>& rows() {
  using S = FunctionBody::Settings;
  static const std::vector<Row> list = {
      {"Add", [](const Value& a, const Value& b) { return a + b; }},
      {"Any", nullptr,
       [](const Value& x, const S& s) {
         return max(not_equal(floats(x), constant(0, floats(x).dtype())), {from_front(s.axis, x.rank())},
                    s.keepdims);
       }},
      {"Divide", [](const Value& a, const Value& b) { return a / b; }},
      {"ExpandDims", nullptr,
       [](const Value& x, const S& s) {
         return reshape(x, x.shape().inserted(from_front(s.axis, x.rank() + 1), 1));
       }},
      {"LogicalOr", maximum},
      {"Maximum", maximum},
      {"Minimum", minimum},
      {"Multiply", [](const Value& a, const Value& b) { return a * b; }},
      {"NotEqual", not_equal},
      {"OnesLike", nullptr, [](const Value& x, const S&) { return 1.0 - zeros(x); }},
      {"Subtract", [](const Value& a, const Value& b) { return a - b; }},
      {"TrueDivide", [](const Value& a, const Value& b) { return a / b; }},
      {"ZerosLike", nullptr, [](const Value& x, const S&) { return zeros(x); }},
  };
  return list;
}

const Row& row(const std::string& name) {
  for (const Row& row : rows())
    if (name == row.name) return row;
  throw Error(fmt::format("function \"{}\": expected one of {}", name.substr(0, 80),
                          fmt::join(FunctionBody::names(), ", ")));
}

Value apply_function(const char* name, const Values& inputs, FunctionBody::Settings settings = {}) {
  return Layer(make_body<FunctionBody>("", true, name, settings))(inputs);
}

}  // namespace

FunctionBody::FunctionBody(const std::string& function, Settings settings)
    : function_(row(function).name), settings_(settings) {}

Values FunctionBody::call(const LayerCall& call, Effects&) {
  const Row& known = row(function_);
  const size_t count = known.combine ? 2 : 1;
  if (call.inputs.size() != count)
    throw Error(fmt::format("expected {} inputs, got {}", count, call.inputs.size()));
  if (known.apply) return {known.apply(call.input(), settings_)};
  const Value a = floats(call.input()), b = floats(call.input(1));
  return {known.combine(a, a.dtype() == b.dtype() ? b : cast(b, a.dtype()))};
}

void FunctionBody::fields(Fields& f) {
  if (function_ == "Any" || function_ == "ExpandDims") f("axis", settings_.axis);
  if (function_ == "Any") f("keepdims", settings_.keepdims);
}

CallArgumentList FunctionBody::arguments() const {
  using Kind = CallArgument::Kind;
  if (row(function_).apply) return {{"x", Kind::input}};
  return {{"x1", Kind::input}, {"x2", Kind::input}};
}

bool FunctionBody::knows(const std::string& function) {
  return std::find(names().begin(), names().end(), function) != names().end();
}

const std::vector<std::string>& FunctionBody::names() {
  static const std::vector<std::string> list = [] {
    std::vector<std::string> names;
    for (const Row& row : rows()) names.emplace_back(row.name);
    return names;
  }();
  return list;
}

Value differs_from(const Value& x, double value) {
  return apply_function("NotEqual", {x, constant(value, floatx())});
}
Value either(const Value& a, const Value& b) { return apply_function("LogicalOr", {a, b}); }
Value any_of_last(const Value& x) { return apply_function("Any", {x}); }
Value mask_like(const Value& mask, const Value& x) {
  return either(apply_function("ExpandDims", {mask}), apply_function("ZerosLike", {x}));
}
Value mask_of_all(const Value& x) { return apply_function("OnesLike", {x}); }

}  // namespace folio
