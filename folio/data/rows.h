// Rows of arrays that need not be in memory: what data larger than memory is read from. (sheet B3)
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// An array of which any rows can be read.
class RowSource {
 public:
  RowSource(std::string name, Shape shape, DType dtype)
      : name_(std::move(name)), shape_(std::move(shape)), dtype_(dtype) {}
  virtual ~RowSource() = default;
  RowSource(const RowSource&) = delete;
  RowSource& operator=(const RowSource&) = delete;

  /// Where the rows come from, for messages.
  const std::string& name() const { return name_; }
  /// (rows, …)
  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  int64_t rows() const { return shape_[0]; }
  int64_t row_bytes() const { return shape_.count(1, shape_.rank()) * size_of(dtype_); }
  /// Fills `into`, of this type and (any number of rows, …), with the rows from `first` on. Several threads
  /// may read at once. Throws `Error` when the rows cannot be had.
  void read(int64_t first, Tensor& into) const;
  /// Rows [first, last) as a tensor of their own.
  Tensor read(int64_t first, int64_t last) const;

 private:
  virtual void fetch(int64_t first, Tensor& into) const = 0;
  std::string name_;
  Shape shape_;
  DType dtype_;
};

/// A shared handle.
using Rows = std::shared_ptr<const RowSource>;
using NamedRows = std::vector<std::pair<std::string, Rows>>;

/// The rows of several sources, one after another. Throws `Error` naming the one whose shape or type differs.
Rows join_rows(std::vector<Rows> parts);
/// Rows [first, last) of a source.
Rows part_of_rows(Rows rows, int64_t first, int64_t last);

}  // namespace folio
