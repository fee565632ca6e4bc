#include "folio/layers/core/function.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <type_traits>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/ops/activations.h"
#include "folio/ops/cast.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

using Settings = FunctionSettings;

Value floats(const Value& x) { return is_floating(x.dtype()) ? x : cast(x, floatx()); }
// Not x * 0, which NaN would survive.
Value zeros(const Value& x) { return floats(x) > floats(x); }
Value truth(const Value& x) { return not_equal(x, constant(0, x.dtype())); }

// One dimension of so many, counted from the front.
int one_axis(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank)
    throw Error(fmt::format("axis: expected {} to {}, got {}", -rank, rank - 1, axis));
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}
int one_axis(const Settings& s, int rank) {
  if (s.axis.size() != 1) throw Error(fmt::format("axis: expected one dimension, got {}", s.axis.size()));
  return one_axis(s.axis[0], rank);
}

// The dimensions over which a function goes; all when none is named.
std::vector<int> axes_over(const Value& x, const Settings& s) {
  std::vector<int> axes;
  for (int64_t axis : s.axis) axes.push_back(one_axis(axis, x.rank()));
  if (axes.empty()) {
    axes.resize(static_cast<size_t>(x.rank()));
    std::iota(axes.begin(), axes.end(), 0);
  }
  return axes;
}

Value variance(const Value& x, const Settings& s) {
  const std::vector<int> axes = axes_over(x, s);
  return mean(square(x - mean(x, axes, true)), axes, s.keepdims);
}

Value log_sum_exp(const Value& x, const Settings& s) {
  const std::vector<int> axes = axes_over(x, s);
  const Value most = stop_gradient(max(x, axes, true));
  const Value total = log(sum(exp(x - most), axes, true)) + most;
  return s.keepdims ? total : sum(total, axes);  // over dimensions of 1
}

// The place of -1 in a new shape, found where it can be.
Value reshaped(const Value& x, const Settings& s) {
  Shape shape(s.newshape);
  int64_t others = 1;
  int open = -1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] != -1) {
      others *= shape[i];
      continue;
    }
    if (open >= 0) throw Error("newshape: expected one -1 at most, got " + to_string(shape));
    open = i;
  }
  if (open >= 0 && others <= 0) throw Error("newshape: expected sizes above 0, got " + to_string(shape));
  if (open >= 0) shape[open] = x.shape().known() ? x.shape().count() / others : kUnknown;
  return reshape(x, shape);
}

Value permuted(const Value& x, const Settings& s) {
  if (s.axes.empty()) return transpose(x);
  std::vector<int> order;
  for (int64_t axis : s.axes) order.push_back(one_axis(axis, x.rank()));
  return transpose(x, order);
}

Value exchanged(const Value& x, int64_t a, int64_t b) {
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<size_t>(one_axis(a, x.rank()))],
            order[static_cast<size_t>(one_axis(b, x.rank()))]);
  return transpose(x, order);
}

Value moved(const Value& x, int64_t source, int64_t destination) {
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  const int from = one_axis(source, x.rank()), to = one_axis(destination, x.rank());
  order.erase(order.begin() + from);
  order.insert(order.begin() + to, from);
  return transpose(x, order);
}

Value squeezed(const Value& x, const Settings& s) {
  Shape shape = x.shape();
  std::vector<int> axes;
  for (int i = 0; i < shape.rank(); ++i)
    if (s.axis.empty() && shape[i] == 1) axes.push_back(i);
  if (!s.axis.empty()) axes = axes_over(x, s);
  std::sort(axes.begin(), axes.end());
  for (size_t i = axes.size(); i-- > 0;) {
    if (shape[axes[i]] != 1)
      throw Error(fmt::format("axis: expected a dimension of 1, got dimension {} of {}", axes[i],
                              to_string(x.shape())));
    shape = shape.without(axes[i]);
  }
  return reshape(x, shape);
}

Value expanded(const Value& x, int64_t axis) {
  return reshape(x, x.shape().inserted(one_axis(axis, x.rank() + 1), 1));
}

// Every `step`-th of a run: the others go when `step` elements are seen as one row.
Value strided(const Value& x, int axis, int64_t step) {
  const int64_t size = x.shape()[axis], count = (size + step - 1) / step;
  std::vector<int64_t> before(static_cast<size_t>(x.rank())), after = before;
  after[static_cast<size_t>(axis)] = count * step - size;
  const Value whole = count * step == size ? x : pad(x, before, after);
  const Shape rows = x.shape().with(axis, count).inserted(axis + 1, step);
  return reshape(slice(reshape(whole, rows), axis + 1, 0, 1), x.shape().with(axis, count));
}

