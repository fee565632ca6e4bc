#include "folio/ops/pooling.h"

#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"

namespace folio {
namespace {

using cpu::kLanes;

enum class Kind { max, max_gradient, average, average_gradient };

class PoolingKernel final : public Kernel {
 public:
  PoolingKernel(Kind kind, const PoolingGeometry& g, bool lanes, std::string name)
      : kind_(kind),
        p_{g.h, g.w, g.c, g.oh, g.ow, g.size_h, g.size_w, g.stride_h, g.stride_w, g.pad_top, g.pad_left},
        lanes_(lanes),
        name_(std::move(name)) {}
  std::string name() const override { return name_; }
  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    const int64_t rows = task.last - task.first;
    const auto floats = [&](int i) { return static_cast<float*>(task.operands[i]); };
    const auto places = [&](int i) { return static_cast<uint8_t*>(task.operands[i]); };
    if (!lanes_) {
      switch (kind_) {
        case Kind::max:
          return f.max_pool(p_, rows, floats(0), floats(1), places(2));
        case Kind::max_gradient:
          return f.max_pool_gradient(p_, rows, places(1), floats(0), floats(2));
        case Kind::average:
          return f.average_pool(p_, rows, floats(0), floats(1));
        case Kind::average_gradient:
          return f.average_pool_gradient(p_, rows, floats(0), floats(1));
      }
    }
    const int64_t large = p_.h * p_.w * p_.c * kLanes, small = p_.oh * p_.ow * p_.c * kLanes;
    for (int64_t g = 0, groups = (rows + kLanes - 1) / kLanes; g < groups; ++g) {
      switch (kind_) {
        case Kind::max:
          f.lanes_max_pool(p_, floats(0) + g * large, floats(1) + g * small, places(2) + g * small);
          break;
        case Kind::max_gradient:
          f.lanes_max_pool_gradient(p_, places(1) + g * small, floats(0) + g * small, floats(2) + g * large);
          break;
        case Kind::average:
          f.lanes_average_pool(p_, floats(0) + g * large, floats(1) + g * small);
          break;
        case Kind::average_gradient:
          f.lanes_average_pool_gradient(p_, floats(0) + g * small, floats(1) + g * large);
          break;
      }
    }
  }

 private:
  Kind kind_;
  cpu::Pooling p_;
  bool lanes_;
  std::string name_;
};

}  // namespace

std::optional<ChosenKernel> pooling_kernel(const KernelRequest& request, std::string&) {
  const Node& node = request.node;
  const auto& op = static_cast<const PoolingOp&>(request.op);
  const std::string name = op.name();
  const bool gradient = name.ends_with("Gradient");
  const Kind kind = name == "MaxPool"           ? Kind::max
                    : name == "MaxPoolGradient" ? Kind::max_gradient
                    : name == "AveragePool"     ? Kind::average
                                                : Kind::average_gradient;
  const bool lanes = request.output_layouts[0] == Layout::lanes;
  const PoolingGeometry g = op.geometry(gradient ? node.outputs[0].shape : node.inputs[0].shape());
  ChosenKernel chosen;
  chosen.by_rows = true;
  chosen.units = g.n;
  chosen.kernel = std::make_shared<PoolingKernel>(kind, g, lanes, name + (lanes ? " lanes" : ""));
  return chosen;
}

}  // namespace folio
