// A weight matrix in the panels that matrix products read.
#pragma once
#include "folio/runtime/packed.h"

namespace folio {

class PackedMatrix final : public PackedCopy {
 public:
  PackedMatrix(Parameter parameter, bool transposed);
  /// The shared copy of `parameter`, seen as a matrix of (all but the last dimension, last dimension).
  static std::shared_ptr<PackedMatrix> of(const Parameter& parameter, bool transposed);
  const float* data() const { return data_.data<float>(); }
  /// Packs rows [first, last) of the parameter, given their values; see cpu::Functions::pack_rows.
  void pack_rows(const float* rows, int64_t first, int64_t last) const;
  std::shared_ptr<const Kernel> row_kernel() const override;

 protected:
  int64_t parts() const override;
  void pack(int64_t first_part, int64_t last_part) override;

 private:
  bool transposed_;
  int64_t k_ = 0, n_ = 0;
  Tensor data_;
};

}  // namespace folio