Value indexed(Value x, const std::vector<IndexPart>& index) {
  using Kind = IndexPart::Kind;
  const auto counts = [](const IndexPart& part) {
    return part.kind == Kind::slice || part.kind == Kind::number;
  };
  const auto named = static_cast<int>(std::count_if(index.begin(), index.end(), counts));
  if (named > x.rank())
    throw Error(
        fmt::format("expected at most {} indices for {}, got {}", x.rank(), to_string(x.shape()), named));
  const int rest = x.rank() - named;
  int axis = 0;
  for (const IndexPart& part : index) {
    if (part.kind == Kind::ellipsis) {
      axis += rest;
      continue;
    }
    if (part.kind == Kind::new_axis) {
      x = reshape(x, x.shape().inserted(axis++, 1));
      continue;
    }
    const int64_t size = x.shape()[axis];
    const bool number = part.kind == Kind::number,
               all = !number && !part.start && !part.stop && part.step == 1;
    if (all) {
      ++axis;
      continue;
    }
    if (size == kUnknown)
      throw Error(
          fmt::format("expected a dimension of known size to take a part of, got dimension {} of {}; "
                      "give Input a complete shape",
                      axis, to_string(x.shape())));
    const auto place = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size); };
    if (number) {
      const int64_t at = *part.start < 0 ? *part.start + size : *part.start;
      if (at < 0 || at >= size)
        throw Error(fmt::format("index: expected {} to {}, got {}", -size, size - 1, *part.start));
      x = slice(x, axis, at, 1);
      x = reshape(x, x.shape().without(axis));
      continue;
    }
    if (part.step < 1) throw Error(fmt::format("index: expected a step of at least 1, got {}", part.step));
    const int64_t first = place(part.start.value_or(0)), last = place(part.stop.value_or(size));
    if (last <= first)
      throw Error(
          fmt::format("index: expected a part that is not empty, got {} to {} of {}", first, last, size));
    x = slice(x, axis, first, last - first);
    if (part.step > 1) x = strided(x, axis, part.step);
    ++axis;
  }
  return x;
}

Value casted(const Value& x, const Settings& s) {
  if (s.dtype.starts_with("float") || s.dtype.starts_with("bfloat")) return x;
  if (s.dtype == "bool") return truth(x);
  return sign(x) * floor(abs(x));  // whole numbers towards 0, as a cast gives
}

Value stacked(const Values& inputs, const Settings& s) {
  const int axis = one_axis(s.axis.empty() ? 0 : s.axis[0], inputs[0].rank() + 1);
  Values apart;
  for (const Value& x : inputs) apart.push_back(reshape(x, x.shape().inserted(axis, 1)));
  return concatenate(apart, axis);
}

Values parts(const Value& x, const Settings& s) {
  return split(x, static_cast<int>(s.indices_or_sections), s.axis.empty() ? 0 : one_axis(s, x.rank()));
}

Values unstacked(const Value& x, const Settings& s) {
  const int axis = s.axis.empty() ? 0 : one_axis(s, x.rank());
  if (x.shape()[axis] == kUnknown)
    throw Error(fmt::format("axis: expected a dimension of known size, got dimension {} of {}", axis,
                            to_string(x.shape())));
  Values result = split(x, static_cast<int>(x.shape()[axis]), axis);
  for (Value& part : result) part = reshape(part, x.shape().without(axis));
  return result;
}

Value softmax_along(const Value& x, const Settings& s, bool logarithm) {
  const int axis = s.axis.empty() ? x.rank() - 1 : one_axis(s, x.rank());
  const Value last = exchanged(x, axis, -1);
  return exchanged(logarithm ? log_softmax(last) : softmax(last), axis, -1);
}

using Apply = std::function<Values(const Values&, const Settings&)>;

// A function of one value, with settings or without, and of two.
template <class F>
Apply one(F f) {
  return [f](const Values& in, const Settings& s) {
    if constexpr (std::is_invocable_v<F, const Value&>)
      return Values{f(in[0])};
    else
      return Values{f(in[0], s)};
  };
}
template <class F>
Apply two(F f) {
  return [f](const Values& in, const Settings&) { return Values{f(in[0], in[1])}; };
}

