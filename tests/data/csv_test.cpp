#include "folio/data/csv.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <random>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

CsvTable parse(std::string_view text, const CsvOptions& options = {}) {
  return parse_csv(text, "t.csv", options);
}

std::string error(std::string_view text, const CsvOptions& options = {}) {
  return error_of([&] { parse(text, options); });
}

TEST(Csv, NumbersAndCategories) {
  const auto table = parse("5.1,-.5,setosa\n4,+1e3,virginica\r\n 1 , 2 ,setosa");
  ASSERT_EQ(table.columns.size(), 3u);
  EXPECT_EQ(table.rows, 3);
  EXPECT_EQ(table.columns[0].numbers, (std::vector<double>{5.1, 4, 1}));
  EXPECT_EQ(table.columns[1].numbers, (std::vector<double>{-0.5, 1000, 2}));
  EXPECT_FALSE(table.columns[2].is_number);
  EXPECT_EQ(table.columns[2].categories, (std::vector<std::string>{"setosa", "virginica"}));
  EXPECT_EQ(table.columns[2].codes, (std::vector<int32_t>{0, 1, 0}));
  EXPECT_EQ(table.column("2").name, "2");
  EXPECT_NE(error_of([&] { table.column("3"); }).find("expected one of 0, 1, 2"), std::string::npos);
}

TEST(Csv, HeadersAreDetected) {
  const auto table = parse("\xEF\xBB\xBF\"Month\",\"Passengers\"\r\n\"1949-01\",112\r\n");
  EXPECT_EQ(table.rows, 1);
  EXPECT_EQ(table.columns[1].name, "Passengers");
  EXPECT_EQ(parse("1,a\n2,b\n").rows, 2);
  EXPECT_EQ(parse("x,y\na,b\n").rows, 2);
  EXPECT_EQ(parse("x,y\na,b\n", {.header = CsvHeader::present}).rows, 1);
  EXPECT_EQ(parse("1,2\n3,4\n", {.header = CsvHeader::present}).columns[0].name, "1");
  EXPECT_NE(error("x,y\n1,2\n", {.header = CsvHeader::absent}), "");
  EXPECT_EQ(parse(",y\n1,2\n").columns[0].name, "0");
  EXPECT_NE(error("x,x\n1,2\n").find("\"x\" twice"), std::string::npos);
}

TEST(Csv, HeadersOfWordsAreDetected) {
  const auto table =
      parse("cap,colour,class\nflat,brown,bad\nflat,white,good\nround,white,bad\nround,brown,good\n");
  EXPECT_EQ(table.rows, 4);
  EXPECT_EQ(table.columns[2].name, "class");
  EXPECT_EQ(table.columns[2].categories, (std::vector<std::string>{"bad", "good"}));
  EXPECT_EQ(table.columns[0].codes, (std::vector<int32_t>{0, 0, 1, 1}));
  EXPECT_EQ(parse("flat,brown,bad\nflat,white,good\nround,white,bad\n").rows, 3) << "words that come again";
  EXPECT_EQ(parse("a,b\nc,d\ne,f\n").rows, 3) << "none comes again: who knows";
  EXPECT_EQ(parse("cap,class\nflat,bad\nflat,bad\n", {.header = CsvHeader::absent}).rows, 3);
}

TEST(Csv, MissingValues) {
  const auto table = parse("?,1,?\n,2,b\n3,?,\"?\"\n");
  EXPECT_TRUE(std::isnan(table.columns[0].numbers[0]) && std::isnan(table.columns[0].numbers[1]));
  EXPECT_EQ(table.columns[0].numbers[2], 3);
  EXPECT_EQ(table.columns[0].missing, 2);
  EXPECT_EQ(table.columns[2].codes, (std::vector<int32_t>{-1, 0, -1}));
  EXPECT_EQ(table.columns[2].missing, 2);
  EXPECT_EQ(parse("1,\n2,\n").columns[1].missing, 2);
  for (const char* word : {"NA", "N/A", "nan", "NaN", "null", "None", "-", "\"NA\"", "\"\""}) {
    const auto gaps = parse(std::string("x,y\n") + word + ",a\n1.5,b\n" + word + ",a\n");
    ASSERT_TRUE(gaps.columns[0].is_number) << word;
    EXPECT_EQ(gaps.columns[0].missing, 2) << word;
    EXPECT_EQ(gaps.columns[0].name, "x") << word;
  }
  EXPECT_EQ(parse("1\nnothing\n", {.missing = {"nothing"}}).columns[0].missing, 1);
  EXPECT_NE(error("1\nNA\n", {.missing = {"nothing"}}), "");
  const auto lenient = parse("x,y\n1,2\nmany,3\n", {.header = CsvHeader::present, .numeric = {"x"}});
  EXPECT_EQ(lenient.columns[0].missing, 1);
  EXPECT_NE(error("x\n1\n", {.numeric = {"q"}}).find("a column \"q\" of numbers"), std::string::npos);
}

