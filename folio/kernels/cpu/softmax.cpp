#include "folio/ops/softmax.h"

#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"

namespace folio {
namespace {

class SoftmaxKernel final : public Kernel {
 public:
  SoftmaxKernel(int64_t rows_per_unit, int64_t columns, bool logarithm)
      : rows_per_unit_(rows_per_unit), columns_(columns), logarithm_(logarithm) {}
  std::string name() const override { return logarithm_ ? "LogSoftmax" : "Softmax"; }
  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    (logarithm_ ? f.log_softmax : f.softmax)(static_cast<const float*>(task.operands[0]),
                                             (task.last - task.first) * rows_per_unit_, columns_,
                                             static_cast<float*>(task.operands[1]));
  }

 private:
  int64_t rows_per_unit_, columns_;
  bool logarithm_;
};

class SoftmaxGradientKernel final : public Kernel {
 public:
  SoftmaxGradientKernel(int64_t rows_per_unit, int64_t columns)
      : rows_per_unit_(rows_per_unit), columns_(columns) {}
  std::string name() const override { return "SoftmaxGradient"; }
  void run(const Task& task) const override {
    cpu::functions().softmax_gradient(
        static_cast<const float*>(task.operands[0]), static_cast<const float*>(task.operands[1]),
        (task.last - task.first) * rows_per_unit_, columns_, static_cast<float*>(task.operands[2]));
  }

 private:
  int64_t rows_per_unit_, columns_;
};

}  // namespace

std::optional<ChosenKernel> softmax_kernel(const KernelRequest& request, std::string& refusal) {
  const Shape& shape = request.node.outputs[0].shape;
  if (shape.count() == 0) return refusal = "no elements", std::nullopt;
  ChosenKernel chosen;
  chosen.by_rows = shape.rank() > 1;
  chosen.units = shape.rank() > 1 ? shape[0] : 1;
  const int64_t rows_per_unit = shape.rank() > 1 ? shape.count(1, shape.rank() - 1) : 1;
  if (dynamic_cast<const SoftmaxGradientOp*>(&request.op))
    chosen.kernel = std::make_shared<SoftmaxGradientKernel>(rows_per_unit, shape[-1]);
  else
    chosen.kernel =
        std::make_shared<SoftmaxKernel>(rows_per_unit, shape[-1], request.op.name() == "LogSoftmax");
  return chosen;
}

}  // namespace folio
