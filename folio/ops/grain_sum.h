// Sums over the batch in two halves, so that the first can run chunk by chunk; made by the compiler.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// Sums over the first `axes` dimensions, separately for every `grain` rows: (n, …, rest) -> (⌈n / grain⌉,
/// rest). The grain depends on the batch alone, so that the sums' bits do not depend on threads.
class GrainSumOp final : public Op {
 public:
  GrainSumOp(int64_t grain, int axes) : grain_(grain), axes_(axes) {}
  std::string name() const override { return "GrainSum"; }
  std::string attributes() const override {
    return "grain " + std::to_string(grain_) + " axes " + std::to_string(axes_);
  }
  Types infer(const Types& in) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    RowMap rows = RowMap::each(node);
    rows.grain = grain_;
    return rows;
  }
  double flops(const Node& node) const override {
    return static_cast<double>(node.inputs[0].shape().count());
  }
  int64_t grain() const { return grain_; }
  int axes() const { return axes_; }

 private:
  int64_t grain_;
  int axes_;
};

/// The kernel gradient of a convolution, separately for every `grain` pictures.
class GrainKernelGradientOp final : public Op {
 public:
  /// `whole` is a Convolution2DKernelGradientOp.
  GrainKernelGradientOp(std::shared_ptr<const Op> whole, int64_t grain)
      : whole_(std::move(whole)), grain_(grain) {}
  std::string name() const override { return "GrainKernelGradient"; }
  std::string attributes() const override {
    return whole_->attributes() + " grain " + std::to_string(grain_);
  }
  Types infer(const Types& in) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    RowMap rows = RowMap::each(node);
    rows.grain = grain_;
    return rows;
  }
  double flops(const Node& node) const override;
  int64_t grain() const { return grain_; }
  const Op& whole() const { return *whole_; }

 private:
  std::shared_ptr<const Op> whole_;
  int64_t grain_;
};

}  // namespace folio
