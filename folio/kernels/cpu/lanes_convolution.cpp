// Convolutions in the lanes layout: one picture a vector lane, which wastes nothing however few channels
// there are.
#include <algorithm>
#include <cstring>

#include "folio/base/checked.h"
#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/ops/convolution.h"
#include "folio/ops/grain_sum.h"

namespace folio {
namespace {

using cpu::kLanes;

/// A group's pictures inside a border of zeros: rows and columns of the source land `step` apart from `top`
/// and `left`.
struct Border {
  int64_t h, w;  ///< of the bordered picture
  int64_t top, left, step_h = 1, step_w = 1;
  int64_t floats(int64_t channels) const { return h * w * channels * kLanes; }

  void copy(const float* from, int64_t from_h, int64_t from_w, int64_t channels, float* to) const {
    const int64_t cell = channels * kLanes;
    std::memset(to, 0, static_cast<size_t>(floats(channels)) * 4);
    for (int64_t i = 0; i < from_h; ++i) {
      const int64_t row = top + i * step_h;
      if (row < 0 || row >= h) continue;
      for (int64_t j = 0; j < from_w;) {
        const int64_t column = left + j * step_w;
        // With step 1 a whole row goes at once.
        int64_t run = step_w == 1 ? std::min(from_w - j, w - column) : 1;
        if (column < 0) {
          j += step_w == 1 ? -column : 1;
          continue;
        }
        if (run <= 0 || column >= w) break;
        std::memcpy(to + (row * w + column) * cell, from + (i * from_w + j) * cell,
                    static_cast<size_t>(run * cell) * 4);
        j += run;
      }
    }
  }
};

Border forward_border(const ConvolutionGeometry& g) {
  const int64_t h = (g.oh - 1) * g.stride_h + (g.kh - 1) * g.dilation_h + 1,
                w = (g.ow - 1) * g.stride_w + (g.kw - 1) * g.dilation_w + 1;
  return {std::max(h, g.h + g.pad_top), std::max(w, g.w + g.pad_left), g.pad_top, g.pad_left};
}

class LanesKernel : public Kernel {
 public:
  explicit LanesKernel(const ConvolutionGeometry& g) : g_(g) {}

 protected:
  // Calls body(group) for each group of 16 rows in the task; groups count from the task's first row.
  template <class Body>
  static void for_each_group(const Task& task, Body&& body) {
    for (int64_t group = 0, groups = (task.last - task.first + kLanes - 1) / kLanes; group < groups; ++group)
      body(group);
  }
  ConvolutionGeometry g_;
};

class ForwardKernel final : public LanesKernel {
 public:
  explicit ForwardKernel(const ConvolutionGeometry& g)
      : LanesKernel(g), border_(forward_border(g)), bordered_(border_.h != g.h || border_.w != g.w) {}
  std::string name() const override { return "Convolution2D lanes"; }
  int64_t scratch_bytes(int64_t) const override { return bordered_ ? border_.floats(g_.c) * 4 : 0; }
  void run(const Task& task) const override {
    const auto* kernel = static_cast<const float*>(task.operands[1]);
    const cpu::LanesConvolution shape{border_.h,   border_.w,   g_.c,          g_.oh,
                                      g_.ow,       g_.k,        g_.kh,         g_.kw,
                                      g_.stride_h, g_.stride_w, g_.dilation_h, g_.dilation_w};
    for_each_group(task, [&](int64_t group) {
      const float* x = static_cast<const float*>(task.operands[0]) + group * g_.h * g_.w * g_.c * kLanes;
      if (bordered_) {
        border_.copy(x, g_.h, g_.w, g_.c, static_cast<float*>(task.scratch));
        x = static_cast<const float*>(task.scratch);
      }
      cpu::functions().lanes_convolution(
          shape, x, kernel, static_cast<float*>(task.operands[2]) + group * g_.oh * g_.ow * g_.k * kLanes);
    });
  }

