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
    for (size_t c = 0; c < order.chains.size(); ++c) {
      const PlannedChain& planned = order.chains[c];
      if (static_cast<size_t>(planned.stage) == plan_.stages.size()) plan_.stages.emplace_back();
      Chain chain;
      chain.rows = planned.rows;
      chain.chunk = division.chunk[c];
      chain.first_step = static_cast<int>(plan_.steps.size());
      for (int n : planned.members) add_step(static_cast<size_t>(n), chain);
      chain.last_step = static_cast<int>(plan_.steps.size());
      plan_.stages.back().chains.push_back(chain);
    }
    for (size_t s = 0; s < plan_.stages.size(); ++s) {
      plan_.stages[s].shares = division.shares[s];
      plan_.stages[s].parallel = !division.shares[s].empty();
      plan_.parallel = plan_.parallel || plan_.stages[s].parallel;
    }
  }

 private:
  void add_step(size_t n, const Chain& chain) {
    const ProgramNode& node = program_.nodes[n];
    const ChosenKernel& chosen = steps_.kernels[n];
    Step step;
    step.kernel = chosen.kernel;
    step.units = chosen.units;
    step.flops = steps_.flops[n];
    step.bytes = steps_.bytes[n];
    step.label = (node.scope.empty() ? "" : node.scope + " ") +
                 to_string(program_.values[node.out.empty() ? node.in[0] : node.out[0]].type.shape);
    for (size_t i = 0; i < node.in.size(); ++i)
      step.operands.push_back(operand(node.in[i], steps_.reads_rows(program_, n, i)));
    for (int id : node.out) step.operands.push_back(operand(id, steps_.writes_rows(program_, n, id)));
    for (const Operand& resource : places_.resources[n]) step.operands.push_back(resource);
    const int64_t units = chain.rows > 0 ? chain.chunk : step.units;
    plan_.local_bytes =
        std::max(plan_.local_bytes, plan_.scratch_offset + round_up(step.kernel->scratch_bytes(units), 64));
    plan_.steps.push_back(std::move(step));
  }

  Operand operand(int id, bool rows) const {
    Operand result = places_.operands[steps_.roots[id]];
    if (rows && result.space != kLocal) result.stride = row_bytes(program_.values[id]);
    return result;
  }

  const Program& program_;
  const Steps& steps_;
  const Places& places_;
  PlanContents& plan_;
};

}  // namespace

void write_plan(const Program& program, const Steps& steps, const Order& order, const Division& division,
                const Places& places, PlanContents& plan) {
  Writer(program, steps, places, plan).run(order, division);
}

}  // namespace folio
