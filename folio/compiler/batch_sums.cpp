// Sums over the batch become two: one per grain of rows, which runs with the rows, and one over the grains.
#include <numeric>

#include "folio/compiler/passes.h"
#include "folio/kernels/cpu/row_sums.h"
#include "folio/ops/convolution.h"
#include "folio/ops/grain_sum.h"
#include "folio/ops/reduce.h"
#include "folio/ops/scan.h"

namespace folio {
namespace {

bool has_loops(const ScanOp& scan) {
  for (const RowSum& sum : scan.body().sums) {
    Types types;
    for (const Value& operand : sum.operands) types.push_back(operand.type());
    if (!row_sum_loop(*sum.op, types)) return false;
  }
  return !scan.body().sums.empty();
}

// A scan that sums over the batch becomes one that does so for every grain.
void split_scan_sums(Program& program, size_t n, int64_t grain, std::vector<int>& renamed) {
  const ProgramNode node = program.nodes[n];
  const auto& scan = static_cast<const ScanOp&>(*node.op);
  const int made = program.add_node(scan.by_grains(grain), node.in, node.scope);
  if (!program.nodes.back().rows.apart) return;
  const size_t first_sum = node.out.size() - scan.body().sums.size();
  for (size_t i = 0; i < node.out.size(); ++i) {
    int now = made + static_cast<int>(i);
    if (i >= first_sum)
      now = program.add_node(std::make_shared<SumOp>(std::vector<int>{0}), {now}, node.scope);
    renamed[node.out[i]] = now;
  }
}

}  // namespace

void split_batch_sums(Program& program) {
  std::vector<int> renamed(program.values.size());
  std::iota(renamed.begin(), renamed.end(), 0);
  const size_t count = program.nodes.size();
  const bool lanes = uses_lanes(program);
  std::vector<char> carried(program.values.size(), 0);
  for (const ProgramNode& node : program.nodes)
    if (node.carried)
      for (int id : node.out) carried[id] = 1;
  for (size_t n = 0; n < count; ++n) {
    const ProgramNode node = program.nodes[n];
    if (const auto* scan = dynamic_cast<const ScanOp*>(node.op.get()); scan && has_loops(*scan)) {
      const int64_t rows = scan->body().slices[0].shape()[0];
      split_scan_sums(program, n, grain_of(rows, lanes), renamed);
      continue;
    }
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
  program.rename(renamed);
}

}  // namespace folio
