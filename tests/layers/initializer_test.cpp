// First values of weights: their distributions, orthogonality, and Keras' configs.
#include "folio/layers/weights/initializer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

struct Moments {
  double mean = 0, deviation = 0, least = INFINITY, most = -INFINITY;
};
Moments moments_of(const Tensor& values) {
  Moments m;
  const auto count = static_cast<double>(values.count());
  for (int64_t i = 0; i < values.count(); ++i) m.mean += values.at(i) / count;
  for (int64_t i = 0; i < values.count(); ++i) {
    m.deviation += std::pow(values.at(i) - m.mean, 2) / count;
    m.least = std::min(m.least, values.at(i)), m.most = std::max(m.most, values.at(i));
  }
  m.deviation = std::sqrt(m.deviation);
  return m;
}

/// What an initializer promises for a kernel (3, 3, 40, 60): fans of 360 and 540.
struct Promise {
  Initializer initializer;
  double mean, deviation, least, most;
};
std::vector<Promise> promises() {
  const auto uniform = [](const Initializer& i, double bound) {
    return Promise{i, 0, bound / std::sqrt(3.0), -bound, bound};
  };
  const auto cut = [](const Initializer& i, double deviation) {
    const double bound = 2 * deviation / 0.87962566103423978;
    return Promise{i, 0, deviation, -bound, bound};
  };
  const double in = 360, out = 540;
  return {uniform("glorot_uniform", std::sqrt(6 / (in + out))),
          cut("glorot_normal", std::sqrt(2 / (in + out))),
          uniform("he_uniform", std::sqrt(6 / in)),
          cut("he_normal", std::sqrt(2 / in)),
          uniform("lecun_uniform", std::sqrt(3 / in)),
          cut("lecun_normal", std::sqrt(1 / in)),
          {"zeros", 0, 0, 0, 0},
          {"ones", 1, 0, 1, 1},
          {Initializer::constant(-2.5), -2.5, 0, -2.5, -2.5},
          {Initializer::random_normal(1, 0.2), 1, 0.2, -INFINITY, INFINITY},
          {Initializer::random_uniform(1, 3), 2, 2 / std::sqrt(12.0), 1, 3},
          {Initializer::truncated_normal(1, 0.2), 1, 0.2 * 0.87962566103423978, 0.6, 1.4},
          uniform(Initializer::variance_scaling(3, "fan_out", "uniform"), std::sqrt(9 / out)),
          {Initializer::variance_scaling(3, "fan_avg", "untruncated_normal"), 0, std::sqrt(6 / (in + out)),
           -INFINITY, INFINITY},
          {Initializer::orthogonal(1.5), 0, 1.5 / std::sqrt(in), -1.5, 1.5}};
}

TEST(Initializers, KeepTheirPromises) {
  std::set<std::string> covered = {"identity"};  // not random, and for matrices alone
  for (const Promise& promise : promises()) {
    SCOPED_TRACE(promise.initializer.name);
    covered.insert(promise.initializer.name);
    const Tensor values = promise.initializer.make({3, 3, 40, 60}, DType::float32, {.seed = 3, .site = 1});
    const Moments got = moments_of(values);
    const auto count = static_cast<double>(values.count());
    EXPECT_NEAR(got.mean, promise.mean, 5 * promise.deviation / std::sqrt(count) + 1e-7);
    EXPECT_NEAR(got.deviation, promise.deviation, 0.02 * promise.deviation + 1e-9);
    EXPECT_GE(got.least, promise.least - 1e-6);
    EXPECT_LE(got.most, promise.most + 1e-6);
  }
  for (const InitializerRow& row : initializer_catalog())
    EXPECT_TRUE(covered.count(row.name)) << row.name << ": add what it promises";
}

