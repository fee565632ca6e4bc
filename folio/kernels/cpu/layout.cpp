// Between the plain layout and lanes.
#include <algorithm>
#include <cstring>

#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"

namespace folio {
namespace {

using cpu::kLanes;

class LayoutKernel final : public Kernel {
 public:
  LayoutKernel(Layout to, int64_t features, bool floats) : to_(to), features_(features), floats_(floats) {}
  std::string name() const override { return to_ == Layout::lanes ? "to lanes" : "to plain"; }
  void run(const Task& task) const override {
    for (int64_t first = task.first; first < task.last; first += kLanes) {
      const int64_t rows = std::min(kLanes, task.last - first), at = (first - task.first) * features_;
      if (!floats_) {
        bytes(static_cast<const uint8_t*>(task.operands[0]) + at, rows,
              static_cast<uint8_t*>(task.operands[1]) + at);
      } else {
        const cpu::Functions& f = cpu::functions();
        (to_ == Layout::lanes ? f.to_lanes : f.from_lanes)(static_cast<const float*>(task.operands[0]) + at,
                                                           rows, features_,
                                                           static_cast<float*>(task.operands[1]) + at);
      }
    }
  }

 private:
  void bytes(const uint8_t* from, int64_t rows, uint8_t* to) const {
    // Places of maxima lead to memory, so that even those in unused lanes must be good ones.
    if (to_ == Layout::lanes && rows < kLanes) std::memset(to, 0, static_cast<size_t>(features_ * kLanes));
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t f = 0; f < features_; ++f) {
        if (to_ == Layout::lanes)
          to[f * kLanes + row] = from[row * features_ + f];
        else
          to[row * features_ + f] = from[f * kLanes + row];
      }
  }
  Layout to_;
  int64_t features_;
  bool floats_;
};

}  // namespace

std::optional<ChosenKernel> layout_kernel(const KernelRequest& request, std::string& refusal) {
  const TensorType& type = request.node.outputs[0];
  if (size_of(type.dtype) != 4 && size_of(type.dtype) != 1)
    return refusal = "elements of neither 4 bytes nor 1", std::nullopt;
  ChosenKernel chosen;
  chosen.by_rows = true;
  chosen.units = type.shape[0];
  chosen.kernel =
      std::make_shared<LayoutKernel>(static_cast<const LayoutChangeOp&>(request.op).to(),
                                     type.shape.count(1, type.shape.rank()), size_of(type.dtype) == 4);
  return chosen;
}

bool supports_lanes(const Node& node) {
  const std::string name = node.op->name();
  if (node.outputs[0].dtype != DType::float32 || !node.op->rows(node).apart) return false;
  for (const char* known :
       {"Convolution2D", "Convolution2DInputGradient", "GrainKernelGradient", "MaxPool", "MaxPoolGradient",
        "AveragePool", "AveragePoolGradient", "GrainSum", "Concatenate", "Slice", "SliceGradient", "Pad", "Reshape"})
    if (name == known) return true;
  return false;
}

}  // namespace folio
