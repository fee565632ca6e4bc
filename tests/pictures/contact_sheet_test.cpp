#include "folio/pictures/contact_sheet.h"

#include <gtest/gtest.h>

#include <cmath>

namespace folio {
namespace {

TEST(ContactSheet, TakesBatchesAsRows) {
  Tensor batch({2, 3, 4, 1}, DType::uint8);
  for (int64_t i = 0; i < batch.count(); ++i) batch.set(i, static_cast<double>(i));
  const std::vector<Tensor> pictures = pictures_of(batch);
  ASSERT_EQ(pictures.size(), 2u);
  EXPECT_EQ(pictures[1].shape(), (Shape{3, 4, 1}));
  EXPECT_EQ(pictures[1].at(0), 12);
  EXPECT_EQ(contact_sheet({pictures, pictures}, 8).shape(), (Shape{2 * 12 + 4, 2 * 12 + 4, 3}));
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
