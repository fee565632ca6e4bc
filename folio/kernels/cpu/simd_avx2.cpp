#include "folio/kernels/cpu/simd/table.h"

namespace folio::cpu {

const Functions& avx2_functions() {
  static const Functions table = make_table(Isa::avx2);
  return table;
}

}  // namespace folio::cpu
