#include "folio/data/text/pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "folio/base/gzip.h"
#include "folio/data/text/pair_preparation.h"
#include "folio/data/text/pair_tasks.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;
using List = std::vector<std::string>;

TEST(Pairs, AreLinesWithATab) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "p.txt", "\xEF\xBB\xBFgo\tgeh\r\n\na b\tc \"d\tsomebody's remark\n \t \n");
  const TextPairs pairs = read_pair_lines(folder / "p.txt");
  EXPECT_EQ(pairs.sources, (List{"go", "a b"}));
  EXPECT_EQ(pairs.targets, (List{"geh", "c \"d"}));
  write_file_atomically(folder / "p.txt", "a\tb\nc d\n");
  EXPECT_THAT(error_of([&] { read_pair_lines(folder / "p.txt"); }),
              HasSubstr(":2: expected source<TAB>target"));
  write_file_atomically(folder / "p.txt", "a\t\n");
  EXPECT_THAT(error_of([&] { read_pair_lines(folder / "p.txt"); }), HasSubstr("one side is empty"));
  write_file_atomically(folder / "p.txt", "");
  EXPECT_THAT(error_of([&] { read_pair_lines(folder / "p.txt"); }), HasSubstr("the file is empty"));
}

TEST(Pairs, AreColumnsOfATable) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "p.csv", "id,en,de\n1,\"a, b\",c\n2,,d\n3,4,5\n");
  const TextPairs pairs = read_pair_table(folder / "p.csv", "en", "de");
  EXPECT_EQ(pairs.sources, (List{"a, b", "4"}));
  EXPECT_EQ(pairs.targets, (List{"c", "5"}));
  EXPECT_THAT(error_of([&] { read_pair_table(folder / "p.csv", "en", "fr"); }), HasSubstr("\"fr\""));
  EXPECT_THAT(error_of([&] { read_pair_table(folder / "p.csv", "en", "en"); }), HasSubstr("two columns"));
}

TEST(Pairs, AreLinesOfTwoFiles) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "one\n\nthree\n");
  write_file_atomically(folder / "b", "eins\nzwei\ndrei\n");
  const TextPairs pairs = read_pair_files(folder / "a", folder / "b");
  EXPECT_EQ(pairs.sources, (List{"one", "three"}));
  EXPECT_EQ(pairs.targets, (List{"eins", "drei"}));
  write_file_atomically(folder / "b", "eins\n");
  EXPECT_THAT(error_of([&] { read_pair_files(folder / "a", folder / "b"); }), HasSubstr("as many lines"));
}

const TextPairs kPairs = {{"abc", "b"}, {"xy", "yxxx"}};

TEST(PairPreparation, GivesTheDecoderWhatItShouldHaveSaid) {
  const auto preparation = PairPreparation::fit(kPairs, {.pieces = {.unit = "character", .least = 1}});
  EXPECT_EQ(preparation.source_steps(), 4);
  EXPECT_EQ(preparation.target_steps(), 5);
  const Data data = preparation.data(kPairs);
  const auto row = [](const Tensor& rows, int64_t r) {
    std::vector<int> list;
    for (int64_t t = 0; t < rows.shape()[1]; ++t) list.push_back(static_cast<int>(rows.at(r, t)));
    return list;
  };
  // Of characters b comes most, then a, c; of the other side x, then y.
  EXPECT_EQ(row(data.x[0], 0), (std::vector{5, 4, 6, 3}));
  EXPECT_EQ(row(data.x[0], 1), (std::vector{4, 3, 0, 0}));
  EXPECT_EQ(row(data.x[1], 0), (std::vector{2, 4, 5, 0, 0}));
  EXPECT_EQ(row(data.y[0], 0), (std::vector{4, 5, 3, 0, 0}));
  EXPECT_EQ(row(data.x[1], 1), (std::vector{2, 5, 4, 4, 4}));
  EXPECT_EQ(row(data.y[0], 1), (std::vector{5, 4, 4, 4, 3}));
  // What is longer keeps its end; what is not known has a number.
  EXPECT_EQ(row(preparation.sources({"aaaaaaz", "z"}), 0), (std::vector{5, 5, 5, 3}));
  EXPECT_EQ(row(preparation.sources({"aaaaaaz", "z"}), 1), (std::vector{1, 3, 0, 0}));
}

