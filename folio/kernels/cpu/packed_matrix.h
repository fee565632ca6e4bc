// A weight matrix in the panels that matrix products read.
#pragma once
#include "folio/runtime/packed.h"

namespace folio {

/// The panels of a parameter, which is seen in the shape `seen` as a matrix of (all but the last dimension,
/// last dimension); see cpu::Functions::pack.
class PackedMatrix final : public PackedForm {
 public:
  PackedMatrix(const Parameter& parameter, const Shape& seen, bool transposed);
  std::string name() const override;
  int64_t bytes() const override;
  int64_t parts() const override;
  void pack(const void* values, int64_t first_part, int64_t last_part, void* packed) const override;
  std::shared_ptr<const Kernel> row_kernel() const override;

 private:
  bool transposed_, has_rows_;
  int64_t k_, n_;
};

}  // namespace folio
