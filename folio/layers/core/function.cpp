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

struct Row {
  const char* name;
  size_t tensors;
  Value (*apply)(const Values& in, const FunctionBody::Settings& settings);
};

const std::vector<Row>& rows() {
  using S = FunctionBody::Settings;
  static const std::vector<Row> list = {
      {"Any", 1,
       [](const Values& in, const S& s) {
         return max(not_equal(floats(in[0]), constant(0, floats(in[0]).dtype())),
                    {from_front(s.axis, in[0].rank())}, s.keepdims);
       }},
      {"ExpandDims", 1,
       [](const Values& in, const S& s) {
         return reshape(in[0], in[0].shape().inserted(from_front(s.axis, in[0].rank() + 1), 1));
       }},
      {"LogicalOr", 2, [](const Values& in, const S&) { return maximum(floats(in[0]), floats(in[1])); }},
      {"NotEqual", 1,
       [](const Values& in, const S& s) {
         return not_equal(floats(in[0]), constant(s.constant, floats(in[0]).dtype()));
       }},
      {"OnesLike", 1, [](const Values& in, const S&) { return 1.0 - zeros(in[0]); }},
      {"ZerosLike", 1, [](const Values& in, const S&) { return zeros(in[0]); }},
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
  if (call.inputs.size() != known.tensors)
    throw Error(fmt::format("expected {} inputs, got {}", known.tensors, call.inputs.size()));
  return {known.apply(call.inputs, settings_)};
}

void FunctionBody::fields(Fields& f) {
  if (function_ == "Any" || function_ == "ExpandDims") f("axis", settings_.axis);
  if (function_ == "Any") f("keepdims", settings_.keepdims);
}

std::vector<double> FunctionBody::constants() const {
  return function_ == "NotEqual" ? std::vector<double>{settings_.constant} : std::vector<double>{};
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
  return apply_function("NotEqual", {x}, {.constant = value});
}
Value either(const Value& a, const Value& b) { return apply_function("LogicalOr", {a, b}); }
Value any_of_last(const Value& x) { return apply_function("Any", {x}); }
Value mask_like(const Value& mask, const Value& x) {
  return either(apply_function("ExpandDims", {mask}), apply_function("ZerosLike", {x}));
}
Value mask_of_all(const Value& x) { return apply_function("OnesLike", {x}); }

}  // namespace folio
