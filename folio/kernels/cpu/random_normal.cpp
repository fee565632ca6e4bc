// Normal random numbers, any rows of them.
#include "folio/ops/random_normal.h"
#include "folio/kernels/candidates.h"

namespace folio {
namespace {

class RandomNormalKernel final : public Kernel {
 public:
  RandomNormalKernel(const RandomNormalOp& op, int64_t features)
      : seed_(op.seed()), site_(op.site()), features_(features) {}
  std::string name() const override { return "RandomNormal"; }
  void run(const Task& task) const override {
    const int64_t step = *static_cast<const int64_t*>(task.operands[0]);
    const RandomStream stream{seed_, site_, static_cast<uint32_t>(step)};
    auto* y = static_cast<float*>(task.operands[1]);
    for (int64_t r = task.first; r < task.last; ++r)
      for (int64_t f = 0; f < features_; ++f)
        *y++ = static_cast<float>(stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(f)));
  }

 private:
  uint64_t seed_;
  uint32_t site_;
  int64_t features_;
};

}  // namespace

std::optional<ChosenKernel> random_normal_kernel(const KernelRequest& request, std::string&) {
  const TensorType& out = request.node.outputs[0];
  ChosenKernel chosen;
  chosen.by_rows = true;
  chosen.units = out.shape[0];
  chosen.kernel = std::make_shared<RandomNormalKernel>(static_cast<const RandomNormalOp&>(request.op),
                                                       out.shape.count(1, out.shape.rank()));
  return chosen;
}

}  // namespace folio
