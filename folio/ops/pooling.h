// Maximum and average over windows of pictures.
#pragma once
#include "folio/graph/op.h"
#include "folio/ops/window.h"

namespace folio {

struct PoolingOptions {
  int64_t size_h = 2, size_w = 2, stride_h = 2, stride_w = 2;
  Padding padding = Padding::valid;
};

/// Every size of one pooling: `n` pictures of h x w x c become oh x ow x c.
struct PoolingGeometry {
  int64_t n, h, w, c, oh, ow, size_h, size_w, stride_h, stride_w, pad_top, pad_left;
};

class PoolingOp : public Op {
 public:
  explicit PoolingOp(PoolingOptions options) : options_(options) {}
  std::string attributes() const override;
  RowMap rows(const Node& node) const override { return RowMap::each(node); }
  const PoolingOptions& options() const { return options_; }
  PoolingGeometry geometry(const Shape& x) const;

 protected:
  Shape pooled(const TensorType& x) const;

 private:
  PoolingOptions options_;
};

/// x: (n, h, w, c) -> y (n, oh, ow, c) and the place of each maximum inside its window, row * width + column
/// (uint8). Cells beyond the border do not count; the first of equal maxima wins; NaN wins always.
class MaxPoolOp final : public PoolingOp {
 public:
  using PoolingOp::PoolingOp;
  std::string name() const override { return "MaxPool"; }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
};

/// dy and places (n, oh, ow, c) -> dx (n, h, w, c)
class MaxPoolGradientOp final : public PoolingOp {
 public:
  MaxPoolGradientOp(PoolingOptions options, int64_t h, int64_t w) : PoolingOp(options), h_(h), w_(w) {}
  std::string name() const override { return "MaxPoolGradient"; }
  std::string attributes() const override {
    return PoolingOp::attributes() + " to " + std::to_string(h_) + "x" + std::to_string(w_);
  }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;

 private:
  int64_t h_, w_;
};

/// x (n, h, w, c) and places (n, oh, ow, c) -> the elements of x at those places
class MaxPoolSelectOp final : public PoolingOp {
 public:
  using PoolingOp::PoolingOp;
  std::string name() const override { return "MaxPoolSelect"; }
  Types infer(const Types& in) const override { return {{in[1].shape, in[0].dtype}}; }
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
};

/// The mean over the cells inside the picture, as Keras does.
class AveragePoolOp final : public PoolingOp {
 public:
  using PoolingOp::PoolingOp;
  std::string name() const override { return "AveragePool"; }
  Types infer(const Types& in) const override { return {{pooled(in[0]), in[0].dtype}}; }
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
};

class AveragePoolGradientOp final : public PoolingOp {
 public:
  AveragePoolGradientOp(PoolingOptions options, int64_t h, int64_t w) : PoolingOp(options), h_(h), w_(w) {}
  std::string name() const override { return "AveragePoolGradient"; }
  std::string attributes() const override {
    return PoolingOp::attributes() + " to " + std::to_string(h_) + "x" + std::to_string(w_);
  }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;

 private:
  int64_t h_, w_;
};

/// (sheet F2)
Value max_pool(const Value& x, const PoolingOptions& options = {});
Value average_pool(const Value& x, const PoolingOptions& options = {});

}  // namespace folio
