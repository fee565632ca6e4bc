// Convolutions as matrix products: the cells under the kernel are gathered into the rows of a matrix, block
// by block.
#include <algorithm>
#include <cstring>

#include "folio/base/checked.h"
#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/packed_matrix.h"
#include "folio/ops/cell_convolution.h"

namespace folio {
namespace {

constexpr int64_t kBlock = 56;  // output cells gathered at once: four register tiles

/// What the three kernels share: columns of the gathered matrix are (row, column, channel) under the kernel.
class GatherKernel : public Kernel {
 public:
  explicit GatherKernel(const ConvolutionGeometry& g)
      : g_(g), channels_(g.c / g.groups), filters_(g.k / g.groups), columns_(g.kh * g.kw * channels_) {}

 protected:
  // Calls body(column in [first, last), run, index of the cells in the picture or -1 outside) for each tap of
  // an output cell.
  template <class Body>
  void for_each_run(int64_t cell, int64_t group, int64_t first, int64_t last, Body&& body) const {
    const int64_t i = cell / g_.ow, j = cell % g_.ow;
    for (int64_t column = first; column < last;) {
      const int64_t tap = column / channels_, channel = column % channels_;
      const int64_t row = i * g_.stride_h + tap / g_.kw * g_.dilation_h - g_.pad_top,
                    at = j * g_.stride_w + tap % g_.kw * g_.dilation_w - g_.pad_left;
      // The rest of a row of the kernel lies together where all of it is inside; otherwise one tap does.
      const int64_t taps = g_.groups == 1 && g_.dilation_w == 1 && at >= 0 && at + g_.kw - tap % g_.kw <= g_.w
                               ? g_.kw - tap % g_.kw
                               : 1;
      const int64_t run = std::min(taps * channels_ - channel, last - column);
      const bool inside = row >= 0 && row < g_.h && at >= 0 && at < g_.w;
      body(column, run, inside ? (row * g_.w + at) * g_.c + group * channels_ + channel : -1);
      column += run;
    }
  }
  void gather(const float* picture, int64_t cell, int64_t group, int64_t first, int64_t last,
              float* to) const {
    for_each_run(cell, group, first, last, [&](int64_t column, int64_t run, int64_t from) {
      if (from < 0)
        std::memset(to + column - first, 0, static_cast<size_t>(run) * 4);
      else
        std::memcpy(to + column - first, picture + from, static_cast<size_t>(run) * 4);
    });
  }
  void scatter_add(const float* from, int64_t cell, int64_t group, float* picture) const {
    for_each_run(cell, group, 0, columns_, [&](int64_t column, int64_t run, int64_t to) {
      if (to < 0) return;
      for (int64_t q = 0; q < run; ++q) picture[to + q] += from[column + q];
    });
  }

  ConvolutionGeometry g_;
  int64_t channels_, filters_, columns_;
};

class ForwardKernel final : public GatherKernel {
 public:
  /// Units are pictures, or cells of all of them.
  ForwardKernel(const ConvolutionGeometry& g, bool packed, bool by_cells)
      : GatherKernel(g), packed_(packed), by_cells_(by_cells) {
    direct_ = g.kh == 1 && g.kw == 1 && g.stride_h == 1 && g.stride_w == 1 && g.groups == 1 &&
              g.pad_top == 0 && g.pad_left == 0;
  }
  std::string name() const override { return direct_ ? "Convolution2D matrix" : "Convolution2D gathered"; }
  int64_t scratch_bytes(int64_t) const override { return direct_ ? 0 : kBlock * columns_ * 4; }
  void run(const Task& task) const override {
    const auto* x = static_cast<const float*>(task.operands[0]);
    const auto* kernel = static_cast<const float*>(task.operands[packed_ ? 3 : 1]);
    auto* y = static_cast<float*>(task.operands[2]);
    const int64_t cells = g_.oh * g_.ow, picture = g_.h * g_.w * g_.c;
    const int64_t begin = by_cells_ ? task.first : 0,
                  end = by_cells_ ? task.last : (task.last - task.first) * cells;
    for (int64_t first = begin; first < end; first += kBlock) {
      const int64_t last = std::min(first + kBlock, end);
      for (int64_t group = 0; group < g_.groups; ++group) {
        auto* gathered = static_cast<float*>(task.scratch);
        if (!direct_)
          for (int64_t cell = first; cell < last; ++cell)
            gather(x + cell / cells * picture, cell % cells, group, 0, columns_,
                   gathered + (cell - first) * columns_);
        cpu::MatrixProduct p{};
        p.m = last - first, p.n = filters_, p.k = columns_;
        p.a = direct_ ? x + first * g_.c : gathered;
        p.a_row = columns_, p.a_column = 1;
        p.b = kernel + group * filters_;  // a packed one has one group
        p.b_packed = packed_;
        p.b_row = g_.k;
        p.c = y + (first - begin) * g_.k + group * filters_;
        p.c_row = g_.k;
        cpu::functions().matrix_product(p);
      }
    }
  }

