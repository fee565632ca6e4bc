#include "folio/data/scaler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "folio/data/npy.h"
#include "folio/layers/core/input_layer.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// As golden/make_scalers.py has it: splitmix64 over the numbers, as a float in [0, 1).
double hashed(std::initializer_list<int64_t> numbers) {
  uint64_t state = 0;
  for (int64_t number : numbers) {
    state += static_cast<uint64_t>(number) + 0x9E3779B97F4A7C15;
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9;
    state = (state ^ state >> 27) * 0x94D049BB133111EB;
    state ^= state >> 31;
  }
  return static_cast<double>(state >> 11) * 0x1p-53;
}

double value_of(int64_t c, int64_t part, int64_t row, int64_t feature) {
  const double u = hashed({c, 2, part, row, feature}), again = hashed({c, 3, part, row, feature});
  switch (static_cast<int>(hashed({c, 1, feature}) * 12)) {
    case 0:
      return u;
    case 1:
      return 1000 * u - 300;
    case 2:
      return 1e6 + u;
    case 3:
      return 1e-6 * u;
    case 4:
      return 7.25;
    case 5:
      return 0;
    case 6:
      return kNone;
    case 7:
      return again < 0.3 ? kNone : 10 * u - 5;
    case 8:
      return std::floor(5 * u);
    case 9:
      return again < 0.1 ? u * 1e5 : u;
    case 10:
      return again < 0.5 ? -1e9 : 1e9;
    default:
      return 1e-20 * u;
  }
}

Tensor rows_of(int64_t c, int64_t part, int64_t count, int64_t features) {
  Tensor x({count, features}, DType::float64);
  for (int64_t i = 0; i < x.count(); ++i) x.set(i, value_of(c, part, i / features, i % features));
  return x;
}

TEST(Scaler, AgreesWithScikitLearn) {
  const NamedTensors golden = read_npz(golden_path(__FILE__, "scalers.npz"));
  const Tensor &digest = golden[0].second, &size = golden[1].second, &missing = golden[2].second;
  for (int64_t c = 0; c < digest.shape()[0]; ++c) {
    const int64_t features = 1 + static_cast<int64_t>(hashed({c, 4}) * 4);
    const int64_t count = 1 + static_cast<int64_t>(std::pow(hashed({c, 5}), 2) * 40);
    const Tensor fitted = rows_of(c, 0, count, features), others = rows_of(c, 1, 5, features);
    const std::unique_ptr<Scaler> scalers[] = {
        std::make_unique<MinMaxScaler>(),
        std::make_unique<MinMaxScaler>(std::pair(-1.0, 1.0)),
        std::make_unique<StandardScaler>(),
        std::make_unique<StandardScaler>(),
        std::make_unique<RobustScaler>(),
        std::make_unique<RobustScaler>(RobustScalerOptions{true, true, {10, 90}}),
        std::make_unique<MaxAbsScaler>()};
    for (int s = 0; s < 7; ++s) {
      if (s == 3) {
        const int64_t cuts[] = {0, count / 3, count / 3 * 2, count};
        for (int i = 0; i < 3; ++i)
          if (cuts[i] < cuts[i + 1]) scalers[s]->partial_fit(fitted.rows(cuts[i], cuts[i + 1]));
      } else {
        scalers[s]->fit(fitted);
      }
      for (int way = 0; way < 2; ++way) {
        const Tensor result = way ? scalers[s]->inverse_transform(others) : scalers[s]->transform(others);
        double sum = 0, none = 0;
        for (int64_t i = 0; i < result.count(); ++i) {
          none += std::isnan(result.at(i));
          if (!std::isnan(result.at(i))) sum += result.at(i) * hashed({c, 6, i});
        }
        const int64_t at = (c * 7 + s) * 2 + way;
        EXPECT_EQ(none, missing.at(at)) << "case " << c << ", scaler " << s << ", way " << way;
        EXPECT_NEAR(sum, digest.at(at), 1e-9 * std::max(1.0, size.at(at)))
            << "case " << c << ", scaler " << s << ", way " << way;
      }
    }
  }
}

