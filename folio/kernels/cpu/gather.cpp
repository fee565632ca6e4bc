// Rows of a table by number, and sums of rows by number.
#include <algorithm>
#include <cstring>
#include <limits>

#include "folio/kernels/candidates.h"

namespace folio {
namespace {

template <class Id>
class GatherKernel final : public Kernel {
 public:
  /// `width`: elements of a row.
  GatherKernel(int64_t rows, int64_t width, DType type, int64_t ids_per_unit)
      : rows_(rows), row_bytes_(width * size_of(type)), type_(type), ids_per_unit_(ids_per_unit) {}
  std::string name() const override { return "Gather"; }
  void run(const Task& task) const override {
    const auto* table = static_cast<const char*>(task.operands[0]);
    const auto* ids = static_cast<const Id*>(task.operands[1]);
    auto* y = static_cast<char*>(task.operands[2]);
    for (int64_t i = 0, n = (task.last - task.first) * ids_per_unit_; i < n; ++i, y += row_bytes_) {
      const auto id = static_cast<int64_t>(ids[i]);
      if (id >= 0 && id < rows_)
        std::memcpy(y, table + id * row_bytes_, static_cast<size_t>(row_bytes_));
      else
        fill_outside(y);
    }
  }

 private:
  void fill_outside(char* y) const {
    visit(type_, [&](auto t) {
      using T = decltype(t);
      std::fill_n(reinterpret_cast<T*>(y), row_bytes_ / static_cast<int64_t>(sizeof(T)),
                  std::numeric_limits<T>::quiet_NaN());
    });
  }
  int64_t rows_, row_bytes_;
  DType type_;
  int64_t ids_per_unit_;
};

/// Every unit owns a part of the table and looks for its ids among all: the order of additions to a row is
/// that of the ids, whoever does them.
template <class Id>
class ScatterAddKernel final : public Kernel {
 public:
  ScatterAddKernel(int64_t rows, int64_t width, int64_t ids, int64_t units)
      : rows_(rows), width_(width), ids_(ids), units_(units) {}
  std::string name() const override { return "ScatterAdd"; }
  void run(const Task& task) const override {
    const auto* values = static_cast<const float*>(task.operands[0]);
    const auto* ids = static_cast<const Id*>(task.operands[1]);
    auto* sums = static_cast<float*>(task.operands[2]);
    const int64_t first = rows_ * task.first / units_, last = rows_ * task.last / units_;
    std::fill(sums + first * width_, sums + last * width_, 0.0F);
    for (int64_t i = 0; i < ids_; ++i) {
      const auto id = static_cast<int64_t>(ids[i]);
      if (id < first || id >= last) continue;
      float* sum = sums + id * width_;
      const float* value = values + i * width_;
      for (int64_t c = 0; c < width_; ++c) sum[c] += value[c];
    }
  }

 private:
  int64_t rows_, width_, ids_, units_;
};

template <template <class> class Of, class... Arguments>
std::shared_ptr<const Kernel> of_ids(DType ids, Arguments... arguments) {
  if (ids == DType::int32) return std::make_shared<Of<int32_t>>(arguments...);
  return std::make_shared<Of<int64_t>>(arguments...);
}

}  // namespace

std::optional<ChosenKernel> gather_kernel(const KernelRequest& request, std::string& refusal) {
  const Node& node = request.node;
  const Shape &table = node.inputs[0].shape(), &ids = node.inputs[1].shape();
  if (node.outputs[0].shape.count() == 0) return refusal = "no elements", std::nullopt;
  ChosenKernel chosen;
  chosen.by_rows = request.rows.apart;
  chosen.units = chosen.by_rows ? ids[0] : 1;
  chosen.kernel = of_ids<GatherKernel>(node.inputs[1].dtype(), table[0], table.count(1, table.rank()),
                                       node.outputs[0].dtype, ids.count() / chosen.units);
  return chosen;
}

std::optional<ChosenKernel> scatter_add_kernel(const KernelRequest& request, std::string& refusal) {
  const Node& node = request.node;
  const Shape& sums = node.outputs[0].shape;
  if (sums.count() == 0) return refusal = "no elements", std::nullopt;
  // Each unit reads all ids once, so there are few.
  constexpr int64_t kMostUnits = 16;
  ChosenKernel chosen;
  chosen.units = std::min(sums[0], kMostUnits);
  chosen.kernel = of_ids<ScatterAddKernel>(node.inputs[1].dtype(), sums[0], sums.count(1, sums.rank()),
                                           node.inputs[1].shape().count(), chosen.units);
  return chosen;
}

}  // namespace folio
