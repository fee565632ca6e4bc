#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/json_text.h"
#include "folio/base/utf8.h"
#include "folio/data/text/unicode.h"
#include "folio/recipes/embeddings.h"

namespace folio::cli {

int neighbours(const Options& options) {
  apply_common(options);
  std::vector<WordTerm> terms = word_terms(options.words);
  const WordVectors vectors = load_word_vectors(options.subject);
  const auto has = [&](const std::string& word) {
    return std::find(vectors.words.begin(), vectors.words.end(), word) != vectors.words.end();
  };
  for (WordTerm& term : terms) {
    term.word = repaired_utf8(term.word);
    if (const std::string lower = lower_case(term.word); !has(term.word) && has(lower)) term.word = lower;
  }
  const auto found = nearest_words(vectors, terms, options.count);
  if (options.json) {
    Json list = Json::array();
    for (const auto& [word, cosine] : found) list.push_back({{"word", word}, {"similarity", cosine}});
    fmt::print("{}\n", json_text(list));
    return 0;
  }
  for (const auto& [word, cosine] : found) fmt::print("{:>7.4f}  {}\n", cosine, shortened(word, 100));
  return 0;
}

}  // namespace folio::cli
