#include "folio/ops/slice.h"

#include <algorithm>
#include <cstring>

#include "folio/base/error.h"

namespace folio {
namespace {

int checked_axis(int axis, int rank, const char* op) {
  const int at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank)
    throw Error(std::string(op) + ": axis " + std::to_string(axis) + " does not exist in a value of rank " +
                std::to_string(rank));
  return at;
}

std::string listed(const std::vector<int64_t>& values) {
  std::string text;
  for (int64_t v : values) text += (text.empty() ? "" : " ") + std::to_string(v);
  return text;
}

// Copies `block` bytes `outer` times between memories with their own steps.
void copy_blocks(const void* from, int64_t from_step, void* to, int64_t to_step, int64_t outer,
                 int64_t block) {
  for (int64_t o = 0; o < outer; ++o)
    std::memcpy(static_cast<char*>(to) + o * to_step, static_cast<const char*>(from) + o * from_step,
                static_cast<size_t>(block));
}

}  // namespace

std::string SliceOp::attributes() const {
  return "axis " + std::to_string(axis_) + " from " + std::to_string(first_) + " size " +
         std::to_string(size_);
}

Types SliceOp::infer(const Types& in) const {
  const Shape& shape = in[0].shape;
  // What is left of an unknown dimension is unknown too.
  if (first_ >= 0 && size_ == kUnknown && shape[axis_] == kUnknown) return {in[0]};
  if (first_ < 0 || size_ < 0 || (shape[axis_] != kUnknown && first_ + size_ > shape[axis_]))
    throw Error("slice: elements " + std::to_string(first_) + " to " + std::to_string(first_ + size_) +
                " do not exist along dimension " + std::to_string(axis_) + " of " + to_string(shape));
  return {{shape.with(axis_, size_), in[0].dtype}};
}

Values SliceOp::gradient(const GradientContext& g) const {
  const SliceGradientOp::Place place{axis_, first_, g.inputs[0].shape()[axis_]};
  return {apply_one(std::make_shared<SliceGradientOp>(std::vector{place}), {g.output_gradients[0]})};
}

void SliceOp::define(const Views& in, const Views& out) const {
  const Shape& shape = in[0].shape();
  const int64_t inner = shape.count(axis_ + 1, shape.rank()) * size_of(in[0].type.dtype);
  copy_blocks(static_cast<const char*>(in[0].data) + first_ * inner, shape[axis_] * inner, out[0].data,
              size_ * inner, shape.count(0, axis_), size_ * inner);
}

std::string SliceGradientOp::attributes() const {
  std::string text;
  for (const Place& place : places_)
    text += (text.empty() ? "axis " : "; axis ") + std::to_string(place.axis) + " from " +
            std::to_string(place.first) + " of " + std::to_string(place.whole);
  return text;
}

Types SliceGradientOp::infer(const Types& in) const {
  const TensorType type{in[0].shape.with(places_[0].axis, places_[0].whole), in[0].dtype};
  for (size_t i = 0; i < in.size(); ++i) {
    const auto [axis, first, whole] = places_[i];
    const int64_t size = in[i].shape[axis];
    const bool inside = whole == kUnknown || size == kUnknown || (first >= 0 && first + size <= whole);
    if (!inside || in[i].dtype != type.dtype || !compatible(in[i].shape.with(axis, whole), type.shape))
      throw InternalError("slices: " + to_string(in[i]) + " is no piece of " + to_string(type));
  }
  return {type};
}

Values SliceGradientOp::gradient(const GradientContext& g) const {
  Values result;
  for (size_t i = 0; i < g.inputs.size(); ++i)
    result.push_back(slice(g.output_gradients[0], places_[i].axis, places_[i].first,
                           g.inputs[i].shape()[places_[i].axis]));
  return result;
}

RowMap SliceGradientOp::rows(const Node& node) const {
  const bool apart =
      std::all_of(places_.begin(), places_.end(), [](const Place& place) { return place.axis != 0; });
  return apart ? RowMap::each(node) : RowMap{};
}

double SliceGradientOp::flops(const Node& node) const {
  double count = 0;
  for (const Value& piece : node.inputs) count += static_cast<double>(piece.shape().count());
  return count;
}

void SliceGradientOp::define(const Views& in, const Views& out) const {
  const Shape& shape = out[0].shape();
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    T* y = out[0].as<T>();
    std::fill_n(y, shape.count(), T{});
    for (size_t i = 0; i < in.size(); ++i) {
      const auto [axis, first, whole] = places_[i];
      const int64_t inner = shape.count(axis + 1, shape.rank()), size = in[i].shape()[axis] * inner;
      for (int64_t e = 0; e < in[i].count(); ++e) {
        T& sum = y[e / size * whole * inner + first * inner + e % size];
        sum = static_cast<T>(sum + in[i].as<T>()[e]);
      }
    }
  });
}

std::string SplitOp::attributes() const {
  return "axis " + std::to_string(axis_) + " sizes " + listed(sizes_);
}

Types SplitOp::infer(const Types& in) const {
  int64_t whole = 0;
  for (int64_t size : sizes_) {
    if (size < 0) throw Error("split: expected sizes of at least 0, got " + listed(sizes_));
    whole += size;
  }
  if (!compatible(in[0].shape.with(axis_, whole), in[0].shape))
    throw Error("split: parts of sizes " + listed(sizes_) + " are not all of dimension " +
                std::to_string(axis_) + " of " + to_string(in[0].shape));
  Types types;
  for (int64_t size : sizes_) types.push_back({in[0].shape.with(axis_, size), in[0].dtype});
  return types;
}

