#include "folio/recipes/forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/file.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

// Each month 2 % more, and a season.
std::string growing(int months) {
  std::string text = "month,sold,price\n";
  for (int i = 0; i < months; ++i)
    text += std::to_string(1990 + i / 12) + (i % 12 < 9 ? "-0" : "-") + std::to_string(i % 12 + 1) + "," +
            std::to_string(100 * std::pow(1.02, i) * (1 + 0.3 * std::sin(i * 0.5235987755982988))) + "," +
            std::to_string(i % 5) + "\n";
  return text;
}

RecipeData data_of(const std::string& path, const std::map<std::string, std::string>& given = {}) {
  const Recipe& recipe = folio::recipe("forecast");
  Settings settings(recipe.settings);
  for (const auto& [key, value] : given) settings.set(key, value);
  RunRequest request;
  request.recipe = "forecast";
  request.data = path;
  request.target = "sold";
  return recipe.load(recipe, request, settings);
}

TEST(Forecast, SeesSeasonsAndGrowth) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "s.csv", growing(144));
  const RecipeData data = data_of(folder / "s.csv", {{"test", "24"}, {"validation", "12"}});
  const SeriesPreparation& p = *data.task.series;
  EXPECT_EQ(p.season, 12);
  EXPECT_EQ(p.difference, "season");
  EXPECT_TRUE(p.logarithm);
  EXPECT_EQ(p.length(), 36);
  EXPECT_EQ(data.task.input, (Shape{36, 2}));
  EXPECT_EQ(data.train.rows(), 144 - 24 - 12 - 36);
  EXPECT_EQ(data.validation.rows(), 12);
  EXPECT_EQ(data.test.rows(), 24);
  // The last test row is the end of the series, after the window before it.
  const Series series = read_series(read_csv(folder / "s.csv"), "sold");
  EXPECT_FLOAT_EQ(data.test.y[0].at(23), series.columns[0][143]);
  EXPECT_FLOAT_EQ(data.test.x[0].at(23, 35, 0), series.columns[0][142]);
  EXPECT_FLOAT_EQ(data.test.x[0].at(23, 35, 1), series.columns[1][142]);
  EXPECT_FLOAT_EQ(data.train.y[0].at(0), series.columns[0][36]);
}

// Whatever its weights: without a change, the forecast is the value it is added to.
TEST(Forecast, AddsToTheValueOneLagBefore) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "s.csv", growing(144));
  const Recipe& recipe = folio::recipe("forecast");
  for (const char* ahead : {"1", "12", "15"}) {
    const RecipeData data =
        data_of(folder / "s.csv", {{"ahead", ahead}, {"log", "yes"}, {"validation", "20"}, {"test", "30"}});
    for (const char* network : {"gru", "conv", "dense", "linear", "lstm", "simple_rnn"}) {
      Settings settings(recipe.settings);
      settings.set("network", network);
      const Model model = recipe.build(data.task, settings);
      const Layer change = model.get_layer("change");
      std::vector<Tensor> zeros;
      for (const Parameter& weight : change.weights()) zeros.emplace_back(weight.value().shape());
      change.set_weights(zeros);
      const SeriesPreparation& p = *data.task.series;
      const Tensor said = model.predict(data.test.x[0]);
      const double grown = std::exp(p.change_center * p.width);
      for (int64_t h = 0; h < p.ahead; ++h)
        EXPECT_NEAR(said.at(0, h), data.test.x[0].at(0, p.length() - 12 + h % 12, 0) * grown,
                    1e-3 * said.at(0, h))
            << network << " " << h;
    }
  }
}

TEST(Forecast, KeepsWhatItKnowsInTheModel) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "s.csv", growing(100));
  const RecipeData data = data_of(folder / "s.csv");
  const SeriesPreparation& p = *data.task.series;
  EXPECT_EQ(SeriesPreparation::from_json(p.to_json(), "p").to_json(), p.to_json());
  Json damaged = p.to_json();
  damaged["centers"] = {1, 2, 3};
  EXPECT_THAT(error_of([&] { SeriesPreparation::from_json(damaged, "p"); }), HasSubstr("damaged"));
  damaged = p.to_json();
  damaged["width"] = 0;
  EXPECT_THAT(error_of([&] { SeriesPreparation::from_json(damaged, "p"); }), HasSubstr("width"));
}

TEST(Forecast, RefusesWhatIsTooShort) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "s.csv", growing(5));
  EXPECT_THAT(error_of([&] { data_of(folder / "s.csv"); }), HasSubstr("5 in all"));
  write_file_atomically(folder / "t.csv", growing(100));
  EXPECT_THAT(error_of([&] {
                data_of(folder / "t.csv", {{"ahead", "12"}, {"test", "6"}});
              }),
              HasSubstr("at least 12"));
}

TEST(Forecast, BeatsTheLastValue) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "s.csv", growing(160));
  RunRequest request;
  request.recipe = "forecast";
  request.data = folder / "s.csv";
  request.target = "sold";
  request.settings = {{"network", "linear"}};
  request.training.epochs = 100;
  request.folder = folder / "run";
  request.quiet = true;
  const RunResult result = run_recipe(request);
  ASSERT_EQ(result.baselines[0].name, "the last value again");
  EXPECT_LT(*find_log(result.test, "mae"), 0.5 * *find_log(result.baselines[0].test, "mae"));
}

}  // namespace
}  // namespace folio
