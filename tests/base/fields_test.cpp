#include "folio/base/fields.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/base/files_for_tests.h"

namespace folio {

struct Inner {
  std::string name;
  double value = 0;
};
static void fields(Fields& f, Inner& inner) {
  f("name", inner.name);
  f("value", inner.value);
}

struct Everything {
  bool flag = true;
  int64_t count = 1;
  uint64_t seed = 0;
  double rate = 0.5;
  std::string word = "same", none;
  std::optional<double> limit;
  std::vector<int64_t> sizes = {2}, axis = {-1};
  std::vector<double> numbers;
  std::vector<Inner> inner;
  bool late = false;
};
static void fields(Fields& f, Everything& e) {
  f("flag", e.flag);
  f("count", e.count, {.required = true, .least = 1, .most = 100, .alias = "n"});
  f("seed", e.seed);
  f("rate", e.rate, {.least = 0, .below = 1});
  f("word", e.word, {.words = "valid same"});
  f("none", e.none, {.words = "a b", .empty_as_null = true, .null = true});
  f("limit", e.limit, {.above = 0});
  f("sizes", e.sizes, {.least = 1, .count = 2});
  f("axis", e.axis, {.one_as_number = true});
  f("numbers", e.numbers);
  f("inner", e.inner);
  f("late", e.late, {.sparing = true});
  f.constant("noise", "null");
  f.ignore("old", "false");
  f.ignore_any("whatever");
}

namespace {

Everything read(const Json& json) {
  Everything e;
  read_fields(json, "place", [&](Fields& f) { fields(f, e); }, {"name"});
  return e;
}
Json written(Everything e) {
  return written_fields([&](Fields& f) { fields(f, e); });
}
std::string error(const Json& json) {
  return error_of([&] { read(json); });
}
std::string error(const char* key, const Json& value) {
  Json json = {{"count", 3}};
  json[key] = value;
  return error(json);
}

TEST(Fields, WhatIsWrittenIsRead) {
  const Json all = {{"flag", false},
                    {"count", 7},
                    {"seed", UINT64_MAX},
                    {"rate", 0.25},
                    {"word", "valid"},
                    {"none", "b"},
                    {"limit", 3.5},
                    {"sizes", {4, 5}},
                    {"axis", {1, 2}},
                    {"numbers", {1.5, -2.0}},
                    {"inner", Json::array({{{"name", "x"}, {"value", 2.0}}})},
                    {"late", true},
                    {"noise", nullptr}};
  EXPECT_EQ(written(read(all)), all);
}

TEST(Fields, WhatIsMissingOrNullKeepsItsValue) {
  const Json plain = written(read({{"count", 3}}));
  EXPECT_EQ(plain["sizes"], Json({2, 2})) << "one number stands for all";
  EXPECT_EQ(plain["axis"], -1);
  EXPECT_EQ(plain["none"], nullptr);
  EXPECT_EQ(plain["limit"], nullptr);
  EXPECT_FALSE(plain.contains("late"));
  EXPECT_FALSE(plain.contains("old"));
  Json nulls = plain;
  for (auto& [key, value] : nulls.items())
    if (key != "count") value = nullptr;
  EXPECT_EQ(written(read(nulls)), plain);
  EXPECT_EQ(written(read({{"n", 3}, {"name", "mine"}, {"old", false}, {"whatever", {1}}})), plain);
}

TEST(Fields, NullCanBeAValue) {
  Everything e;
  e.none = "a";
  read_fields({{"count", 1}, {"none", nullptr}}, "place", [&](Fields& f) { fields(f, e); });
  EXPECT_EQ(e.none, "");
}

TEST(Fields, ErrorsTellPlaceKeyAndWhatCame) {
  EXPECT_EQ(error(Json::array()), "place: expected an object, got []");
  EXPECT_EQ(error(Json::object()), "place: count: expected a whole number, got null");
  EXPECT_EQ(error("count", 1.5), "place: count: expected a whole number, got 1.5");
  EXPECT_EQ(error("count", uint64_t{1} << 63),
            "place: count: expected a whole number, got 9223372036854775808");
  EXPECT_EQ(error("count", 0), "place: count: expected at least 1, got 0");
  EXPECT_EQ(error("count", 101), "place: count: expected at most 100, got 101");
  EXPECT_EQ(error("seed", -1), "place: seed: expected a whole number of at least 0, got -1");
  EXPECT_EQ(error("rate", 1), "place: rate: expected at least 0 and below 1, got 1");
  EXPECT_EQ(error("flag", "yes"), "place: flag: expected true or false, got \"yes\"");
  EXPECT_EQ(error("word", "full"), "place: word: expected \"valid\" or \"same\", got \"full\"");
  EXPECT_EQ(error("word", 3), "place: word: expected a text, got 3");
  EXPECT_EQ(error("limit", 0), "place: limit: expected a number above 0, got 0");
  EXPECT_EQ(error("sizes", {1, 2, 3}), "place: sizes: expected a whole number or a list of 2, got [1,2,3]");
  EXPECT_EQ(error("sizes", {1, 0}), "place: sizes: expected at least 1, got 0");
  EXPECT_EQ(error("axis", {1, "x"}), "place: axis: expected a whole number or a list of them, got [1,\"x\"]");
  EXPECT_EQ(error("numbers", {1, "x"}), "place: numbers[1]: expected a number, got \"x\"");
  EXPECT_EQ(error("numbers", {1, nullptr}), "place: numbers[1]: expected a number, got null");
  EXPECT_EQ(error("inner", Json::array({{{"value", "x"}}})),
            "place: inner[0]: value: expected a number, got \"x\"");
  EXPECT_EQ(error("inner", Json::array({{{"more", 1}}})),
            "place: inner[0]: entry \"more\" = 1 is not known to Folio");
  EXPECT_EQ(error("more", 1), "place: entry \"more\" = 1 is not known to Folio");
  EXPECT_EQ(error("noise", 1), "place: noise: 1 is not supported; save the model without it");
  EXPECT_EQ(error("old", true), "place: old: true is not supported; save the model without it");
}

TEST(Fields, ChecksHoldWithoutAFileToo) {
  Everything e;
  const auto check = [&] {
    return error_of([&] { check_fields("Layer", [&](Fields& f) { fields(f, e); }); });
  };
  EXPECT_EQ(check(), "");
  EXPECT_EQ(e.sizes, (std::vector<int64_t>{2, 2}));
  e.rate = std::nan("");
  EXPECT_EQ(check(), "Layer: rate: expected at least 0 and below 1, got nan");
  e.rate = 0, e.sizes = {1, 2, 3};
  EXPECT_EQ(check(), "Layer: sizes: expected a list of 2, got 3");
}

TEST(Fields, RecordsPassOverWhatTheyDoNotKnow) {
  Everything e;
  const Json json = {{"count", 1}, {"rate", 0.5}, {"numbers", {1.0, nullptr}}, {"newer", 1}};
  read_known_fields(json, "record", [&](Fields& f) { fields(f, e); });
  ASSERT_EQ(e.numbers.size(), 2u);
  EXPECT_TRUE(std::isnan(e.numbers[1]));
  EXPECT_EQ(written(e)["numbers"], Json({1.0, nullptr})) << "NaN is null";
}

TEST(Fields, TextsOfATerminalAreReadByTheirType) {
  struct Reader final : Fields {
    std::string key, text;
    void visit(const Field& field) override {
      if (field.key == key) read_text(field, text);
    }
  };
  Everything e;
  const auto say = [&](const char* key, const char* text) {
    Reader reader;
    reader.key = key, reader.text = text;
    fields(reader, e);
  };
  say("count", "12"), say("flag", "false"), say("word", "valid"), say("sizes", "[3, 4]"), say("limit", "0.5");
  EXPECT_EQ(e.count, 12);
  EXPECT_FALSE(e.flag);
  EXPECT_EQ(e.word, "valid");
  EXPECT_EQ(e.sizes, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(e.limit, 0.5);
  EXPECT_EQ(error_of([&] { say("count", "many"); }), "count: expected a whole number, got \"many\"");
  EXPECT_EQ(error_of([&] { say("count", "0"); }), "count: expected at least 1, got 0");
  EXPECT_EQ(error_of([&] { say("word", "7"); }), "word: expected \"valid\" or \"same\", got \"7\"");
}

}  // namespace
}  // namespace folio
