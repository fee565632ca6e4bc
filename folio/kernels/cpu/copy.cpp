// Values put together, cut out and framed: copies of contiguous runs, in either layout; and stretched values.
#include <algorithm>
#include <cstring>

#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

/// One run of `bytes` is copied `repeats` times a unit from one operand to another, each with its own step.
struct Run {
  size_t from, to;
  int64_t from_step, from_offset, to_step, to_offset, bytes;
};

class CopyKernel final : public Kernel {
 public:
  CopyKernel(std::string name, std::vector<Run> runs, int64_t repeats, int64_t rows_per_repeat)
      : name_(std::move(name)),
        runs_(std::move(runs)),
        repeats_(repeats),
        rows_per_repeat_(rows_per_repeat) {}
  std::string name() const override { return name_; }
  void run(const Task& task) const override {
    const int64_t n = (task.last - task.first + rows_per_repeat_ - 1) / rows_per_repeat_ * repeats_;
    for (const Run& run : runs_) {
      const auto* from = static_cast<const char*>(task.operands[run.from]) + run.from_offset;
      auto* to = static_cast<char*>(task.operands[run.to]) + run.to_offset;
      for (int64_t r = 0; r < n; ++r)
        std::memcpy(to + r * run.to_step, from + r * run.from_step, static_cast<size_t>(run.bytes));
    }
  }

 private:
  std::string name_;
  std::vector<Run> runs_;
  int64_t repeats_, rows_per_repeat_;
};

class PadKernel final : public Kernel {
 public:
  PadKernel(Shape from, Shape to, std::vector<int64_t> before, int64_t element, int64_t rows_per_repeat)
      : from_(std::move(from)),
        to_(std::move(to)),
        before_(std::move(before)),
        element_(element),
        rows_per_repeat_(rows_per_repeat) {}
  std::string name() const override { return "Pad"; }
  void run(const Task& task) const override {
    const int64_t repeats = (task.last - task.first + rows_per_repeat_ - 1) / rows_per_repeat_;
    const int rank = from_.rank();
    const int64_t run = from_[-1] * element_, from_row = from_.count(1, rank), to_row = to_.count(1, rank);
    auto* to = static_cast<char*>(task.operands[1]);
    std::memset(to, 0, static_cast<size_t>(repeats * to_row * element_));
    for (int64_t n = 0; n < repeats; ++n)
      for (int64_t e = 0; e < from_row; e += from_[-1]) {
        int64_t rest = e, at = 0, stride = 1;
        for (int d = rank - 1; d > 0; --d) {
          at += (rest % from_[d] + before_[static_cast<size_t>(d)]) * stride;
          rest /= from_[d];
          stride *= to_[d];
        }
        std::memcpy(to + (n * to_row + at) * element_,
                    static_cast<const char*>(task.operands[0]) + (n * from_row + e) * element_,
                    static_cast<size_t>(run));
      }
  }

 private:
  Shape from_, to_;
  std::vector<int64_t> before_;
  int64_t element_, rows_per_repeat_;
};

