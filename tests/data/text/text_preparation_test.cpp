#include "folio/data/text/text_preparation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/data/text/text_files.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;
using Texts = std::vector<std::string>;

std::vector<int32_t> row(const Tensor& tensor) {
  const auto values = tensor.values<int32_t>();
  return {values.begin(), values.end()};
}

TEST(TextPreparation, NumbersTheMostFrequentWords) {
  const Texts texts = {"The cat sat.", "the dog, the cat!", "BIRDS"};
  const auto words = TextPreparation::fit(texts, {.words = 2, .length = 4});
  EXPECT_EQ(words.words(), (Texts{"the", "cat"}));
  EXPECT_EQ(words.vocabulary_size(), 4);
  // What is not known is skipped; a row is never empty.
  EXPECT_EQ(row(words.transform({"the cat sat", "nothing", "", "the the the the cat"})),
            (std::vector<int32_t>{2, 3, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 2, 2, 2}));
  const auto kept = TextPreparation::fit(
      texts, {.words = 2, .keep_unknown = true, .length = 2, .padding = "pre", .truncating = "pre"});
  EXPECT_EQ(row(kept.transform({"the cat sat", "dog"})), (std::vector<int32_t>{3, 1, 0, 1}));
}

TEST(TextPreparation, MakesRunsOfWordsAndCharacters) {
  const auto pairs = TextPreparation::fit({"not good not good"}, {.ngrams = 2, .distinct = true});
  EXPECT_EQ(pairs.tokens("not good not good"),
            (Texts{"not", "good", "not", "good", "not good", "good not", "not good"}));
  EXPECT_EQ(pairs.words(), (Texts{"not", "good", "not good", "good not"}));
  EXPECT_EQ(pairs.length(), 4);
  EXPECT_EQ(row(pairs.transform({"good good good"})), (std::vector<int32_t>{3, 0, 0, 0}));
  const auto letters = TextPreparation::fit({"ab\xC3\xA9"}, {.unit = "character", .ngrams = 2});
  EXPECT_EQ(letters.tokens("b\xC3\xA9"), (Texts{"b", "\xC3\xA9", "b\xC3\xA9"}));
}

TEST(TextPreparation, LeavesOutWhatIsInFewTexts) {
  const auto common = TextPreparation::fit({"rare rare rare word", "word"}, {.least_texts = 2});
  EXPECT_EQ(common.words(), (Texts{"word"}));
}

TEST(TextPreparation, ComesBackFromItsFile) {
  TextOptions options{.ngrams = 2, .words = 7, .keep_unknown = true, .length = 5, .padding = "pre"};
  options.cleaning.lower = false;
  options.cleaning.normal_form = "nfkc";
  const auto before = TextPreparation::fit({"One two Two \"three\" \xF0\x9F\x98\x80"}, options);
  const auto after = TextPreparation::from_json(Json::parse(before.to_json().dump()), "text.json");
  EXPECT_EQ(after.to_json(), before.to_json());
  EXPECT_EQ(row(after.transform({"One Two four"})), row(before.transform({"One Two four"})));
  for (const auto& [change, complaint] :
       std::vector<std::pair<const char*, const char*>>{{R"({"vocabulary": 3})", "vocabulary"},
                                                        {R"({"vocabulary": ["a", "a"]})", "once"},
                                                        {R"({"length": 0})", "length"},
                                                        {R"({"unit": "syllable"})", "unit"}}) {
    Json damaged = before.to_json();
    damaged.update(Json::parse(change));
    EXPECT_THAT(error_of([&] { TextPreparation::from_json(damaged, "text.json"); }), HasSubstr(complaint));
  }
}

TEST(TextPreparation, RefusesTextsWithoutWords) {
  EXPECT_THAT(error_of([] { TextPreparation::fit({"", "!!", "a"}, {}); }), HasSubstr("none in 3 texts"));
}

TEST(TextFiles, ReadsLinesOfEveryKind) {
  const Json expected = Json::parse(read_text_file(golden_path(__FILE__, "texts.json")));
  const LabelledTexts found = read_labelled_lines(golden_path(__FILE__, "texts.tsv"));
  ASSERT_EQ(found.texts.size(), expected["rows"].size());
  for (size_t i = 0; i < found.texts.size(); ++i) {
    EXPECT_EQ(found.labels[i], expected["rows"][i][0]) << i;
    EXPECT_EQ(found.texts[i], expected["rows"][i][1]) << i;
  }
  EXPECT_EQ(lines_of("a\r\n\nb"), (Texts{"a", "", "b"}));
  EXPECT_TRUE(lines_of("").empty());
}

TEST(TextFiles, NamesTheLineThatHasNoLabel) {
  const TemporaryFolder folder;
  const std::string path = folder / "t.tsv";
  write_file_atomically(path, "good\tfine\nno tab here\n");
  EXPECT_THAT(error_of([&] { read_labelled_lines(path); }), HasSubstr("t.tsv:2: expected label<TAB>text"));
  write_file_atomically(path, "\n");
  EXPECT_THAT(error_of([&] { read_labelled_lines(path); }), HasSubstr("got none"));
}

TEST(TextFiles, ReadsTablesAndFolders) {
  const TemporaryFolder folder;
  const std::string path = folder / "t.csv";
  write_file_atomically(path, "id,stars,review\n1,5,\"good, \"\"fine\"\"\"\n2,1,NA\n3,5,7\n");
  const LabelledTexts table = read_labelled_table(path, "stars", "review");
  EXPECT_EQ(table.texts, (Texts{"good, \"fine\"", "NA", "7"}));
  EXPECT_EQ(table.labels, (Texts{"5", "1", "5"}));
  EXPECT_THAT(error_of([&] { read_labelled_table(path, "stars", ""); }), HasSubstr("text=COLUMN"));
  for (const char* label : {"pos", "neg"}) {
    make_folders(folder / std::string("set/") + label);
    write_file_atomically(folder / std::string("set/") + label + "/1.txt", std::string("so ") + label);
  }
  const LabelledTexts set = read_labelled_folder(folder / "set");
  EXPECT_EQ(set.labels, (Texts{"neg", "pos"}));
  EXPECT_EQ(set.texts, (Texts{"so neg", "so pos"}));
  EXPECT_THAT(error_of([&] { read_labelled_folder(folder / "set/pos"); }), HasSubstr("found none"));
}

}  // namespace
}  // namespace folio
