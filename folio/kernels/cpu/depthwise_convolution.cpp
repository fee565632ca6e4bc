// Convolutions with as many groups and filters as channels, in the plain layout.
#include <algorithm>

#include "folio/base/checked.h"
#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/ops/cell_convolution.h"

namespace folio {
namespace {

enum class Kind { pictures, cells, input_gradient, kernel_gradient };

class DepthwiseKernel final : public Kernel {
 public:
  // Channels that a share of the kernel's gradient sums: a cache line.
  static constexpr int64_t kChannels = 16;
  // Cells of a row of a picture that are summed side by side.
  static constexpr int64_t kCells = 4;

  DepthwiseKernel(Kind kind, const ConvolutionGeometry& g, std::string name)
      : kind_(kind),
        g_{g.h,        g.w,        g.c,          g.oh,         g.ow,      g.kh,      g.kw,
           g.stride_h, g.stride_w, g.dilation_h, g.dilation_w, g.pad_top, g.pad_left},
        pictures_(g.n),
        name_(std::move(name)) {}
  std::string name() const override { return name_; }
  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    const auto* a = static_cast<const float*>(task.operands[0]);
    const auto* b = static_cast<const float*>(task.operands[1]);
    auto* to = static_cast<float*>(task.operands[2]);
    const int64_t rows = task.last - task.first;
    if (kind_ == Kind::pictures) return f.depthwise(g_, 0, rows * g_.oh * g_.ow, a, b, to);
    if (kind_ == Kind::cells) return f.depthwise(g_, task.first, task.last, a, b, to);
    if (kind_ == Kind::input_gradient) return f.depthwise_input_gradient(g_, rows, a, b, to);
    f.depthwise_kernel_gradient(g_, pictures_, task.first * kChannels, std::min(task.last * kChannels, g_.c),
                                a, b, to);
  }

 private:
  Kind kind_;
  cpu::DepthwiseConvolution g_;
  int64_t pictures_;
  std::string name_;
};

}  // namespace

std::optional<ChosenKernel> depthwise_convolution_kernel(const KernelRequest& request, std::string& refusal) {
  const Node& node = request.node;
  const ConvolutionGeometry g = static_cast<const ConvolutionOp&>(request.op).geometry(node);
  if (g.groups == 1 || g.groups != g.c || g.k != g.c)
    return refusal = "not one filter for each channel", std::nullopt;
  const Kind kind = dynamic_cast<const Convolution2DOp*>(&request.op)                ? Kind::pictures
                    : dynamic_cast<const CellConvolution2DOp*>(&request.op)          ? Kind::cells
                    : dynamic_cast<const Convolution2DInputGradientOp*>(&request.op) ? Kind::input_gradient
                                                                                     : Kind::kernel_gradient;
  ChosenKernel chosen;
  chosen.by_rows = kind != Kind::kernel_gradient;
  chosen.units = chosen.by_rows ? node.outputs[0].shape[0] : divide_up(g.c, DepthwiseKernel::kChannels);
  if (kind == Kind::cells) chosen.granule = std::min(g.ow, DepthwiseKernel::kCells);
  chosen.kernel = std::make_shared<DepthwiseKernel>(kind, g, request.op.name() + " depthwise");
  return chosen;
}

}  // namespace folio
