// Many matrix products in a row, of matrices that lie anywhere in their values.
#include <numeric>

#include "folio/base/checked.h"
#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/ops/matmul.h"
#include "folio/ops/transposed_matmul.h"

namespace folio {
namespace {

using Geometry = TransposedMatMulOp::Geometry;

class BatchedMatMulKernel final : public Kernel {
 public:
  /// The outermost loop is over units. Operands point at the first of them, or have one for all.
  BatchedMatMulKernel(Geometry geometry, std::string name) : g_(std::move(geometry)), name_(std::move(name)) {
    // Results are written by rows. Where their columns lie together, the transposed product is taken.
    if (g_.n > 1 && g_.y_column != 1) {
      std::swap(g_.m, g_.n);
      std::swap(g_.y_row, g_.y_column);
      const Geometry other = g_;
      g_.a_row = other.b_column, g_.a_column = other.b_row;
      g_.b_row = other.a_column, g_.b_column = other.a_row;
      for (Geometry::Loop& loop : g_.batch) std::swap(loop.a, loop.b);
      exchanged_ = true;
    }
    pack_ = g_.n > 1 && g_.b_column != 1;
  }
  std::string name() const override { return name_; }
  int64_t scratch_bytes(int64_t) const override {
    return pack_ ? cpu::functions().packed_size(g_.k, g_.n) * 4 : 0;
  }
  void run(const Task& task) const override {
    const auto* a = static_cast<const float*>(task.operands[exchanged_ ? 1 : 0]);
    const auto* b = static_cast<const float*>(task.operands[exchanged_ ? 0 : 1]);
    auto* y = static_cast<float*>(task.operands[2]);
    const Geometry::Loop& units = g_.batch[0];
    const float* packed = nullptr;  // what the scratch holds
    for (int64_t u = task.first; u < task.last; ++u, a += units.a, b += units.b, y += units.y)
      loop(1, a, b, y, static_cast<float*>(task.scratch), packed);
  }

 private:
  void loop(size_t depth, const float* a, const float* b, float* y, float* scratch,
            const float*& packed) const {
    if (depth == g_.batch.size()) return multiply(a, b, y, scratch, packed);
    const Geometry::Loop& l = g_.batch[depth];
    for (int64_t i = 0; i < l.size; ++i, a += l.a, b += l.b, y += l.y)
      loop(depth + 1, a, b, y, scratch, packed);
  }
  void multiply(const float* a, const float* b, float* y, float* scratch, const float*& packed) const {
    const cpu::Functions& f = cpu::functions();
    if (pack_ && packed != b) {
      f.pack(b, g_.b_row, g_.b_column, g_.k, g_.n, 0, divide_up(g_.n, f.panel), scratch);
      packed = b;
    }
    f.matrix_product({.a = a,
                      .a_row = g_.a_row,
                      .a_column = g_.a_column,
                      .b = pack_ ? scratch : b,
                      .b_row = g_.b_row,
                      .b_packed = pack_,
                      .c = y,
                      .c_row = g_.y_row,
                      .m = g_.m,
                      .n = g_.n,
                      .k = g_.k,
                      .accumulate = false});
  }

  Geometry g_;
  bool exchanged_ = false, pack_;
  std::string name_;
};

}  // namespace

std::optional<ChosenKernel> batched_matmul_kernel(const KernelRequest& request, std::string& refusal) {
  const Node& node = request.node;
  const Shape &a = node.inputs[0].shape(), &b = node.inputs[1].shape(), &y = node.outputs[0].shape;
  if (y.rank() < 3) return refusal = "a single product", std::nullopt;
  ChosenKernel chosen;
  chosen.by_rows = true;
  chosen.units = y[0];
  if (const auto* op = dynamic_cast<const TransposedMatMulOp*>(&request.op)) {
    chosen.kernel = std::make_shared<BatchedMatMulKernel>(op->geometry(a, b), "MatMul transposed");
    return chosen;
  }
  const auto& op = static_cast<const MatMulOp&>(request.op);
  const auto order = [&](bool transposed) {
    std::vector<int> dimensions(static_cast<size_t>(y.rank()));
    std::iota(dimensions.begin(), dimensions.end(), 0);
    if (transposed) std::swap(dimensions.back(), dimensions[dimensions.size() - 2]);
    return dimensions;
  };
  const TransposedMatMulOp whole(order(op.transpose_a()), order(op.transpose_b()), order(false));
  chosen.kernel = std::make_shared<BatchedMatMulKernel>(whole.geometry(a, b), "MatMul batched");
  return chosen;
}

}  // namespace folio
