#include "folio/recipes/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

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
  EXPECT_THAT(error_of([&] { read_text_set(folder / "train/pos"); }), HasSubstr("one sub-folder"));
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
