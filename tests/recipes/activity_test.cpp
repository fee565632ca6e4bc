#include "folio/recipes/activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "folio/base/file.h"
#include "folio/data/har.h"
#include "folio/data/npy.h"
#include "folio/recipes/run.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RecipeData data_of(const std::string& path) {
  const Recipe& recipe = folio::recipe("activity");
  RunRequest request;
  request.data = path;
  request.training.seed = 1;
  return recipe.load(recipe, request, Settings(recipe.settings));
}

TEST(Activity, ThePrintedNetworkHasItsWeights) {
  const Recipe& recipe = folio::recipe("activity");
  Settings settings(recipe.settings);
  settings.set("network", "simple_rnn");
  EXPECT_EQ(recipe.build(recipe.task, settings).count_parameters(), 8038);
}

TEST(Activity, KeepsGroupsTogetherAndNumbersClasses) {
  const TemporaryFolder folder;
  Tensor x({60, 4, 2}), y({60}, DType::int64), group({60}, DType::int64);
  for (int64_t i = 0; i < 60; ++i) {
    y.set(i, i % 3 == 0 ? -5 : i % 3 == 1 ? 2 : 70);
    group.set(i, i / 6);
    for (int64_t k = 0; k < 8; ++k) x.set(i * 8 + k, static_cast<double>(i / 6));
  }
  write_npz(folder / "w.npz", {{"x", x}, {"y", y}, {"group", group}});
  const RecipeData data = data_of(folder / "w.npz");
  EXPECT_THAT(data.class_names, ElementsAre("-5", "2", "70"));
  std::set<double> seen;
  int64_t rows = 0;
  for (const Data* part : {&data.train, &data.validation, &data.test}) {
    std::set<double> here;
    for (int64_t r = 0; r < part->rows(); ++r) here.insert(part->x[0].at(r, 0, 0));
    for (const double person : here) EXPECT_TRUE(seen.insert(person).second) << person;
    rows += part->rows();
  }
  EXPECT_EQ(rows, 60);
  EXPECT_EQ(seen.size(), 10u);
}

TEST(Activity, RefusesOtherArrays) {
  const TemporaryFolder folder;
  write_npz(folder / "a.npz", {{"x", Tensor({4, 2})}, {"y", Tensor({4}, DType::int32)}});
  EXPECT_THAT(error_of([&] { data_of(folder / "a.npz"); }), HasSubstr("(rows, steps, channels)"));
  write_npz(folder / "b.npz", {{"z", Tensor({4, 2, 2})}});
  EXPECT_THAT(error_of([&] { data_of(folder / "b.npz"); }), HasSubstr("no such pair"));
  write_npz(folder / "c.npz",
            {{"x", Tensor({4, 2, 2})}, {"y", Tensor::of({4}, std::vector<float>{0, 1, 0.5, 1})}});
  EXPECT_THAT(error_of([&] { data_of(folder / "c.npz"); }), HasSubstr("0.5 in row 2"));
  EXPECT_THAT(error_of([&] { data_of(folder.path()); }), HasSubstr("train/Inertial_Signals"));
}

TEST(Har, ReadsSignalsLabelsAndPersons) {
  const TemporaryFolder folder;
  make_folders(folder / "har/test/Inertial_Signals");
  make_folders(folder / "har/train/Inertial_Signals");
  int channel = 0;
  for (const char* name : {"body_acc_x", "body_acc_y", "body_acc_z", "body_gyro_x", "body_gyro_y",
                           "body_gyro_z", "total_acc_x", "total_acc_y", "total_acc_z"}) {
    std::string text;
    for (int r = 0; r < 2; ++r)
      for (int t = 0; t < 128; ++t)
        text += std::to_string(channel * 1000 + r * 500 + t) + (t == 127 ? "\n" : "  ");
    write_file_atomically(folder / ("har/test/Inertial_Signals/" + std::string(name) + "_test.txt"), text);
    ++channel;
  }
  write_file_atomically(folder / "har/test/y_test.txt", "1\n6\n");
  write_file_atomically(folder / "har/test/subject_test.txt", "4\n9\n");
  const std::string place = find_har(folder.path());
  const ActivityWindows set = load_har(place, "test");
  EXPECT_EQ(set.x.at(1, 127, 8), 8627);
  EXPECT_EQ(set.x.at(0, 5, 2), 2005);
  EXPECT_EQ(set.y.at(1), 5);
  EXPECT_EQ(set.persons.at(1), 9);
  write_file_atomically(folder / "har/test/y_test.txt", "1\n7\n");
  EXPECT_THAT(error_of([&] { load_har(place, "test"); }),
              HasSubstr("y_test.txt:2: expected a label from 1 to 6"));
  write_file_atomically(folder / "har/test/y_test.txt", "1\nx\n");
  EXPECT_THAT(error_of([&] { load_har(place, "test"); }), HasSubstr("y_test.txt:2"));
  write_file_atomically(folder / "har/test/y_test.txt", "1\n2\n3\n");
  EXPECT_THAT(error_of([&] { load_har(place, "test"); }), HasSubstr("expected 3 numbers"));
}

}  // namespace
}  // namespace folio
