// Changing the layout of places of maxima, which are used as indexes afterwards.
#include <gtest/gtest.h>

#include <vector>

#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"

namespace folio {
namespace {

std::shared_ptr<const Kernel> bytes_to(Layout to, const Shape& shape) {
  const auto op = std::make_shared<LayoutChangeOp>(to);
  const Value x = input(shape, DType::uint8, "places");
  const Value y = apply_one(op, {x});
  const Layout from = to == Layout::lanes ? Layout::plain : Layout::lanes;
  const RowMap rows = op->rows(y.node());
  std::string refusal;
  const auto chosen =
      layout_kernel({*op, y.node(), rows, {{.type = x.type(), .layout = from, .parameter = {}}}, {to}}, refusal);
  return chosen ? chosen->kernel : nullptr;
}

TEST(LayoutKernel, FillsUnusedLanesOfBytesWithGoodPlaces) {
  constexpr int64_t kFeatures = 6;
  for (int64_t rows : {1, 3, 15, 16, 17, 31}) {
    const int64_t padded = (rows + cpu::kLanes - 1) / cpu::kLanes * cpu::kLanes;
    std::vector<uint8_t> plain(static_cast<size_t>(rows * kFeatures)),
        lanes(static_cast<size_t>(padded * kFeatures), 255), back(plain.size());
    for (size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<uint8_t>(i);
    const Shape shape{rows, 1, 2, 3};
    void* there[] = {plain.data(), lanes.data()};
    bytes_to(Layout::lanes, shape)->run({there, 0, rows, nullptr});
    for (int64_t row = 0; row < padded; ++row)
      for (int64_t f = 0; f < kFeatures; ++f)
        ASSERT_EQ(lanes[static_cast<size_t>(((row / cpu::kLanes) * kFeatures + f) * cpu::kLanes +
                                            row % cpu::kLanes)],
                  row < rows ? plain[static_cast<size_t>(row * kFeatures + f)] : 0);
    void* again[] = {lanes.data(), back.data()};
    bytes_to(Layout::plain, shape)->run({again, 0, rows, nullptr});
    EXPECT_EQ(back, plain);
  }
}

}  // namespace
}  // namespace folio