struct Row {
  const char *name, *module;
  int inputs;            ///< 0: a list of any length
  const char* settings;  ///< keys with blanks between
  Apply apply;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> list = {
      {"Absolute", "numpy", 1, "", one([](const Value& x) { return abs(x); })},
      {"Add", "numpy", 2, "", two([](const Value& a, const Value& b) { return a + b; })},
      {"All", "numpy", 1, "axis keepdims", one([](const Value& x, const Settings& s) {
         return 1.0 - max(1.0 - truth(x), axes_over(x, s), s.keepdims);
       })},
      {"Any", "numpy", 1, "axis keepdims",
       one([](const Value& x, const Settings& s) { return max(truth(x), axes_over(x, s), s.keepdims); })},
      {"Average", "numpy", 1, "axis",
       one([](const Value& x, const Settings& s) { return mean(x, axes_over(x, s)); })},
      {"Cast", "core", 1, "dtype", one([](const Value& x, const Settings& s) { return casted(x, s); })},
      {"Celu", "nn", 1, "alpha", one([](const Value& x, const Settings& s) { return celu(x, s.alpha); })},
      {"Clip", "numpy", 1, "x_min x_max",
       one([](const Value& x, const Settings& s) { return minimum(maximum(x, s.x_min), s.x_max); })},
      {"ConvertToTensor", "core", 1, "", one([](const Value& x) { return x; })},
      {"Cos", "numpy", 1, "", one([](const Value& x) { return cos(x); })},
      {"Divide", "numpy", 2, "", two([](const Value& a, const Value& b) { return a / b; })},
      {"Elu", "nn", 1, "alpha", one([](const Value& x, const Settings& s) { return elu(x, s.alpha); })},
      {"Equal", "numpy", 2, "", two([](const Value& a, const Value& b) { return equal(a, b); })},
      {"Erf", "math", 1, "", one([](const Value& x) { return erf(x); })},
      {"Exp", "numpy", 1, "", one([](const Value& x) { return exp(x); })},
      {"ExpandDims", "numpy", 1, "axis",
       one([](const Value& x, const Settings& s) { return expanded(x, s.axis.empty() ? -1 : s.axis[0]); })},
      {"Expm1", "numpy", 1, "", one([](const Value& x) { return expm1(x); })},
      {"Floor", "numpy", 1, "", one([](const Value& x) { return floor(x); })},
      {"Gelu", "nn", 1, "approximate",
       one([](const Value& x, const Settings& s) { return gelu(x, s.approximate); })},
      {"GetItem", "numpy", 1, "", one([](const Value& x, const Settings& s) { return indexed(x, s.index); })},
      {"Greater", "numpy", 2, "", two([](const Value& a, const Value& b) { return a > b; })},
      {"GreaterEqual", "numpy", 2, "", two([](const Value& a, const Value& b) { return a >= b; })},
      {"HardSigmoid", "nn", 1, "", one([](const Value& x) { return hard_sigmoid(x); })},
      {"HardSilu", "nn", 1, "", one([](const Value& x) { return hard_silu(x); })},
      {"LeakyRelu", "nn", 1, "negative_slope",
       one([](const Value& x, const Settings& s) { return leaky_relu(x, s.negative_slope); })},
      {"Less", "numpy", 2, "", two([](const Value& a, const Value& b) { return a < b; })},
      {"LessEqual", "numpy", 2, "", two([](const Value& a, const Value& b) { return a <= b; })},
      {"Log", "numpy", 1, "", one([](const Value& x) { return log(x); })},
      {"Log1p", "numpy", 1, "", one([](const Value& x) { return log1p(x); })},
      {"LogSigmoid", "nn", 1, "", one([](const Value& x) { return log_sigmoid(x); })},
      {"LogSoftmax", "nn", 1, "axis",
       one([](const Value& x, const Settings& s) { return softmax_along(x, s, true); })},
      {"LogicalAnd", "numpy", 2, "",
       two([](const Value& a, const Value& b) { return minimum(truth(a), truth(b)); })},
      {"LogicalNot", "numpy", 1, "", one([](const Value& x) { return 1.0 - truth(x); })},
      {"LogicalOr", "numpy", 2, "",
       two([](const Value& a, const Value& b) { return maximum(truth(a), truth(b)); })},
      {"Logsumexp", "math", 1, "axis keepdims",
       one([](const Value& x, const Settings& s) { return log_sum_exp(x, s); })},
      {"Matmul", "numpy", 2, "", two([](const Value& a, const Value& b) { return matmul(a, b); })},
      {"Max", "numpy", 1, "axis keepdims",
       one([](const Value& x, const Settings& s) { return max(x, axes_over(x, s), s.keepdims); })},
      {"Maximum", "numpy", 2, "", two([](const Value& a, const Value& b) { return maximum(a, b); })},
      {"Mean", "numpy", 1, "axis keepdims",
       one([](const Value& x, const Settings& s) { return mean(x, axes_over(x, s), s.keepdims); })},
      {"Min", "numpy", 1, "axis keepdims",
       one([](const Value& x, const Settings& s) { return -max(-x, axes_over(x, s), s.keepdims); })},
      {"Minimum", "numpy", 2, "", two([](const Value& a, const Value& b) { return minimum(a, b); })},
      {"Mod", "numpy", 2, "", two([](const Value& a, const Value& b) { return a - b * floor(a / b); })},
      {"Moveaxis", "numpy", 1, "source destination",
       one([](const Value& x, const Settings& s) { return moved(x, s.source, s.destination); })},
      {"Multiply", "numpy", 2, "", two([](const Value& a, const Value& b) { return a * b; })},
      {"Negative", "numpy", 1, "", one([](const Value& x) { return -x; })},
      {"NotEqual", "numpy", 2, "", two([](const Value& a, const Value& b) { return not_equal(a, b); })},
      {"OnesLike", "numpy", 1, "", one([](const Value& x) { return 1.0 - zeros(x); })},
      {"Power", "numpy", 2, "", two([](const Value& a, const Value& b) { return pow(a, b); })},
      {"Reciprocal", "numpy", 1, "", one([](const Value& x) { return reciprocal(x); })},
      {"Relu", "nn", 1, "", one([](const Value& x) { return relu(x); })},
      {"Relu6", "nn", 1, "", one([](const Value& x) { return relu6(x); })},
      {"Reshape", "numpy", 1, "newshape",
       one([](const Value& x, const Settings& s) { return reshaped(x, s); })},
      {"Round", "numpy", 1, "", one([](const Value& x) { return round(x); })},
      {"Rsqrt", "math", 1, "", one([](const Value& x) { return rsqrt(x); })},
      {"Selu", "nn", 1, "", one([](const Value& x) { return selu(x); })},
      {"Sigmoid", "nn", 1, "", one([](const Value& x) { return sigmoid(x); })},
      {"Sign", "numpy", 1, "", one([](const Value& x) { return sign(x); })},
      {"Silu", "nn", 1, "", one([](const Value& x) { return silu(x); })},
      {"Sin", "numpy", 1, "", one([](const Value& x) { return sin(x); })},
      {"Softmax", "nn", 1, "axis",
       one([](const Value& x, const Settings& s) { return softmax_along(x, s, false); })},
      {"Softplus", "nn", 1, "", one([](const Value& x) { return softplus(x); })},
      {"Softsign", "nn", 1, "", one([](const Value& x) { return softsign(x); })},
      {"Split", "numpy", 1, "indices_or_sections axis",
       [](const Values& in, const Settings& s) { return parts(in[0], s); }},
      {"Sqrt", "numpy", 1, "", one([](const Value& x) { return sqrt(x); })},
      {"Square", "numpy", 1, "", one([](const Value& x) { return square(x); })},
      {"Squeeze", "numpy", 1, "axis", one([](const Value& x, const Settings& s) { return squeezed(x, s); })},
      {"Stack", "numpy", 0, "axis",
       [](const Values& in, const Settings& s) { return Values{stacked(in, s)}; }},
      {"Std", "numpy", 1, "axis keepdims",
       one([](const Value& x, const Settings& s) { return sqrt(variance(x, s)); })},
      {"Subtract", "numpy", 2, "", two([](const Value& a, const Value& b) { return a - b; })},
      {"Sum", "numpy", 1, "axis keepdims",
       one([](const Value& x, const Settings& s) { return sum(x, axes_over(x, s), s.keepdims); })},
      {"Swapaxes", "numpy", 1, "axis1 axis2",
       one([](const Value& x, const Settings& s) { return exchanged(x, s.axis1, s.axis2); })},
      {"Tanh", "numpy", 1, "", one([](const Value& x) { return tanh(x); })},
      {"Transpose", "numpy", 1, "axes",
       one([](const Value& x, const Settings& s) { return permuted(x, s); })},
      {"TrueDivide", "numpy", 2, "", two([](const Value& a, const Value& b) { return a / b; })},
      {"Unstack", "core", 1, "axis", [](const Values& in, const Settings& s) { return unstacked(in[0], s); }},
      {"Var", "numpy", 1, "axis keepdims",
       one([](const Value& x, const Settings& s) { return variance(x, s); })},
      {"Where", "numpy", 3, "",
       [](const Values& in, const Settings&) { return Values{select(truth(in[0]), in[1], in[2])}; }},
      {"ZerosLike", "numpy", 1, "", one([](const Value& x) { return zeros(x); })},
  };
  return list;
}

