#include "folio/kernels/request.h"

#include <algorithm>

#include "folio/kernels/candidates.h"
#include "folio/ops/added_matmul.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/fused.h"
#include "folio/ops/matmul.h"

namespace folio {

bool reads_apart(const Node& node) {
  if (dynamic_cast<const FusedElementwiseOp*>(node.op.get())) return fused_reads_apart(node);
  if (node.outputs[0].dtype != DType::float32 || node.outputs[0].shape.rank() != 2) return false;
  if (const auto* product = dynamic_cast<const MatMulOp*>(node.op.get())) return !product->transpose_a();
  return dynamic_cast<const AddedMatMulOp*>(node.op.get()) != nullptr;
}

namespace {

// Why the row is not for such a request; null when it is.
const char* misfit(const CandidateRow& row, const KernelRequest& request) {
  if (row.elements == Elements::float32 && request.node.outputs[0].dtype != DType::float32)
    return "only float32 has fast loops";
  const auto plain = [](Layout layout) { return layout == Layout::plain; };
  if (row.layouts == Layouts::lanes && plain(request.inputs[0].layout)) return "not in lanes";
  if (row.layouts == Layouts::plain &&
      !(std::all_of(request.inputs.begin(), request.inputs.end(),
                    [&](const RequestedValue& value) { return plain(value.layout); }) &&
        std::all_of(request.output_layouts.begin(), request.output_layouts.end(), plain)))
    return "in lanes";
  if (!request.strides.empty() && row.rows == Rows::together) return "there is room between rows";
  return nullptr;
}

}  // namespace

ChosenKernel choose_kernel(const KernelRequest& request, std::string& log) {
  const std::string name = request.op.name();
  if (request.fast) {
    for (const CandidateRow& row : kCandidates) {
      if (name != row.op) continue;
      std::string refusal;
      if (const char* reason = misfit(row, request))
        refusal = reason;
      else if (auto chosen = row.candidate(request, refusal))
        return *std::move(chosen);
      // Why not: for people who wonder about a slow step.
      log += name + " " + to_string(request.node.outputs[0].shape) + ": refused, " + refusal + "\n";
    }
  }
  std::string none;
  if (request.fast && dynamic_cast<const ElementwiseOp*>(&request.op))
    if (auto chosen = scalar_kernel(request, none)) return *std::move(chosen);
  return *definition_kernel(request, none);
}

}  // namespace folio
