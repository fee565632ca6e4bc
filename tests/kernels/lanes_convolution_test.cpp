#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "folio/kernels/cpu/functions.h"
#include "tests/kernels/guarded_floats.h"

namespace folio::cpu {
namespace {

LanesConvolution make_shape(int64_t c, int64_t k, int64_t kh, int64_t kw, int64_t oh, int64_t ow,
                            int64_t stride_h = 1, int64_t stride_w = 1, int64_t dilation_h = 1,
                            int64_t dilation_w = 1) {
  return {.h = (oh - 1) * stride_h + (kh - 1) * dilation_h + 1,
          .w = (ow - 1) * stride_w + (kw - 1) * dilation_w + 1,
          .c = c,
          .oh = oh,
          .ow = ow,
          .k = k,
          .kh = kh,
          .kw = kw,
          .stride_h = stride_h,
          .stride_w = stride_w,
          .dilation_h = dilation_h,
          .dilation_w = dilation_w};
}

// Ones, odd sizes, every tile's tails, strides and dilations, and rows longer than a chunk of the gradient.
std::vector<LanesConvolution> make_shapes() {
  std::vector<LanesConvolution> shapes = {
      make_shape(1, 1, 1, 1, 1, 1),
      make_shape(1, 6, 5, 5, 28, 28),
      make_shape(6, 16, 5, 5, 10, 10),
      make_shape(3, 32, 3, 3, 7, 30),
      make_shape(3, 5, 6, 6, 4, 27),
      make_shape(16, 6, 5, 5, 4, 14),
      make_shape(20, 33, 3, 3, 5, 8),
      make_shape(5, 7, 1, 3, 3, 11),
      make_shape(2, 3, 3, 1, 6, 9, 2, 2),
      make_shape(3, 4, 2, 3, 5, 6, 3, 1),
      make_shape(3, 9, 3, 3, 4, 7, 1, 1, 2, 2),
      make_shape(4, 2, 3, 2, 5, 5, 2, 3, 1, 4),
      make_shape(1, 2, 2, 2, 2, 700),
      make_shape(1, 20, 1, 2, 3, 300),
      make_shape(2, 1, 1, 1, 1, 13),
  };
  for (int64_t k = 1; k <= 13; ++k) shapes.push_back(make_shape(2, k, 2, 2, 2, 14 - k));
  for (int64_t ow = 1; ow <= 20; ++ow) shapes.push_back(make_shape(ow % 3 + 1, ow % 7 + 1, 1, 2, 2, ow));
  LanesConvolution larger = make_shape(3, 4, 3, 3, 4, 4);  // rows and columns of x that no output needs
  larger.h += 2, larger.w += 3;
  shapes.push_back(larger);
  return shapes;
}

int64_t size_of_x(const LanesConvolution& s) { return s.h * s.w * s.c * kLanes; }
int64_t size_of_y(const LanesConvolution& s) { return s.oh * s.ow * s.k * kLanes; }
int64_t size_of_kernel(const LanesConvolution& s) { return s.kh * s.kw * s.c * s.k; }

/// Calls visit(index into x, index into the kernel, index into y) for every product of the definition.
template <class Visit>
void for_every_product(const LanesConvolution& s, Visit visit) {
  for (int64_t i = 0; i < s.oh; ++i)
    for (int64_t j = 0; j < s.ow; ++j)
      for (int64_t r = 0; r < s.kh; ++r)
        for (int64_t t = 0; t < s.kw; ++t)
          for (int64_t q = 0; q < s.c; ++q) {
            const int64_t row = i * s.stride_h + r * s.dilation_h, column = j * s.stride_w + t * s.dilation_w;
            const int64_t x = ((row * s.w + column) * s.c + q) * kLanes;
            for (int64_t o = 0; o < s.k; ++o) {
              const int64_t kernel = ((r * s.kw + t) * s.c + q) * s.k + o,
                            y = ((i * s.ow + j) * s.k + o) * kLanes;
              for (int64_t lane = 0; lane < kLanes; ++lane) visit(x + lane, kernel, y + lane);
            }
          }
}

/// The sum of a definition in double precision, and the sum of its terms' magnitudes.
struct Reference {
  std::vector<double> sum, magnitude;
  explicit Reference(const std::vector<float>& start) : sum(start.begin(), start.end()) {
    for (double value : sum) magnitude.push_back(std::abs(value));
  }
  void add(int64_t at, double term) {
    sum[at] += term;
    magnitude[at] += std::abs(term);
  }
  /// Compares with `result`; `terms` <= 0 asks for equality.
  void compare(const GuardedFloats& result, int64_t terms) const {
    const double factor =
        terms <= 0 ? 0 : 4 * std::ldexp(1.0, -24) * (std::sqrt(static_cast<double>(terms)) + 4);
    for (size_t i = 0; i < sum.size(); ++i)
      ASSERT_NEAR(result[i], sum[i], factor * magnitude[i]) << "at " << i;
  }
};

template <class Check>
void for_every_shape(Check check) {
  for (Isa isa : available_isas())
    for (const LanesConvolution& s : make_shapes())
      for (bool whole : {true, false}) {
        SCOPED_TRACE(testing::Message()
                     << to_string(isa) << " c " << s.c << " k " << s.k << " kernel " << s.kh << "x" << s.kw
                     << " output " << s.oh << "x" << s.ow << " stride " << s.stride_h << "x" << s.stride_w
                     << " dilation " << s.dilation_h << "x" << s.dilation_w
                     << (whole ? " whole" : " random"));
        check(functions(isa), s, whole ? whole_numbers : random_numbers, whole);
        if (testing::Test::HasFailure()) return;
      }
}

TEST(LanesConvolution, Forward) {
  for_every_shape([](const Functions& f, const LanesConvolution& s, auto numbers, bool whole) {
    const GuardedFloats x(numbers(size_of_x(s), 1)), kernel(numbers(size_of_kernel(s), 2));
    GuardedFloats y(size_of_y(s), NAN);
    Reference expected(std::vector<float>(size_of_y(s)));
    for_every_product(
        s, [&](int64_t i, int64_t w, int64_t o) { expected.add(o, static_cast<double>(x[i]) * kernel[w]); });
    f.lanes_convolution(s, x.data(), kernel.data(), y.data());
    expected.compare(y, whole ? 0 : s.kh * s.kw * s.c);
  });
}

TEST(LanesConvolution, KernelGradientAdds) {
  for_every_shape([](const Functions& f, const LanesConvolution& s, auto numbers, bool whole) {
    const GuardedFloats x(numbers(size_of_x(s), 1)), dy(numbers(size_of_y(s), 2));
    const std::vector<float> before = numbers(size_of_kernel(s), 3);
    GuardedFloats dkernel(before);
    Reference expected(before);
    for_every_product(
        s, [&](int64_t i, int64_t w, int64_t o) { expected.add(w, static_cast<double>(x[i]) * dy[o]); });
    f.lanes_convolution_kernel_gradient(s, x.data(), dy.data(), dkernel.data());
    expected.compare(dkernel, whole ? 0 : s.oh * s.ow * kLanes);
    GuardedFloats again(before);
    f.lanes_convolution_kernel_gradient(s, x.data(), dy.data(), again.data());
    EXPECT_EQ(again.values(), dkernel.values()) << "the order of summation is not fixed";
  });
}

}  // namespace
}  // namespace folio::cpu
