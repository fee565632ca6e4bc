#include "folio/analysis/permutation_importance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"
#include "folio/base/range.h"

namespace folio {
namespace {

/// x with features [first, first + count) taken from other rows.
Tensor with_permuted(const Tensor& x, int64_t first, int64_t count, const std::vector<int64_t>& order) {
  Tensor result = x.clone();
  const int64_t width = x.shape()[1];
  for (int64_t r = 0; r < x.shape()[0]; ++r)
    for (int64_t f = first; f < first + count; ++f)
      result.set(r * width + f, x.at(order[static_cast<size_t>(r)] * width + f));
  return result;
}

}  // namespace

std::vector<Importance> permutation_importance(const Model& model, const Data& data,
                                               const std::vector<std::pair<std::string, int64_t>>& columns,
                                               const PermutationOptions& options) {
  kCounts.check(options.repeats, "permutation importance: repeats");
  kCounts.check(static_cast<double>(options.most_rows), "permutation importance: most_rows");
  int64_t features = 0;
  for (const auto& [name, count] : columns) features += count;
  if (data.x.size() != 1 || data.is_streamed() || data.rows() < 2 || data.x[0].shape().rank() != 2 ||
      data.x[0].shape()[1] != features)
    throw Error(fmt::format(
        "permutation importance: expected an input of at least 2 rows in memory with {} features, got {}",
        features, data.x.empty() ? "none" : to_string(data.x[0].shape())));
  const Data rows = data.slice(0, std::min(data.rows(), options.most_rows));
  const auto loss = [&](const Data& of) { return model.evaluate(of, 256)[0].second; };
  const double before = loss(rows);
  std::vector<Importance> all;
  int64_t first = 0, pass = 0;
  for (const auto& [name, count] : columns) {
    double sum = 0, squares = 0;
    for (int repeat = 0; repeat < options.repeats; ++repeat) {
      Data changed = rows;
      changed.x[0] =
          with_permuted(rows.x[0], first, count, shuffled_order(rows.rows(), options.seed, pass++));
      const double growth = loss(changed) - before;
      sum += growth, squares += growth * growth;
    }
    const double mean = sum / options.repeats;
    all.push_back({name, mean, std::sqrt(std::max(0.0, squares / options.repeats - mean * mean))});
    first += count;
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Importance& a, const Importance& b) { return a.mean > b.mean; });
  return all;
}

}  // namespace folio
