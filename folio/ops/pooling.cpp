#include "folio/ops/pooling.h"

#include <algorithm>
#include <cstring>

#include "folio/base/error.h"

namespace folio {
namespace {

// Calls body(index of the output, first cell of its window, bounds of the window inside the picture).
struct Cells {
  int64_t row_first, row_last, column_first, column_last, row_start, column_start;
};

template <class Body>
void for_each_window(const PoolingGeometry& g, Body&& body) {
  for (int64_t n = 0; n < g.n; ++n)
    for (int64_t i = 0; i < g.oh; ++i)
      for (int64_t j = 0; j < g.ow; ++j) {
        const int64_t top = i * g.stride_h - g.pad_top, left = j * g.stride_w - g.pad_left;
        const Cells cells{std::max<int64_t>(top, 0),
                          std::min(top + g.size_h, g.h),
                          std::max<int64_t>(left, 0),
                          std::min(left + g.size_w, g.w),
                          top,
                          left};
        for (int64_t c = 0; c < g.c; ++c) body(n, c, ((n * g.oh + i) * g.ow + j) * g.c + c, cells);
      }
}

int64_t cell(const PoolingGeometry& g, int64_t n, int64_t row, int64_t column, int64_t c) {
  return ((n * g.h + row) * g.w + column) * g.c + c;
}

int64_t place_to_cell(const PoolingGeometry& g, int64_t n, int64_t c, const Cells& cells, uint8_t place) {
  return cell(g, n, cells.row_start + place / g.size_w, cells.column_start + place % g.size_w, c);
}

}  // namespace

std::string PoolingOp::attributes() const {
  const PoolingOptions& o = options_;
  return std::to_string(o.size_h) + "x" + std::to_string(o.size_w) + " stride " + std::to_string(o.stride_h) +
         "x" + std::to_string(o.stride_w) + " " + to_string(o.padding);
}

PoolingGeometry PoolingOp::geometry(const Shape& x) const {
  const PoolingOptions& o = options_;
  const Window vertical{o.size_h, o.stride_h}, horizontal{o.size_w, o.stride_w};
  return {x[0],
          x[1],
          x[2],
          x[3],
          vertical.output(x[1], o.padding),
          horizontal.output(x[2], o.padding),
          o.size_h,
          o.size_w,
          o.stride_h,
          o.stride_w,
          vertical.before(x[1], o.padding),
          horizontal.before(x[2], o.padding)};
}

Shape PoolingOp::pooled(const TensorType& x) const {
  const PoolingOptions& o = options_;
  if (x.shape.rank() != 4)
    throw Error("pooling: expected (batch, height, width, channels), got " + to_string(x.shape));
  if (o.size_h < 1 || o.size_w < 1 || o.stride_h < 1 || o.stride_w < 1)
    throw Error("pooling: sizes and strides must be at least 1");
  const PoolingGeometry g = geometry(x.shape);
  if ((g.oh < 1 && g.oh != kUnknown) || (g.ow < 1 && g.ow != kUnknown))
    throw Error("pooling: a window of " + std::to_string(o.size_h) + "x" + std::to_string(o.size_w) +
                " does not fit into pictures of " + std::to_string(g.h) + "x" + std::to_string(g.w) +
                "; use padding \"same\" or a smaller window");
  return {g.n, g.oh, g.ow, g.c};
}

Types MaxPoolOp::infer(const Types& in) const {
  const Shape shape = pooled(in[0]);
  if (options().size_h * options().size_w > 256)
    throw Error("pooling: a maximum over more than 256 cells is not supported, got " + attributes());
  return {{shape, in[0].dtype}, {shape, DType::uint8}};
}

Values MaxPoolOp::gradient(const GradientContext& g) const {
  if (!g.output_gradients[0].defined()) return {Value()};
  const Shape& x = g.inputs[0].shape();
  return {apply_one(std::make_shared<MaxPoolGradientOp>(options(), x[1], x[2]),
                    {g.output_gradients[0], g.outputs[1]})};
}

void MaxPoolOp::define(const Views& in, const Views& out) const {
  const PoolingGeometry g = geometry(in[0].shape());
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    const T* x = in[0].as<T>();
    for_each_window(g, [&](int64_t n, int64_t c, int64_t to, const Cells& cells) {
      bool first = true;
      T best{};
      for (int64_t row = cells.row_first; row < cells.row_last; ++row)
        for (int64_t column = cells.column_first; column < cells.column_last; ++column) {
          const T value = x[cell(g, n, row, column, c)];
          if (!first && !(value > best) && !(value != value && best == best)) continue;
          best = value;
          first = false;
          out[1].as<uint8_t>()[to] =
              static_cast<uint8_t>((row - cells.row_start) * g.size_w + column - cells.column_start);
        }
      out[0].as<T>()[to] = best;
    });
  });
}

