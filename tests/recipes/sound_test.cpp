#include "folio/recipes/sound.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/file.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/sound/fsdd.h"
#include "folio/sound/sound_preparation.h"
#include "tests/base/files_for_tests.h"
#include "tests/sound/sounds_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void put(const std::string& path, const Sound& sound) {
  make_folders(std::filesystem::path(path).parent_path());
  write_wav(path, sound);
}

// Two classes, low and high tones, by three people, in files of three rates.
std::string tones(const TemporaryFolder& folder) {
  for (int i = 0; i < 24; ++i) {
    const std::string name = fmt::format("p{}_take{}.wav", i % 3, i);
    const int64_t rate = i % 4 == 0 ? 44100 : i % 4 == 1 ? 11025 : 8000;
    put(folder / "tones/low/" + name, tone(200 + 10 * i, 0.2 + 0.005 * i, rate));
    put(folder / "tones/high/" + name, tone(1500 + 20 * i, 0.2 + 0.005 * i, rate));
  }
  return folder / "tones";
}

double accuracy(const Logs& logs) {
  const double* value = find_log(logs, "accuracy");
  return value ? *value : -1;
}

RecipeData data_of(const std::string& path, const std::map<std::string, std::string>& given = {}) {
  const Recipe& recipe = folio::recipe("sound");
  Settings settings(recipe.settings);
  for (const auto& [key, value] : given) settings.set(key, value);
  RunRequest request;
  request.data = path;
  request.training.seed = 1;
  return recipe.load(recipe, request, settings);
}

SoundPreparation preparation_in(const RecipeData& data) {
  return SoundPreparation::from_json(Json::parse(data.assets.at(SoundPreparation::kAsset)), "sound.json");
}

TEST(SoundRecipe, FollowsFromAFolder) {
  const TemporaryFolder folder;
  const std::string path = tones(folder);
  std::filesystem::create_directories(folder / "tones/empty");
  write_file_atomically(folder / "tones/low/broken.wav", "RIFF");
  const RecipeData data = data_of(path);
  EXPECT_THAT(data.class_names, ElementsAre("high", "low"));
  EXPECT_EQ(data.train.rows() + data.validation.rows() + data.test.rows(), 48);
  EXPECT_EQ(static_cast<int64_t>(data.test_texts.size()), data.test.rows());
  for (int64_t i = 0; i < data.test.rows(); ++i)
    EXPECT_THAT(data.test_texts[static_cast<size_t>(i)],
                HasSubstr(data.test.y[0].at(i) == 0 ? "/high/" : "/low/"));
  const SoundPreparation preparation = preparation_in(data);
  EXPECT_EQ(preparation.rate, 8000);  // that of most
  EXPECT_NEAR(preparation.seconds, 0.315, 0.01);
  EXPECT_EQ(data.task.input, Shape({preparation.frames(), 40}));
  EXPECT_TRUE(data.train.augmentation);
  EXPECT_TRUE(data.groups.empty());
}

TEST(SoundRecipe, EverySettingDoesSomething) {
  const TemporaryFolder folder;
  const std::string path = tones(folder);
  EXPECT_EQ(preparation_in(data_of(path, {{"rate", "11025"}})).rate, 11025);
  EXPECT_EQ(preparation_in(data_of(path, {{"seconds", "0.1"}})).seconds, 0.1);
  EXPECT_EQ(data_of(path, {{"bands", "12"}}).task.input[1], 12);
  EXPECT_EQ(data_of(path, {{"features", "mfcc"}, {"coefficients", "9"}}).task.input[1], 9);
  EXPECT_EQ(data_of(path, {{"test", "0.5"}}).test.rows(), 24);
  EXPECT_EQ(data_of(path, {{"validation", "0.5"}, {"test", "0.5"}}).validation.rows(), 12);
  EXPECT_FALSE(data_of(path, {{"shift", "0"}, {"noise", "0"}, {"speed", "0"}}).train.augmentation);
  std::set<std::string> changes;
  for (const char* key : {"shift", "noise", "speed"})
    changes.insert(data_of(path, {{key, "0.05"}}).train.augmentation->description());
  EXPECT_EQ(changes.size(), 3u);
  const Recipe& recipe = folio::recipe("sound");
  std::set<int64_t> sizes;
  for (const auto& [key, value] : {std::pair("network", "conv"), std::pair("network", "gru"),
                                   std::pair("network", "lstm"), std::pair("units", "8")}) {
    Settings settings(recipe.settings);
    settings.set(key, value);
    sizes.insert(recipe.build(recipe.task, settings).count_parameters());
  }
  EXPECT_EQ(sizes.size(), 4u);
  for (const char* network : {"conv", "gru"}) {
    Settings settings(recipe.settings);
    settings.set("network", network);
    const size_t layers = recipe.build(recipe.task, settings).layers().size();
    settings.set("dropout", "0");
    EXPECT_LT(recipe.build(recipe.task, settings).layers().size(), layers) << network;
  }
}

