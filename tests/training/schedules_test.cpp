// The sheet's schedules and one-cycle by their closed forms; Keras' schedules are held to Keras in
// tests/models/trajectories_test.cpp.
#include "folio/training/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/compiler/compile.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

template <class Formula>
void expect_rates(const Schedule& schedule, Formula&& formula) {
  const Value step = input({});
  const Plan plan = compile({{step}, {schedule.at(step)}, {}}, {"test", 1, {}});
  for (int t = 0; t < 60; t += 3) {
    const double wanted = formula(static_cast<double>(t));
    EXPECT_NEAR(schedule(t), wanted, 1e-12 * wanted) << t;
    EXPECT_NEAR(plan({Tensor::scalar(t)})[0].at(0), wanted, 1e-5 * wanted) << t;
  }
}

TEST(SheetSchedules, FollowTheirFormulas) {
  expect_rates(ExponentialScheduling(0.1, 20), [](double t) { return 0.1 * std::pow(10, -t / 20); });
  expect_rates(PowerScheduling(0.1, 20), [](double t) { return 0.1 / (1 + t / 20); });
  expect_rates(PowerScheduling(0.1, 20, 1.7), [](double t) { return 0.1 * std::pow(1 + t / 20, -1.7); });
}

TEST(SheetSchedules, GoIntoKerasFilesAsItsOwn) {
  EXPECT_EQ(ExponentialScheduling(0.1, 20).config(), ExponentialDecay(0.1, 20, 0.1).config());
  EXPECT_EQ(PowerScheduling(0.1, 20).config(), InverseTimeDecay(0.1, 20, 1).config());
  EXPECT_EQ(OneCycle(0.1, 100).config()["class_name"], "CosineDecay");
  EXPECT_NE(error_of([] { PowerScheduling(0.1, 20, 2).config(); }).find("unless its power is 1"),
            std::string::npos);
}

TEST(OneCycle, RisesAndFalls) {
  const Schedule cycle = OneCycle(0.5, 50, {.share_up = 0.4, .div_factor = 10, .final_div_factor = 100});
  expect_rates(cycle, [](double t) {
    if (t < 20) return 0.05 + (0.5 - 0.05) * t / 20;
    const double part = std::min((t - 20) / 30, 1.0), last = 0.05 / 100;
    return last + (0.5 - last) * 0.5 * (1 + std::cos(M_PI * part));
  });
  EXPECT_THROW(OneCycle(0.5, 0), Error);
  EXPECT_THROW(OneCycle(0.5, 50, {.share_up = 1}), Error);
}

}  // namespace
}  // namespace folio
