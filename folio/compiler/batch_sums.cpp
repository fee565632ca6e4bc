// Sums over the batch become two: one per grain of rows, which runs with the rows, and one over the grains.
#include <numeric>

#include "folio/compiler/passes.h"
#include "folio/ops/convolution.h"
#include "folio/ops/grain_sum.h"
#include "folio/ops/reduce.h"

namespace folio {

void split_batch_sums(Program& program) {
  const size_t count = program.nodes.size();
  const bool lanes = uses_lanes(program);
  std::vector<char> carried(program.values.size(), 0);
  for (const ProgramNode& node : program.nodes)
    if (node.carried)
      for (int id : node.out) carried[id] = 1;
  for (size_t n = 0; n < count; ++n) {
    const ProgramNode node = program.nodes[n];
    const ProgramValue& x = program.values[node.in.empty() ? 0 : node.in[0]];
    if (node.in.empty() || x.type.dtype != DType::float32 || x.type.shape.rank() == 0) continue;
    const int64_t grain = grain_of(x.type.shape[0], lanes);
    std::shared_ptr<const Op> first;
    if (const auto* sum = dynamic_cast<const SumOp*>(node.op.get())) {
      std::vector<int> leading(sum->axes().size());
      std::iota(leading.begin(), leading.end(), 0);
      if (!carried[node.in[0]] || sum->axes() != leading || leading.empty()) continue;
      first = std::make_shared<GrainSumOp>(grain, static_cast<int>(leading.size()));
    } else if (dynamic_cast<const Convolution2DKernelGradientOp*>(node.op.get()) &&
               (carried[node.in[0]] || carried[node.in[1]]) && prefers_lanes(node.node)) {
      first = std::make_shared<GrainKernelGradientOp>(node.op, grain_of(x.type.shape[0], true));
    } else {
      continue;
    }
    const int partial = program.add_node(first, node.in, node.scope);
    ProgramNode& whole = program.nodes[n];
    whole.op = std::make_shared<SumOp>(std::vector<int>{0});
    whole.in = {partial};
    program.refresh(whole);
  }
}

}  // namespace folio
