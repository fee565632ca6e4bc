#include "folio/formats/python_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Json parsed(const std::string& text) { return parse_python_json(text, "c.json"); }
std::string complaint(const std::string& text) {
  return error_of([&] { parsed(text); });
}

TEST(PythonJson, ReadsWhatJsonHas) {
  const std::string text = R"( {"a": [1, -2.5, 1e3, true, false, null], "b": {"c": ""}, "d": {}, "e": []} )";
  EXPECT_EQ(parsed(text), Json::parse(text));
  EXPECT_EQ(parsed("9223372036854775807").get<int64_t>(), INT64_MAX);
  EXPECT_EQ(parsed("9223372036854775808").get<double>(), 0x1p63);
  EXPECT_EQ(parsed(R"("a\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")").get<std::string>(),
            "a\"\\/\b\f\n\r\tAé€😀");
}

TEST(PythonJson, ReadsAndWritesPythonsNumbers) {
  const Json json = parsed("[NaN, Infinity, -Infinity]");
  EXPECT_TRUE(std::isnan(json[0].get<double>()));
  EXPECT_EQ(json[1].get<double>(), INFINITY);
  EXPECT_EQ(json[2].get<double>(), -INFINITY);
  EXPECT_EQ(python_json(json), "[NaN, Infinity, -Infinity]");
}

TEST(PythonJson, WritesWhatItReads) {
  const std::string text =
      R"({"a": [1, -2.5, 0.1, true, null], "b": {"c": "\u00e9\ud83d\ude00\n"}, "d": {}, "e": []})";
  EXPECT_EQ(python_json(parsed(text)), text);
  EXPECT_NE(error_of([] { python_json(Json("\xff")); }), "");
}

TEST(PythonJson, NamesThePlaceOfAMistake) {
  EXPECT_EQ(complaint("{\"a\": 1,\n \"b\": x}"), "c.json: line 2, column 7: expected a value, got 'x'");
  EXPECT_EQ(
      complaint("{\"a\": 1, \"a\": 2}"),
      "c.json: line 1, column 10: expected different keys, got \"a\" twice; the file is not safe to use");
}

TEST(PythonJson, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "\"",
                           "[1",
                           "[1,",
                           "[1,]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "1e",
                           "+1",
                           "nul",
                           "tru",
                           "1 2",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud83d\"",
                           "\"\\ude00\"",
                           "\"a\nb\"",
                           "1e999",
                           "[1}",
                           "\xff",
                           "\"\xc3\x28\"",
                           "{\"a\":1 \"b\":2}",
                           "//",
                           "inf"})
    EXPECT_NE(complaint(text), "") << text;
  EXPECT_NE(complaint(std::string("1\0", 2)), "");
}

TEST(PythonJson, BoundsNesting) {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
  };
  EXPECT_EQ(complaint(nested(kMostJsonDepth)), "");
  EXPECT_NE(complaint(nested(kMostJsonDepth + 2)), "");
  EXPECT_NE(complaint(std::string(10'000'000, '[')), "");
}

TEST(PythonJson, ManyKeysTakeLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"key " + std::to_string(i) + "\": 0, ";
  EXPECT_EQ(parsed(text + "\"end\": 1}").size(), 100'001u);
}

TEST(PythonJson, EveryPrefixIsAnError) {
  const std::string text = R"({"a": [1, -2.5e3, true, null], "b": {"c": "\u00e9\ud83d\ude00"}})";
  for (size_t size = 0; size < text.size(); ++size) EXPECT_NE(complaint(text.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace folio
