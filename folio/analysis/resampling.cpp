#include "folio/analysis/resampling.h"

#include <fmt/format.h>

#include <cstring>

#include "folio/base/error.h"
#include "folio/base/random.h"
#include "folio/data/split.h"

namespace folio {

Data bootstrap(const Data& data, uint64_t seed, int64_t round) {
  data.check("bootstrap");
  const RandomStream stream{seed, 0, static_cast<uint32_t>(round)};
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < data.rows(); ++r)
    rows.push_back(stream.below(0, static_cast<uint32_t>(r), static_cast<uint32_t>(data.rows())));
  return take_rows(data, rows);
}

Data random_part(const Data& data, int64_t size, uint64_t seed, int64_t round) {
  if (size < 1 || size > data.rows())
    throw Error(fmt::format("random part: expected from 1 to {} rows, got {}", data.rows(), size));
  std::vector<int64_t> rows = shuffled_order(data.rows(), seed, round);
  rows.resize(static_cast<size_t>(size));
  return take_rows(data, rows);
}

}  // namespace folio
