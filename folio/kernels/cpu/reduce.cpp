#include "folio/ops/reduce.h"

#include <algorithm>
#include <cstring>

#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/ops/grain_sum.h"

namespace folio {
namespace {

using cpu::kLanes;

/// Over the leading dimensions: columns are added up row after row.
class LeadingKernel final : public Kernel {
 public:
  LeadingKernel(int64_t rows, int64_t columns) : rows_(rows), columns_(columns) {}
  std::string name() const override { return "Sum columns"; }
  void run(const Task& task) const override {
    auto* y = static_cast<float*>(task.operands[1]);
    const auto* x = static_cast<const float*>(task.operands[0]);
    if (columns_ == 1) return cpu::functions().row_sums(x, 1, rows_, y);
    std::memset(y, 0, static_cast<size_t>(columns_) * 4);
    cpu::functions().column_sums(x, rows_, columns_, y);
  }

 private:
  int64_t rows_, columns_;
};

/// Over the trailing dimensions: every row gives one number.
class TrailingKernel final : public Kernel {
 public:
  TrailingKernel(int64_t rows_per_unit, int64_t columns, bool maximum)
      : rows_per_unit_(rows_per_unit), columns_(columns), maximum_(maximum) {}
  std::string name() const override { return maximum_ ? "Max rows" : "Sum rows"; }
  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    (maximum_ ? f.row_maxima : f.row_sums)(static_cast<const float*>(task.operands[0]),
                                           (task.last - task.first) * rows_per_unit_, columns_,
                                           static_cast<float*>(task.operands[1]));
  }

 private:
  int64_t rows_per_unit_, columns_;
  bool maximum_;
};

/// Over dimensions in the middle: every row holds `blocks` blocks, whose columns are added up or compared.
class MiddleKernel final : public Kernel {
 public:
  MiddleKernel(int64_t blocks, int64_t rows, int64_t columns, bool maximum)
      : blocks_(blocks), rows_(rows), columns_(columns), maximum_(maximum) {}
  std::string name() const override { return maximum_ ? "Max middle" : "Sum middle"; }
  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    const auto* x = static_cast<const float*>(task.operands[0]);
    auto* y = static_cast<float*>(task.operands[1]);
    const int64_t blocks = (task.last - task.first) * blocks_;
    if (!maximum_) std::memset(y, 0, static_cast<size_t>(blocks * columns_) * 4);
    for (int64_t b = 0; b < blocks; ++b, x += rows_ * columns_, y += columns_)
      (maximum_ ? f.column_maxima : f.column_sums)(x, rows_, columns_, y);
  }

 private:
  int64_t blocks_, rows_, columns_;
  bool maximum_;
};

class GrainSumKernel final : public Kernel {
 public:
  GrainSumKernel(int64_t n, int64_t grain, int64_t middle, int64_t rest, bool lanes)
      : n_(n), grain_(grain), middle_(middle), rest_(rest), lanes_(lanes) {}
  std::string name() const override { return lanes_ ? "GrainSum lanes" : "GrainSum"; }
  int64_t scratch_bytes(int64_t) const override {
    return lanes_ && n_ % kLanes ? middle_ * rest_ * kLanes * 4 : 0;
  }
  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    const auto* x = static_cast<const float*>(task.operands[0]);
    for (int64_t row = task.first; row < task.last; row += grain_) {
      const int64_t last = std::min(row + grain_, task.last);
      const float* from = x + (row - task.first) * middle_ * rest_;
      float* y = static_cast<float*>(task.operands[1]) + row / grain_ * rest_;
      if (!lanes_ && rest_ == 1) {
        f.row_sums(from, 1, (last - row) * middle_, y);
        continue;
      }
      std::memset(y, 0, static_cast<size_t>(rest_) * 4);
      if (!lanes_) {
        f.column_sums(from, (last - row) * middle_, rest_, y);
        continue;
      }
      const int64_t whole = (last - row) / kLanes, left = (last - row) % kLanes;
      if (whole) f.lanes_column_sums(from, whole * middle_, rest_, y);
      if (left) {
        // Lanes beyond the batch may hold anything.
        auto* masked = static_cast<float*>(task.scratch);
        const float* group = from + whole * middle_ * rest_ * kLanes;
        for (int64_t i = 0; i < middle_ * rest_; ++i)
          for (int64_t lane = 0; lane < kLanes; ++lane)
            masked[i * kLanes + lane] = lane < left ? group[i * kLanes + lane] : 0;
        f.lanes_column_sums(masked, middle_, rest_, y);
      }
    }
  }

 private:
  int64_t n_, grain_, middle_, rest_;
  bool lanes_;
};

}  // namespace

std::optional<ChosenKernel> reduce_kernel(const KernelRequest& request, std::string& refusal) {
  const Node& node = request.node;
  const Shape& in = node.inputs[0].shape();
  ChosenKernel chosen;
  if (const auto* grain = dynamic_cast<const GrainSumOp*>(&request.op)) {
    chosen.by_rows = true;
    chosen.units = in[0];
    chosen.kernel = std::make_shared<GrainSumKernel>(in[0], grain->grain(), in.count(1, grain->axes()),
                                                     in.count(grain->axes(), in.rank()),
                                                     request.inputs[0].layout == Layout::lanes);
    return chosen;
  }
  const auto& op = static_cast<const ReduceOp&>(request.op);
  const bool maximum = op.name() == "Max";
  const int axes = static_cast<int>(op.axes().size());
  if (axes == 0 || in.count() == 0) return refusal = "nothing to reduce", std::nullopt;
  const bool adjacent = op.axes().back() - op.axes().front() + 1 == axes;
  if (adjacent && op.axes().back() == in.rank() - 1 && (axes < in.rank() || maximum)) {
    const int kept = in.rank() - axes;
    chosen.by_rows = kept > 0;
    chosen.units = kept > 0 ? in[0] : 1;
    chosen.kernel = std::make_shared<TrailingKernel>(kept > 0 ? in.count(1, kept) : 1,
                                                     in.count(kept, in.rank()), maximum);
    return chosen;
  }
  if (!maximum && adjacent && op.axes().front() == 0) {
    chosen.kernel = std::make_shared<LeadingKernel>(in.count(0, axes), in.count(axes, in.rank()));
    return chosen;
  }
  if (!adjacent) return refusal = "dimensions apart from each other", std::nullopt;
  if (op.axes().front() == 0) return refusal = "maxima over the first dimension", std::nullopt;
  const int first = op.axes().front(), behind = first + axes;
  chosen.by_rows = true;
  chosen.units = in[0];
  chosen.kernel = std::make_shared<MiddleKernel>(in.count(1, first), in.count(first, behind),
                                                 in.count(behind, in.rank()), maximum);
  return chosen;
}

}  // namespace folio
