// The last candidate for every op: its definition.
#include "folio/kernels/candidates.h"

namespace folio {
namespace {

class DefinitionKernel final : public Kernel {
 public:
  DefinitionKernel(const KernelRequest& request, bool by_rows) : node_(request.node), by_rows_(by_rows) {
    for (size_t i = 0; i < node_.inputs.size(); ++i) aligned_.push_back(by_rows && request.rows.aligned[i]);
  }
  std::string name() const override { return node_.op->name() + " (definition)"; }
  void run(const Task& task) const override {
    Views &in = kept_views(0, node_.inputs.size()), &out = kept_views(1, node_.outputs.size());
    size_t at = 0;
    for (size_t i = 0; i < in.size(); ++i) bind(in[i], node_.inputs[i].type(), aligned_[i], task, at++);
    for (size_t i = 0; i < out.size(); ++i) bind(out[i], node_.outputs[i], by_rows_, task, at++);
    node_.op->define(in, out);
  }

 private:
  // Kept from run to run, a list for every length, so that only a thread's first run allocates.
  static Views& kept_views(int which, size_t count) {
    thread_local std::vector<Views> lists[2];
    std::vector<Views>& of = lists[which];
    if (of.size() <= count) of.resize(count + 1);
    of[count].resize(count);
    return of[count];
  }
  static void bind(View& view, const TensorType& type, bool aligned, const Task& task, size_t at) {
    view.type = type;
    if (aligned) view.type.shape[0] = task.last - task.first;
    view.data = task.operands[at];
  }
  Node node_;
  bool by_rows_;
  std::vector<bool> aligned_;
};

}  // namespace

std::optional<ChosenKernel> definition_kernel(const KernelRequest& request, std::string&) {
  ChosenKernel chosen;
  const TensorType& output = request.node.outputs[0];
  const RowMap& rows = request.rows;
  chosen.by_rows = request.fast && rows.apart && rows.grain == 0 && !rows.numbered && output.shape.rank() > 0;
  chosen.units = chosen.by_rows ? output.shape[0] : 1;
  chosen.kernel = std::make_shared<DefinitionKernel>(request, chosen.by_rows);
  return chosen;
}

}  // namespace folio
