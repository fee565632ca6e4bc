// Pairs that are made, not found: small tasks on which models from sequence to sequence show what they can.
#pragma once
#include "folio/data/text/pairs.h"

namespace folio {

/// Words of 3 to 10 random letters, and the same backwards: "folio" -> "oilof". Each pair is a function of
/// (seed, number).
TextPairs reversed_words(int64_t count, uint64_t seed);
/// Days of 1900 to 2099 as people write them in English, in a dozen forms, and as ISO 8601: "3rd of March,
/// 1987" -> "1987-03-03". Digits alone are year, month, day or day.month.year.
TextPairs written_dates(int64_t count, uint64_t seed);

}  // namespace folio
