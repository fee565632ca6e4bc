#include <gtest/gtest.h>

#include <vector>

#include "folio/kernels/cpu/functions.h"
#include "tests/kernels/guarded_floats.h"

namespace folio::cpu {
namespace {

TEST(Layout, LanesAndBack) {
  for (Isa isa : available_isas()) {
    const Functions& f = functions(isa);
    for (int64_t rows = 1; rows <= kLanes; ++rows)
      for (int64_t features : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 50, 64, 100}) {
        SCOPED_TRACE(testing::Message() << to_string(isa) << ", " << rows << " x " << features);
        const GuardedFloats plain(random_numbers(rows * features, 1));
        GuardedFloats lanes(features * kLanes, 9), back(rows * features, 9);
        f.to_lanes(plain.data(), rows, features, lanes.data());
        for (int64_t feature = 0; feature < features; ++feature)
          for (int64_t row = 0; row < kLanes; ++row)
            ASSERT_EQ(lanes[feature * kLanes + row], row < rows ? plain[row * features + feature] : 0)
                << "row " << row << ", feature " << feature;
        f.from_lanes(lanes.data(), rows, features, back.data());
        ASSERT_EQ(back.values(), plain.values());
      }
  }
}

}  // namespace
}  // namespace folio::cpu
