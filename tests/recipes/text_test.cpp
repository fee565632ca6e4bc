#include "folio/recipes/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "folio/data/text/text_preparation.h"
#include "folio/formats/keras_model.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/recipes/text_data.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

// Texts whose words say what they are.
std::string lines(int rows, int classes = 2) {
  const char* names[] = {"bad", "good", "so so"};
  const char* words[] = {"dull awful", "lovely fine", "average plain"};
  std::string text;
  for (int r = 0; r < rows; ++r)
    text += std::string(names[r % classes]) + "\tfilm number" + std::to_string(r % 7) + " is " +
            words[r % classes] + "<br />\n";
  return text;
}

TEST(TextRecipe, WeighsTokensAsNaiveBayes) {
  // Token 2 is in both texts of class 1 and in none of class 0; token 3 is in all.
  const Tensor x = Tensor::of({4, 3}, std::vector<int32_t>{2, 3, 2, 2, 3, 0, 3, 0, 0, 3, 1, 0});
  const Tensor y = Tensor::of({4}, std::vector<int32_t>{1, 1, 0, 0});
  const Tensor weights = token_weights(x, y, 4, 2);
  ASSERT_EQ(weights.shape(), (Shape{4, 1}));
  EXPECT_EQ(weights.at(0), 0);
  EXPECT_EQ(weights.at(1), 0);
  EXPECT_FLOAT_EQ(static_cast<float>(weights.at(2)), static_cast<float>(std::log(3.0)));
  EXPECT_EQ(weights.at(3), 0);
  const Tensor of_three = token_weights(x, Tensor::of({4}, std::vector<int32_t>{2, 2, 0, 1}), 4, 3);
  ASSERT_EQ(of_three.shape(), (Shape{4, 3}));
  EXPECT_GT(of_three.at(2, 2), 0);
  EXPECT_LT(of_three.at(2, 0), 0);
}

TEST(TextRecipe, TrainsEveryNetworkOnTextsOfTwoAndThreeClasses) {
  const TemporaryFolder folder;
  const std::string path = folder / "t.txt";
  for (const int classes : {2, 3}) {
    write_file_atomically(path, lines(120, classes));
    for (const char* network : {"ngrams", "embedding", "conv", "lstm", "gru"}) {
      RunRequest request;
      request.recipe = "text";
      request.data = path;
      request.folder = folder / (network + std::to_string(classes));
      request.quiet = true;
      request.training.epochs = 6;
      request.training.batch_size = 8;
      request.training.learning_rate = 0.02;
      request.settings = {{"network", network}, {"embedding", "8"}, {"units", "8"}, {"dropout", "0"}};
      const RunResult result = run_recipe(request);
      const auto accuracy = std::find_if(result.test.begin(), result.test.end(),
                                         [](const auto& entry) { return entry.first == "accuracy"; });
      ASSERT_NE(accuracy, result.test.end());
      EXPECT_GE(accuracy->second, 0.99) << network << " " << classes;
      ASSERT_EQ(result.baselines.size(), 3u);
      EXPECT_LT(result.baselines[0].test[0].second, 0.6);
      EXPECT_GE(result.baselines[1].test[0].second, 0.99);
      EXPECT_GE(result.baselines[2].test[0].second, 0.99);

      // The file alone knows how raw text goes in.
      const Model model = Model::load(request.folder + "/model.keras");
      const auto preparation = preparation_of<TextPreparation>(model);
      ASSERT_TRUE(preparation);
      const Tensor shares = model.predict(preparation->transform({"a LOVELY film", "an awful film"}));
      const auto names = class_names_of(model);
      EXPECT_EQ(names.size(), static_cast<size_t>(classes));
      if (classes == 2) {
        EXPECT_GT(shares.at(0), 0.5) << network;
        EXPECT_LT(shares.at(1), 0.5) << network;
      }
    }
  }
}

TEST(TextRecipe, FindsTextsInFilesAndFolders) {
  const TemporaryFolder folder;
  for (const char* part : {"train/", "test/"})
    for (const char* label : {"neg/", "pos/", "unsup/"}) {
      make_folders(folder / (std::string(part) + label));
      write_file_atomically(folder / (std::string(part) + label + "1.txt"), std::string(part) + label);
    }
  const TextSet set = read_text_set(folder.path());
  EXPECT_EQ(set.train.labels, (std::vector<std::string>{"neg", "pos"}));
  EXPECT_EQ(set.test.texts, (std::vector<std::string>{"test/neg/", "test/pos/"}));
  EXPECT_TRUE(set.validation.empty());
  EXPECT_THAT(error_of([] { read_text_set("rt-polarty"); }), HasSubstr("did you mean \"rt-polarity\"?"));
  make_folders(folder / "none");
  EXPECT_THAT(error_of([&] { read_text_set(folder / "none"); }), HasSubstr("one sub-folder"));
}

TEST(TextRecipe, FindsAFileOfLinesForEachClass) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "Greek.txt", "Adamou\r\n\n  Papas  \n");
  write_file_atomically(folder / "Czech.txt", "Nov\xC3\xA1k\nAbl\xE9\n");
  write_file_atomically(folder / "notes.md", "no names");
  const TextSet set = read_text_set(folder.path());
  EXPECT_EQ(set.train.labels, (std::vector<std::string>{"Czech", "Czech", "Greek", "Greek"}));
  EXPECT_EQ(set.train.texts,
            (std::vector<std::string>{"Nov\xC3\xA1k", "Abl\xEF\xBF\xBD", "Adamou", "Papas"}));
}

