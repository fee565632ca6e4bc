#include "folio/data/text/cleaning.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/base/json.h"
#include "folio/base/utf8.h"
#include "folio/data/text/unicode.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Json golden(const char* name) { return Json::parse(read_text_file(golden_path(__FILE__, name))); }

TEST(TextCleaning, StripsHtmlAndKeepsWhatOnlyLooksLikeIt) {
  for (const Json& pair : golden("html.json")["cases"])
    EXPECT_EQ(squeeze_spaces(strip_html(pair[0].get<std::string>())), pair[1]) << pair[0];
  EXPECT_EQ(strip_html("a<br/>b<BR >c"), "a b c");
  EXPECT_EQ(strip_html("a <!-- never ends <b>x</b>"), "a <!-- never ends  x ");
  EXPECT_EQ(squeeze_spaces(strip_html("a<style>p > b {}</style>b<STYLE>x")), "a b");
  EXPECT_EQ(strip_html("it's <a href='x'>don't</a>"), "it's  don't ");
  EXPECT_EQ(strip_html("<"), "<");
  EXPECT_EQ(strip_html("&"), "&");
  EXPECT_EQ(strip_html("&#99999999999;"), "\xEF\xBF\xBD");
}

// Texts of nothing but beginnings take time in proportion to their length.
TEST(TextCleaning, StripsHostileHtmlInTime) {
  for (const std::string piece : {"<", "<a ", "<!--", "<script>", "<a =\"", "&", "<a b='", "</"}) {
    std::string text;
    while (text.size() < 2'000'000) text += piece;
    EXPECT_LE(strip_html(text).size(), text.size()) << piece;
  }
}

TEST(TextCleaning, LowersAndNormalisesAsUnicodeSays) {
  const Json cases = golden("lower_case.json");
  for (size_t i = 0; i < cases["input"].size(); ++i) {
    const auto text = cases["input"][i].get<std::string>();
    EXPECT_EQ(lower_case(text), cases["lower"][i]) << text;
    EXPECT_EQ(normal_form(text, "nfc"), cases["nfc"][i]) << text;
    EXPECT_EQ(lower_case(normal_form(text, "nfkc")), cases["nfkc_then_lower"][i]) << text;
  }
  EXPECT_EQ(lower_case("Σ ΑΣ ΑΣΑ Α.Σ Σ."), "σ ας ασα α.ς σ.");
  EXPECT_NE(error_of([] { normal_form("a", "nfx"); }), "");
}

TEST(TextCleaning, TakesTheStepsThatAreAskedFor) {
  const std::string text = "Good<br />FILM!  I don't  5 \xF0\x9F\x98\x80 \xE6\x97\xA5 x\n";
  EXPECT_EQ(cleaned(text, {}), "good film don 5 \xF0\x9F\x98\x80 \xE6\x97\xA5");
  TextCleaning none{false, "none", false, false, false, false};
  EXPECT_EQ(cleaned(text, none), text);
  none.punctuation_to_spaces = true;
  EXPECT_EQ(cleaned("a-b, c! $5 \xC2\xABq\xC2\xBB", none), "a b  c   5  q ");
  none = {false, "none", false, false, true, false};
  EXPECT_EQ(cleaned("I am a big B", none), " am  big ");
  EXPECT_EQ(squeeze_spaces(" \t a \xC2\xA0\xE2\x80\xA8 b\r\n"), "a b");
}

TEST(TextCleaning, TakesBytesThatAreNoText) {
  EXPECT_EQ(cleaned(std::string("a\0b", 3), {.drop_single_characters = false}), "a b");
  EXPECT_EQ(cleaned("caf\xE9 bar", {}), "caf\xEF\xBF\xBD bar");
  EXPECT_EQ(cleaned("", {}), "");
  EXPECT_EQ(repaired_utf8("\xF0\x9F\x98"), "\xEF\xBF\xBD");
  EXPECT_EQ(repaired_utf8("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(repaired_utf8("\xED\xA0\x80z"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
  // Right to left: the order of the characters stays.
  EXPECT_EQ(cleaned("\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D, \xD7\xA2\xD7\x95\xD7\x9C\xD7\x9D!", {}),
            "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xD7\xA2\xD7\x95\xD7\x9C\xD7\x9D");
}

TEST(Utf8, GivesEveryCodePointBack) {
  for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 61) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    size_t at = 0;
    EXPECT_EQ(next_code_point(text, at), c);
    EXPECT_EQ(at, text.size());
  }
}

}  // namespace
}  // namespace folio
