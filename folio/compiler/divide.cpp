// How many rows go through a chain at a time, and which rows are whose.
#include <algorithm>

#include "folio/base/checked.h"
#include "folio/compiler/passes.h"

namespace folio {
namespace {

constexpr double kWorthThreads = 30e-6;
constexpr int64_t kCacheBytes = 768 << 10;  // what a chunk of rows may touch

// Rows that cannot be divided: groups of 16 rows in lanes, the rows of one partial sum, a tile of a product.
int64_t granule_of(const Program& program, const Steps& steps, const PlannedChain& chain, bool lanes) {
  if (chain.carried && chain.members.size() > 1) return grain_of(chain.rows, lanes);
  int64_t granule = 1;
  for (int n : chain.members) {
    const ProgramNode& node = program.nodes[n];
    const auto in_lanes = [&](int id) { return program.values[id].layout == Layout::lanes; };
    const bool together = std::any_of(node.in.begin(), node.in.end(), in_lanes) ||
                          std::any_of(node.out.begin(), node.out.end(), in_lanes);
    granule = std::max({granule, node.rows.grain, steps.kernels[n].granule,
                        together ? grain_of(steps.kernels[n].units, lanes) : 1});
  }
  return granule;
}

// As many rows as fit into a cache, in equal parts of a thread's share.
int64_t chunk_of(const Program& program, const Steps& steps, const PlannedChain& chain, int64_t rows,
                 int64_t granule, int threads) {
  if (chain.members.size() < 2 || rows == 0) return rows;
  int64_t touched = 1;  // bytes per row
  for (int n : chain.members)
    for (int id : program.nodes[n].out)
      if (steps.writes_rows(program, static_cast<size_t>(n), id)) touched += row_bytes(program.values[id]);
  const int64_t share = divide_up(divide_up(rows, granule), threads),
                fit = std::max<int64_t>(1, kCacheBytes / touched / granule);
  return std::min(divide_up(share, divide_up(share, fit)) * granule, rows);
}

// Large chains are divided evenly; small ones go whole to whoever has least to do. Empty when threads do not
// pay.
std::vector<std::vector<Stage::Share>> share_out(const Steps& steps, const Order& order,
                                                 const Division& division, size_t first_chain,
                                                 size_t last_chain, int threads) {
  double total = 0;
  bool divisible = last_chain - first_chain > 1;
  std::vector<double> costs;
  for (size_t c = first_chain; c < last_chain; ++c) {
    costs.push_back(0);
    for (int n : order.chains[c].members) costs.back() += steps.cost(static_cast<size_t>(n));
    if (order.chains[c].rows > 0)
      costs.back() *= static_cast<double>(division.rows[c]) / static_cast<double>(order.chains[c].rows);
    total += costs.back();
    divisible = divisible || division.rows[c] > division.granule[c];
  }
  if (threads == 1 || !divisible || total <= kWorthThreads) return {};
  std::vector<std::vector<Stage::Share>> shares(static_cast<size_t>(threads));
  std::vector<double> load(shares.size(), 0);
  for (size_t c = 0; c < costs.size(); ++c) {
    const int64_t rows = division.rows[first_chain + c], granule = division.granule[first_chain + c],
                  granules = divide_up(rows, granule);
    if (granules < 2 || costs[c] <= kWorthDividing) {
      const auto least = static_cast<size_t>(std::min_element(load.begin(), load.end()) - load.begin());
      shares[least].push_back({static_cast<int>(c), 0, rows});
      load[least] += costs[c];
      continue;
    }
    const auto cut = [&](size_t thread) {
      return std::min(granules * static_cast<int64_t>(thread) / threads * granule, rows);
    };
    for (size_t t = 0; t < shares.size(); ++t) {
      const int64_t first = cut(t), last = cut(t + 1);
      if (first == last) continue;
      shares[t].push_back({static_cast<int>(c), first, last});
      load[t] += costs[c] * static_cast<double>(last - first) / static_cast<double>(rows);
    }
  }
  return shares;
}

}  // namespace

Division divide(const Program& program, const Steps& steps, const Order& order, int threads) {
  Division division;
  find_laps(program, steps, order, division);
  const bool lanes = uses_lanes(program);
  for (size_t c = 0; c < order.chains.size(); ++c) {
    division.granule.push_back(granule_of(program, steps, order.chains[c], lanes));
    division.chunk.push_back(
        chunk_of(program, steps, order.chains[c], division.rows[c], division.granule.back(), threads));
  }
  for (size_t first = 0, last; first < order.chains.size(); first = last) {
    last = first;
    while (last < order.chains.size() && order.chains[last].stage == order.chains[first].stage) ++last;
    division.shares.push_back(share_out(steps, order, division, first, last, threads));
  }
  return division;
}

}  // namespace folio
