// Other element types: conversion, and class numbers as vectors.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// Another element type; in a floating-point type also times a number.
class CastOp final : public Op {
 public:
  explicit CastOp(DType to, double scale = 1) : to_(to), scale_(scale) {}
  std::string name() const override { return "Cast"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return node.outputs[0].shape.rank() > 0 ? RowMap::each(node) : RowMap{};
  }
  double scale() const { return scale_; }

 private:
  DType to_;
  double scale_;
};

/// labels: (...) of any type -> (..., classes); a label outside [0, classes) gives zeros.
class OneHotOp final : public Op {
 public:
  OneHotOp(int64_t classes, DType to) : classes_(classes), to_(to) {}
  std::string name() const override { return "OneHot"; }
  std::string attributes() const override { return std::to_string(classes_) + " " + to_string(to_); }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext&) const override { return {Value()}; }
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return node.inputs[0].rank() > 0 ? RowMap::each(node) : RowMap{};
  }

 private:
  int64_t classes_;
  DType to_;
};

/// The elements in type `to`, then times `scale` (1 unless `to` is floating-point).
Value cast(const Value& x, DType to, double scale = 1);
Value one_hot(const Value& labels, int64_t classes, DType to = DType::float32);

}  // namespace folio
