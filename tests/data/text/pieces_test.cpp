#include "folio/data/text/pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

std::vector<std::string> cut(const Pieces& pieces, const std::string& text) {
  std::vector<std::string> list;
  for (const int32_t number : pieces.numbers(text))
    list.push_back(number < Pieces::kFirstPiece ? "?" : pieces.piece(number));
  return list;
}

std::string back(const Pieces& pieces, const std::string& text) {
  const std::vector<int32_t> numbers = pieces.numbers(text);
  return pieces.text(std::vector<int64_t>(numbers.begin(), numbers.end()));
}

using List = std::vector<std::string>;

TEST(Pieces, WordsAreCutAtSpacesAndPunctuation) {
  const Pieces pieces =
      Pieces::fit({"Ein Hund, ein \"Hund\".", "Ein  Hund!"}, {.unit = "word", .size = 0, .least = 1});
  EXPECT_EQ(cut(pieces, "Ein Hund, \"Hund\"  ein Kind!"),
            (List{"▁Ein", "▁Hund", ",", "▁\"", "Hund", "\"", "▁ein", "?", "!"}));
  EXPECT_EQ(back(pieces, " Ein \t Hund, ein \"Hund\"."), "Ein Hund, ein \"Hund\".");
  EXPECT_EQ(pieces.piece(Pieces::kFirstPiece), "▁Ein");  // the most frequent of those that came first
  const Pieces frequent = Pieces::fit({"a a b b c"}, {.unit = "word", .size = 0, .least = 2});
  EXPECT_EQ(cut(frequent, "c b a"), (List{"?", "▁b", "▁a"}));
  EXPECT_EQ(Pieces::fit({"a a b b c"}, {.unit = "word", .size = 5, .least = 1}).size(), 5);
  EXPECT_EQ(cut(Pieces::fit({"ÄB äb"}, {.unit = "word", .size = 0, .least = 1, .lower = true}), "Äb"),
            (List{"▁äb"}));
}

// The example of Sennrich 2016, with its joins by hand.
TEST(Pieces, JoinsTheMostFrequentPairs) {
  std::vector<std::string> texts;
  for (const auto& [word, times] : {std::pair{"low", 5}, {"lowest", 2}, {"newer", 6}, {"wider", 3}})
    texts.insert(texts.end(), static_cast<size_t>(times), word);
  // Eleven characters with the mark; the pair that comes most is e r, 9 times.
  const Pieces pieces = Pieces::fit(texts, {.unit = "subword", .size = 4 + 11 + 1, .least = 2});
  EXPECT_EQ(pieces.size(), 16);
  EXPECT_EQ(pieces.piece(15), "er");
  EXPECT_EQ(cut(pieces, "lower"), (List{"▁", "l", "o", "w", "er"}));
  const Pieces all = Pieces::fit(texts, {.unit = "subword", .size = 0, .least = 2});
  EXPECT_EQ(cut(all, "newer low lowest"), (List{"▁newer", "▁low", "▁lowest"}));
  EXPECT_EQ(cut(all, "lower"), (List{"▁low", "er"}));
  EXPECT_EQ(back(all, "lower, slow"), "lower slow");  // the comma is not known
  EXPECT_EQ(cut(all, "x"), (List{"▁", "?"}));
}

TEST(Pieces, RepeatedLettersAreJoinedFromTheLeft) {
  const Pieces pieces = Pieces::fit({"aaaaa aaaaa"}, {.unit = "subword", .size = 4 + 2 + 1, .least = 2});
  EXPECT_EQ(cut(pieces, "aaaaa"), (List{"▁", "aa", "aa", "a"}));
}

TEST(Pieces, CharactersStayAsTheyAre) {
  const Pieces pieces = Pieces::fit({"a  b\u00e9"}, {.unit = "character", .size = 0, .least = 1});
  EXPECT_EQ(back(pieces, " b  a"), " b  a");
  EXPECT_EQ(cut(pieces, "be\u0301"), (List{"b", "\u00e9"}));  // NFC
}

TEST(Pieces, GoThroughJson) {
  const Pieces pieces = Pieces::fit({"low low lower lower"}, {.unit = "subword", .size = 12, .least = 2});
  const Pieces again = Pieces::from_json(pieces.to_json(), "here");
  EXPECT_EQ(again.to_json(), pieces.to_json());
  EXPECT_EQ(again.numbers("lower wol"), pieces.numbers("lower wol"));
}

TEST(Pieces, DamagedOnesAreRefused) {
  const Json good =
      Pieces::fit({"low low lower lower"}, {.unit = "subword", .size = 12, .least = 2}).to_json();
  const auto with = [&](const char* key, const Json& value) {
    Json json = good;
    json[key] = value;
    return error_of([&] { Pieces::from_json(json, "here"); });
  };
  EXPECT_THAT(with("pieces", Json::array({"a", "a"})), HasSubstr("each once"));
  EXPECT_THAT(with("pieces", Json::array({"a", ""})), HasSubstr("each once"));
  EXPECT_THAT(with("pieces", Json::array({"\xff"})), HasSubstr("UTF-8"));
  EXPECT_THAT(with("pieces", Json::array({3})), HasSubstr("list of texts"));
  EXPECT_THAT(with("joins", Json::array({Json::array({3, 4})})), HasSubstr("numbers of pieces"));
  EXPECT_THAT(with("joins", Json::array({Json::array({4, 400})})), HasSubstr("numbers of pieces"));
  EXPECT_THAT(with("joins", Json::array({Json::array({4, 4})})), HasSubstr("make a piece"));
  EXPECT_THAT(with("joins", Json::array({good["joins"][0], good["joins"][0]})), HasSubstr("once"));
  EXPECT_THAT(with("unit", "letter"), HasSubstr("unit"));
  EXPECT_THAT(error_of([] { Pieces::from_json(Json(3), "here"); }), HasSubstr("here"));
  EXPECT_THAT(error_of([] { Pieces::fit({}, {}); }), HasSubstr("got 0 texts"));
}

}  // namespace
}  // namespace folio
