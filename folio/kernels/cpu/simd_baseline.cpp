#include "folio/kernels/cpu/simd/table.h"

namespace folio::cpu {

const Functions& baseline_functions() {
  static const Functions table = make_table(Isa::baseline);
  return table;
}

}  // namespace folio::cpu
