// Dimensions in any other order: runs that stay together are copied, the rest are matrices transposed in
// registers.
#include "folio/ops/transpose.h"

#include <algorithm>

#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"

namespace folio {
namespace {

/// A dimension of the result: its size and the steps to the next place in either memory.
struct Dimension {
  int64_t size, from, to;
};
using Dimensions = std::vector<Dimension>;

// The dimensions of the result, in its order, and behind them the words of an element. Those that lie behind
// each other in both memories are one, those of 1 are none; but the first is left as it is when it is rows.
Dimensions dimensions_of(const Shape& from, const Shape& to, const std::vector<int>& order, int64_t words,
                         bool by_rows) {
  Dimensions result;
  const size_t kept = by_rows ? 1 : 0;
  const auto add = [&](const Dimension& next) {
    if (next.size == 1 && result.size() >= kept) return;
    if (result.size() > kept && result.back().from == next.size * next.from)
      result.back() = {result.back().size * next.size, next.from, next.to};
    else
      result.push_back(next);
  };
  for (int i = 0; i < to.rank(); ++i)
    add({to[i], from.count(order[i] + 1, from.rank()) * words, to.count(i + 1, to.rank()) * words});
  add({words, 1, 1});
  if (result.empty()) result.push_back({1, 1, 1});
  return result;
}

/// Elements of 1 byte, one by one.
void transpose_bytes(const uint8_t* from, int64_t from_row, int64_t rows, int64_t columns, uint8_t* to,
                     int64_t to_row) {
  constexpr int64_t kTile = 64;
  for (int64_t r = 0; r < rows; r += kTile)
    for (int64_t c = 0; c < columns; ++c)
      for (int64_t i = r, last = std::min(r + kTile, rows); i < last; ++i)
        to[c * to_row + i] = from[i * from_row + c];
}
void copy_bytes(const uint8_t* from, int64_t from_step, int64_t count, int64_t run, uint8_t* to,
                int64_t to_step) {
  for (int64_t r = 0; r < count; ++r) std::copy_n(from + r * from_step, run, to + r * to_step);
}

/// T stands for an element, or for a word of one.
template <class T>
class TransposeKernel final : public Kernel {
 public:
  using Inner = void (*)(const T* from, int64_t from_row, int64_t rows, int64_t columns, T* to,
                         int64_t to_row);

  /// The first dimension is divided into units; it is `aligned` when operands point at the first unit.
  TransposeKernel(Dimensions dimensions, bool aligned, Inner transpose, Inner copy)
      : dimensions_(std::move(dimensions)), aligned_(aligned) {
    const auto last_where = [&](auto wanted) {
      size_t i = dimensions_.size();
      while (i > 0 && !wanted(i - 1)) --i;
      return i - 1;  // kNone when there is none
    };
    columns_ = last_where([&](size_t i) { return dimensions_[i].from == 1; });
    const bool runs = dimensions_[columns_].to == 1;
    rows_ = last_where([&](size_t i) { return i != columns_ && (runs || dimensions_[i].to == 1); });
    inner_ = runs ? copy : transpose;
    to_row_ = runs ? (rows_ == kNone ? 0 : dimensions_[rows_].to) : dimensions_[columns_].to;
  }
  std::string name() const override { return "Transpose"; }
  void run(const Task& task) const override {
    const int64_t first = aligned_ ? 0 : task.first;
    loop(0, task.last - task.first, static_cast<const T*>(task.operands[0]) + first * dimensions_[0].from,
         static_cast<T*>(task.operands[1]) + first * dimensions_[0].to);
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  // All dimensions but two; those are left to the inner function.
  void loop(size_t depth, int64_t units, const T* from, T* to) const {
    const auto size = [&](size_t i) { return i == 0 ? units : dimensions_[i].size; };
    while (depth == rows_ || depth == columns_) ++depth;
    if (depth == dimensions_.size()) {
      if (rows_ == kNone)
        inner_(from, 0, 1, size(columns_), to, to_row_);
      else
        inner_(from, dimensions_[rows_].from, size(rows_), size(columns_), to, to_row_);
      return;
    }
    for (int64_t i = 0; i < size(depth); ++i, from += dimensions_[depth].from, to += dimensions_[depth].to)
      loop(depth + 1, units, from, to);
  }

  Dimensions dimensions_;
  bool aligned_;
  size_t rows_, columns_;  // which dimensions the inner function takes; columns lie together in `from`
  int64_t to_row_;
  Inner inner_;
};

}  // namespace

std::optional<ChosenKernel> transpose_kernel(const KernelRequest& request, std::string& refusal) {
  const Node& node = request.node;
  const Shape &from = node.inputs[0].shape(), &to = node.outputs[0].shape;
  if (to.count() == 0) return refusal = "no elements", std::nullopt;
  ChosenKernel chosen;
  chosen.by_rows = request.rows.apart;
  const int64_t size = size_of(node.outputs[0].dtype), words = std::max<int64_t>(1, size / 4);
  const Dimensions dimensions =
      dimensions_of(from, to, static_cast<const TransposeOp&>(*node.op).order(), words, chosen.by_rows);
  chosen.units = dimensions[0].size;
  if (!chosen.by_rows) chosen.granule = 16;  // columns are read a cache line at a time
  if (size == 1)
    chosen.kernel =
        std::make_shared<TransposeKernel<uint8_t>>(dimensions, chosen.by_rows, transpose_bytes, copy_bytes);
  else
    chosen.kernel = std::make_shared<TransposeKernel<float>>(
        dimensions, chosen.by_rows, cpu::functions().transpose, cpu::functions().copy_runs);
  return chosen;
}

}  // namespace folio
