#include "folio/kernels/cpu/simd/table.h"

namespace folio::cpu {

const Functions& avx512_functions() {
  static const Functions table = make_table(Isa::avx512);
  return table;
}

}  // namespace folio::cpu
