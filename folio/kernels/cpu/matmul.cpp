// Matrix products: packed weights where the copy pays, direct reads elsewhere.
#include "folio/base/checked.h"
#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/packed_matrix.h"
#include "folio/ops/added_matmul.h"

namespace folio {
namespace {

enum class Right { packed, plain, pack_per_call };

class MatMulKernel final : public Kernel {
 public:
  // The units are rows of C. A begins at the same row unless it is transposed: then a unit is one of its
  // columns.
  MatMulKernel(int64_t m, int64_t n, int64_t k, bool transpose_a, bool transpose_b, Right right)
      : m_(m),
        n_(n),
        k_(k),
        a_row_(transpose_a ? 1 : k),
        c_row_(n),
        transpose_a_(transpose_a),
        transpose_b_(transpose_b),
        right_(right) {}

  /// Rows of A and C lie so far apart.
  void set_rows(int64_t a_row, int64_t c_row) { a_row_ = a_row, c_row_ = c_row; }
  /// C, whose place is that of the product, is added to.
  void set_added() { added_ = true; }

  std::string name() const override {
    constexpr const char* kNames[] = {"MatMul packed", "MatMul", "MatMul packing"};
    return (added_ ? "Added" : "") + std::string(kNames[static_cast<int>(right_)]);
  }
  int64_t scratch_bytes(int64_t) const override {
    return right_ == Right::pack_per_call ? cpu::functions().packed_size(k_, n_) * 4 : 0;
  }

  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    const auto* a = static_cast<const float*>(task.operands[0]);
    const auto* b = static_cast<const float*>(task.operands[1]);
    cpu::MatrixProduct p{};
    p.m = right_ == Right::pack_per_call ? m_ : task.last - task.first;
    p.n = n_;
    p.k = k_;
    p.a_row = a_row_;
    p.a_column = transpose_a_ ? m_ : 1;
    p.a = transpose_a_ ? a + task.first : a;
    const size_t result = added_ ? 3 : 2;
    p.c = static_cast<float*>(task.operands[result]);
    p.c_row = c_row_;
    p.accumulate = added_;
    p.b = b;
    p.b_row = n_;
    if (right_ == Right::packed)
      p.b = static_cast<const float*>(task.operands[result + 1]), p.b_packed = true;
    if (right_ == Right::pack_per_call) {
      auto* packed = static_cast<float*>(task.scratch);
      f.pack(b, transpose_b_ ? 1 : n_, transpose_b_ ? k_ : 1, k_, n_, 0, divide_up(n_, f.panel), packed);
      p.b = packed;
      p.b_packed = true;
    }
    f.matrix_product(p);
  }

 private:
  int64_t m_, n_, k_, a_row_, c_row_;
  bool transpose_a_, transpose_b_, added_ = false;
  Right right_;
};

class PackRowsKernel final : public Kernel {
 public:
  PackRowsKernel(int64_t k, int64_t n, bool transposed) : k_(k), n_(n), transposed_(transposed) {}
  std::string name() const override { return "Pack"; }
  void run(const Task& task) const override {
    cpu::functions().pack_rows(static_cast<const float*>(task.operands[0]), k_, n_, task.first, task.last,
                               transposed_, static_cast<float*>(task.operands[1]));
  }

 private:
  int64_t k_, n_;
  bool transposed_;
};

}  // namespace

PackedMatrix::PackedMatrix(const Parameter& parameter, const Shape& seen, bool transposed)
    : transposed_(transposed) {
  const int64_t rows = seen.count(0, seen.rank() - 1), columns = seen[-1];
  k_ = transposed ? columns : rows;
  n_ = transposed ? rows : columns;
  // The rows of a convolution's kernel are not the rows of its matrix.
  has_rows_ = parameter.shape().rank() > 0 && parameter.shape()[0] == rows;
}

std::string PackedMatrix::name() const {
  return std::string(transposed_ ? "transposed " : "") + "matrix " + std::to_string(k_) + "x" +
         std::to_string(n_);
}

int64_t PackedMatrix::bytes() const { return cpu::functions().packed_size(k_, n_) * 4; }

int64_t PackedMatrix::parts() const { return divide_up(n_, cpu::functions().panel); }

void PackedMatrix::pack(const void* values, int64_t first_part, int64_t last_part, void* packed) const {
  const int64_t columns = transposed_ ? k_ : n_;
  cpu::functions().pack(static_cast<const float*>(values), transposed_ ? 1 : columns,
                        transposed_ ? columns : 1, k_, n_, first_part, last_part,
                        static_cast<float*>(packed));
}

std::shared_ptr<const Kernel> PackedMatrix::row_kernel() const {
  return has_rows_ ? std::make_shared<PackRowsKernel>(k_, n_, transposed_) : nullptr;
}

std::optional<ChosenKernel> matmul_kernel(const KernelRequest& request, std::string& refusal) {
  const auto* added = dynamic_cast<const AddedMatMulOp*>(&request.op);
  const auto* product = dynamic_cast<const MatMulOp*>(&request.op);
  const bool transpose_a = product && product->transpose_a(),
             transpose_b = product ? product->transpose_b() : added->transpose_b();
  const TensorType& out = request.node.outputs[0];
  if (out.shape.rank() > 2) return refusal = "many products", std::nullopt;
  const Shape& a = request.inputs[0].type.shape;
  const int64_t m = out.shape[-2], n = out.shape[-1], k = a[transpose_a ? -2 : -1];
  ChosenKernel chosen;
  const Parameter& weights = request.inputs[1].parameter;
  // A packed copy of what the plan updates lives for one run: it pays from some rows on.
  const bool pack = weights.defined() && !transpose_a && (!request.inputs[1].updated || m >= 8);
  Right right = transpose_b ? Right::pack_per_call : Right::plain;
  if (pack) {
    right = Right::packed;
    chosen.resources.push_back(
        Packed{weights, std::make_shared<PackedMatrix>(weights, request.inputs[1].type.shape, transpose_b)});
  }
  // Packing for every chunk of rows anew would cost more than it gives.
  chosen.by_rows = right != Right::pack_per_call;
  chosen.units = chosen.by_rows ? m : 1;
  if (transpose_a) chosen.granule = 16;  // columns of A are read a register at a time
  const auto kernel = std::make_shared<MatMulKernel>(m, n, k, transpose_a, transpose_b, right);
  if (added) kernel->set_added();
  if (!request.strides.empty()) kernel->set_rows(request.strides[0], request.strides.back());
  chosen.kernel = kernel;
  return chosen;
}

}  // namespace folio
