// Texts as rows of token numbers of one length.
#pragma once
#include <string>
#include <vector>

#include "folio/data/text/pieces.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// Longer texts would not fit into memory as rows of one length.
inline constexpr int64_t kMostTokens = 100'000;

/// Tokens of the longest text with one more for its begin or end; `most` at most, unless that is 0.
int64_t steps_for(const Pieces& pieces, const std::vector<std::string>& texts, int64_t most);

enum class RowEnds { begin, end };
/// int32 (texts, steps): each text behind the begin or before the end, which stay when the rest is cut;
/// padding is 0.
Tensor token_rows(const Pieces& pieces, const std::vector<std::string>& texts, int64_t steps, RowEnds ends);

}  // namespace folio
