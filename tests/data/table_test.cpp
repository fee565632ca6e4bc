#include "folio/data/table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "folio/data/split.h"
#include "folio/layers/core/input_layer.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

constexpr const char* kPeople =
    "age,sex,town,score,kind,won\n"
    "20,f,Ulm,1.5,x,yes\n"
    "30,m,Bonn,?,x,no\n"
    "40,f,?,2.5,x,yes\n"
    "50,m,Ulm,3.5,x,no\n";

CsvTable people() { return parse_csv(kPeople, "people.csv"); }

TEST(Table, BecomesNumbers) {
  const auto preparation = TablePreparation::fit(people(), {.target = "won"});
  EXPECT_EQ(preparation.feature_names(),
            (std::vector<std::string>{"age", "sex=f", "sex=m", "town=Bonn", "town=Ulm", "town missing",
                                      "score", "score missing"}));
  const Data data = preparation.transform(people());
  EXPECT_EQ(data.x[0].shape(), (Shape{4, 8}));
  const double age = std::sqrt(125.0);                    // standard deviation around 35
  const double mean = 2.5, score = std::sqrt(2.0 / 4.0);  // of 1.5, 2.5 (the median), 2.5, 3.5
  const double expected[4][8] = {{-15 / age, 1, 0, 0, 1, 0, (1.5 - mean) / score, 0},
                                 {-5 / age, 0, 1, 1, 0, 0, 0, 1},
                                 {5 / age, 1, 0, 0, 1, 1, 0, 0},
                                 {15 / age, 0, 1, 0, 1, 0, (3.5 - mean) / score, 0}};
  for (int64_t i = 0; i < 32; ++i) EXPECT_NEAR(data.x[0].at(i), expected[i / 8][i % 8], 1e-6) << i;
  EXPECT_EQ(preparation.task(), "classification");
  EXPECT_EQ(preparation.class_names(), (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(data.y[0].dtype(), DType::int32);
  EXPECT_EQ(data.y[0].shape(), (Shape{4}));
  EXPECT_EQ(data.y[0].at(0), 1);
  EXPECT_EQ(data.y[0].at(1), 0);
  EXPECT_THAT(preparation.description(),
              HasSubstr("\"kind\": 1 categories, most often \"x\"; left out: is constant"));
  EXPECT_THAT(preparation.description(), HasSubstr("2 classes: no 2 (50.0 %), yes 2 (50.0 %)"));
}

TEST(Table, TakesColumnsInAnyOrder) {
  const auto preparation = TablePreparation::fit(people(), {.target = "won"});
  const CsvTable other = parse_csv("town,sex,score,age\nPrag,m,?,35\n?,?,2.5,?\n", "other.csv");
  const Data data = preparation.transform(other);
  EXPECT_TRUE(data.y.empty());
  const double expected[] = {0, 0, 1, 0, 0, 0, 0, 1,   // an unknown town is none of the known
                             0, 1, 0, 0, 1, 1, 0, 0};  // what is missing: the median, the most frequent
  for (int64_t i = 0; i < 16; ++i) EXPECT_NEAR(data.x[0].at(i), expected[i], 1e-6) << i;
}

TEST(Table, LearnsFromTrainingRowsOnly) {
  const std::vector<int64_t> rows = {0, 2};
  const auto preparation =
      TablePreparation::fit(people(), {.target = "won", .scaling = "minmax", .keep = {"sex"}}, rows);
  const Tensor x = preparation.inputs(people());
  EXPECT_EQ(preparation.feature_names()[0], "age");
  EXPECT_EQ(x.at(0), 0);
  EXPECT_FLOAT_EQ(static_cast<float>(x.at(x.shape()[1])), 0.5F);      // age 30 of 20 to 40
  EXPECT_FLOAT_EQ(static_cast<float>(x.at(3 * x.shape()[1])), 1.5F);  // age 50
  EXPECT_EQ(preparation.feature_names()[1], "sex=f");
  EXPECT_EQ(x.at(x.shape()[1] + 1), 0);  // m was not seen
}

TEST(Table, TellsTargetsApart) {
  const auto task = [](const std::string& values, const TableOptions& options) {
    return TablePreparation::fit(parse_csv(values, "t.csv"), options).task();
  };
  std::string many = "a,y\n", few = "a,y\n";
  for (int i = 0; i < 24; ++i) {
    many += std::to_string(i * i % 17) + "," + std::to_string(i) + "\n";
    few += std::to_string(i * i % 17) + "," + std::to_string(i % 6) + "\n";
  }
  EXPECT_EQ(task(many, {.target = "y"}), "regression");
  EXPECT_EQ(task(many, {.target = "y", .task = "classification"}), "classification");
  EXPECT_EQ(task(few, {.target = "y"}), "classification");
  EXPECT_EQ(task(few, {.target = "y", .task = "regression"}), "regression");
  EXPECT_EQ(task("a,y\n1,0.5\n2,1.5\n", {.target = "y"}), "regression");
  const auto classes = TablePreparation::fit(parse_csv("a,y\n1,10\n2,9\n3,10\n", "t.csv"), {.target = "y"});
  EXPECT_EQ(classes.class_names(), (std::vector<std::string>{"9", "10"}));
}

TEST(Table, NoticesColumnsThatDoNotHelp) {
  std::string text = "row,name,empty,number,same,y\n";
  for (int i = 0; i < 30; ++i)
    text += std::to_string(i + 1) + ",n" + std::to_string(i) + ",?," + std::to_string(i * 103) + ",5," +
            (i % 2 ? "a" : "b") + "\n";
  const auto preparation = TablePreparation::fit(parse_csv(text, "t.csv"), {.target = "y"});
  const std::string said = preparation.description();
  EXPECT_THAT(said, HasSubstr("\"row\": numbers from 1 to 30, median 15.5; left out: numbers the rows"));
  EXPECT_THAT(
      said,
      HasSubstr("\"name\": 30 categories, most often \"n0\"; left out: has 30 different values in 30 rows"));
  EXPECT_THAT(said, HasSubstr("\"empty\": numbers; 30 missing (100.0 %); left out: has no values"));
  EXPECT_THAT(
      said, HasSubstr("\"number\": numbers from 0 to 2987, median 1493.5; note: whole numbers, nearly all"));
  EXPECT_THAT(said, HasSubstr("left out: is constant"));
  EXPECT_EQ(preparation.feature_names(), (std::vector<std::string>{"number"}));
  const auto kept = TablePreparation::fit(parse_csv(text, "t.csv"),
                                          {.target = "y", .leave_out = {"number"}, .keep = {"row"}});
  EXPECT_EQ(kept.feature_names(), (std::vector<std::string>{"row"}));
}

TEST(Table, NamesColumnAndLine) {
  const auto preparation = TablePreparation::fit(people(), {.target = "won"});
  const auto said = [&](const std::string& text) {
    return error_of([&] { preparation.transform(parse_csv(text, "other.csv")); });
  };
  EXPECT_THAT(said("age,sex,town\n1,f,Ulm\n"), HasSubstr("column \"score\": expected one of age, sex, town"));
  EXPECT_THAT(said("age,sex,town,score\n?,f,Ulm,1\nold,f,Ulm,1\n"),
              HasSubstr("other.csv:3: column \"age\": expected numbers as in training, found text"));
  EXPECT_THAT(said("age,sex,town,score\n1,1,Ulm,1\n"),
              HasSubstr("other.csv:2: column \"sex\": expected categories as in training, found numbers"));
  EXPECT_THAT(said("age,sex,town,score,won\n1,f,Ulm,1,yes\n1,f,Ulm,1,maybe\n"),
              HasSubstr("other.csv:3: column \"won\": expected one of the classes no, yes, found \"maybe\""));
  EXPECT_THAT(said("age,sex,town,score,won\n1,f,Ulm,1,yes\n1,f,Ulm,1,\n"),
              HasSubstr("other.csv:3: column \"won\": expected a value of the target"));
  EXPECT_THAT(error_of([] { TablePreparation::fit(people(), {.target = "lost"}); }),
              HasSubstr("expected one of age"));
  EXPECT_THAT(error_of([] { TablePreparation::fit(people(), {.target = "kind"}); }),
              HasSubstr("at least two classes"));
  EXPECT_THAT(error_of([] { TablePreparation::fit(people(), {.target = "won", .scaling = "log"}); }),
              HasSubstr("got \"log\""));
}

// What a layer can scale is left to it; the two together are the scaled features.
TEST(Table, LeavesTheScalingToAModel) {
  std::string text = "small,seconds,kind,gap,y\n";
  for (int i = 0; i < 40; ++i)
    text +=
        fmt::format("{},{},{},{},{}\n", i % 7, 1.7e9 + i * 11 % 40, "abc"[i % 3], i % 5 ? "4.5" : "", i % 2);
  const CsvTable table = parse_csv(text, "t.csv");
  TableOptions options{.target = "y", .keep = {"gap"}};
  const Tensor scaled = TablePreparation::fit(table, options).inputs(table);
  EXPECT_FALSE(TablePreparation::fit(table, options).as_layer().defined());
  options.scale_in_model = true;
  const auto preparation = TablePreparation::fit(table, options);
  ASSERT_EQ(preparation.feature_names(), (std::vector<std::string>{"small", "seconds", "kind=a", "kind=b",
                                                                   "kind=c", "gap", "gap missing"}));
  const Tensor raw = preparation.inputs(table);
  EXPECT_EQ(raw.at(7 * 3), 3);  // as it comes
  // Of numbers in single precision nothing would be left of these: they are scaled before.
  for (int64_t r = 0; r < 40; ++r) EXPECT_EQ(raw.at(7 * r + 1), scaled.at(7 * r + 1));
  const Value x = Input({7});
  const Model model(x, preparation.as_layer()(x));
  const Tensor got = model.predict(raw);
  for (int64_t i = 0; i < scaled.count(); ++i) EXPECT_NEAR(got.at(i), scaled.at(i), 1e-6) << i;
  const auto loaded = TablePreparation::from_json(preparation.to_json(), "t.json");
  const Tensor again = Model(x, loaded.as_layer()(x)).predict(loaded.inputs(table));
  for (int64_t i = 0; i < scaled.count(); ++i) EXPECT_EQ(again.at(i), got.at(i));
}

// Dates are numbers, not categories of one row each.
TEST(Table, DatesBecomeTheirPartsAndTheTimeThatPassed) {
  std::string text = "day,when,y\n";
  for (int i = 1; i <= 28; ++i)
    text += fmt::format("{}.{}.2024,2024-02-{:02} {:02}:00,{}\n", i, i % 2 + 1, i, i % 24, i * 1.5);
  text += ",2024-02-28 00:00,1.25\n";
  const CsvTable table = parse_csv(text, "t.csv");
  const auto preparation = TablePreparation::fit(table, {.target = "y", .scaling = "none"});
  const std::vector<std::string> names = {
      "day (year)",  "day (month)",  "day (day of the week)",  "day (days)",  "day missing",
      "when (year)", "when (month)", "when (day of the week)", "when (hour)", "when (days)"};
  ASSERT_EQ(preparation.feature_names(), names);
  EXPECT_THAT(preparation.description(), HasSubstr("dates from 2024-01-02 to 2024-02-27"));
  const Tensor x = preparation.inputs(table);
  const std::vector<double> first = {2024, 2, 3, 19754, 0,
                                     2024, 2, 3, 1,     19754 + 1.0 / 24};  // 2024-02-01, a Thursday
  for (int64_t i = 0; i < 10; ++i)
    EXPECT_NEAR(x.at(i), first[static_cast<size_t>(i)], 2e-3) << names[static_cast<size_t>(i)];
  EXPECT_EQ(x.at(28 * 10 + 4), 1);
  // Scaled, saved and loaded; other files may hold days that training has not seen.
  const auto scaled = TablePreparation::fit(table, {.target = "y"});
  const auto loaded = TablePreparation::from_json(scaled.to_json(), "t.json");
  const CsvTable other = parse_csv("when,day\n2031-05-05 12:00,5.5.2031\n", "o.csv", loaded.csv_options());
  const Tensor expected = scaled.inputs(other), got = loaded.inputs(other);
  for (int64_t i = 0; i < expected.count(); ++i) EXPECT_EQ(got.at(i), expected.at(i));
  EXPECT_GT(got.at(3), 3) << "far behind all days of training";
  EXPECT_THAT(error_of([&] {
                loaded.inputs(parse_csv("when,day\nnever,5.5.2031\n", "o.csv", loaded.csv_options()));
              }),
              HasSubstr("o.csv:2: column \"when\": expected a date as in training"));
  EXPECT_EQ(TablePreparation::fit(table, {.target = "y", .keep = {"day"}, .categorical = {"day"}})
                .feature_names()[0],
            "day=1.2.2024");
}

TEST(Table, SaysWhichCategoriesAreNew) {
  const auto preparation = TablePreparation::fit(people(), {.target = "won"});
  EXPECT_TRUE(preparation.unseen(people()).empty());
  const auto said =
      preparation.unseen(parse_csv("age,sex,town,score\n1,x,Ulm,1\n2,x,Ulm,1\n3,f,Rom,2\n", "o.csv"));
  ASSERT_EQ(said.size(), 2);
  EXPECT_EQ(said[0],
            "column \"sex\": 2 rows hold values that training has not seen, which are taken as unknown: x");
  EXPECT_THAT(said[1], HasSubstr("column \"town\": 1 rows"));
}

TEST(Table, KeepsHowGapsAreWritten) {
  const CsvTable table = parse_csv("a,b,y\n1,2,0\nlost,3,1\n3,many,1\n4,5,0\n", "t.csv",
                                   {.missing = {"lost"}, .numeric = {"b"}});
  const auto preparation =
      TablePreparation::from_json(TablePreparation::fit(table, {.target = "y"}).to_json(), "t.json");
  const CsvTable other = parse_csv("b,a\nfew,lost\n1,2\n", "o.csv", preparation.csv_options());
  EXPECT_EQ(other.columns[0].missing, 1);
  EXPECT_EQ(other.columns[1].missing, 1);
}

TEST(Table, IsSavedAndLoaded) {
  const TemporaryFolder folder;
  const auto preparation = TablePreparation::fit(people(), {.target = "won", .scaling = "robust"});
  preparation.save(folder / "table.json");
  const auto loaded = TablePreparation::load(folder / "table.json");
  const Data expected = preparation.transform(people()), got = loaded.transform(people());
  for (int64_t i = 0; i < expected.x[0].count(); ++i) EXPECT_EQ(got.x[0].at(i), expected.x[0].at(i));
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(got.y[0].at(i), expected.y[0].at(i));
  EXPECT_EQ(loaded.description(), preparation.description());

  const Json good = preparation.to_json();
  const auto said = [&](const char* pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    return error_of([&] { TablePreparation::from_json(bad, "t.json"); });
  };
  EXPECT_THAT(said("/kind", "model"), HasSubstr("t.json: kind"));
  EXPECT_THAT(said("/version", 2), HasSubstr("version"));
  EXPECT_THAT(said("/rows", 0), HasSubstr("rows"));
  EXPECT_THAT(said("/task", "guess"), HasSubstr("task"));
  EXPECT_THAT(said("/class_names", {"a", "a"}), HasSubstr("class_names"));
  EXPECT_THAT(said("/class_counts", {1}), HasSubstr("class_counts"));
  EXPECT_THAT(said("/columns/0/width", 0), HasSubstr("columns[0]: width"));
  EXPECT_THAT(said("/columns/0/fill", "x"), HasSubstr("fill"));
  EXPECT_THAT(said("/columns/1/categories", {"m", "f"}), HasSubstr("categories"));
  EXPECT_THAT(said("/columns/1/name", "age"), HasSubstr("different names"));
  EXPECT_THAT(said("/columns", 7), HasSubstr("columns"));
  EXPECT_THAT(said("/more", 7), HasSubstr("more"));
  EXPECT_THAT(error_of([] { TablePreparation::from_json(Json::array(), "t.json"); }),
              HasSubstr("other JSON"));
  EXPECT_THAT(error_of([&] {
                write_file_atomically(folder / "x.json", "{");
                TablePreparation::load(folder / "x.json");
              }),
              ::testing::AllOf(HasSubstr("x.json: expected JSON"), HasSubstr("preparation_of")));
}

TEST(Table, TakesRealTables) {
  const char* data = std::getenv("FOLIO_DATA");
  if (!data || !folder_exists(std::string(data) + "/tabular"))
    GTEST_SKIP() << "FOLIO_DATA has no tabular: set it to the folder of the real data sets";
  const auto prepare = [&](const std::string& name, const TableOptions& options) {
    const CsvTable table = read_csv(std::string(data) + "/tabular/" + name);
    const auto preparation = TablePreparation::fit(table, options);
    const Data all = preparation.transform(table);
    for (int64_t i = 0; i < all.x[0].count(); ++i) EXPECT_TRUE(std::isfinite(all.x[0].at(i))) << name;
    return preparation;
  };
  EXPECT_EQ(prepare("iris.csv", {.target = "4"}).class_names().size(), 3u);
  const auto oil = prepare("oil-spill.csv", {.target = "49"});
  EXPECT_THAT(oil.description(), HasSubstr("0 896 (95.6 %), 1 41 (4.4 %)"));
  EXPECT_THAT(oil.description(), HasSubstr("\"22\": numbers from 0 to 0, median 0; left out: is constant"));
  const auto horses = prepare("horse-colic.csv", {.target = "23"});
  EXPECT_EQ(horses.class_names(), (std::vector<std::string>{"1", "2"}));
  EXPECT_THAT(horses.description(), HasSubstr("missing"));
  EXPECT_EQ(prepare("abalone.csv", {.target = "8"}).task(), "regression");
  EXPECT_EQ(prepare("mammography.csv", {.target = "6"}).class_names()[0], "'-1'");
}

}  // namespace
}  // namespace folio