TEST(SoundRecipe, GroupsNeverStandInTwoParts) {
  const TemporaryFolder folder;
  const std::string path = tones(folder);
  const RecipeData data = data_of(path, {{"group", "1"}, {"test", "0.3"}, {"validation", "0.5"}});
  std::set<std::string> people;
  for (const std::string& file : data.test_texts) people.insert(file.substr(file.rfind('/') + 1, 2));
  EXPECT_EQ(people.size(), 1u);
  EXPECT_EQ(data.test.rows(), 16);
  EXPECT_EQ(data.validation.rows(), 16);
  EXPECT_THAT(error_of([&] {
                data_of(path, {{"group", "folder"}});
              }),
              HasSubstr("a folder within the class's"));
  EXPECT_THAT(error_of([&] { data_of(path, {{"group", "0"}}); }), HasSubstr("--set group: expected folder"));
  EXPECT_THAT(error_of([&] { data_of(path, {{"group", "x"}}); }), HasSubstr("--set group: expected folder"));
  EXPECT_THAT(error_of([&] { data_of(path, {{"group", "3"}}); }), HasSubstr("at least 3 parts"));
  for (const char* who : {"anna", "bert", "carl"})
    for (int i = 0; i < 4; ++i)
      for (const char* class_name : {"low", "high"})
        put(folder / "people/" + class_name + "/" + who + "/" + std::to_string(i) + ".wav", tone(300, 0.1));
  EXPECT_EQ(
      data_of(folder / "people", {{"group", "folder"}, {"test", "0.3"}, {"validation", "0.5"}}).test.rows(),
      8);
}

TEST(SoundRecipe, RefusesWhatHoldsNoSounds) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { data_of(folder / "nowhere"); }), HasSubstr("expected fsdd, or a folder"));
  EXPECT_THAT(error_of([&] { data_of(folder.path()); }),
              HasSubstr("folder of sounds for each of two classes"));
  put(folder / "one/a/1.wav", tone(300, 0.1));
  EXPECT_THAT(error_of([&] { data_of(folder / "one"); }), HasSubstr("found 1"));
}

