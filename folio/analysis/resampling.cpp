#include "folio/analysis/resampling.h"

#include <fmt/format.h>

#include <cstring>

#include "folio/base/error.h"
#include "folio/base/random.h"

namespace folio {
namespace {

Tensor take(const Tensor& tensor, const std::vector<int64_t>& rows) {
  if (tensor.shape().rank() == 0 || tensor.empty()) return tensor;
  const int64_t there = tensor.shape()[0], bytes = tensor.bytes() / there;
  Tensor result(tensor.shape().with(0, static_cast<int64_t>(rows.size())), tensor.dtype());
  auto* to = static_cast<std::byte*>(result.raw());
  const auto* from = static_cast<const std::byte*>(tensor.raw());
  for (int64_t row : rows) {
    if (row < 0 || row >= there)
      throw Error(fmt::format("resampling: expected rows from 0 to {}, got {}", there - 1, row));
    std::memcpy(to, from + row * bytes, static_cast<size_t>(bytes));
    to += bytes;
  }
  return result;
}

}  // namespace

Data take_rows(const Data& data, const std::vector<int64_t>& rows) {
  data.check("resampling");
  Data result = data;
  for (Tensor& tensor : result.x) tensor = take(tensor, rows);
  for (Tensor& tensor : result.y) tensor = take(tensor, rows);
  result.sample_weight = take(data.sample_weight, rows);
  return result;
}

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
