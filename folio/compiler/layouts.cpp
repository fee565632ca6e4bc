// Decides which values lie in lanes: convolutions that gain from it begin, whatever follows them row by row
// goes on.
#include <map>

#include "folio/compiler/passes.h"
#include "folio/ops/convolution.h"
#include "folio/ops/grain_sum.h"
#include "folio/ops/pooling.h"

namespace folio {
namespace {

struct Choice {
  bool inputs = false, outputs = false;  ///< in lanes
};

// An operand whose rows are rows of the batch; others (kernels, stretched vectors) are always plain.
bool has_rows(const Program& program, const ProgramNode& node, size_t i) {
  return node.rows.apart && node.rows.aligned[i] && program.values[node.in[i]].type.shape.rank() > 0;
}

Choice choose(const Program& program, const ProgramNode& node, bool program_has_lanes) {
  if (!node.carried) return {};
  bool any = false;
  for (size_t i = 0; i < node.in.size(); ++i)
    any = any || (has_rows(program, node, i) && program.values[node.in[i]].layout == Layout::lanes);
  if (dynamic_cast<const GrainKernelGradientOp*>(node.op.get())) return {true, false};
  if (dynamic_cast<const GrainSumOp*>(node.op.get())) return {any, false};
  // What spreads a small gradient over a large picture had better do it where the picture is wanted.
  if (program_has_lanes && (dynamic_cast<const MaxPoolGradientOp*>(node.op.get()) ||
                            dynamic_cast<const AveragePoolGradientOp*>(node.op.get())))
    any = true;
  if (dynamic_cast<const ConvolutionOp*>(node.op.get()))
    any = supports_lanes(node.node) && prefers_lanes(node.node);
  else if (!supports_lanes(node.node) && !fused_knows(*node.op))
    any = false;
  // The fused kernel must be able to read every operand in this layout.
  if (any && fused_knows(*node.op))
    for (int id : node.in) {
      const TensorType& type = program.values[id].type;
      if (type.dtype == DType::float32 && !fused_reads(type.shape, node.node.outputs[0].shape, Layout::lanes))
        any = false;
    }
  return {any, any};
}

}  // namespace

void assign_layouts(Program& program) {
  std::map<std::pair<int, Layout>, int> converted;
  const auto in_layout = [&](int id, Layout wanted, const std::string& scope) {
    if (program.values[id].layout == wanted) return id;
    const auto [place, fresh] = converted.try_emplace({id, wanted}, 0);
    if (fresh) {
      place->second = program.add_node(std::make_shared<LayoutChangeOp>(wanted), {id}, scope);
      program.values[place->second].layout = wanted;
    }
    return place->second;
  };
  const size_t count = program.nodes.size();
  bool any_lanes = false;
  for (size_t n = 0; n < count; ++n) {
    const Choice choice = choose(program, program.nodes[n], any_lanes);
    any_lanes = any_lanes || choice.outputs;
    for (size_t i = 0; i < program.nodes[n].in.size(); ++i) {
      const bool lanes = choice.inputs && has_rows(program, program.nodes[n], i);
      const int id =
          in_layout(program.nodes[n].in[i], lanes ? Layout::lanes : Layout::plain, program.nodes[n].scope);
      program.nodes[n].in[i] = id;
    }
    program.refresh(program.nodes[n]);
    if (choice.outputs)
      for (int id : program.nodes[n].out) program.values[id].layout = Layout::lanes;
  }
  // What leaves the plan is plain.
  for (int& id : program.outputs) id = in_layout(id, Layout::plain, "");
  for (auto& update : program.updates) update.second = in_layout(update.second, Layout::plain, "");
}

}  // namespace folio