 private:
  Border border_;
  bool bordered_;
};

// The data gradient is a convolution of dy, its cells `stride` apart inside a border, with the kernel turned
// around and its channels exchanged. With stride 1 the border above and below is left out: rows there take
// fewer rows of the kernel.
class InputGradientKernel final : public LanesKernel {
 public:
  explicit InputGradientKernel(const ConvolutionGeometry& g)
      : LanesKernel(g),
        by_rows_(g.stride_h == 1 && g.dilation_h == 1),
        top_((g.kh - 1) * g.dilation_h - g.pad_top) {
    border_ = {by_rows_ ? g.oh : g.h + (g.kh - 1) * g.dilation_h,
               g.w + (g.kw - 1) * g.dilation_w,
               by_rows_ ? 0 : top_,
               (g.kw - 1) * g.dilation_w - g.pad_left,
               g.stride_h,
               g.stride_w};
  }
  std::string name() const override { return "Convolution2DInputGradient lanes"; }
  int64_t scratch_bytes(int64_t) const override { return (border_.floats(g_.k) + kernel_floats()) * 4; }
  void run(const Task& task) const override {
    auto* turned = static_cast<float*>(task.scratch);
    float* bordered = turned + kernel_floats();
    turn(static_cast<const float*>(task.operands[1]), turned);
    for_each_group(task, [&](int64_t group) {
      border_.copy(static_cast<const float*>(task.operands[0]) + group * g_.oh * g_.ow * g_.k * kLanes, g_.oh,
                   g_.ow, g_.k, bordered);
      float* dx = static_cast<float*>(task.operands[2]) + group * g_.h * g_.w * g_.c * kLanes;
      if (by_rows_)
        rows(bordered, turned, dx);
      else
        convolve(bordered, turned, dx, g_.h, g_.kh);
    });
  }

 private:
  void convolve(const float* from, const float* kernel, float* dx, int64_t rows, int64_t kernel_rows) const {
    const cpu::LanesConvolution shape{(rows - 1) + (kernel_rows - 1) * g_.dilation_h + 1,
                                      border_.w,
                                      g_.k,
                                      rows,
                                      g_.w,
                                      g_.c,
                                      kernel_rows,
                                      g_.kw,
                                      1,
                                      1,
                                      g_.dilation_h,
                                      g_.dilation_w};
    cpu::functions().lanes_convolution(shape, from, kernel, dx);
  }
  // Row i of dx meets row i + r - top of dy through row r of the turned kernel; rows with the same range go
  // together.
  void rows(const float* dy, const float* turned, float* dx) const {
    const int64_t dy_row = border_.w * g_.k * kLanes, dx_row = g_.w * g_.c * kLanes,
                  kernel_row = g_.kw * g_.c * g_.k;
    const auto first_tap = [&](int64_t i) { return std::max<int64_t>(0, top_ - i); };
    const auto last_tap = [&](int64_t i) { return std::min(g_.kh, g_.oh + top_ - i); };
    for (int64_t i = 0; i < g_.h;) {
      const int64_t first = first_tap(i), last = last_tap(i);
      int64_t next = i + 1;
      while (next < g_.h && first == 0 && last == g_.kh && first_tap(next) == 0 && last_tap(next) == g_.kh)
        ++next;
      if (first >= last)
        std::memset(dx + i * dx_row, 0, static_cast<size_t>(dx_row) * 4);
      else
        convolve(dy + (i + first - top_) * dy_row, turned + first * kernel_row, dx + i * dx_row, next - i,
                 last - first);
      i = next;
    }
  }
  int64_t kernel_floats() const { return (g_.kh * g_.kw * g_.c * g_.k + kLanes - 1) / kLanes * kLanes; }
  void turn(const float* kernel, float* turned) const {
    for (int64_t r = 0; r < g_.kh; ++r)
      for (int64_t s = 0; s < g_.kw; ++s) {
        const float* from = kernel + (r * g_.kw + s) * g_.c * g_.k;
        float* to = turned + ((g_.kh - 1 - r) * g_.kw + g_.kw - 1 - s) * g_.c * g_.k;
        for (int64_t q = 0; q < g_.c; ++q)
          for (int64_t o = 0; o < g_.k; ++o) to[o * g_.c + q] = from[q * g_.k + o];
      }
  }
  bool by_rows_;
  int64_t top_;
  Border border_{};
};

class KernelGradientKernel final : public LanesKernel {
 public:
  KernelGradientKernel(const ConvolutionGeometry& g, int64_t grain)
      : LanesKernel(g),
        border_(forward_border(g)),
        bordered_(border_.h != g.h || border_.w != g.w),
        grain_(grain) {}
  std::string name() const override { return "Convolution2DKernelGradient lanes"; }
  int64_t scratch_bytes(int64_t) const override {
    return ((bordered_ || g_.n % kLanes ? border_.floats(g_.c) : 0) + g_.oh * g_.ow * g_.k * kLanes) * 4;
  }
  void run(const Task& task) const override {
    auto* masked = static_cast<float*>(task.scratch);
    float* bordered = masked + g_.oh * g_.ow * g_.k * kLanes;
    const int64_t weights = g_.kh * g_.kw * g_.c * g_.k;
    const cpu::LanesConvolution shape{border_.h,   border_.w,   g_.c,          g_.oh,
                                      g_.ow,       g_.k,        g_.kh,         g_.kw,
                                      g_.stride_h, g_.stride_w, g_.dilation_h, g_.dilation_w};
    for_each_group(task, [&](int64_t group) {
      const int64_t row = task.first + group * kLanes;
      float* dkernel = static_cast<float*>(task.operands[2]) + row / grain_ * weights;
      if (row % grain_ == 0) std::memset(dkernel, 0, static_cast<size_t>(weights) * 4);
      const float* x = static_cast<const float*>(task.operands[0]) + group * g_.h * g_.w * g_.c * kLanes;
      const float* dy = static_cast<const float*>(task.operands[1]) + group * g_.oh * g_.ow * g_.k * kLanes;
      if (bordered_) {
        border_.copy(x, g_.h, g_.w, g_.c, bordered);
        x = bordered;
      }
      // Lanes beyond the batch may hold anything, also what is no number; they must not enter the sum.
      if (const int64_t rows = g_.n - row; rows < kLanes) {
        mask(dy, g_.oh * g_.ow * g_.k, rows, masked);
        mask(x, border_.h * border_.w * g_.c, rows, bordered);
        dy = masked;
        x = bordered;
      }
      cpu::functions().lanes_convolution_kernel_gradient(shape, x, dy, dkernel);
    });
  }