// Names whose ends say what they are, every one of them twice, and one that is of both kinds.
std::string names(int rows) {
  std::string text = "ov\tSasha\nez\tSasha\n";
  for (int r = 0; r < rows; ++r) {
    const std::string stem = {static_cast<char>('A' + r % 26), static_cast<char>('a' + r / 26 % 26),
                              static_cast<char>('a' + r % 7)};
    for (int copy = 0; copy < 2; ++copy) text += r % 4 ? "ov\t" + stem + "ov\n" : "ez\t" + stem + " ez\n";
  }
  return text;
}

RunRequest names_request(const TemporaryFolder& folder, const std::string& run) {
  RunRequest request;
  request.recipe = "names";
  request.data = folder / "names.txt";
  request.folder = folder / run;
  request.quiet = true;
  request.training.epochs = 12;
  request.training.batch_size = 8;
  request.training.learning_rate = 0.01;
  request.settings = {{"units", "12,8"}};
  return request;
}

TEST(NamesRecipe, TrainsEveryNetworkOnCharacters) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "names.txt", names(120));
  for (const char* network : {"simple_rnn", "lstm", "gru", "bidirectional", "conv", "ngrams"}) {
    RunRequest request = names_request(folder, network);
    request.settings["network"] = network;
    if (std::string(network) == "gru") request.settings["embedding"] = "6";
    const RunResult result = run_recipe(request);
    EXPECT_GE(*find_log(result.test, "accuracy"), 0.95) << network;
    EXPECT_GE(*find_log(result.test, "macro_f1"), 0.9) << network;
    ASSERT_EQ(result.baselines.size(), 3u);
    EXPECT_GE(*find_log(result.baselines[1].test, "accuracy"), 0.9);
    EXPECT_GE(*find_log(result.baselines[2].test, "macro_f1"), 0.9);

    const Model model = Model::load(request.folder + "/model.keras");
    const auto preparation = preparation_of<TextPreparation>(model);
    ASSERT_TRUE(preparation);
    // The second class is "ov"; letters that nobody has seen, other scripts and no letters do no harm.
    const Tensor shares = model.predict(preparation->transform(
        {"Zov", "Z ez", "", "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", std::string(100'000, 'a'), "\xFF\xFE"}));
    EXPECT_GT(shares.at(0), 0.5) << network;
    EXPECT_LT(shares.at(1), 0.5) << network;
    for (int64_t r = 0; r < shares.count(); ++r) EXPECT_TRUE(std::isfinite(shares.at(r)));
  }
}

TEST(NamesRecipe, LeavesOutWhatIsThereTwice) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "names.txt", names(40));
  const Recipe& recipe = folio::recipe("names");
  const auto rows = [&](const char* duplicates, const char* balance) {
    RunRequest request = names_request(folder, "unused");
    request.training.seed = 1;
    Settings settings(recipe.settings);
    settings.set("duplicates", duplicates);
    settings.set("balance", balance);
    return recipe.load(recipe, request, settings);
  };
  const RecipeData once = rows("drop", "0"), twice = rows("keep", "0");
  const auto all = [](const RecipeData& data) {
    return data.train.rows() + data.validation.rows() + data.test.rows();
  };
  EXPECT_EQ(all(once), 42);  // the name of both kinds stays
  EXPECT_EQ(all(twice), 82);
  EXPECT_THAT(once.description, HasSubstr("40 were there already"));
  const std::set<std::string> known(once.train_texts.begin(), once.train_texts.end());
  for (const std::string& text : once.test_texts) EXPECT_TRUE(text == "Sasha" || !known.count(text)) << text;
  EXPECT_FALSE(once.train.sample_weight.raw());

  // With balance 1 each class has half of all weight.
  const RecipeData balanced = rows("drop", "1");
  double weight[2] = {0, 0};
  for (int64_t r = 0; r < balanced.train.rows(); ++r)
    weight[static_cast<int>(balanced.train.y[0].at(r))] += balanced.train.sample_weight.at(r);
  EXPECT_NEAR(weight[0], weight[1], 1e-3);
  EXPECT_NEAR(weight[0] + weight[1], static_cast<double>(balanced.train.rows()), 1e-3);
}

TEST(NamesRecipe, HasThePrintedNetwork) {
  const Recipe& recipe = folio::recipe("names");
  const Model model = recipe.build(recipe.task, Settings(recipe.settings));
  // (81 + 64 + 1) 64 + (64 + 32 + 1) 32 + (32 + 1) 18, beside the table of ones.
  EXPECT_EQ(model.count_parameters() - 83 * 81, 13'042);
  Settings wide(recipe.settings);
  wide.set("units", "");
  EXPECT_THAT(error_of([&] { recipe.build(recipe.task, wide); }), HasSubstr("--set units="));
  RecipeTask words = recipe.task;
  words.vocabulary = 10'000;
  EXPECT_THAT(error_of([&] { recipe.build(words, Settings(recipe.settings)); }),
              HasSubstr("--set embedding="));
}

TEST(TextRecipe, RefusesTextsOfOneClass) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "t.txt", lines(20, 1));
  RunRequest request;
  request.recipe = "text";
  request.data = folder / "t.txt";
  request.folder = folder / "run";
  EXPECT_THAT(error_of([&] { run_recipe(request); }), HasSubstr("two classes"));
  EXPECT_FALSE(folder_exists(request.folder));
}

}  // namespace
}  // namespace folio
