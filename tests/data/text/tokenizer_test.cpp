#include "folio/data/text/tokenizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/base/json.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Json golden() { return Json::parse(read_text_file(golden_path(__FILE__, "tokenizer.json"))); }

// Numbers of Keras' Tokenizer; the last sequence is that of a text it was not fitted on.
TEST(Tokenizer, NumbersWordsAsKeras) {
  const Json all = golden();
  const auto texts = all["texts"].get<std::vector<std::string>>();
  for (const auto& [name, expected] : all["tokenizer"].items()) {
    const Json& settings = expected["settings"];
    TokenizerOptions options;
    options.num_words = settings.value("num_words", 0);
    options.oov_token = settings.value("oov_token", "");
    options.char_level = settings.value("char_level", false);
    options.lower = settings.value("lower", true);
    options.filters = settings.value("filters", options.filters);
    Tokenizer tokenizer(options);
    tokenizer.fit_on_texts(texts);
    EXPECT_EQ(tokenizer.words().size(), expected["word_index"].size()) << name;
    for (const auto& [word, number] : expected["word_index"].items())
      EXPECT_EQ(tokenizer.number_of(word), number) << name << ": " << word;
    auto more = texts;
    more.push_back(all["extra"]);
    EXPECT_EQ(Json(tokenizer.texts_to_sequences(more)), expected["sequences"]) << name;
    if (expected["count_matrix_row_0"].is_null()) continue;
    const Tensor counts = tokenizer.texts_to_matrix({texts[0]}, "count");
    const auto row = counts.values<double>();
    EXPECT_EQ(std::vector<double>(row.begin(), row.end()),
              expected["count_matrix_row_0"].get<std::vector<double>>())
        << name;
  }
}

TEST(Tokenizer, GivesWordsBack) {
  Tokenizer tokenizer({.num_words = 3, .oov_token = "?"});
  tokenizer.fit_on_texts({"a a b", "a c"});
  EXPECT_EQ(tokenizer.sequences_to_texts({{2, 1, 3}, {}}), (std::vector<std::string>{"a ? ?", ""}));
  EXPECT_NE(error_of([&] { tokenizer.texts_to_matrix({"a"}, "counts"); }), "");
}

TEST(PadSequences, CutsAndFillsAsKeras) {
  const Json all = golden();
  const auto input = all["pad_input"].get<std::vector<std::vector<int32_t>>>();
  for (const auto& [name, expected] : all["pad_sequences"].items()) {
    const Json& settings = expected["settings"];
    const Tensor padded = pad_sequences(input, {.maxlen = settings.value("maxlen", 0),
                                                .padding = settings.value("padding", "pre"),
                                                .truncating = settings.value("truncating", "pre"),
                                                .value = settings.value("value", 0)});
    const auto rows = expected["result"].get<std::vector<std::vector<int32_t>>>();
    std::vector<int32_t> flat;
    for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
    const auto values = padded.values<int32_t>();
    EXPECT_EQ(std::vector<int32_t>(values.begin(), values.end()), flat) << name;
  }
  EXPECT_NE(error_of([&] { pad_sequences(input, {.padding = "before"}); }), "");
}

}  // namespace
}  // namespace folio