TEST(Csv, SeparatorsAreFound) {
  for (const char separator : {',', ';', '\t', '|'}) {
    std::string text = "a,b,kind\n1,2.5,\"x, y; z\"\n3,4,\"u|v\tw\"\n";
    bool quoted = false;
    for (char& c : text) {
      quoted ^= c == '"';
      if (c == ',' && !quoted) c = separator;
    }
    const auto table = parse(text);
    ASSERT_EQ(table.columns.size(), 3u) << separator;
    EXPECT_EQ(table.columns[1].numbers, (std::vector<double>{2.5, 4}));
    EXPECT_EQ(table.columns[2].categories[1], "x, y; z");
  }
  // One that does not stand in every row alike separates nothing.
  EXPECT_EQ(parse("text,n\na;b,1\nc,2\n").columns.size(), 2u);
  EXPECT_EQ(parse("alone\n1\n2\n").columns.size(), 1u);
}

TEST(Csv, DecimalCommasAndThousands) {
  const auto commas = parse("a;b;c\n7,591;-1.234,5;1.000\n0,5;12;2.000\n");
  EXPECT_EQ(commas.columns[0].numbers, (std::vector<double>{7.591, 0.5}));
  EXPECT_EQ(commas.columns[1].numbers, (std::vector<double>{-1234.5, 12}));
  EXPECT_EQ(commas.columns[2].numbers, (std::vector<double>{1000, 2000}));
  const auto points = parse("a;b\n1,234.5;7\n12,345;0.25\n");
  EXPECT_EQ(points.columns[0].numbers, (std::vector<double>{1234.5, 12345}));
  EXPECT_EQ(parse("a,b\n\"1,234\",2\n\"-12,345.5\",3\n").columns[0].numbers,
            (std::vector<double>{1234, -12345.5}));
  EXPECT_EQ(parse("a;b\n1,234;2\n5,678;3\n").columns[0].numbers, (std::vector<double>{1.234, 5.678}));
  EXPECT_FALSE(parse("a;b\n1,23,4;2\n1,2,3;3\n").columns[0].is_number);
  EXPECT_FALSE(parse("a;b\n1.23,4;2\n").columns[0].is_number) << "no thousands";
}

TEST(Csv, Quotes) {
  const auto table = parse("\"a,b\",1\n\"say \"\"hi\"\"\" ,2\n\"two\nlines\",3\n");
  EXPECT_EQ(table.columns[0].categories, (std::vector<std::string>{"a,b", "say \"hi\"", "two\nlines"}));
  EXPECT_EQ(error("1,\"a\n2,b\n"),
            "t.csv:1:3: expected a closing quote for this one, found the end; close it");
  EXPECT_EQ(error("1,a\n2,\"b\"c\n").find("t.csv:2:6: expected the end of the cell"), 0u);
  EXPECT_EQ(error("1,a\n2,b\"c\n").find("t.csv:2:4: expected a plain cell, found a double quote"), 0u);
  EXPECT_EQ(error("\"x\ny\",1\n2,3,4\n").find("t.csv:3:1: expected 2 cells as in the first row, found 3"),
            0u);
}

TEST(Csv, MixedColumnsAreErrors) {
  EXPECT_EQ(
      error("1,2\n3,x4\n"),
      "t.csv:2:3: expected a number in column \"1\" as in line 1, found \"x4\"; correct the cell, or say "
      "that "
      "the column is categorical (--set categorical=1), or that it is numeric and other cells are missing "
      "(--set numeric=1)");
  EXPECT_EQ(error("1,a\n3,4\n").find("t.csv:2:3: expected text"), 0u);
  EXPECT_EQ(error("1\n\"1,5\"\n").find("t.csv:2:1: expected a number"), 0u);
  EXPECT_EQ(error("1\n0x10\n").find("t.csv:2:1: expected a number"), 0u);
  EXPECT_EQ(error("1\n1e999\n").find("t.csv:2:1: expected a finite number"), 0u);
  EXPECT_EQ(error("1\n-1e999\n").find("t.csv:2:1: expected a finite number"), 0u);
  EXPECT_EQ(parse("1\n1e-999\n").columns[0].numbers[1], 0);
  const auto table = parse("k,v\n7,1\nx,2\n7,3\n", {.header = CsvHeader::present, .categorical = {"k"}});
  EXPECT_EQ(table.columns[0].codes, (std::vector<int32_t>{0, 1, 0}));
  EXPECT_EQ(parse("Nan,1\nInf,2\n").columns[0].categories.size(), 2u);
  EXPECT_NE(error("1,2\n", {.categorical = {"q"}}).find("expected a column \"q\""), std::string::npos);
}

