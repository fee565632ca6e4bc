#include "folio/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "folio/base/random.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

/// A number per row in [0, kinds), small ones more often.
std::vector<int64_t> numbers(int64_t rows, int64_t kinds, uint32_t seed) {
  const RandomStream stream{seed, 0, 0};
  std::vector<int64_t> result;
  for (uint32_t row = 0; row < rows; ++row)
    result.push_back(static_cast<int64_t>(std::pow(stream.uniform(row, 0), 2) * static_cast<double>(kinds)));
  return result;
}

void expect_all_once(std::vector<std::vector<int64_t>> parts, int64_t rows) {
  std::vector<int64_t> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(static_cast<int64_t>(all.size()), rows);
  for (int64_t row = 0; row < rows; ++row) EXPECT_EQ(all[static_cast<size_t>(row)], row);
}

int64_t count(const std::vector<int64_t>& rows, const std::vector<int64_t>& classes, int64_t wanted) {
  return std::count_if(rows.begin(), rows.end(),
                       [&](int64_t r) { return classes[static_cast<size_t>(r)] == wanted; });
}

TEST(Split, DealsEveryRowOnce) {
  for (int64_t rows : {5, 10, 101, 1000}) {
    const Split split = split_rows(rows, {.validation = 0.2, .test = 0.3, .seed = 5});
    expect_all_once({split.train, split.validation, split.test}, rows);
    EXPECT_NEAR(static_cast<double>(split.test.size()), 0.3 * static_cast<double>(rows), 1);
    EXPECT_NEAR(static_cast<double>(split.validation.size()), 0.2 * static_cast<double>(rows), 1);
    EXPECT_FALSE(rows > 100 && std::is_sorted(split.train.begin(), split.train.end()));
    EXPECT_EQ(split.train, split_rows(rows, {.validation = 0.2, .test = 0.3, .seed = 5}).train);
  }
  EXPECT_NE(split_rows(100, {.seed = 1}).test, split_rows(100, {.seed = 2}).test);
  const Split ordered = split_rows(10, {.validation = 0.1, .test = 0.2, .shuffle = false});
  EXPECT_EQ(ordered.train, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(ordered.validation, (std::vector<int64_t>{7}));
  EXPECT_EQ(ordered.test, (std::vector<int64_t>{8, 9}));
}

TEST(Split, KeepsTheSharesOfClasses) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const auto classes = numbers(500, 7, seed);
    const Split split = split_rows(500, {.validation = 0.15, .test = 0.25, .seed = seed, .classes = classes});
    expect_all_once({split.train, split.validation, split.test}, 500);
    EXPECT_NEAR(static_cast<double>(split.test.size()), 125, 1);
    for (int64_t c = 0; c < 7; ++c) {
      const auto all = static_cast<double>(std::count(classes.begin(), classes.end(), c));
      EXPECT_NEAR(static_cast<double>(count(split.test, classes, c)), 0.25 * all, 1) << c;
      EXPECT_NEAR(static_cast<double>(count(split.validation, classes, c)), 0.15 * all, 1) << c;
    }
  }
}

TEST(Split, KeepsGroupsTogether) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const auto groups = numbers(600, 30, seed), classes = numbers(600, 3, seed + 100);
    const Split split =
        split_rows(600, {.validation = 0.2, .test = 0.2, .seed = seed, .classes = classes, .groups = groups});
    expect_all_once({split.train, split.validation, split.test}, 600);
    std::map<int64_t, std::set<int>> places;
    int place = 0;
    for (const auto* part : {&split.train, &split.validation, &split.test}) {
      for (int64_t row : *part) places[groups[static_cast<size_t>(row)]].insert(place);
      ++place;
    }
    for (const auto& [group, where] : places) EXPECT_EQ(where.size(), 1u) << group;
    EXPECT_NEAR(static_cast<double>(split.test.size()), 120, 60);
  }
}