TEST(Initializers, MakeOrthogonalMatrices) {
  for (const Shape& shape :
       {Shape{7, 7}, Shape{12, 5}, Shape{5, 12}, Shape{2, 3, 4, 6}, Shape{1, 9}, Shape{9, 1}}) {
    SCOPED_TRACE(to_string(shape));
    const Tensor q = Initializer::orthogonal(2).make(shape, DType::float64, {.seed = 5});
    const int64_t columns = shape[-1], rows = q.count() / columns;
    const bool tall = rows >= columns;
    const int64_t vectors = tall ? columns : rows, length = tall ? rows : columns;
    const auto at = [&](int64_t vector, int64_t i) {
      return q.at(tall ? i * columns + vector : vector * columns + i);
    };
    for (int64_t a = 0; a < vectors; ++a)
      for (int64_t b = 0; b <= a; ++b) {
        double product = 0;
        for (int64_t i = 0; i < length; ++i) product += at(a, i) * at(b, i);
        EXPECT_NEAR(product, a == b ? 4 : 0, 1e-12) << a << ", " << b;
      }
  }
}

TEST(Initializers, MakeIdentities) {
  const Tensor values = Initializer::identity(3).make({2, 3}, DType::float32, {});
  const std::vector<double> wanted = {3, 0, 0, 0, 3, 0};
  for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(values.at(i), wanted[static_cast<size_t>(i)]);
}

TEST(Initializers, FollowTheirSeed) {
  Initializer seeded("orthogonal");
  seeded.seed = 11;
  const auto bits = [](const Initializer& initializer, uint32_t site) {
    const Tensor values = initializer.make({4, 4}, DType::float32, {.seed = 1, .site = site});
    const auto list = values.values<float>();
    return std::vector<float>(list.begin(), list.end());
  };
  EXPECT_EQ(bits(seeded, 1), bits(seeded, 2));
  EXPECT_NE(bits("orthogonal", 1), bits("orthogonal", 2));
  EXPECT_EQ(bits("orthogonal", 1), bits("orthogonal", 1));
}

TEST(Initializers, ConfigsComeBackEqual) {
  for (const InitializerRow& row : initializer_catalog()) {
    SCOPED_TRACE(row.name);
    Initializer changed(row.class_name);
    EXPECT_EQ(changed.name, Initializer(row.name).name);
    for (const auto& [setting, standard] : row.settings) {
      if (const auto* number = std::get_if<double>(&standard)) changed.set(setting, *number + 0.25);
      if (std::string(setting) == "mode") changed.set(setting, "fan_out");
      if (std::string(setting) == "distribution") changed.set(setting, "uniform");
    }
    const Initializer again = Initializer::from_config(changed.config());
    EXPECT_EQ(again.settings, changed.settings);
    EXPECT_EQ(again.config(), changed.config());
  }
  // What older versions and other spellings say.
  EXPECT_EQ(Initializer("Orthogonal").name, "orthogonal");
  EXPECT_EQ(Initializer("IdentityInitializer").name, "identity");
  EXPECT_EQ(Initializer("uniform").name, "random_uniform");
  EXPECT_EQ(Initializer::from_config({{"class_name", "VarianceScaling"},
                                      {"config", {{"distribution", "normal"}, {"dtype", "float32"}}}})
                .word("distribution"),
            "truncated_normal");
}

TEST(Initializers, SayWhatIsWrong) {
  EXPECT_NE(error_of([] { Initializer("orthogonol"); }).find("orthogonal"), std::string::npos);
  EXPECT_NE(
      error_of([] { Initializer::orthogonal().make({3}, DType::float32, {}); }).find("at least 2 dimensions"),
      std::string::npos);
  EXPECT_NE(error_of([] {
              Initializer::identity().make({3, 3, 3}, DType::float32, {});
            }).find("matrix"),
            std::string::npos);
  EXPECT_NE(error_of([] { Initializer::variance_scaling(1, "fan", "uniform"); }).find("fan_avg"),
            std::string::npos);
  EXPECT_NE(error_of([] { Initializer::variance_scaling(0, "fan_in", "uniform"); }).find("above 0"),
            std::string::npos);
  const Json config = {{"class_name", "Constant"}, {"config", {{"value", "much"}}}};
  EXPECT_EQ(error_of([&] { Initializer::from_config(config); }),
            "initializer constant: value: expected a number, got \"much\"");
}

}  // namespace
}  // namespace folio