TEST(Scaler, StreamsAsIfAtOnce) {
  Tensor x({1000, 1}, DType::float64);
  for (int64_t i = 0; i < 1000; ++i) x.set(i, 1e9 + hashed({i}));
  StandardScaler whole, streamed;
  whole.fit(x);
  for (int64_t first = 0; first < 1000; first += 50) streamed.partial_fit(x.rows(first, first + 50));
  EXPECT_NEAR(streamed.mean()[0], whole.mean()[0], 1e-6);
  EXPECT_NEAR(streamed.variance()[0] / whole.variance()[0], 1, 1e-7);  // the mean is known to 1e-7 only
  EXPECT_NEAR(whole.variance()[0], 1.0 / 12, 0.01);                    // not lost beside 10^9
  RobustScaler robust;
  EXPECT_THAT(error_of([&] { robust.partial_fit(x); }), testing::HasSubstr("need all rows at once"));
}

TEST(Scaler, TakesEveryTypeAndShape) {
  StandardScaler scaler;
  scaler.fit(Tensor::of<int32_t>({2, 2, 2}, {1, 10, 3, 10, 5, 10, 7, 10}));
  EXPECT_EQ(scaler.mean(), (std::vector<double>{4, 10}));
  const Tensor whole = scaler.transform(Tensor::of<int32_t>({1, 2}, {4, 11}));
  EXPECT_EQ(whole.dtype(), DType::float64);
  EXPECT_EQ(whole.at(0), 0);
  EXPECT_EQ(whole.at(1), 1);  // a constant feature is divided by 1
  EXPECT_EQ(scaler.transform(Tensor({3, 2})).dtype(), DType::float32);
  MinMaxScaler line({-1, 1});
  line.fit(Tensor::of<uint8_t>({3}, {0, 100, 200}));
  EXPECT_EQ(line.transform(Tensor::of<uint8_t>({1}, {150})).at(0), 0.5);
}

TEST(Scaler, RefusesWhatDoesNotFit) {
  StandardScaler scaler;
  EXPECT_THAT(error_of([&] { scaler.transform(Tensor({1, 2})); }), testing::HasSubstr("call fit first"));
  EXPECT_THAT(error_of([&] { scaler.fit(Tensor({0, 2})); }), testing::HasSubstr("expected rows"));
  scaler.fit(Tensor::of<float>({2, 1}, {1, 3}));
  const float infinite = std::numeric_limits<float>::infinity();
  EXPECT_THAT(error_of([&] {
                scaler.fit(Tensor::of<float>({2, 2}, {0, 0, 0, infinite}));
              }),
              testing::HasSubstr("got inf in row 1, feature 1"));
  EXPECT_THAT(error_of([&] { scaler.transform(Tensor({1, 2})); }), testing::HasSubstr("expected 1 features"));
  EXPECT_THAT(error_of([&] {
                scaler.partial_fit(Tensor({1, 2}));
              }),
              testing::HasSubstr("expected 1 features"));
  EXPECT_EQ(scaler.mean()[0], 2);  // a failed fit changes nothing
  EXPECT_EQ(scaler.transform(Tensor::of<float>({1, 1}, {3})).at(0), 1);
  EXPECT_THAT(error_of([] { MinMaxScaler({1, 1}); }), testing::HasSubstr("got (1, 1)"));
  EXPECT_THAT(error_of([] {
                RobustScaler({.quantile_range = {75, 25}});
              }),
              testing::HasSubstr("got (75, 25)"));
}

TEST(Scaler, BecomesALayer) {
  const Tensor x = Tensor::of<float>({4, 2}, {1, -400, 2, 0, 3, 100, 6, 1000});
  const std::unique_ptr<Scaler> scalers[] = {
      std::make_unique<MinMaxScaler>(std::pair(-1.0, 1.0)), std::make_unique<StandardScaler>(),
      std::make_unique<RobustScaler>(), std::make_unique<MaxAbsScaler>()};
  for (const auto& scaler : scalers) {
    scaler->fit(x);
    const Sequential model({Input({2}), scaler->as_layer("scale")});
    const Tensor expected = scaler->transform(x), got = model.predict(x);
    for (int64_t i = 0; i < x.count(); ++i) EXPECT_NEAR(got.at(i), expected.at(i), 1e-6);
  }
  StandardScaler empty;
  empty.fit(Tensor::of<float>({2, 2}, {1, NAN, 2, NAN}));
  EXPECT_THAT(error_of([&] { empty.as_layer(); }), testing::HasSubstr("feature 1"));
}

}  // namespace
}  // namespace folio