 private:
  // The first `rows` lanes of each place, and zeros; `to` may be `from`.
  static void mask(const float* from, int64_t places, int64_t rows, float* to) {
    for (int64_t i = 0; i < places; ++i)
      for (int64_t lane = 0; lane < kLanes; ++lane)
        to[i * kLanes + lane] = lane < rows ? from[i * kLanes + lane] : 0;
  }

  Border border_;
  bool bordered_;
  int64_t grain_;
};

const ConvolutionOp* convolution_of(const Op& op) {
  if (const auto* grain = dynamic_cast<const GrainKernelGradientOp*>(&op))
    return dynamic_cast<const ConvolutionOp*>(&grain->whole());
  return dynamic_cast<const ConvolutionOp*>(&op);
}

}  // namespace

std::optional<ChosenKernel> lanes_convolution_kernel(const KernelRequest& request, std::string&) {
  const Node& node = request.node;
  ChosenKernel chosen;
  chosen.by_rows = true;
  chosen.units = node.inputs[0].shape()[0];
  if (const auto* grain = dynamic_cast<const GrainKernelGradientOp*>(&request.op)) {
    const ConvolutionGeometry g =
        convolution_of(request.op)->geometry(node.inputs[0].shape(), node.outputs[0].shape.without(0));
    chosen.kernel = std::make_shared<KernelGradientKernel>(g, grain->grain());
  } else if (dynamic_cast<const Convolution2DOp*>(&request.op)) {
    chosen.kernel = std::make_shared<ForwardKernel>(convolution_of(request.op)->geometry(node));
  } else {
    chosen.kernel = std::make_shared<InputGradientKernel>(convolution_of(request.op)->geometry(node));
  }
  return chosen;
}

bool prefers_lanes(const Node& node) {
  const auto* op = convolution_of(*node.op);
  if (!op || op->options().groups != 1) return false;
  const ConvolutionGeometry g = op->geometry(node);
  // Groups of pictures must fit into the second-level cache and a bit.
  const int64_t group_bytes = (g.h * g.w * g.c + g.oh * g.ow * g.k) * kLanes * 4;
  if (g.n == 0 || group_bytes > (int64_t{8} << 20)) return false;
  const int64_t lanes = round_up(g.n, kLanes);
  if (g.n >= 12 && g.n * 4 >= lanes * 3) return true;
  // Lanes are full of zeros beyond the batch; the other form gathers what is under the kernel. Costs of an
  // output cell, in multiply-adds, estimated from profiles: a run of channels to gather costs as much as 400,
  // an element 12.
  const double taps = static_cast<double>(g.kh * g.kw), products = taps * static_cast<double>(g.c),
               gathered = products * (1.2 * static_cast<double>(round_up(g.k, 8)) + 12) + 400 * taps,
               in_lanes = products * 1.1 * static_cast<double>(g.k);
  return in_lanes * static_cast<double>(lanes) <= gathered * static_cast<double>(g.n);
}

}  // namespace folio
