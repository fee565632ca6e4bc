#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "folio/kernels/cpu/functions.h"

namespace folio::cpu {
namespace {

constexpr float kGuard = 4321;
constexpr uint8_t kByteGuard = 201;

const Pooling kPoolings[] = {
    // h, w, c, oh, ow, size_h, size_w, stride_h, stride_w, pad_top, pad_left
    {2, 2, 1, 1, 1, 2, 2, 2, 2, 0, 0},   {4, 6, 3, 2, 3, 2, 2, 2, 2, 0, 0},
    {5, 7, 16, 2, 3, 2, 2, 2, 2, 0, 0},  {6, 4, 17, 3, 2, 2, 2, 2, 2, 0, 0},
    {5, 5, 33, 3, 3, 2, 2, 2, 2, 0, 0},  // the last one reaches over the border
    {7, 7, 5, 3, 3, 3, 3, 2, 2, 0, 0},   {7, 6, 16, 4, 3, 3, 3, 2, 2, 1, 0},
    {5, 4, 20, 5, 4, 3, 3, 1, 1, 1, 1},  {6, 6, 4, 2, 2, 2, 2, 4, 4, 0, 0},
    {8, 9, 2, 4, 3, 1, 3, 2, 3, 0, 0},   {7, 7, 9, 1, 1, 7, 7, 7, 7, 0, 0},
    {4, 4, 100, 2, 2, 4, 5, 3, 2, 2, 1}, {3, 3, 15, 3, 3, 2, 2, 1, 1, 0, 0},
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0},
};

std::vector<float> numbers(int64_t n) {
  std::vector<float> x(static_cast<size_t>(n));
  uint32_t state = 12345;
  for (float& value : x) {
    state = state * 1664525 + 1013904223;
    value =
        static_cast<float>(static_cast<int32_t>(state >> 27)) - 13;  // few values, so that maxima are shared
  }
  return x;
}

struct Results {
  std::vector<float> y, average, dx, average_dx;
  std::vector<uint8_t> argmax;
};

/// Plain loops for one image of `channels` channels.
Results pool(const Pooling& p, int64_t channels, const float* x, const float* dy) {
  const int64_t out = p.oh * p.ow * channels, in = p.h * p.w * channels;
  Results results{std::vector<float>(out), std::vector<float>(out), std::vector<float>(in),
                  std::vector<float>(in), std::vector<uint8_t>(out)};
  for (int64_t i = 0; i < p.oh; ++i)
    for (int64_t j = 0; j < p.ow; ++j)
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t at = (i * p.ow + j) * channels + c;
        const auto each_cell = [&](auto visit) {
          for (int64_t r = 0; r < p.size_h; ++r)
            for (int64_t s = 0; s < p.size_w; ++s) {
              const int64_t row = i * p.stride_h - p.pad_top + r, column = j * p.stride_w - p.pad_left + s;
              if (row >= 0 && row < p.h && column >= 0 && column < p.w)
                visit((row * p.w + column) * channels + c, static_cast<uint8_t>(r * p.size_w + s));
            }
        };
        bool first = true;
        int64_t best = 0, count = 0;
        double sum = 0;
        each_cell([&](int64_t cell, uint8_t place) {
          sum += x[cell];
          ++count;
          if (first || x[cell] > x[best] || (std::isnan(x[cell]) && !std::isnan(x[best])))
            best = cell, results.argmax[at] = place;
          first = false;
        });
        results.y[at] = x[best];
        results.dx[best] += dy[at];
        results.average[at] = static_cast<float>(sum / static_cast<double>(count));
        each_cell(
            [&](int64_t cell, uint8_t) { results.average_dx[cell] += dy[at] / static_cast<float>(count); });
      }
  return results;
}

void expect_near(const std::vector<float>& got, const std::vector<float>& expected, const std::string& what) {
  ASSERT_EQ(got.back(), kGuard) << what;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i])) {
      ASSERT_TRUE(std::isnan(got[i])) << what << " at " << i;
    } else if (got[i] != expected[i]) {
      ASSERT_NEAR(got[i], expected[i], 1e-5 * std::max(1.0f, std::abs(expected[i]))) << what << " at " << i;
    }
  }
}