TEST(PairPreparation, LeavesOutWhatIsLonger) {
  const auto preparation =
      PairPreparation::fit(kPairs, {.pieces = {.unit = "character", .least = 1}, .length = 4});
  EXPECT_EQ(preparation.source_steps(), 4);
  EXPECT_EQ(preparation.target_steps(), 4);
  EXPECT_EQ(preparation.fitting(kPairs).sources, (List{"abc"}));
}

TEST(PairPreparation, GoesThroughJson) {
  for (bool shared : {false, true}) {
    const auto preparation = PairPreparation::fit(
        kPairs,
        {.pieces = {.unit = "character", .least = 1}, .shared = shared, .source = "en", .target = "de"});
    const auto again = PairPreparation::from_json(preparation.to_json(), "here");
    EXPECT_EQ(again.to_json(), preparation.to_json());
    EXPECT_EQ(again.target_pieces().numbers("yx"), preparation.target_pieces().numbers("yx"));
    EXPECT_EQ(preparation.source_pieces().size(), shared ? 9 : 7);
    EXPECT_EQ(again.options().target, "de");
  }
  Json json = PairPreparation::fit(kPairs, {.pieces = {.unit = "character", .least = 1}}).to_json();
  json["source_steps"] = 0;
  EXPECT_THAT(error_of([&] { PairPreparation::from_json(json, "here"); }), HasSubstr("source_steps"));
  json["source_steps"] = 4;
  json.erase("target_pieces");
  EXPECT_THAT(error_of([&] { PairPreparation::from_json(json, "here"); }), HasSubstr("target_pieces"));
}

TEST(PairTasks, AreFunctionsOfTheSeed) {
  const TextPairs words = reversed_words(500, 3);
  EXPECT_EQ(words.sources, reversed_words(500, 3).sources);
  EXPECT_NE(words.sources, reversed_words(500, 4).sources);
  std::set<size_t> lengths;
  for (size_t i = 0; i < 500; ++i) {
    EXPECT_EQ(words.targets[i], std::string(words.sources[i].rbegin(), words.sources[i].rend()));
    lengths.insert(words.sources[i].size());
  }
  EXPECT_EQ(lengths, (std::set<size_t>{3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST(PairTasks, DatesAreWhatTheySay) {
  const TextPairs dates = written_dates(3000, 1);
  const std::map<std::string, std::string> months = {
      {"jan", "01"}, {"feb", "02"}, {"mar", "03"}, {"apr", "04"}, {"may", "05"}, {"jun", "06"},
      {"jul", "07"}, {"aug", "08"}, {"sep", "09"}, {"oct", "10"}, {"nov", "11"}, {"dec", "12"}};
  std::set<std::string> forms, weekdays;
  for (size_t i = 0; i < dates.sources.size(); ++i) {
    std::string text = dates.sources[i];
    const std::string iso = dates.targets[i];
    ASSERT_TRUE(std::regex_match(iso, std::regex("(19|20)\\d\\d-\\d\\d-\\d\\d"))) << iso;
    std::string form;
    for (char& c : text) {
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      const char kind = std::isdigit(static_cast<unsigned char>(c))   ? '0'
                        : std::isalpha(static_cast<unsigned char>(c)) ? 'a'
                                                                      : c;
      if (form.empty() || form.back() != kind) form += kind;
    }
    forms.insert(form);
    EXPECT_THAT(text, HasSubstr(iso.substr(0, 4)));
    EXPECT_THAT(text, HasSubstr(std::to_string(std::stoi(iso.substr(8)))));
    for (const auto& [month, number] : months) {
      if (std::regex_search(text, std::regex("\\b" + month))) {
        EXPECT_EQ(iso.substr(5, 2), number) << text;
      }
    }
    std::tm day = {};
    day.tm_year = std::stoi(iso.substr(0, 4)) - 1900, day.tm_mon = std::stoi(iso.substr(5, 2)) - 1;
    day.tm_mday = std::stoi(iso.substr(8)), day.tm_hour = 12;
    ::timegm(&day);
    EXPECT_EQ(day.tm_mday, std::stoi(iso.substr(8))) << iso << " is no day";
    const char* names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    if (std::isalpha(static_cast<unsigned char>(text[0])) && text.find(", ") < 10 &&
        text.find(' ') == text.find(", ") + 1) {
      EXPECT_EQ(text.substr(0, 3), names[day.tm_wday]) << text << " " << iso;
    }
  }
  EXPECT_GE(forms.size(), 8u);
}

}  // namespace
}  // namespace folio
