// Steps in chains, and chains in stages.
#include <algorithm>
#include <map>

#include "folio/compiler/passes.h"

namespace folio {
namespace {

class Ordering {
 public:
  Ordering(const Program& program, const Steps& steps, bool pipelines, bool fast)
      : program_(program), steps_(steps), pipelines_(pipelines), fast_(fast) {}

  // Takes what is ready, stage by stage. Nodes stand in order, producers first, so that one pass finds all of
  // a stage.
  Order run() {
    find_needs();
    const size_t count = program_.nodes.size();
    order_.chain.assign(count, -1);
    order_.position.assign(count, -1);
    size_t left = 0;
    for (size_t n = 0; n < count; ++n) left += !steps_.vanishes(n);
    for (int stage = 0; left > 0; ++stage) {
      const size_t first_chain = order_.chains.size();
      for (size_t n = 0; n < count; ++n) {
        if (order_.chain[n] >= 0 || steps_.vanishes(n)) continue;
        const int chain = chain_for(n, stage, first_chain);
        if (chain == kNotReady) continue;
        if (chain == kNewChain && !fast_ && order_.chains.size() > first_chain) break;
        append(n, chain == kNewChain ? new_chain(n, stage) : chain);
        --left;
      }
      if (order_.chains.size() == first_chain)
        throw InternalError("compile: updates wait for each other in a circle");
    }
    return std::move(order_);
  }

 private:
  // A step needs what an earlier stage made, or what an earlier step of its own chain made for the same rows.
  struct Need {
    int node;
    bool same_rows;
  };

  void find_needs() {
    needs_.resize(program_.nodes.size());
    std::map<const void*, std::vector<int>> readers;
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      if (steps_.vanishes(n)) continue;
      const ProgramNode& node = program_.nodes[n];
      for (size_t i = 0; i < node.in.size(); ++i) {
        const int root = steps_.roots[node.in[i]], producer = program_.values[root].producer;
        if (program_.values[root].kind == ProgramValue::Kind::parameter)
          readers[program_.values[root].parameter.id()].push_back(static_cast<int>(n));
        if (producer < 0) continue;
        const bool rows = steps_.reads_same_rows(program_, n, i) &&
                          steps_.writes_rows(program_, static_cast<size_t>(producer), root) &&
                          units(n) == units(static_cast<size_t>(producer));
        needs_[n].push_back({producer, rows});
      }
    }
    // A parameter is overwritten only after its last reader of the old value.
    for (auto& [parameter, id] : program_.updates) {
      const int writer = program_.values[id].producer;
      for (int reader : readers[parameter.id()])
        if (reader != writer) needs_[static_cast<size_t>(writer)].push_back({reader, false});
    }
  }

  static constexpr int kNotReady = -2, kNewChain = -1;
  // The chain of this stage that the node continues, kNewChain, or kNotReady.
  int chain_for(size_t n, int stage, size_t first_chain) const {
    int chain = kNewChain;
    bool same_rows = true;
    for (const Need& need : needs_[n]) {
      const int at = order_.chain[need.node];
      if (at < 0) return kNotReady;
      if (order_.chains[at].stage < stage) continue;
      if (chain >= 0 && chain != at) return kNotReady;
      chain = at;
      same_rows = same_rows && need.same_rows;
    }
    if (chain >= 0) {
      if (!pipelines_) return kNotReady;
      const PlannedChain& planned = order_.chains[chain];
      const bool fits =
          planned.rows == 0 ? steps_.cost(n) < kWorthDividing : same_rows && units(n) == planned.rows;
      return fits && carried(n) == planned.carried ? chain : kNotReady;
    }
    // All rows of the batch go through one pipeline.
    if (carried(n))
      for (size_t c = first_chain; c < order_.chains.size(); ++c)
        if (order_.chains[c].carried && order_.chains[c].rows == units(n)) return static_cast<int>(c);
    return kNewChain;
  }

  int new_chain(size_t n, int stage) {
    const bool whole = !steps_.kernels[n].by_rows && steps_.cost(n) < kWorthDividing;
    order_.chains.push_back({stage, {}, whole ? 0 : units(n), carried(n)});
    return static_cast<int>(order_.chains.size()) - 1;
  }

  void append(size_t n, int chain) {
    std::vector<int>& members = order_.chains[chain].members;
    order_.chain[n] = chain;
    order_.position[n] = static_cast<int>(members.size());
    members.push_back(static_cast<int>(n));
  }

  int64_t units(size_t n) const { return steps_.kernels[n].units; }
  bool carried(size_t n) const {
    return pipelines_ && program_.nodes[n].carried && steps_.kernels[n].by_rows && units(n) > 0;
  }

  const Program& program_;
  const Steps& steps_;
  const bool pipelines_, fast_;
  std::vector<std::vector<Need>> needs_;
  Order order_;
};

}  // namespace

Order order_steps(const Program& program, const Steps& steps, bool pipelines, bool fast) {
  return Ordering(program, steps, pipelines, fast).run();
}

}  // namespace folio
