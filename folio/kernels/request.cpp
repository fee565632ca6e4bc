#include "folio/kernels/request.h"

#include "folio/kernels/candidates.h"

namespace folio {

ChosenKernel choose_kernel(const KernelRequest& request, std::string& log) {
  const std::string name = request.op.name();
  if (request.fast) {
    for (const CandidateRow& row : kCandidates) {
      if (name != row.op) continue;
      std::string refusal;
      if (auto chosen = row.candidate(request, refusal)) return *std::move(chosen);
      log += name + " " + to_string(request.node.outputs[0].shape) + ": refused, " + refusal + "\n";
    }
  }
  std::string none;
  return *definition_kernel(request, none);
}

}  // namespace folio
