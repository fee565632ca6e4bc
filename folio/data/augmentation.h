// Rows that are changed at random, anew in every pass. (sheet F9)
#pragma once
#include <cstdint>
#include <string>

#include "folio/tensor/dtype.h"
#include "folio/tensor/shape.h"

namespace folio {

/// What becomes of the rows of a first input while they are gathered (`Data::augmentation`). It is a function
/// of (pass, number of the row) alone, so that neither threads nor an interruption change a bit.
class Augmentation {
 public:
  virtual ~Augmentation() = default;
  /// Throws `Error` when it cannot change rows of this shape.
  virtual void check(const Shape& row) const = 0;
  /// `row`: the elements of row `number` of the data; `to`: as many, changed. Several threads may call at
  /// once.
  virtual void apply(const void* row, DType type, const Shape& shape, int64_t pass, int64_t number,
                     float* to) const = 0;
  /// All that decides what it does: trainings go on only with the same.
  virtual std::string description() const = 0;
};

}  // namespace folio