const Row& row(const std::string& name) {
  for (const Row& row : rows())
    if (name == row.name) return row;
  throw Error(fmt::format("function \"{}\": expected one of {}", name.substr(0, 80),
                          fmt::join(FunctionBody::names(), ", ")));
}

bool has(const Row& row, std::string_view key) {
  const std::string keys = fmt::format(" {} ", row.settings);
  return keys.find(fmt::format(" {} ", key)) != std::string::npos;
}

Value apply_function(const char* name, const Values& inputs, const Settings& settings = {}) {
  return Layer(make_body<FunctionBody>("", true, name, settings))(inputs);
}

}  // namespace

FunctionBody::FunctionBody(const std::string& function, Settings settings)
    : function_(row(function).name), settings_(std::move(settings)) {}

const char* FunctionBody::module() const { return row(function_).module; }

Values FunctionBody::call(const LayerCall& call, Effects&) {
  const Row& known = row(function_);
  if (call.inputs.empty() || (known.inputs > 0 && static_cast<int>(call.inputs.size()) != known.inputs))
    throw Error(fmt::format("expected {} inputs, got {}", std::max(known.inputs, 1), call.inputs.size()));
  Values inputs;
  for (const Value& input : call.inputs) {
    const Value x = floats(input);
    inputs.push_back(inputs.empty() || x.dtype() == inputs[0].dtype() ? x : cast(x, inputs[0].dtype()));
  }
  return known.apply(inputs, settings_);
}

