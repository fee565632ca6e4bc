#include "folio/kernels/request.h"

#include "folio/kernels/candidates.h"
#include "folio/ops/elementwise.h"

namespace folio {

ChosenKernel choose_kernel(const KernelRequest& request, std::string& log) {
  const std::string name = request.op.name();
  if (request.fast) {
    for (const CandidateRow& row : kCandidates) {
      if (name != row.op) continue;
      std::string refusal;
      if (auto chosen = row.candidate(request, refusal)) return *std::move(chosen);
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
