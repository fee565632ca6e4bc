// Gathers the loops of this folder into one `Functions` table; included once per instruction set.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/block.h"
#include "folio/kernels/cpu/simd/depthwise.h"
#include "folio/kernels/cpu/simd/dropout.h"
#include "folio/kernels/cpu/simd/lanes_convolution.h"
#include "folio/kernels/cpu/simd/layout.h"
#include "folio/kernels/cpu/simd/matrix_product.h"
#include "folio/kernels/cpu/simd/pooling.h"
#include "folio/kernels/cpu/simd/rows.h"
#include "folio/kernels/cpu/simd/transpose.h"
#include "folio/kernels/cpu/simd/vector.h"

namespace {

folio::cpu::Functions make_table(folio::cpu::Isa isa) {
  folio::cpu::Functions table{};
  table.isa = isa;
  fill_matrix_product(table);
  fill_lanes_convolution(table);
  fill_depthwise(table);
  fill_layout(table);
  fill_transpose(table);
  fill_pooling(table);
  fill_block(table);
  fill_rows(table);
  fill_dropout(table);
  return table;
}

}  // namespace
