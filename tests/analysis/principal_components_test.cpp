#include "folio/analysis/principal_components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folio/base/random.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

// Normal numbers whose deviation falls from column to column, turned by mixing neighbours.
Tensor cloud(int64_t rows, int64_t features) {
  Tensor x({rows, features});
  const RandomStream stream{3, 0, 0};
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t f = 0; f < features; ++f) {
      const double own = stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(f)) / (1.0 + f);
      const double next =
          stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>((f + 1) % features)) / (2.0 + f);
      x.set(r * features + f, 5.0 + f + own + 0.5 * next);
    }
  return x;
}

TEST(PrincipalComponents, AreEigenvectorsOfTheCovariance) {
  const int64_t rows = 700, features = 20, count = 4;
  const Tensor x = cloud(rows, features);
  const PrincipalComponents found = principal_components(x, count);
  std::vector<double> mean(features), covariance(features * features);
  for (int64_t i = 0; i < x.count(); ++i) mean[static_cast<size_t>(i % features)] += x.at(i) / rows;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < features; ++i)
      for (int64_t j = 0; j < features; ++j)
        covariance[static_cast<size_t>(i * features + j)] += (x.at(r, i) - mean[static_cast<size_t>(i)]) *
                                                             (x.at(r, j) - mean[static_cast<size_t>(j)]) /
                                                             (rows - 1);
  for (int64_t c = 0; c < count; ++c) {
    const double variance = found.variances[static_cast<size_t>(c)];
    double length = 0;
    for (int64_t i = 0; i < features; ++i) {
      double product = 0;
      for (int64_t j = 0; j < features; ++j)
        product += covariance[static_cast<size_t>(i * features + j)] * found.components.at(c, j);
      EXPECT_NEAR(product, variance * found.components.at(c, i), 1e-4 * found.variances[0]);
      length += std::pow(found.components.at(c, i), 2);
    }
    EXPECT_NEAR(length, 1, 1e-5);
    if (c > 0) EXPECT_LT(variance, found.variances[static_cast<size_t>(c - 1)]);
  }
  for (int64_t f = 0; f < features; ++f) EXPECT_NEAR(found.mean.at(f), mean[static_cast<size_t>(f)], 1e-4);
}

// Bytes of pictures are taken like the same numbers as floats, and all components give everything back.
TEST(PrincipalComponents, GiveBackWhatTheySaw) {
  Tensor bytes({40, 2, 3, 1}, DType::uint8);
  const RandomStream stream{1, 0, 0};
  for (int64_t i = 0; i < bytes.count(); ++i) bytes.set(i, stream.below(static_cast<uint32_t>(i), 0, 256));
  const PrincipalComponents of_bytes = principal_components(bytes, 6);
  const PrincipalComponents of_floats = principal_components(bytes.cast(DType::float32), 6);
  const Tensor codes = of_bytes.transform(bytes);
  EXPECT_EQ(codes.shape(), (Shape{40, 6}));
  const Tensor back = of_bytes.inverse_transform(codes);
  for (int64_t i = 0; i < bytes.count(); ++i) EXPECT_NEAR(back.at(i), bytes.at(i), 1e-2);
  for (int64_t i = 0; i < 36; ++i) EXPECT_EQ(of_bytes.components.at(i), of_floats.components.at(i));
  // Variances along them are those of the codes.
  for (int64_t c = 0; c < 6; ++c) {
    double square = 0;
    for (int64_t r = 0; r < 40; ++r) square += std::pow(codes.at(r, c), 2) / 39;
    EXPECT_NEAR(square, of_bytes.variances[static_cast<size_t>(c)], 1e-4 * square);
  }
}

TEST(PrincipalComponents, RefuseWhatCannotBe) {
  EXPECT_THAT(error_of([] { principal_components(Tensor({5, 9}), 6); }), HasSubstr("expected 1 to 5"));
  EXPECT_THAT(error_of([] { principal_components(Tensor({5}), 1); }), HasSubstr("expected rows of numbers"));
  const PrincipalComponents same = principal_components(Tensor({5, 9}), 2);  // nothing varies
  EXPECT_EQ(same.variances, (std::vector<double>{0, 0}));
  EXPECT_THAT(error_of([&] { same.transform(Tensor({2, 8})); }), HasSubstr("rows of 9 numbers"));
}

TEST(PrincipalAngles, OfKnownPlanes) {
  const auto plane = [](double angle) {
    Tensor rows({2, 4}, DType::float64);
    rows.set({0, 0}, 3);  // lengths do not matter
    rows.set({1, 1}, 2 * std::cos(angle));
    rows.set({1, 2}, 2 * std::sin(angle));
    return rows;
  };
  for (const double angle : {1e-7, 0.3, 1.2}) {
    const std::vector<double> angles = principal_angles(plane(0), plane(angle));
    ASSERT_EQ(angles.size(), 2u);
    EXPECT_NEAR(angles[0], 0, 1e-12);
    EXPECT_NEAR(angles[1], angle, 1e-9);
  }
  // A line against a plane that holds it, in either order.
  Tensor line({1, 4}, DType::float64);
  line.set({0, 0}, 1), line.set({0, 1}, 1);
  EXPECT_NEAR(principal_angles(line, plane(0))[0], 0, 1e-12);
  EXPECT_NEAR(principal_angles(plane(0), line)[0], 0, 1e-12);
  EXPECT_THAT(error_of([&] {
                principal_angles(Tensor::filled({2, 4}, 1), plane(0));
              }),
              HasSubstr("do not depend on each other"));
}

}  // namespace
}  // namespace folio