/// Adds pieces at their places to zeros. Pieces that do not meet are copied, and only what is left gets
/// zeros.
class SliceGradientKernel final : public Kernel {
 public:
  /// `outer`: the first dimension inside a unit, 1 when units are rows and 0 when all is one.
  SliceGradientKernel(const Node& node, const std::vector<SliceGradientOp::Place>& places, int outer,
                      int64_t element, int64_t rows_per_repeat)
      : rows_per_repeat_(rows_per_repeat) {
    const Shape& shape = node.outputs[0].shape;
    whole_ = shape.count(outer, shape.rank()) * element;
    std::vector<std::pair<int64_t, int64_t>> covered;
    for (size_t i = 0; i < places.size(); ++i) {
      const auto [axis, first, whole] = places[i];
      const int64_t inner = shape.count(axis + 1, shape.rank()) * element,
                    size = node.inputs[i].shape()[axis];
      pieces_.push_back({shape.count(outer, axis), whole * inner, first * inner, size * inner});
      covered.emplace_back(first, first + size);
      apart_ = apart_ && axis == places[0].axis;
    }
    std::sort(covered.begin(), covered.end());
    const int64_t run = pieces_[0].step / places[0].whole;
    int64_t end = 0;
    for (const auto& [first, last] : covered) {
      apart_ = apart_ && first >= end;
      if (first > end) gaps_.push_back({pieces_[0].repeats, pieces_[0].step, end * run, (first - end) * run});
      end = std::max(end, last);
    }
    if (end < places[0].whole)
      gaps_.push_back({pieces_[0].repeats, pieces_[0].step, end * run, (places[0].whole - end) * run});
  }
  std::string name() const override { return "SliceGradient"; }
  void run(const Task& task) const override {
    const int64_t repeats = (task.last - task.first + rows_per_repeat_ - 1) / rows_per_repeat_;
    auto* to = static_cast<char*>(task.operands[pieces_.size()]);
    if (!apart_) std::memset(to, 0, static_cast<size_t>(repeats * whole_));
    for (const Block& gap : gaps_)
      for (int64_t r = 0; apart_ && r < repeats * gap.repeats; ++r)
        std::memset(to + r * gap.step + gap.offset, 0, static_cast<size_t>(gap.bytes));
    for (size_t i = 0; i < pieces_.size(); ++i) {
      const Block& piece = pieces_[i];
      const auto* from = static_cast<const char*>(task.operands[i]);
      for (int64_t r = 0; r < repeats * piece.repeats; ++r, from += piece.bytes)
        put(from, to + r * piece.step + piece.offset, piece.bytes);
    }
  }

 private:
  /// `bytes` at `offset` of every `step` bytes, `repeats` times a unit.
  struct Block {
    int64_t repeats, step, offset, bytes;
  };
  void put(const char* from, char* to, int64_t bytes) const {
    if (apart_) {
      std::memcpy(to, from, static_cast<size_t>(bytes));
      return;
    }
    const auto* x = reinterpret_cast<const float*>(from);
    auto* y = reinterpret_cast<float*>(to);
    for (int64_t i = 0, n = bytes / static_cast<int64_t>(sizeof(float)); i < n; ++i) y[i] += x[i];
  }

  int64_t whole_;  ///< bytes of a unit
  int64_t rows_per_repeat_;
  bool apart_ = true;
  std::vector<Block> pieces_, gaps_;
};

/// Stretches dimensions of 1. Runs that stay as they are get copied whole; an element that is stretched along
/// the last dimensions is written `times` times.
class BroadcastKernel final : public Kernel {
 public:
  /// Shapes of one row, of equal rank.
  BroadcastKernel(Shape from, Shape to, int64_t element)
      : from_(std::move(from)), to_(std::move(to)), element_(element), run_(element) {
    int behind = to_.rank();
    while (behind > 0 && from_[behind - 1] == to_[behind - 1]) run_ *= to_[--behind];
    if (run_ == element_)
      while (behind > 0 && from_[behind - 1] == 1) times_ *= to_[--behind];
    outer_ = behind;
  }
  std::string name() const override { return "Broadcast"; }
  void run(const Task& task) const override {
    const int64_t from_row = from_.count() * element_, blocks = to_.count(0, outer_);
    const auto* from = static_cast<const char*>(task.operands[0]);
    auto* to = static_cast<char*>(task.operands[1]);
    for (int64_t n = task.first; n < task.last; ++n, from += from_row)
      for (int64_t block = 0; block < blocks; ++block) {
        const char* at = from + place_of(block) * run_;
        for (int64_t t = 0; t < times_; ++t, to += run_) std::memcpy(to, at, static_cast<size_t>(run_));
      }
  }

 private:
  // The run of the small value that block number `block` of the large one repeats.
  int64_t place_of(int64_t block) const {
    int64_t place = 0, stride = 1;
    for (int d = outer_ - 1; d >= 0; --d) {
      if (from_[d] != 1) place += block % to_[d] * stride;
      block /= to_[d];
      stride *= from_[d];
    }
    return place;
  }

