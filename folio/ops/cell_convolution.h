// A convolution whose rows are cells of pictures, so that one picture can be divided; made by the compiler.
#pragma once
#include "folio/ops/convolution.h"

namespace folio {

/// x: (n, h, w, c), kernel: (kh, kw, c / groups, k) -> (n·oh·ow, k): what Convolution2DOp computes, in its
/// order.
class CellConvolution2DOp final : public ConvolutionOp {
 public:
  using ConvolutionOp::ConvolutionOp;
  std::string name() const override { return "CellConvolution2D"; }
  Types infer(const Types& in) const override {
    const TensorType y = Convolution2DOp(options()).infer(in)[0];
    return {{{y.shape.count(0, 3), y.shape[3]}, y.dtype}};
  }
  void define(const Views& in, const Views& out) const override {
    Convolution2DOp(options()).define(in, out);
  }
  /// The definition counts pictures, so that it must see all of them.
  RowMap rows(const Node&) const override {
    return {.apart = true, .aligned = {false, false}, .numbered = true};
  }
  using ConvolutionOp::geometry;
  ConvolutionGeometry geometry(const Node& node) const override {
    return geometry(node.inputs[0].shape(), node.inputs[1].shape());
  }
};

}  // namespace folio