Values SplitOp::gradient(const GradientContext& g) const {
  Values pieces;
  std::vector<SliceGradientOp::Place> places;
  int64_t first = 0, whole = 0;
  for (int64_t size : sizes_) whole += size;
  for (size_t i = 0; i < sizes_.size(); first += sizes_[i++])
    if (g.output_gradients[i].defined()) {
      pieces.push_back(g.output_gradients[i]);
      places.push_back({axis_, first, whole});
    }
  return {apply_one(std::make_shared<SliceGradientOp>(std::move(places)), std::move(pieces))};
}

void SplitOp::define(const Views& in, const Views& out) const {
  const Shape& shape = in[0].shape();
  const int64_t inner = shape.count(axis_ + 1, shape.rank()) * size_of(in[0].type.dtype);
  const char* from = static_cast<const char*>(in[0].data);
  for (const View& view : out) {
    const int64_t block = view.shape()[axis_] * inner;
    copy_blocks(from, shape[axis_] * inner, view.data, block, shape.count(0, axis_), block);
    from += block;
  }
}

Types ConcatenateOp::infer(const Types& in) const {
  TensorType type = in[0];
  for (size_t i = 1; i < in.size(); ++i) {
    const bool fits = in[i].dtype == type.dtype && in[i].shape.rank() == type.shape.rank() &&
                      compatible(in[i].shape.with(axis_, 1), type.shape.with(axis_, 1));
    if (!fits)
      throw Error("concatenate: " + to_string(in[0]) + " and " + to_string(in[i]) +
                  " differ in more than dimension " + std::to_string(axis_));
    int64_t& dim = type.shape[axis_];
    dim = dim == kUnknown || in[i].shape[axis_] == kUnknown ? kUnknown : dim + in[i].shape[axis_];
  }
  return {type};
}

Values ConcatenateOp::gradient(const GradientContext& g) const {
  Values result;
  int64_t first = 0;
  for (const Value& value : g.inputs) {
    result.push_back(slice(g.output_gradients[0], axis_, first, value.shape()[axis_]));
    first += value.shape()[axis_];
  }
  return result;
}

void ConcatenateOp::define(const Views& in, const Views& out) const {
  const Shape& shape = out[0].shape();
  const int64_t inner = shape.count(axis_ + 1, shape.rank()) * size_of(out[0].type.dtype);
  char* to = static_cast<char*>(out[0].data);
  for (const View& view : in) {
    const int64_t block = view.shape()[axis_] * inner;
    copy_blocks(view.data, block, to, shape[axis_] * inner, shape.count(0, axis_), block);
    to += block;
  }
}

std::string PadOp::attributes() const { return "before " + listed(before_) + " after " + listed(after_); }

Types PadOp::infer(const Types& in) const {
  Shape shape = in[0].shape;
  for (int i = 0; i < shape.rank(); ++i) {
    if (before_[i] < 0 || after_[i] < 0)
      throw Error("pad: expected counts of at least 0, got " + attributes());
    if (shape[i] != kUnknown) shape[i] += before_[i] + after_[i];
  }
  return {{shape, in[0].dtype}};
}

Values PadOp::gradient(const GradientContext& g) const {
  Value result = g.output_gradients[0];
  for (int i = 0; i < result.rank(); ++i)
    if (before_[i] || after_[i]) result = slice(result, i, before_[i], g.inputs[0].shape()[i]);
  return {result};
}

void PadOp::define(const Views& in, const Views& out) const {
  const Shape &from = in[0].shape(), &to = out[0].shape();
  const int64_t size = size_of(in[0].type.dtype);
  std::memset(out[0].data, 0, static_cast<size_t>(to.count() * size));
  for (int64_t e = 0, n = from.count(); e < n; ++e) {
    int64_t rest = e, at = 0, stride = 1;
    for (int d = from.rank() - 1; d >= 0; --d) {
      at += (rest % from[d] + before_[d]) * stride;
      rest /= from[d];
      stride *= to[d];
    }
    std::memcpy(static_cast<char*>(out[0].data) + at * size, static_cast<const char*>(in[0].data) + e * size,
                static_cast<size_t>(size));
  }
}

Value slice(const Value& x, int axis, int64_t first, int64_t size) {
  axis = checked_axis(axis, x.rank(), "slice");
  if (first == 0 && size == x.shape()[axis]) return x;
  return apply_one(std::make_shared<SliceOp>(axis, first, size), {x});
}

Values split(const Value& x, std::vector<int64_t> sizes, int axis) {
  return apply(std::make_shared<SplitOp>(checked_axis(axis, x.rank(), "split"), std::move(sizes)), {x});
}

Values split(const Value& x, int parts, int axis) {
  const int64_t whole = x.shape()[checked_axis(axis, x.rank(), "split")];
  if (parts < 1 || whole == kUnknown || whole % parts != 0)
    throw Error("split: dimension " + std::to_string(axis) + " of " + to_string(x.shape()) +
                " cannot be divided into " + std::to_string(parts) + " equal parts");
  return split(x, std::vector<int64_t>(static_cast<size_t>(parts), whole / parts), axis);
}

Value concatenate(const Values& values, int axis) {
  if (values.empty()) throw Error("concatenate: expected at least one value, got none");
  if (values.size() == 1) return values[0];
  return apply_one(std::make_shared<ConcatenateOp>(checked_axis(axis, values[0].rank(), "concatenate")),
                   values);
}

Value pad(const Value& x, std::vector<int64_t> before, std::vector<int64_t> after) {
  if (static_cast<int>(before.size()) != x.rank() || static_cast<int>(after.size()) != x.rank())
    throw Error("pad: expected one count per dimension of " + to_string(x.shape()));
  return apply_one(std::make_shared<PadOp>(std::move(before), std::move(after)), {x});
}

}  // namespace folio
