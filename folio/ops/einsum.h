// Sums of products, written as an equation of letters.
#pragma once
#include <string>

#include "folio/graph/value.h"

namespace folio {

/// The letters of an equation "abc,cd->abd", one for each dimension; no value has a letter twice.
struct EinsumLetters {
  std::string a, b, result;
};

/// The sum over all letters that are not in the result of the products of a and b, as NumPy's einsum has it:
/// made of one matrix product, transposes and reshapes. Throws `Error` when letters, ranks or sizes do not
/// fit.
Value einsum(const EinsumLetters& letters, const Value& a, const Value& b);

}  // namespace folio
