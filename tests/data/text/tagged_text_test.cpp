#include "folio/data/text/tagged_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/analysis/entity_scores.h"
#include "folio/base/json.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(TaggedText, ReadsUntidyFiles) {
  const std::string golden = tests_folder() + "/data/text/golden/";
  const Json expected = Json::parse(read_text_file(golden + "tags.json"));
  const TaggedTexts texts = read_tagged_lines(golden + "tags.conll");
  ASSERT_EQ(texts.words.size(), expected["sentences"].size());
  for (size_t s = 0; s < texts.words.size(); ++s) {
    const Json& sentence = expected["sentences"][s];
    ASSERT_EQ(texts.words[s].size(), sentence.size()) << s;
    for (size_t i = 0; i < sentence.size(); ++i) {
      EXPECT_EQ(texts.words[s][i], sentence[i][0].get<std::string>());
      EXPECT_EQ(texts.tags[s][i], sentence[i][1].get<std::string>());
    }
    const std::vector<Entity> entities = entities_of(texts.tags[s]);
    const Json& wanted = expected["entities_conlleval"][s];
    ASSERT_EQ(entities.size(), wanted.size()) << s;
    for (size_t i = 0; i < wanted.size(); ++i)
      EXPECT_EQ(entities[i], (Entity{wanted[i][0].get<std::string>(), wanted[i][1].get<int64_t>(),
                                     wanted[i][2].get<int64_t>()}));
  }
}

TEST(TaggedText, RefusesWhatIsNoTag) {
  const TemporaryFolder folder;
  const auto complaint = [&](const std::string& text) {
    write_file_atomically(folder / "t", text);
    return error_of([&] { read_tagged_lines(folder / "t"); });
  };
  EXPECT_THAT(complaint("Anna\tB-person\nlives\n"), HasSubstr(":2: expected a word and its tag"));
  EXPECT_THAT(complaint("Anna\tperson\n"), HasSubstr(":1:"));
  EXPECT_THAT(complaint("\tO\n"), HasSubstr(":1:"));
  EXPECT_THAT(complaint(""), HasSubstr("got none"));
  EXPECT_THAT(complaint("\n\n# a remark\n"), HasSubstr("got none"));
  write_file_atomically(folder / "t", std::string("a\0b\tO\n\xFF\tO", 9));
  EXPECT_EQ(read_tagged_lines(folder / "t").words[0][1], "\xEF\xBF\xBD");
}

TEST(TaggedText, CutsRawTextIntoWords) {
  const auto words = [](std::string_view text) {
    std::vector<std::string> all;
    for (const PlacedWord& word : cut_into_words(text)) {
      EXPECT_EQ(text.substr(word.first, word.last - word.first), word.word);
      all.push_back(word.word);
    }
    return all;
  };
  EXPECT_THAT(
      words("Anna (of New York), she said: \"no!\""),
      ElementsAre("Anna", "(", "of", "New", "York", ")", ",", "she", "said", ":", "\"", "no", "!", "\""));
  EXPECT_THAT(words("@anna's #tag http://a.b/c/ O'Brien's..."),
              ElementsAre("@anna", "'s", "#tag", "http://a.b/c/", "O'Brien", "'s", ".", ".", "."));
  EXPECT_THAT(words(" \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D, \xF0\x9F\x98\x80 "),
              ElementsAre("\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", ",", "\xF0\x9F\x98\x80"));
  EXPECT_THAT(words(std::string_view("a\0b", 3)), ElementsAre("a", "b"));
  EXPECT_THAT(words(""), ElementsAre());
  EXPECT_THAT(words("... @ #"), ElementsAre(".", ".", ".", "@", "#"));
}

}  // namespace
}  // namespace folio