TEST(Csv, RowsAndText) {
  EXPECT_EQ(error(""), "t.csv:1:1: expected a table, found none; fill the file");
  EXPECT_NE(error("\n \r\n\n"), "");
  EXPECT_NE(error("a,b\n", {.header = CsvHeader::present}), "");
  EXPECT_EQ(parse("1,2\n\n\n").rows, 1);
  EXPECT_EQ(error("1,2\n\n3,4\n").find("t.csv:2:1: expected 2 cells as in the first row, found 1"), 0u);
  EXPECT_EQ(error("1,2\n3\n").find("t.csv:2:1: expected 2 cells"), 0u);
  EXPECT_EQ(error("1,\xFF\n"), "t.csv:1:3: expected UTF-8 text, found the byte ff; save the table as UTF-8");
  EXPECT_EQ(error(std::string_view("1\n2\0", 4)).find("t.csv:2:2: expected UTF-8"), 0u);
  EXPECT_EQ(error("1\r2\n").find("t.csv:1:2: expected a plain cell, found a carriage return"), 0u);
  EXPECT_EQ(parse("1;2\n", {.separator = ';'}).columns.size(), 2u);
  EXPECT_EQ(parse("1\t\n2\t\n", {.separator = '\t'}).rows, 2);
  EXPECT_NE(error(std::string(2 << 20, 'x')).find("at most 1048576 bytes"), std::string::npos);
  EXPECT_NE(error(std::string(200'000, ',')).find("at most 100000 columns"), std::string::npos);
  std::string lines(5'000'000, '\n');
  EXPECT_NE(error(lines += "1,2"), "");
}

TEST(Csv, DamageNeverCrashes) {
  const std::string sound = "\xEF\xBB\xBFx,y,\"z\"\r\n1,\"a, \"\"b\"\"\",?\n-2.5e3,\"\xC3\xBC\nc\",7\n";
  for (size_t size = 0; size < sound.size(); ++size) error(sound.substr(0, size));
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = sound;
    for (int i = 0; i < 3; ++i)
      text[random() % text.size()] =
          random() % 2 ? "\",\n\r ?1e.-"[random() % 10] : static_cast<char>(random());
    error(text);
  }
}

TEST(Csv, RealTables) {
  const char* data = ::getenv("FOLIO_DATA");
  if (!data) GTEST_SKIP() << "FOLIO_DATA is not set";
  const std::string folder = data + std::string("/tabular/");
  if (!folder_exists(folder)) GTEST_SKIP() << "FOLIO_DATA has no folder tabular";
  struct Known {
    const char* name;
    int64_t rows;
    size_t columns;
  };
  for (const Known& known : {Known{"iris.csv", 150, 5},
                             {"pima-indians-diabetes.csv", 768, 9},
                             {"sonar.csv", 208, 61},
                             {"horse-colic.csv", 300, 28},
                             {"abalone.csv", 4177, 9},
                             {"mammography.csv", 11183, 7},
                             {"airline-passengers.csv", 144, 2},
                             {"daily-min-temperatures.csv", 3650, 2},
                             {"oil-spill.csv", 937, 50},
                             {"wine.csv", 178, 14}}) {
    const auto table = read_csv(folder + known.name);
    EXPECT_EQ(table.rows, known.rows) << known.name;
    EXPECT_EQ(table.columns.size(), known.columns) << known.name;
  }
  EXPECT_GT(read_csv(folder + "horse-colic.csv").columns[3].missing, 0);
  EXPECT_EQ(read_csv(folder + "mammography.csv").columns[6].categories,
            (std::vector<std::string>{"'-1'", "'1'"}));
}

TEST(Csv, TakesNumbersWithLeadingZerosForCodes) {
  const std::string text = "zip,share,count\n10115,0.5,0\n00501,0.25,10\n10115,,7\n";
  const CsvTable table = parse_csv(text, "t.csv", {.codes = true});
  EXPECT_FALSE(table.column("zip").is_number);
  EXPECT_EQ(table.column("zip").categories, (std::vector<std::string>{"00501", "10115"}));
  EXPECT_EQ(table.column("zip").codes, (std::vector<int32_t>{1, 0, 1}));
  EXPECT_TRUE(table.column("share").is_number);
  EXPECT_TRUE(table.column("count").is_number);
  EXPECT_EQ(table.rows, 3);
  EXPECT_TRUE(parse_csv(text, "t.csv").column("zip").is_number);
  EXPECT_TRUE(parse_csv(text, "t.csv", {.numeric = {"zip"}, .codes = true}).column("zip").is_number);
  EXPECT_EQ(parse_csv("001,2\n002,3\n", "t.csv", {.codes = true}).column("0").categories.size(), 2u);
}

}  // namespace
}  // namespace folio