TEST(Split, FoldsTestEveryRowOnce) {
  const auto classes = numbers(203, 4, 1), groups = numbers(203, 25, 2);
  for (const FoldOptions& options :
       {FoldOptions{}, FoldOptions{.shuffle = false}, FoldOptions{.classes = classes},
        FoldOptions{.groups = groups}, FoldOptions{.classes = classes, .groups = groups}}) {
    const auto folds = k_fold(203, 5, options);
    ASSERT_EQ(folds.size(), 5u);
    std::vector<std::vector<int64_t>> tested;
    for (const Fold& fold : folds) {
      tested.push_back(fold.test);
      expect_all_once({fold.train, fold.test}, 203);
      if (options.groups.empty()) {
        EXPECT_NEAR(static_cast<double>(fold.test.size()), 203.0 / 5, 1);
        continue;
      }
      std::set<int64_t> there, here;
      for (int64_t row : fold.train) there.insert(groups[static_cast<size_t>(row)]);
      for (int64_t row : fold.test) EXPECT_FALSE(there.count(groups[static_cast<size_t>(row)]));
      EXPECT_NEAR(static_cast<double>(fold.test.size()), 203.0 / 5, 25);
    }
    expect_all_once(tested, 203);
    for (int64_t c = 0; !options.classes.empty() && options.groups.empty() && c < 4; ++c)
      for (const Fold& fold : folds)
        EXPECT_NEAR(static_cast<double>(count(fold.test, classes, c)),
                    static_cast<double>(std::count(classes.begin(), classes.end(), c)) / 5, 1);
  }
  EXPECT_EQ(k_fold(7, 3, {.shuffle = false})[0].test, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(k_fold(7, 3, {.shuffle = false})[1].test, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(k_fold(3, 3, {.shuffle = false})[2].test, (std::vector<int64_t>{2}));
}

TEST(Split, RefusesWhatCannotBe) {
  using testing::HasSubstr;
  EXPECT_THAT(error_of([] { split_rows(10, {.validation = 0.5, .test = 0.5}); }),
              HasSubstr("leave rows for training"));
  EXPECT_THAT(error_of([] { split_rows(3, {.validation = 0.1, .test = 0.1}); }), HasSubstr("larger share"));
  EXPECT_THAT(error_of([] { split_rows(4, {.groups = {1, 1, 1, 1}}); }), HasSubstr("1 groups"));
  EXPECT_THAT(error_of([] { split_rows(4, {.classes = {1}}); }), HasSubstr("each of 4 rows, got 1"));
  EXPECT_THAT(error_of([] {
                split_rows(2, {.shuffle = false, .classes = {1, 2}});
              }),
              HasSubstr("leave shuffle on"));
  EXPECT_THAT(error_of([] { k_fold(3, 4); }), HasSubstr("from 2 to 3 folds"));
  EXPECT_THAT(error_of([] { take_rows(Tensor({2}), std::vector<int64_t>{2}); }),
              HasSubstr("from 0 to 1, got 2"));
}

TEST(Split, TakesIdsAndRows) {
  const CsvTable table = parse_csv("who,age\nann,3\nbob,4\n?,3\nann,?\n", "t.csv");
  EXPECT_EQ(ids_of(table.column("who")), (std::vector<int64_t>{0, 1, -1, 0}));
  EXPECT_EQ(ids_of(table.column("age")), (std::vector<int64_t>{0, 1, 0, -1}));
  EXPECT_EQ(ids_of(Tensor::of<float>({2, 3}, {0, 0, 1, 0, 1, 0})), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(ids_of(Tensor::of<int32_t>({2, 1}, {-7, 9})), (std::vector<int64_t>{-7, 9}));
  const std::vector<int64_t> rows = {2, 0};
  const Data data = take_rows(
      Data(Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6}), Tensor::of<int32_t>({3}, {7, 8, 9})), rows);
  EXPECT_EQ(data.x[0].at(1), 6);
  EXPECT_EQ(data.y[0].at(1), 7);
  EXPECT_EQ(data.rows(), 2);
}

}  // namespace
}  // namespace folio
