#include "folio/pictures/contact_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

TEST(ContactSheet, HasALineForEach) {
  // 28 pixels high: enlarged twice. The second line is shorter and leaves white.
  Tensor first({2, 28, 10, 3}, DType::uint8), second = Tensor::filled({1, 28, 10, 3}, 7, DType::uint8);
  first.set({1, 27, 9, 2}, 99);
  const Tensor sheet = contact_sheet({first, second});
  EXPECT_EQ(sheet.shape(), (Shape{2 * 58 + 2, 2 * 22 + 2, 3}));
  EXPECT_EQ(sheet.at(0, 0, 0), 255);
  EXPECT_EQ(sheet.at(2, 2, 0), 0);
  for (const int64_t y : {56, 57})
    for (const int64_t x : {42, 43}) EXPECT_EQ(sheet.at(y, x, 2), 99) << y << " " << x;
  EXPECT_EQ(sheet.at(58, 43, 2), 255);
  EXPECT_EQ(sheet.at(60, 2, 1), 7);
  EXPECT_EQ(sheet.at(60, 24, 1), 255);
}

TEST(ContactSheet, RefusesWhatDoesNotFit) {
  const Tensor bytes({2, 8, 8, 1}, DType::uint8);
  EXPECT_THAT(error_of([&] { contact_sheet({}); }), HasSubstr("got none"));
  EXPECT_THAT(error_of([&] { contact_sheet({bytes, Tensor({2, 8, 8, 1})}); }), HasSubstr("expected bytes"));
  EXPECT_THAT(error_of([&] {
                contact_sheet({bytes, Tensor({2, 8, 9, 1}, DType::uint8)});
              }),
              HasSubstr("8, 9"));
  EXPECT_THAT(error_of([&] {
                contact_sheet({Tensor({30'000, 56, 56, 1}, DType::uint8)});
              }),
              HasSubstr("show fewer"));
}

TEST(AsBytes, RoundsAndCutsOff) {
  const Tensor numbers = Tensor::of<float>({6}, {-1, 0, 0.5F / 255 + 1e-4F, 1, 2, NAN});
  const Tensor bytes = as_bytes(numbers);
  EXPECT_EQ(bytes.dtype(), DType::uint8);
  const std::vector<double> wanted = {0, 0, 1, 255, 255, 0};
  for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(bytes.at(i), wanted[static_cast<size_t>(i)]) << i;
}

}  // namespace
}  // namespace folio