  Shape from_, to_;
  int64_t element_, run_, times_ = 1;
  int outer_ = 0;
};

ChosenKernel broadcast_kernel(const Shape& from, const Shape& to, int64_t element) {
  Shape small = from;
  while (small.rank() < to.rank()) small = small.inserted(0, 1);
  ChosenKernel chosen;
  chosen.by_rows = from.rank() == to.rank() && to.rank() > 0 && from[0] == to[0];
  chosen.units = chosen.by_rows ? to[0] : 1;
  chosen.kernel = chosen.by_rows ? std::make_shared<BroadcastKernel>(small.from(1), to.from(1), element)
                                 : std::make_shared<BroadcastKernel>(small, to, element);
  return chosen;
}

}  // namespace

std::optional<ChosenKernel> copy_kernel(const KernelRequest& request, std::string& refusal) {
  const Node& node = request.node;
  const TensorType& out = node.outputs[0];
  const bool lanes = request.output_layouts[0] == Layout::lanes;
  const int64_t rows_per_repeat = lanes ? cpu::kLanes : 1, element = size_of(out.dtype) * rows_per_repeat;
  ChosenKernel chosen;
  chosen.by_rows = request.rows.apart;
  chosen.units = chosen.by_rows ? out.shape[0] : 1;
  if (out.shape.count() == 0) return refusal = "no elements", std::nullopt;
  if (dynamic_cast<const BroadcastOp*>(&request.op))
    return broadcast_kernel(node.inputs[0].shape(), out.shape, element);
  if (const auto* pad = dynamic_cast<const PadOp*>(&request.op)) {
    if (!chosen.by_rows || out.shape.rank() < 2) return refusal = "the first dimension grows", std::nullopt;
    chosen.kernel = std::make_shared<PadKernel>(node.inputs[0].shape(), out.shape, pad->before(), element,
                                                rows_per_repeat);
    return chosen;
  }
  if (const auto* gradient = dynamic_cast<const SliceGradientOp*>(&request.op)) {
    if (out.dtype != DType::float32) return refusal = "only float32 has fast loops", std::nullopt;
    chosen.kernel = std::make_shared<SliceGradientKernel>(node, gradient->places(), chosen.by_rows ? 1 : 0,
                                                          element, rows_per_repeat);
    return chosen;
  }
  // Along the first dimension there is one run in all; otherwise one per row and place in between.
  int axis = 0;
  std::vector<Run> runs;
  const auto block = [&](const Shape& shape) {
    return shape[axis] * shape.count(axis + 1, shape.rank()) * element;
  };
  if (const auto* slice = dynamic_cast<const SliceOp*>(&request.op)) {
    axis = slice->axis();
    const int64_t step = block(node.inputs[0].shape()), bytes = block(out.shape);
    runs.push_back({0, 1, step, slice->first() * (bytes / out.shape[axis]), bytes, 0, bytes});
  } else if (const auto* split = dynamic_cast<const SplitOp*>(&request.op)) {
    axis = split->axis();
    const int64_t step = block(node.inputs[0].shape());
    int64_t offset = 0;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const int64_t bytes = block(node.outputs[i].shape);
      runs.push_back({0, i + 1, step, offset, bytes, 0, bytes});
      offset += bytes;
    }
  } else {
    axis = static_cast<const ConcatenateOp&>(request.op).axis();
    int64_t offset = 0;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int64_t bytes = block(node.inputs[i].shape());
      runs.push_back({i, node.inputs.size(), bytes, 0, block(out.shape), offset, bytes});
      offset += bytes;
    }
  }
  const int64_t repeats = axis == 0 ? 1 : out.shape.count(1, axis);
  chosen.kernel = std::make_shared<CopyKernel>(request.op.name() + (lanes ? " lanes" : ""), std::move(runs),
                                               repeats, rows_per_repeat);
  return chosen;
}

}  // namespace folio