 private:
  bool packed_, direct_, by_cells_;
};

class InputGradientKernel final : public GatherKernel {
 public:
  InputGradientKernel(const ConvolutionGeometry& g, bool packed) : GatherKernel(g), packed_(packed) {}
  std::string name() const override { return "Convolution2DInputGradient gathered"; }
  int64_t scratch_bytes(int64_t) const override {
    return kBlock * columns_ * 4 + (packed_ ? 0 : cpu::functions().packed_size(filters_, columns_) * 4);
  }
  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    const auto* kernel = static_cast<const float*>(task.operands[packed_ ? 3 : 1]);
    auto* gathered = static_cast<float*>(task.scratch);
    float* transposed = gathered + kBlock * columns_;
    const int64_t cells = g_.oh * g_.ow;
    for (int64_t group = 0; group < g_.groups; ++group) {
      if (!packed_)
        f.pack(kernel + group * filters_, 1, g_.k, filters_, columns_, 0, divide_up(columns_, f.panel),
               transposed);
      for (int64_t n = 0; n < task.last - task.first; ++n) {
        const float* dy = static_cast<const float*>(task.operands[0]) + n * cells * g_.k;
        float* dx = static_cast<float*>(task.operands[2]) + n * g_.h * g_.w * g_.c;
        if (group == 0) std::memset(dx, 0, static_cast<size_t>(g_.h * g_.w * g_.c) * 4);
        for (int64_t first = 0; first < cells; first += kBlock) {
          const int64_t last = std::min(first + kBlock, cells);
          cpu::MatrixProduct p{};
          p.m = last - first, p.n = columns_, p.k = filters_;
          p.a = dy + first * g_.k + group * filters_;
          p.a_row = g_.k, p.a_column = 1;
          p.b = packed_ ? kernel : transposed;
          p.b_packed = true;
          p.c = gathered;
          p.c_row = columns_;
          f.matrix_product(p);
          for (int64_t cell = first; cell < last; ++cell)
            scatter_add(gathered + (cell - first) * columns_, cell, group, dx);
        }
      }
    }
  }

 private:
  bool packed_;
};

// Every share owns some rows of the gradient and adds up all pictures for them.
class KernelGradientKernel final : public GatherKernel {
 public:
  KernelGradientKernel(const ConvolutionGeometry& g, int64_t tile) : GatherKernel(g), tile_(tile) {}
  std::string name() const override { return "Convolution2DKernelGradient gathered"; }
  int64_t scratch_bytes(int64_t) const override { return kCells * columns_ * 4; }
  void run(const Task& task) const override {
    const int64_t first_column = task.first * tile_, last_column = std::min(task.last * tile_, columns_),
                  width = last_column - first_column;
    const int64_t cells = g_.oh * g_.ow;
    auto* gathered = static_cast<float*>(task.scratch);
    auto* dkernel = static_cast<float*>(task.operands[2]) + first_column * g_.k;
    std::memset(dkernel, 0, static_cast<size_t>(width * g_.k) * 4);
    for (int64_t n = 0; n < g_.n; ++n) {
      const float* x = static_cast<const float*>(task.operands[0]) + n * g_.h * g_.w * g_.c;
      const float* dy = static_cast<const float*>(task.operands[1]) + n * cells * g_.k;
      for (int64_t group = 0; group < g_.groups; ++group)
        for (int64_t first = 0; first < cells; first += kCells) {
          const int64_t last = std::min(first + kCells, cells);
          for (int64_t cell = first; cell < last; ++cell)
            gather(x, cell, group, first_column, last_column, gathered + (cell - first) * width);
          cpu::MatrixProduct p{};
          p.m = width, p.n = filters_, p.k = last - first;
          p.a = gathered;
          p.a_row = 1, p.a_column = width;
          p.b = dy + first * g_.k + group * filters_;
          p.b_row = g_.k;
          p.c = dkernel + group * filters_;
          p.c_row = g_.k;
          p.accumulate = true;
          cpu::functions().matrix_product(p);
        }
    }
  }

 private:
  static constexpr int64_t kCells = 128;
  int64_t tile_;
};

}  // namespace

std::optional<ChosenKernel> matrix_convolution_kernel(const KernelRequest& request, std::string&) {
  const Node& node = request.node;
  const ConvolutionGeometry g = static_cast<const ConvolutionOp&>(request.op).geometry(node);
  ChosenKernel chosen;
  if (dynamic_cast<const Convolution2DKernelGradientOp*>(&request.op)) {
    constexpr int64_t kTile = 28;
    chosen.units = divide_up(g.kh * g.kw * g.c / g.groups, kTile);
    chosen.kernel = std::make_shared<KernelGradientKernel>(g, kTile);
    return chosen;
  }
  const bool by_cells = dynamic_cast<const CellConvolution2DOp*>(&request.op) != nullptr;
  const bool forward = by_cells || dynamic_cast<const Convolution2DOp*>(&request.op);
  const Parameter& weights = request.inputs[1].parameter;
  const bool packed = g.groups == 1 && weights.defined();
  if (packed)
    chosen.resources.push_back(
        Packed{weights, std::make_shared<PackedMatrix>(weights, request.inputs[1].type.shape, !forward)});
  chosen.by_rows = true;
  chosen.units = node.outputs[0].shape[0];
  if (by_cells) chosen.granule = kBlock;
  if (forward)
    chosen.kernel = std::make_shared<ForwardKernel>(g, packed, by_cells);
  else
    chosen.kernel = std::make_shared<InputGradientKernel>(g, packed);
  return chosen;
}

}  // namespace folio
