#include "folio/ops/affine_transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"

namespace folio {
namespace {

const char* word_for(FillMode mode) {
  switch (mode) {
    case FillMode::nearest:
      return "nearest";
    case FillMode::reflect:
      return "reflect";
    case FillMode::wrap:
      return "wrap";
    case FillMode::constant:
      break;
  }
  return "constant";
}

// The pixel that stands for `at` in a row of `length`; -1: what lies beyond the border.
int64_t bring_in(int64_t at, int64_t length, FillMode mode) {
  if (at >= 0 && at < length) return at;
  switch (mode) {
    case FillMode::constant:
      return -1;
    case FillMode::nearest:
      return at < 0 ? 0 : length - 1;
    case FillMode::wrap:
      return (at % length + length) % length;
    case FillMode::reflect:
      break;
  }
  const int64_t in_period = (at % (2 * length) + 2 * length) % (2 * length);
  return std::min(in_period, 2 * length - 1 - in_period);
}

// Whatever a matrix says, places stay such that whole numbers hold them.
template <class T>
T bounded(T at) {
  return at > -1e9 && at < 1e9 ? at : T(-1e9);
}

// Calls `take(place, weight)` for the pixels that a pixel of the result is made of; place -1 is beyond the
// border. At most four.
template <class T, class Take>
void look(const T* m, int64_t row, int64_t column, const AffineSettings& settings, int64_t height,
          int64_t width, const Take& take) {
  const T r = static_cast<T>(row), c = static_cast<T>(column);
  const T y = bounded(r * m[0] + c * m[1] + m[2]), x = bounded(r * m[3] + c * m[4] + m[5]);
  const auto place = [&](int64_t i, int64_t j) {
    const int64_t a = bring_in(i, height, settings.fill), b = bring_in(j, width, settings.fill);
    return a < 0 || b < 0 ? int64_t{-1} : a * width + b;
  };
  if (settings.nearest) {
    take(place(std::llround(y), std::llround(x)), T(1));
    return;
  }
  const T above = std::floor(y), left = std::floor(x), v = y - above, u = x - left;
  const auto i = static_cast<int64_t>(above), j = static_cast<int64_t>(left);
  take(place(i, j), (1 - v) * (1 - u));
  if (u != 0) take(place(i, j + 1), (1 - v) * u);
  if (v != 0) take(place(i + 1, j), v * (1 - u));
  if (u != 0 && v != 0) take(place(i + 1, j + 1), v * u);
}

void check(const Types& in, const char* what) {
  const Shape &x = in[0].shape, &m = in[1].shape;
  if (x.rank() != 4 || m.rank() != 2 || !compatible(m, {x[0], 6}) || !is_floating(in[0].dtype) ||
      in[1].dtype != in[0].dtype)
    throw Error(
        fmt::format("{}: expected pictures (batch, height, width, channels) and matrices (batch, 6) of their "
                    "type, got {} and {}",
                    what, to_string(in[0]), to_string(in[1])));
}

}  // namespace

std::string AffineSettings::text() const {
  return fmt::format("to {}x{} {} {}{}", height, width, word_for(fill), value, nearest ? " nearest" : "");
}

Types AffineTransformOp::infer(const Types& in) const {
  check(in, "affine_transform");
  const Shape& x = in[0].shape;
  if (x[1] == 0 || x[2] == 0)
    throw Error("affine_transform: expected pictures of pixels, got " + to_string(in[0]));
  return {{{x[0], settings_.height, settings_.width, x[3]}, in[0].dtype}};
}

Values AffineTransformOp::gradient(const GradientContext& g) const {
  const Shape& x = g.inputs[0].shape();
  return {apply_one(std::make_shared<AffineTransformGradientOp>(settings_, x[1], x[2]),
                    {g.output_gradients[0], g.inputs[1]}),
          Value()};
}

void AffineTransformOp::define(const Views& in, const Views& out) const {
  const Shape& shape = in[0].shape();
  const int64_t height = shape[1], width = shape[2], channels = shape[3];
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    if constexpr (std::is_floating_point_v<T>) {
      for (int64_t b = 0; b < shape[0]; ++b) {
        const T* x = in[0].as<T>() + b * height * width * channels;
        T* y = out[0].as<T>() + b * settings_.height * settings_.width * channels;
        for (int64_t row = 0; row < settings_.height; ++row)
          for (int64_t column = 0; column < settings_.width; ++column, y += channels) {
            std::fill_n(y, channels, T(0));
            look(in[1].as<T>() + b * 6, row, column, settings_, height, width, [&](int64_t place, T weight) {
              for (int64_t c = 0; c < channels; ++c)
                y[c] += weight * (place < 0 ? static_cast<T>(settings_.value) : x[place * channels + c]);
            });
          }
      }
    }
  });
}

std::string AffineTransformGradientOp::attributes() const {
  return fmt::format("{} of {}x{}", settings_.text(), height_, width_);
}

Types AffineTransformGradientOp::infer(const Types& in) const {
  check(in, "affine_transform gradient");
  const Shape& dy = in[0].shape;
  return {{{dy[0], height_, width_, dy[3]}, in[0].dtype}};
}

Values AffineTransformGradientOp::gradient(const GradientContext& g) const {
  // It is linear: the other way pictures go through the same matrices, with nothing beyond the border.
  AffineSettings settings = settings_;
  settings.value = 0;
  return {affine_transform(g.output_gradients[0], g.inputs[1], settings), Value()};
}

void AffineTransformGradientOp::define(const Views& in, const Views& out) const {
  const Shape& shape = out[0].shape();
  const int64_t channels = shape[3];
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    if constexpr (std::is_floating_point_v<T>) {
      std::fill_n(out[0].as<T>(), shape.count(), T(0));
      for (int64_t b = 0; b < shape[0]; ++b) {
        const T* dy = in[0].as<T>() + b * settings_.height * settings_.width * channels;
        T* dx = out[0].as<T>() + b * height_ * width_ * channels;
        for (int64_t row = 0; row < settings_.height; ++row)
          for (int64_t column = 0; column < settings_.width; ++column, dy += channels)
            look(in[1].as<T>() + b * 6, row, column, settings_, height_, width_,
                 [&](int64_t place, T weight) {
                   for (int64_t c = 0; place >= 0 && c < channels; ++c)
                     dx[place * channels + c] += weight * dy[c];
                 });
      }
    }
  });
}

Value affine_transform(const Value& x, const Value& matrices, const AffineSettings& settings) {
  return apply_one(std::make_shared<AffineTransformOp>(settings), {x, matrices});
}

}  // namespace folio
