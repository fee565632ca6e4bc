// Two-dimensional convolution and its two gradients, which are each other's gradients too.
#pragma once
#include "folio/graph/op.h"
#include "folio/ops/window.h"

namespace folio {

struct ConvolutionOptions {
  int64_t stride_h = 1, stride_w = 1;
  Padding padding = Padding::valid;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t groups = 1;
};

/// Every size of one convolution: `n` pictures of h x w x c become oh x ow x k through kernels of kh x kw.
struct ConvolutionGeometry {
  int64_t n, h, w, c, oh, ow, k, kh, kw;
  int64_t stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, groups;
};

/// What the three ops share.
class ConvolutionOp : public Op {
 public:
  explicit ConvolutionOp(ConvolutionOptions options) : options_(options) {}
  std::string attributes() const override;
  double flops(const Node& node) const override;
  const ConvolutionOptions& options() const { return options_; }
  ConvolutionGeometry geometry(const Shape& x, const Shape& kernel) const;
  virtual ConvolutionGeometry geometry(const Node& node) const = 0;

 private:
  ConvolutionOptions options_;
};

/// x: (n, h, w, c), kernel: (kh, kw, c / groups, k) -> (n, oh, ow, k)
class Convolution2DOp final : public ConvolutionOp {
 public:
  using ConvolutionOp::ConvolutionOp;
  std::string name() const override { return "Convolution2D"; }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node&) const override { return {.apart = true, .aligned = {true, false}}; }
  using ConvolutionOp::geometry;
  ConvolutionGeometry geometry(const Node& node) const override;
};

/// dy: (n, oh, ow, k), kernel -> dx (n, h, w, c); h and w are given, because strides hide them.
class Convolution2DInputGradientOp final : public ConvolutionOp {
 public:
  Convolution2DInputGradientOp(ConvolutionOptions options, int64_t h, int64_t w)
      : ConvolutionOp(options), h_(h), w_(w) {}
  std::string name() const override { return "Convolution2DInputGradient"; }
  std::string attributes() const override {
    return ConvolutionOp::attributes() + " to " + std::to_string(h_) + "x" + std::to_string(w_);
  }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node&) const override { return {.apart = true, .aligned = {true, false}}; }
  using ConvolutionOp::geometry;
  ConvolutionGeometry geometry(const Node& node) const override;

 private:
  int64_t h_, w_;
};

/// x: (n, h, w, c), dy: (n, oh, ow, k) -> dkernel (kh, kw, c / groups, k)
class Convolution2DKernelGradientOp final : public ConvolutionOp {
 public:
  Convolution2DKernelGradientOp(ConvolutionOptions options, int64_t kh, int64_t kw)
      : ConvolutionOp(options), kh_(kh), kw_(kw) {}
  std::string name() const override { return "Convolution2DKernelGradient"; }
  std::string attributes() const override {
    return ConvolutionOp::attributes() + " of " + std::to_string(kh_) + "x" + std::to_string(kw_);
  }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  using ConvolutionOp::geometry;
  ConvolutionGeometry geometry(const Node& node) const override;

 private:
  int64_t kh_, kw_;
};

/// Cross-correlation, as every deep-learning library means by convolution. (sheet F1)
Value convolution_2d(const Value& x, const Value& kernel, const ConvolutionOptions& options = {});

}  // namespace folio
