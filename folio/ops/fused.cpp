#include "folio/ops/fused.h"

#include "folio/ops/dropout.h"
#include "folio/tensor/tensor.h"

namespace folio {

std::string FusedElementwiseOp::attributes() const {
  std::string text;
  for (const Instruction& instruction : instructions_) {
    text += (text.empty() ? "" : "; ") + instruction.op->name();
    for (int argument : instruction.arguments) text += " " + std::to_string(argument);
  }
  return text;
}

Types FusedElementwiseOp::infer(const Types& in) const {
  return Types(results_.size(), TensorType{shape_, in[0].dtype});
}

void FusedElementwiseOp::define(const Views& in, const Views& out) const {
  std::vector<Tensor> made;
  std::vector<View> views = in;
  for (const Instruction& instruction : instructions_) {
    Views arguments;
    for (int argument : instruction.arguments) arguments.push_back(views[static_cast<size_t>(argument)]);
    made.emplace_back(out[0].shape(), out[0].type.dtype);
    views.push_back({{out[0].shape(), out[0].type.dtype}, made.back().raw()});
    instruction.op->define(arguments, {views.back()});
  }
  for (size_t i = 0; i < results_.size(); ++i)
    Tensor::view(out[i].data, out[i].shape(), out[i].type.dtype)
        .assign(made[static_cast<size_t>(results_[i])]);
}

RowMap FusedElementwiseOp::rows(const Node& node) const {
  RowMap rows = RowMap::stretched(node);
  for (const Instruction& instruction : instructions_)
    rows.numbered = rows.numbered || dynamic_cast<const DropoutOp*>(instruction.op.get()) != nullptr;
  return rows;
}

}  // namespace folio
