// The loops of depthwise convolution against plain ones, for every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "folio/kernels/cpu/functions.h"

namespace folio::cpu {
namespace {

constexpr float kGuard = 4321;

const DepthwiseConvolution kConvolutions[] = {
    // h, w, c, oh, ow, kh, kw, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0},  {4, 5, 3, 2, 3, 3, 3, 1, 1, 1, 1, 0, 0},
    {4, 5, 16, 4, 5, 3, 3, 1, 1, 1, 1, 1, 1}, {5, 6, 17, 3, 3, 3, 2, 2, 2, 1, 1, 1, 0},
    {1, 9, 40, 1, 9, 1, 5, 1, 1, 1, 2, 0, 4}, {3, 3, 33, 3, 3, 5, 5, 1, 1, 1, 1, 2, 2},
    {6, 4, 20, 2, 4, 2, 3, 1, 1, 4, 1, 0, 1}, {3, 23, 9, 3, 12, 3, 3, 1, 2, 1, 1, 1, 1},
};

/// Small whole numbers, so that sums are exact in any order.
std::vector<float> numbers(int64_t n, uint32_t state) {
  std::vector<float> x(static_cast<size_t>(n));
  for (float& value : x) {
    state = state * 1664525 + 1013904223;
    value = static_cast<float>(static_cast<int32_t>(state >> 28)) - 7;
  }
  return x;
}

/// Calls body(index of x, of the kernel, of y) for every product of `rows` pictures.
template <class Body>
void for_each_product(const DepthwiseConvolution& g, int64_t rows, Body body) {
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t i = 0; i < g.oh; ++i)
      for (int64_t j = 0; j < g.ow; ++j)
        for (int64_t r = 0; r < g.kh; ++r)
          for (int64_t s = 0; s < g.kw; ++s) {
            const int64_t row = i * g.stride_h + r * g.dilation_h - g.pad_top,
                          column = j * g.stride_w + s * g.dilation_w - g.pad_left;
            if (row < 0 || row >= g.h || column < 0 || column >= g.w) continue;
            for (int64_t c = 0; c < g.c; ++c)
              body(((n * g.h + row) * g.w + column) * g.c + c, (r * g.kw + s) * g.c + c,
                   ((n * g.oh + i) * g.ow + j) * g.c + c);
          }
}

TEST(Depthwise, AgreesWithPlainLoops) {
  constexpr int64_t kRows = 3;
  for (const DepthwiseConvolution& g : kConvolutions)
    for (Isa isa : available_isas()) {
      SCOPED_TRACE(std::string(to_string(isa)) + " " + std::to_string(&g - kConvolutions));
      const auto x = numbers(kRows * g.h * g.w * g.c, 1), kernel = numbers(g.kh * g.kw * g.c, 2),
                 dy = numbers(kRows * g.oh * g.ow * g.c, 3);
      std::vector<float> y(dy.size()), dx(x.size()), dkernel(kernel.size());
      for_each_product(g, kRows, [&](int64_t at_x, int64_t at_kernel, int64_t at_y) {
        y[at_y] += x[at_x] * kernel[at_kernel];
        dx[at_x] += dy[at_y] * kernel[at_kernel];
        dkernel[at_kernel] += dy[at_y] * x[at_x];
      });
      std::vector<float> got_y(y.size() + 1, kGuard), got_dx(dx.size() + 1, kGuard),
          got_dkernel(dkernel.size() + 1, kGuard);
      // In parts, as threads and chunks divide them.
      const int64_t cells = kRows * g.oh * g.ow;
      for (int64_t first = 0, last; first < cells; first = last) {
        last = std::min(cells, first + first % 3 * 5 + 7);
        functions(isa).depthwise(g, first, last, x.data(), kernel.data(), got_y.data() + first * g.c);
      }
      functions(isa).depthwise_input_gradient(g, kRows, dy.data(), kernel.data(), got_dx.data());
      for (int64_t first = 0; first < g.c; first += 16)
        functions(isa).depthwise_kernel_gradient(g, kRows, first, std::min<int64_t>(first + 16, g.c),
                                                 x.data(), dy.data(), got_dkernel.data());
      for (auto* expected : {&y, &dx, &dkernel}) expected->push_back(kGuard);
      EXPECT_EQ(got_y, y);
      EXPECT_EQ(got_dx, dx);
      EXPECT_EQ(got_dkernel, dkernel);
    }
}

}  // namespace
}  // namespace folio::cpu
