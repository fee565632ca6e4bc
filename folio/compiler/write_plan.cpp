// The last pass: what runs, written down.
#include <algorithm>

#include "folio/base/checked.h"
#include "folio/compiler/passes.h"

namespace folio {
namespace {

class Writer {
 public:
  Writer(const Program& program, const Steps& steps, const Places& places, PlanContents& plan)
      : program_(program), steps_(steps), places_(places), plan_(plan) {
    plan_.parameters = places.parameters;
    plan_.constants = places.constants;
    plan_.packed = places.packed;
    for (const auto& update : program.updates)
      plan_.updated.push_back(index_of(plan_.parameters, update.first));
    for (const Packed& packed : steps.repacked) plan_.repacked.push_back(index_of(plan_.packed, packed));
    plan_.shared_bytes = places.shared_bytes;
    plan_.scratch_offset = plan_.local_bytes = places.local_bytes;
  }

  void run(const Order& order, const Division& division) {
    const int stages = order.chains.empty() ? 0 : order.chains.back().stage + 1;
    for (size_t c = 0; c < order.chains.size(); ++c)
      if (static_cast<size_t>(order.chains[c].stage) == first_chain_.size()) first_chain_.push_back(c);
    first_chain_.push_back(order.chains.size());
    for (int stage = 0; stage < stages;) {
      const Laps* laps = division.laps_of(stage);
      const int last = laps ? laps->last_stage : stage + 1;
      for (int64_t lap = 0; lap < (laps ? laps->count : 1); ++lap)
        for (int at = stage; at < last; ++at) add_stage(order, division, static_cast<size_t>(at), lap);
      stage = last;
    }
    for (const Stage& stage : plan_.stages) plan_.parallel = plan_.parallel || stage.parallel;
  }

 private:
  void add_stage(const Order& order, const Division& division, size_t index, int64_t lap) {
    Stage stage;
    std::vector<int> place;  // by chain of the stage: which it is in this lap, -1 when it has run
    for (size_t c = first_chain_[index]; c < first_chain_[index + 1]; ++c) {
      const PlannedChain& planned = order.chains[c];
      const bool once = division.rows[c] == planned.rows;
      place.push_back(once && lap > 0 ? -1 : static_cast<int>(stage.chains.size()));
      if (place.back() < 0) continue;
      Chain chain;
      chain.rows = division.rows[c];
      chain.chunk = division.chunk[c];
      chain.first = lap * chain.rows;
      chain.first_step = static_cast<int>(plan_.steps.size());
      for (int n : planned.members) add_step(static_cast<size_t>(n), chain, lap);
      chain.last_step = static_cast<int>(plan_.steps.size());
      stage.chains.push_back(chain);
    }
    if (stage.chains.empty()) return;
    for (const std::vector<Stage::Share>& planned : division.shares[index]) {
      std::vector<Stage::Share>& shares = stage.shares.emplace_back();
      for (const Stage::Share& share : planned)
        if (const int chain = place[static_cast<size_t>(share.chain)]; chain >= 0) {
          const int64_t first = stage.chains[static_cast<size_t>(chain)].first;
          shares.push_back({chain, first + share.first, first + share.last});
        }
    }
    stage.parallel = !stage.shares.empty();
    plan_.stages.push_back(std::move(stage));
  }

  void add_step(size_t n, const Chain& chain, int64_t lap) {
    const ProgramNode& node = program_.nodes[n];
    const ChosenKernel& chosen = steps_.kernels[n];
    Step step;
    step.kernel = chosen.kernel;
    step.units = chosen.units;
    step.flops = steps_.flops[n];
    step.bytes = steps_.bytes[n];
    step.label = (node.scope.empty() ? "" : node.scope + " ") +
                 to_string(program_.values[node.out.empty() ? node.in[0] : node.out[0]].type.shape);
    if (chain.rows > 0 && chain.rows < step.units) {
      const double part = static_cast<double>(chain.rows) / static_cast<double>(step.units);
      step.flops *= part, step.bytes *= part;
    }
    for (size_t i = 0; i < node.in.size(); ++i)
      step.operands.push_back(operand(node.in[i], steps_.reads_rows(program_, n, i), lap));
    for (int id : node.out) step.operands.push_back(operand(id, steps_.writes_rows(program_, n, id), lap));
    for (const Operand& resource : places_.resources[n]) step.operands.push_back(resource);
    const int64_t units = chain.rows > 0 ? chain.chunk : step.units;
    plan_.local_bytes =
        std::max(plan_.local_bytes, plan_.scratch_offset + round_up(step.kernel->scratch_bytes(units), 64));
    plan_.steps.push_back(std::move(step));
  }

  // Rows count from the first lap's; where laps share memory, that row lies before it.
  Operand operand(int id, bool rows, int64_t lap) const {
    Operand result = places_.operands[steps_.roots[id]];
    result.offset -= lap * places_.lap_bytes[steps_.roots[id]];
    if (rows && result.space != kLocal) result.stride = row_bytes(program_.values[id]);
    return result;
  }

  const Program& program_;
  const Steps& steps_;
  const Places& places_;
  PlanContents& plan_;
  std::vector<size_t> first_chain_;  ///< by stage, and behind the last
};

}  // namespace

void write_plan(const Program& program, const Steps& steps, const Order& order, const Division& division,
                const Places& places, PlanContents& plan) {
  Writer(program, steps, places, plan).run(order, division);
}

}  // namespace folio