Types MaxPoolGradientOp::infer(const Types& in) const {
  return {{{in[0].shape[0], h_, w_, in[0].shape[3]}, in[0].dtype}};
}

Values MaxPoolGradientOp::gradient(const GradientContext& g) const {
  return {apply_one(std::make_shared<MaxPoolSelectOp>(options()), {g.output_gradients[0], g.inputs[1]}),
          Value()};
}

void MaxPoolGradientOp::define(const Views& in, const Views& out) const {
  const PoolingGeometry g = geometry(out[0].shape());
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    std::memset(out[0].data, 0, static_cast<size_t>(out[0].count()) * sizeof(T));
    for_each_window(g, [&](int64_t n, int64_t c, int64_t from, const Cells& cells) {
      out[0].as<T>()[place_to_cell(g, n, c, cells, in[1].as<uint8_t>()[from])] += in[0].as<T>()[from];
    });
  });
}

Values MaxPoolSelectOp::gradient(const GradientContext& g) const {
  const Shape& x = g.inputs[0].shape();
  return {apply_one(std::make_shared<MaxPoolGradientOp>(options(), x[1], x[2]),
                    {g.output_gradients[0], g.inputs[1]}),
          Value()};
}

void MaxPoolSelectOp::define(const Views& in, const Views& out) const {
  const PoolingGeometry g = geometry(in[0].shape());
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for_each_window(g, [&](int64_t n, int64_t c, int64_t to, const Cells& cells) {
      out[0].as<T>()[to] = in[0].as<T>()[place_to_cell(g, n, c, cells, in[1].as<uint8_t>()[to])];
    });
  });
}

Values AveragePoolOp::gradient(const GradientContext& g) const {
  const Shape& x = g.inputs[0].shape();
  return {apply_one(std::make_shared<AveragePoolGradientOp>(options(), x[1], x[2]), {g.output_gradients[0]})};
}

void AveragePoolOp::define(const Views& in, const Views& out) const {
  const PoolingGeometry g = geometry(in[0].shape());
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for_each_window(g, [&](int64_t n, int64_t c, int64_t to, const Cells& cells) {
      double total = 0;
      for (int64_t row = cells.row_first; row < cells.row_last; ++row)
        for (int64_t column = cells.column_first; column < cells.column_last; ++column)
          total += static_cast<double>(in[0].as<T>()[cell(g, n, row, column, c)]);
      out[0].as<T>()[to] =
          static_cast<T>(total / static_cast<double>((cells.row_last - cells.row_first) *
                                                     (cells.column_last - cells.column_first)));
    });
  });
}

Types AveragePoolGradientOp::infer(const Types& in) const {
  return {{{in[0].shape[0], h_, w_, in[0].shape[3]}, in[0].dtype}};
}

Values AveragePoolGradientOp::gradient(const GradientContext& g) const {
  return {average_pool(g.output_gradients[0], options())};
}

void AveragePoolGradientOp::define(const Views& in, const Views& out) const {
  const PoolingGeometry g = geometry(out[0].shape());
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    std::memset(out[0].data, 0, static_cast<size_t>(out[0].count()) * sizeof(T));
    for_each_window(g, [&](int64_t n, int64_t c, int64_t from, const Cells& cells) {
      const auto cells_inside =
          static_cast<T>((cells.row_last - cells.row_first) * (cells.column_last - cells.column_first));
      for (int64_t row = cells.row_first; row < cells.row_last; ++row)
        for (int64_t column = cells.column_first; column < cells.column_last; ++column)
          out[0].as<T>()[cell(g, n, row, column, c)] += in[0].as<T>()[from] / cells_inside;
    });
  });
}

Value max_pool(const Value& x, const PoolingOptions& options) {
  return apply(std::make_shared<MaxPoolOp>(options), {x})[0];
}
Value average_pool(const Value& x, const PoolingOptions& options) {
  return apply_one(std::make_shared<AveragePoolOp>(options), {x});
}

}  // namespace folio
