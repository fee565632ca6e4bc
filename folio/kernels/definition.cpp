// The last candidate for every op: its definition.
#include "folio/kernels/candidates.h"

namespace folio {
namespace {

class DefinitionKernel final : public Kernel {
 public:
  DefinitionKernel(const KernelRequest& request, bool by_rows) : node_(request.node), by_rows_(by_rows) {
    for (size_t i = 0; i < node_.inputs.size(); ++i)
      aligned_.push_back(by_rows && node_.op->row_access(node_, static_cast<int>(i)) == RowAccess::aligned);
  }
  std::string name() const override { return node_.op->name() + " (definition)"; }
  void run(const Task& task) const override {
    Views in, out;
    size_t at = 0;
    for (size_t i = 0; i < node_.inputs.size(); ++i) in.push_back(view(node_.inputs[i].type(), aligned_[i], task, at++));
    for (const TensorType& type : node_.outputs) out.push_back(view(type, by_rows_, task, at++));
    node_.op->define(in, out);
  }

 private:
  static View view(TensorType type, bool aligned, const Task& task, size_t at) {
    if (aligned) type.shape[0] = task.last - task.first;
    return {std::move(type), task.operands[at]};
  }
  Node node_;
  bool by_rows_;
  std::vector<bool> aligned_;
};

}  // namespace

std::optional<ChosenKernel> definition_kernel(const KernelRequest& request, std::string&) {
  ChosenKernel chosen;
  const TensorType& output = request.node.outputs[0];
  chosen.by_rows = request.fast && request.op.by_rows(request.node) && request.op.rows_are_alike() && output.shape.rank() > 0;
  chosen.units = chosen.by_rows ? output.shape[0] : 1;
  chosen.kernel = std::make_shared<DefinitionKernel>(request, chosen.by_rows);
  return chosen;
}

}  // namespace folio