// Spoken digits by their names: the published test, and voices that are left out.
TEST(SoundRecipe, KnowsTheSpokenDigits) {
  const TemporaryFolder folder;
  for (int digit = 0; digit < 10; ++digit)
    for (const char* who : {"jane", "karl", "le_ila"})
      for (int index = 2; index < 12; ++index)
        put(folder / "fsdd/recordings/" + fmt::format("{}_{}_{}.wav", digit, who, index),
            tone(200 + 150 * digit, 0.2));
  put(folder / "fsdd/recordings/readme_1.wav", tone(200, 0.1));
  EXPECT_TRUE(is_fsdd(folder.path()));
  EXPECT_TRUE(is_fsdd(folder / "fsdd"));
  EXPECT_TRUE(is_fsdd(folder / "fsdd/recordings"));
  EXPECT_FALSE(is_fsdd(folder / "fsdd/nothing"));
  const std::vector<SpokenDigit> digits = load_fsdd(find_fsdd(folder.path()));
  ASSERT_EQ(digits.size(), 300u);
  EXPECT_EQ(digits.back().digit, 9);
  EXPECT_EQ(digits.back().speaker, "le_ila");
  EXPECT_EQ(digits.back().index, 9);
  const RecipeData data = data_of(folder.path());
  EXPECT_EQ(data.test.rows(), 10 * 3 * 3);
  EXPECT_EQ(data.train.rows() + data.validation.rows(), 10 * 3 * 7);
  EXPECT_EQ(static_cast<int64_t>(data.groups.size()), data.train.rows());
  EXPECT_EQ(data.name, "fsdd");
  const RecipeData apart = data_of(folder.path(), {{"group", "2"}, {"test", "0.3"}, {"validation", "0.5"}});
  EXPECT_EQ(apart.test.rows(), 100);
  // The very same out of an archive.
  const std::string command =
      fmt::format("cd '{0}' && tar czf recordings.tar.gz recordings && rm -r recordings", folder / "fsdd");
  ASSERT_EQ(std::system(command.c_str()), 0);
  const RecipeData archived = data_of(folder.path());
  ASSERT_EQ(archived.train.x[0].shape(), data.train.x[0].shape());
  for (int64_t i = 0; i < data.train.x[0].count(); ++i)
    ASSERT_EQ(archived.train.x[0].at(i), data.train.x[0].at(i));
  EXPECT_THAT(error_of([&] { find_fsdd(folder / "elsewhere"); }), HasSubstr("Free Spoken Digit Dataset"));
}

TEST(SoundRecipe, LearnsAndTellsOfUnheardVoices) {
  const TemporaryFolder folder;
  for (int digit = 0; digit < 2; ++digit)
    for (const char* who : {"ann", "bob", "cleo"})
      for (int index = 0; index < 15; ++index)
        put(folder / "recordings/" + fmt::format("{}_{}_{}.wav", digit, who, index),
            tone((digit == 0 ? 300 : 1500) + 10 * index, 0.2));
  RunRequest request;
  request.recipe = "sound";
  request.data = folder.path();
  request.folder = folder / "run";
  request.quiet = true;
  request.settings = {{"units", "8"}, {"unheard", "2"}, {"dropout", "0"},
                      {"shift", "0"}, {"noise", "0"},   {"speed", "0"}};
  request.training.epochs = 12;
  request.training.batch_size = 4;
  const RunResult result = run_recipe(request);
  EXPECT_GT(accuracy(result.test), 0.9);
  std::vector<std::string> names;
  for (const Baseline& baseline : result.baselines) names.push_back(baseline.name);
  EXPECT_THAT(
      names, ElementsAre("always the most frequent class", "a linear model of features' means and deviations",
                         "the same network on ann, unheard in training",
                         "the same network on bob, unheard in training"));
  EXPECT_GT(accuracy(result.baselines[3].test), 0.8);
  EXPECT_TRUE(file_exists(folder / "run/sounds.png"));
  // The model file alone says how sounds are prepared.
  std::filesystem::rename(folder / "run/model.keras", folder / "moved.keras");
  const Model model = Model::load(folder / "moved.keras");
  const Data test = sound_data(model, folder.path());
  EXPECT_EQ(test.rows(), 2 * 3 * 5);
  EXPECT_EQ(model.evaluate(test), result.test);
  // By the names of classes, in a folder of some of them.
  put(folder / "mine/1/a.wav", tone(1500, 0.2));
  put(folder / "mine/0/a.flac.wav", tone(300, 0.2, 16000));
  EXPECT_TRUE(is_sound_data(folder / "mine"));
  EXPECT_EQ(accuracy(model.evaluate(sound_data(model, folder / "mine"))), 1);
  put(folder / "other/1/a.wav", tone(1500, 0.2));
  put(folder / "other/x/a.wav", tone(1500, 0.2));
  EXPECT_THAT(error_of([&] { sound_data(model, folder / "other"); }),
              HasSubstr("expected the model's classes (0, 1"));
}

}  // namespace
}  // namespace folio