/// Checks `images` images of p with `channels` channels; lanes: one image with 16 times the channels.
void check(Isa isa, const Pooling& p, bool lanes, int64_t images, const std::vector<float>& x) {
  const Functions& table = functions(isa);
  const int64_t channels = lanes ? p.c * kLanes : p.c;
  const int64_t out = p.oh * p.ow * channels, in = p.h * p.w * channels;
  const std::vector<float> dy = numbers(images * out);
  Results expected;
  for (int64_t n = 0; n < images; ++n) {
    Results one = pool(p, channels, x.data() + n * in, dy.data() + n * out);
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(expected.y, one.y), append(expected.average, one.average), append(expected.argmax, one.argmax);
    append(expected.dx, one.dx), append(expected.average_dx, one.average_dx);
  }
  std::vector<float> y(images * out + 1, kGuard), without(y), average(y), dx(images * in + 1, kGuard),
      average_dx(dx);
  std::vector<uint8_t> argmax(images * out + 1, kByteGuard);
  if (lanes) {
    table.lanes_max_pool(p, x.data(), y.data(), argmax.data());
    table.lanes_max_pool(p, x.data(), without.data(), nullptr);
    table.lanes_max_pool_gradient(p, argmax.data(), dy.data(), dx.data());
    table.lanes_average_pool(p, x.data(), average.data());
    table.lanes_average_pool_gradient(p, dy.data(), average_dx.data());
  } else {
    table.max_pool(p, images, x.data(), y.data(), argmax.data());
    table.max_pool(p, images, x.data(), without.data(), nullptr);
    table.max_pool_gradient(p, images, argmax.data(), dy.data(), dx.data());
    table.average_pool(p, images, x.data(), average.data());
    table.average_pool_gradient(p, images, dy.data(), average_dx.data());
  }
  const std::string what = std::string(to_string(isa)) + (lanes ? " lanes " : " plain ") +
                           std::to_string(p.h) + "x" + std::to_string(p.w) + "x" + std::to_string(p.c) +
                           " size " + std::to_string(p.size_h);
  expect_near(y, expected.y, what + " maximum");
  expect_near(without, expected.y, what + " maximum without places");
  expect_near(dx, expected.dx, what + " gradient of the maximum");
  expect_near(average, expected.average, what + " average");
  expect_near(average_dx, expected.average_dx, what + " gradient of the average");
  ASSERT_EQ(argmax.back(), kByteGuard) << what;
  argmax.pop_back();
  ASSERT_EQ(argmax, expected.argmax) << what;
}

TEST(Pooling, PlainAgreesWithPlainLoops) {
  for (Isa isa : available_isas())
    for (const Pooling& p : kPoolings)
      for (int64_t images : {0, 1, 3}) check(isa, p, false, images, numbers(images * p.h * p.w * p.c));
}

TEST(Pooling, LanesAgreesWithPlainLoops) {
  for (Isa isa : available_isas())
    for (const Pooling& p : kPoolings) check(isa, p, true, 1, numbers(p.h * p.w * p.c * kLanes));
}

TEST(Pooling, TheFirstNanWinsAMaximum) {
  for (Isa isa : available_isas())
    for (const Pooling& p : kPoolings)
      for (bool lanes : {false, true}) {
        std::vector<float> x = numbers(p.h * p.w * p.c * (lanes ? kLanes : 1));
        for (size_t i = 0; i < x.size(); i += 5) x[i] = std::numeric_limits<float>::quiet_NaN();
        check(isa, p, lanes, 1, x);
      }
}

TEST(Pooling, AMaximumOfMinusInfinityHasAPlaceInsideThePicture) {
  const Pooling p{3, 3, 2, 2, 2, 3, 3, 2, 2, 1, 1};
  for (Isa isa : available_isas())
    check(isa, p, true, 1, std::vector<float>(3 * 3 * 2 * kLanes, -std::numeric_limits<float>::infinity()));
}

}  // namespace
}  // namespace folio::cpu
