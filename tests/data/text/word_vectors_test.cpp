#include "folio/data/text/word_vectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/json.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

std::string golden(const std::string& name) { return tests_folder() + "/data/text/golden/vectors/" + name; }

void expect_as(const WordVectors& found, const Json& expected) {
  ASSERT_EQ(found.words.size(), expected.size());
  for (size_t i = 0; i < found.words.size(); ++i) {
    ASSERT_TRUE(expected.contains(found.words[i])) << "\"" << found.words[i] << "\"";
    const Json& row = expected[found.words[i]];
    ASSERT_EQ(found.width(), static_cast<int64_t>(row.size()));
    for (int64_t c = 0; c < found.width(); ++c)
      EXPECT_EQ(found.vectors.data<float>()[static_cast<int64_t>(i) * found.width() + c],
                row[static_cast<size_t>(c)].get<float>())
          << found.words[i] << " " << c;
  }
}

TEST(WordVectors, ReadsGloveAndWord2vec) {
  const Json expected = Json::parse(read_text_file(golden("expected.json")));
  expect_as(read_word_vectors(golden("glove.txt")), expected["glove.txt"]);
  expect_as(read_word_vectors(golden("word2vec.txt")), expected["word2vec.txt"]);
  expect_as(read_word_vectors(golden("with-newlines.bin")), expected["*.bin"]);
  expect_as(read_word_vectors(golden("without-newlines.bin")), expected["*.bin"]);
}

TEST(WordVectors, WritesWhatItReads) {
  const TemporaryFolder folder;
  const Json expected = Json::parse(read_text_file(golden("expected.json")));
  const WordVectors glove = read_word_vectors(golden("glove.txt"));
  for (const char* name : {"a.txt", "a.vec"}) {
    write_word_vectors(folder / name, glove);
    expect_as(read_word_vectors(folder / name), expected["glove.txt"]);
  }
  EXPECT_TRUE(read_text_file(folder / "a.vec").starts_with("11 4\n"));
  EXPECT_THAT(error_of([&] { write_word_vectors(folder / "a.bin", glove); }), HasSubstr("without blanks"));
  EXPECT_FALSE(file_exists(folder / "a.bin"));
  write_word_vectors(folder / "b.bin", read_word_vectors(golden("without-newlines.bin")));
  expect_as(read_word_vectors(folder / "b.bin"), expected["*.bin"]);
  EXPECT_THAT(error_of([&] { write_word_vectors(folder / "b.csv", glove); }), HasSubstr(".vec"));
}

TEST(WordVectors, RefusesHostileFiles) {
  const TemporaryFolder folder;
  const auto complaint = [&](const std::string& name, const std::string& text) {
    write_file_atomically(folder / name, text);
    return error_of([&] { read_word_vectors(folder / name); });
  };
  EXPECT_THAT(error_of([] { read_word_vectors(golden("cut-short.bin")); }), HasSubstr("cut short"));
  EXPECT_THAT(complaint("a.bin", "999999999999 999999999 \nx"), HasSubstr("cut short"));
  EXPECT_THAT(complaint("b.bin", "9223372036854775807 4\nx"), HasSubstr("cut short"));
  EXPECT_THAT(complaint("c.bin", "no header at all"), HasSubstr("word2vec's binary form"));
  EXPECT_THAT(complaint("d.bin", std::string("1 1\nw \0\0\x80\x7f", 10)), HasSubstr("finite"));
  EXPECT_THAT(complaint("e.bin", ""), HasSubstr("binary form"));
  EXPECT_THAT(complaint("a.txt", ""), HasSubstr("an empty file"));
  EXPECT_THAT(complaint("b.txt", "words\nalone\n"), HasSubstr("without numbers"));
  EXPECT_THAT(complaint("c.txt", "a 1 2\nb 1 2\nc 1\n"), HasSubstr("c.txt:3: expected a word and 2 numbers"));
  EXPECT_THAT(complaint("d.txt", "a 1 2\nb 1 nan\n"), HasSubstr("d.txt:2: expected numbers that are finite"));
  EXPECT_THAT(complaint("e.txt", "a 1 2\nb 1 2x\n"), HasSubstr("e.txt:2"));
  EXPECT_THAT(complaint("f.txt", "3 2\na 1 2\nb 1 2\n"), HasSubstr("expected 3 words"));
  EXPECT_THAT(complaint("g.txt", std::string(1 << 20, 'x')), HasSubstr("without numbers"));
}

TEST(WordVectors, TakesTheFirstOfWordsThatComeTwiceAndRepairsText) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.txt",
                        "\xEF\xBB\xBF"
                        "a 1 2\r\nb 3 4\r\na 5 6\r\n\xE9 7 8\r\n\r\n");
  const WordVectors vectors = read_word_vectors(folder / "a.txt");
  EXPECT_EQ(vectors.words, (std::vector<std::string>{"a", "b", "\xEF\xBF\xBD"}));
  EXPECT_EQ(vectors.vectors.at(1), 2);
  EXPECT_EQ(vectors.vectors.at(5), 8);
}

TEST(WordVectors, FindsTheNearest) {
  const WordVectors vectors{
      {"king", "queen", "man", "woman", "stone", "nothing"},
      Tensor::of({6, 3}, std::vector<float>{2, 2, 0, 0, 3, 0, 1, 0, 0.1F, 0, 0, 0.1F, -1, -1, 0, 0, 0, 0})};
  const auto near = nearest_words(vectors, {{"king", 1}}, 2);
  ASSERT_EQ(near.size(), 2u);
  EXPECT_EQ(near[0].first, "queen");
  EXPECT_NEAR(near[0].second, std::sqrt(0.5), 1e-6);
  EXPECT_EQ(near[1].first, "man");
  EXPECT_EQ(nearest_words(vectors, word_terms({"king", "-", "man", "+", "woman"}), 1)[0].first, "queen");
  EXPECT_EQ(nearest_words(vectors, word_terms({"-", "king"}), 1)[0].first, "stone");
  EXPECT_EQ(nearest_words(vectors, {{"king", 1}}, 100).size(), 5u);
  for (const auto& [word, cosine] : nearest_words(vectors, {{"nothing", 1}}, 100))
    EXPECT_EQ(cosine, 0) << word;
  EXPECT_THAT(error_of([&] {
                nearest_words(vectors, {{"kingg", 1}}, 1);
              }),
              HasSubstr("did you mean \"king\"?"));
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"a", "+"}, {"+", "-", "a"}, {"a", "-", "+", "b"}, {}})
    EXPECT_THROW(word_terms(wrong), UsageError);
}

TEST(WordVectors, LiesInThePlaneInWhichItDiffersMost) {
  // Most along the third column, then along the first; the second is the same for all.
  const Tensor rows = Tensor::of({4, 3}, std::vector<float>{1, 5, 10, -1, 5, 10, 1, 5, -10, -1, 5, -10});
  const Tensor plane = principal_plane(rows);
  for (int64_t r = 0; r < 4; ++r) {
    EXPECT_NEAR(plane.at(2 * r), rows.at(3 * r + 2), 1e-6);
    EXPECT_NEAR(plane.at(2 * r + 1), rows.at(3 * r), 1e-6);
  }
  const Tensor same = principal_plane(Tensor({3, 2}));
  for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(same.at(i), 0);
}

}  // namespace
}  // namespace folio
