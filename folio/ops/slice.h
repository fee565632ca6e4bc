// Parts of values, values put together, and borders of zeros.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// Elements [first, first + size) along one dimension; the size of an unknown one may be unknown.
class SliceOp final : public Op {
 public:
  SliceOp(int axis, int64_t first, int64_t size) : axis_(axis), first_(first), size_(size) {}
  std::string name() const override { return "Slice"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override { return axis_ != 0 ? RowMap::each(node) : RowMap{}; }
  int axis() const { return axis_; }
  int64_t first() const { return first_; }

 private:
  int axis_;
  int64_t first_, size_;
};

/// The gradient of slices of one value: zeros of the value's shape, to which each piece is added at its
/// place.
class SliceGradientOp final : public Op {
 public:
  /// A piece begins at element `first` along `axis`, where the value has `whole` elements.
  struct Place {
    int axis;
    int64_t first, whole;
  };
  explicit SliceGradientOp(std::vector<Place> places) : places_(std::move(places)) {}
  std::string name() const override { return "SliceGradient"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override;
  double flops(const Node& node) const override;
  const std::vector<Place>& places() const { return places_; }

 private:
  std::vector<Place> places_;
};

/// One value as several, behind each other along one dimension.
class SplitOp final : public Op {
 public:
  SplitOp(int axis, std::vector<int64_t> sizes) : axis_(axis), sizes_(std::move(sizes)) {}
  std::string name() const override { return "Split"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override { return axis_ == 0 ? RowMap{} : RowMap::each(node); }
  int axis() const { return axis_; }

 private:
  int axis_;
  std::vector<int64_t> sizes_;
};

/// Puts values behind each other along one dimension.
class ConcatenateOp final : public Op {
 public:
  explicit ConcatenateOp(int axis) : axis_(axis) {}
  std::string name() const override { return "Concatenate"; }
  std::string attributes() const override { return "axis " + std::to_string(axis_); }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override { return axis_ != 0 ? RowMap::each(node) : RowMap{}; }
  int axis() const { return axis_; }

 private:
  int axis_;
};

/// Zeros before and after each dimension.
class PadOp final : public Op {
 public:
  PadOp(std::vector<int64_t> before, std::vector<int64_t> after)
      : before_(std::move(before)), after_(std::move(after)) {}
  std::string name() const override { return "Pad"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return !before_.empty() && before_[0] == 0 && after_[0] == 0 ? RowMap::each(node) : RowMap{};
  }
  const std::vector<int64_t>& before() const { return before_; }

 private:
  std::vector<int64_t> before_, after_;
};

Value slice(const Value& x, int axis, int64_t first, int64_t size);
/// Parts of the given sizes, which must cover the dimension.
Values split(const Value& x, std::vector<int64_t> sizes, int axis = -1);
/// `parts` parts of equal size.
Values split(const Value& x, int parts, int axis = -1);
Value concatenate(const Values& values, int axis = -1);
/// before and after: one count per dimension.
Value pad(const Value& x, std::vector<int64_t> before, std::vector<int64_t> after);

}  // namespace folio
