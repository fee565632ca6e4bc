// Pictures seen through a matrix each, and their gradient.
#pragma once
#include "folio/base/affine.h"
#include "folio/graph/op.h"

namespace folio {

struct AffineSettings {
  int64_t height = 0, width = 0;  ///< of what comes out
  FillMode fill = FillMode::constant;
  double value = 0;      ///< beyond the border in mode constant
  bool nearest = false;  ///< the nearest pixel instead of a mixture of four

  std::string text() const;
};

/// x: (batch, height, width, channels), matrices: (batch, 6) of the same type, [a b c d e f] a picture ->
/// (batch, height', width', channels): pixel (row, column) is what x shows at (a row + b column + c,
/// d row + e column + f). Beyond the border: constant pixels there are `value`, also next to it; nearest and
/// reflect as `FillMode` says; wrap begins anew, the last pixel beside the first. (Keras' affine_transform of
/// ops.image, with its rows of x and y exchanged)
class AffineTransformOp final : public Op {
 public:
  explicit AffineTransformOp(const AffineSettings& settings) : settings_(settings) {}
  std::string name() const override { return "AffineTransform"; }
  std::string attributes() const override { return settings_.text(); }
  Types infer(const Types& in) const override;
  /// Of x; matrices are taken as given.
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override { return RowMap::each(node); }

 private:
  AffineSettings settings_;
};

/// The gradient of x: dy (batch, height', width', channels), matrices -> (batch, height, width, channels).
class AffineTransformGradientOp final : public Op {
 public:
  AffineTransformGradientOp(const AffineSettings& settings, int64_t height, int64_t width)
      : settings_(settings), height_(height), width_(width) {}
  std::string name() const override { return "AffineTransformGradient"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override { return RowMap::each(node); }

 private:
  AffineSettings settings_;
  int64_t height_, width_;  // of x
};

Value affine_transform(const Value& x, const Value& matrices, const AffineSettings& settings);

}  // namespace folio