void FunctionBody::fields(Fields& f) {
  const Row& known = row(function_);
  Settings& s = settings_;
  if (has(known, "axis")) f("axis", s.axis, {.one_as_number = true, .empty_as_null = true});
  if (function_ == "Round") f.ignore("decimals", "0");
  if (has(known, "keepdims")) f("keepdims", s.keepdims);
  if (has(known, "newshape")) f("newshape", s.newshape, {.required = true});
  if (has(known, "axes")) f("axes", s.axes, {.empty_as_null = true});
  if (has(known, "indices_or_sections"))
    f("indices_or_sections", s.indices_or_sections, {.required = true, .least = 1, .most = 1e6});
  if (has(known, "axis1")) f("axis1", s.axis1, {.required = true});
  if (has(known, "axis2")) f("axis2", s.axis2, {.required = true});
  if (has(known, "source")) f("source", s.source, {.required = true});
  if (has(known, "destination")) f("destination", s.destination, {.required = true});
  if (has(known, "x_min")) f("x_min", s.x_min, {.required = true});
  if (has(known, "x_max")) f("x_max", s.x_max, {.required = true});
  if (has(known, "negative_slope")) f("negative_slope", s.negative_slope);
  if (has(known, "alpha")) f("alpha", s.alpha);
  if (has(known, "approximate")) f("approximate", s.approximate);
  if (has(known, "dtype")) f("dtype", s.dtype, {.required = true});
}

CallArgumentList FunctionBody::arguments() const {
  using Kind = CallArgument::Kind;
  switch (row(function_).inputs) {
    case 0:
      return {};
    case 1:
      return {{"x", Kind::input}};
    case 2:
      return {{"x1", Kind::input}, {"x2", Kind::input}};
    default:
      return {{"condition", Kind::input}, {"x1", Kind::input}, {"x2", Kind::input}};
  }
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
Value any_of_last(const Value& x) { return apply_function("Any", {x}, {.axis = {-1}}); }
Value mask_like(const Value& mask, const Value& x) {
  return either(apply_function("ExpandDims", {mask}, {.axis = {-1}}), apply_function("ZerosLike", {x}));
}
Value mask_of_all(const Value& x) { return apply_function("OnesLike", {x}); }

}  // namespace folio
