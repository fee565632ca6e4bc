#include "folio/training/warm_up.h"

#include <gtest/gtest.h>

#include <cmath>

#include "folio/layers/all.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

TEST(WarmUp, IsThePublishedRate) {
  const double width = 512, steps = 4000;
  const WarmUpOptions options{.learning_rate = 1 / std::sqrt(width * steps), .steps = 4000};
  for (const double n : {1.0, 400.0, 3999.0, 4000.0, 4001.0, 100'000.0}) {
    const double published = std::min(1 / std::sqrt(n), n * std::pow(steps, -1.5)) / std::sqrt(width);
    EXPECT_NEAR(warm_up_rate(options, static_cast<int64_t>(n), 1'000'000) / published, 1, 1e-12) << n;
  }
}

TEST(WarmUp, CoolsDownToTheEnd) {
  const WarmUpOptions flat{.learning_rate = 1, .steps = 1};
  const WarmUpOptions options{.learning_rate = 1, .steps = 1, .cool_down = 0.25};
  EXPECT_EQ(warm_up_rate(options, 75, 100), warm_up_rate(flat, 75, 100));
  EXPECT_NEAR(warm_up_rate(options, 76, 100) / warm_up_rate(flat, 76, 100), 1, 1e-12);
  EXPECT_NEAR(warm_up_rate(options, 91, 100) / warm_up_rate(flat, 91, 100), 0.4, 1e-12);
  EXPECT_NEAR(warm_up_rate(options, 100, 100) / warm_up_rate(flat, 100, 100), 0.04, 1e-12);
}

// Three steps an epoch: the rate goes on from one epoch to the next.
TEST(WarmUp, SetsTheRateBeforeEveryStep) {
  const Value x = Input({1});
  const Model model(x, Dense(1)(x));
  model.compile({.optimizer = SGD(0.5), .loss = "mse"});
  std::vector<double> rates;
  const WarmUpOptions options{.learning_rate = 0.1, .steps = 4, .cool_down = 0.5};
  const Data data(Tensor::filled({6, 1}, 1), Tensor::filled({6, 1}, 1));
  const History history = model.fit(
      data,
      {.batch_size = 2,
       .epochs = 2,
       .verbose = 0,
       .callbacks = {WarmUp(options), LambdaCallback({.on_batch_end = [&](Training& t, int64_t, const Logs&) {
                       rates.push_back(t.learning_rate());
                     }})}});
  ASSERT_EQ(rates.size(), 6u);
  for (int64_t n = 1; n <= 6; ++n)
    EXPECT_NEAR(rates[static_cast<size_t>(n - 1)], warm_up_rate(options, n, 6), 1e-8) << n;
  EXPECT_NEAR(history["learning_rate"].back(), rates.back(), 1e-12);
}

TEST(WarmUp, SaysWhatIsWrong) {
  EXPECT_NE(error_of([] { WarmUp({.steps = 0}); }).find("steps"), std::string::npos);
  EXPECT_NE(error_of([] { WarmUp({.learning_rate = 0}); }).find("learning_rate"), std::string::npos);
  EXPECT_NE(error_of([] { WarmUp({.cool_down = 2}); }).find("cool_down"), std::string::npos);
}

}  // namespace
}  // namespace folio
