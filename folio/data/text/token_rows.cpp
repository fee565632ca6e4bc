#include "folio/data/text/token_rows.h"

#include <algorithm>

namespace folio {

int64_t steps_for(const Pieces& pieces, const std::vector<std::string>& texts, int64_t most) {
  size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, pieces.numbers(text).size() + 1);
  return std::min(static_cast<int64_t>(longest), most > 0 ? most : kMostTokens);
}

Tensor token_rows(const Pieces& pieces, const std::vector<std::string>& texts, int64_t steps, RowEnds ends) {
  Tensor rows = Tensor::filled({static_cast<int64_t>(texts.size()), steps}, Pieces::kPadding, DType::int32);
  for (size_t i = 0; i < texts.size(); ++i) {
    std::vector<int32_t> numbers = pieces.numbers(texts[i]);
    if (static_cast<int64_t>(numbers.size()) > steps - 1) numbers.resize(static_cast<size_t>(steps - 1));
    if (ends == RowEnds::begin)
      numbers.insert(numbers.begin(), Pieces::kBegin);
    else
      numbers.push_back(Pieces::kEnd);
    std::copy(numbers.begin(), numbers.end(), rows.data<int32_t>() + static_cast<int64_t>(i) * steps);
  }
  return rows;
}

}  // namespace folio
