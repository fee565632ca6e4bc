// The arithmetic of windows that slide over pictures: sizes and borders as Keras defines them.
#pragma once
#include <string>

#include "folio/tensor/shape.h"

namespace folio {

enum class Padding { valid, same };

/// "valid" or "same"; throws `Error` otherwise.
Padding padding_from(const std::string& name);
inline const char* to_string(Padding padding) { return padding == Padding::valid ? "valid" : "same"; }

/// A window along one dimension. Output size: ⌊(W − F + 2P)/S⌋ + 1 (sheet F1), or ⌈W/S⌉ for `same`.
struct Window {
  int64_t size = 1, stride = 1, dilation = 1;
  /// Cells that the window spans, gaps included.
  int64_t extent() const { return (size - 1) * dilation + 1; }
  /// Unknown in, unknown out. At most 0 when the window does not fit.
  int64_t output(int64_t input, Padding padding) const;
  /// Cells of border before the first; the odd cell of `same` lies after the last.
  int64_t before(int64_t input, Padding padding) const;
};

}  // namespace folio
