#include "folio/recipes/entities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folio/formats/keras_model.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "in" stands before a place, "mr" before a person of two names; all names are different.
std::string sentences(int rows) {
  std::string text;
  for (int r = 0; r < rows; ++r) {
    const std::string name = {static_cast<char>('A' + r % 26), static_cast<char>('a' + r / 26 % 26),
                              static_cast<char>('a' + r % 7)};
    text += r % 2 ? "we\tO\nare\tO\nin\tO\n" + name + "\tB-place\nnow\tO\n\n"
                  : "here\tO\nis\tO\nmr\tO\n" + name + "\tB-person\n" + name + "son\tI-person\n\t\n";
  }
  return text;
}

TEST(EntitiesRecipe, FindsNamesThatItHasNeverSeen) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "t.conll", sentences(120));
  RunRequest request;
  request.recipe = "entities";
  request.data = folder / "t.conll";
  request.folder = folder / "run";
  request.quiet = true;
  request.training.epochs = 12;
  request.training.batch_size = 8;
  request.training.learning_rate = 0.01;
  request.settings = {{"embedding", "8"}, {"letters", "8"}, {"units", "8"}, {"dropout", "0.2"}};
  const RunResult result = run_recipe(request);
  EXPECT_GE(*find_log(result.test, "f1"), 0.95);
  EXPECT_GE(*find_log(result.test, "recall"), 0.95);
  ASSERT_EQ(result.baselines.size(), 1u);
  EXPECT_LT(*find_log(result.baselines[0].test, "f1"), 0.5);
  EXPECT_TRUE(result.history.contains("val_f1"));

  // The file alone knows how words go in; sentences of any length come out whole.
  const Model model = Model::load(request.folder + "/model.keras");
  const auto preparation = preparation_of<EntityPreparation>(model);
  ASSERT_TRUE(preparation);
  std::vector<std::string> longer;
  for (int i = 0; i < 3; ++i)
    for (const char* word : {"we", "are", "in", "Zcb", "now"}) longer.emplace_back(word);
  const auto tags = tag_sentences(model, *preparation,
                                  {{"here", "is", "mr", "Zcb", "Zcbson"}, {}, longer, {"\xF0\x9F\x98\x80"}});
  ASSERT_EQ(tags.size(), 4u);
  EXPECT_THAT(tags[0], ElementsAre("O", "O", "O", "B-person", "I-person"));
  EXPECT_TRUE(tags[1].empty());
  ASSERT_EQ(tags[2].size(), longer.size());
  for (const size_t place : {3, 8, 13}) EXPECT_EQ(tags[2][place], "B-place");
  EXPECT_EQ(tags[3].size(), 1u);
}

TEST(EntitiesRecipe, BeginsWithGivenVectors) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "t.conll", sentences(40));
  write_file_atomically(folder / "v.txt", "in 1 2 3\nmr 4 5 6\nelsewhere 7 8 9\n");
  const Recipe& recipe = folio::recipe("entities");
  RunRequest request;
  request.data = folder / "t.conll";
  request.training.seed = 1;
  Settings settings(recipe.settings);
  settings.set("vectors", folder / "v.txt");
  const RecipeData data = recipe.load(recipe, request, settings);
  EXPECT_EQ(data.task.vocabulary, 5);
  EXPECT_THAT(data.description, HasSubstr("2 of "));
  const Model model = recipe.build(data.task, settings);
  const Tensor weights = model.get_layer("word_vectors").weights()[0].value();
  ASSERT_EQ(weights.shape(), (Shape{5, 3}));
  EXPECT_EQ(weights.at(0), 0);
  EXPECT_EQ(weights.at(2 * 3), 1);
  EXPECT_EQ(weights.at(4 * 3 + 2), 9);
  EXPECT_TRUE(model.get_layer("word_vectors").trainable_weights().empty());
}

TEST(EntitiesRecipe, NumbersWordsLettersAndShapes) {
  TaggedTexts texts;
  texts.words = {{"Anna", "1999", "ab"}};
  texts.tags = {{"B-person", "O", "O"}};
  const EntityPreparation preparation(texts, {"anna", "0000"}, 4, 5);
  const auto x = preparation.transform({{"ANNA", "2024", "x"}, {"Anna", "a", "b", "a", "beyond"}});
  EXPECT_EQ(x[0].at(0), 2);  // in lower case
  EXPECT_EQ(x[0].at(1), 3);  // digits are all the same
  EXPECT_EQ(x[0].at(2), 1);  // unknown
  EXPECT_EQ(x[0].at(3), 0);  // no word
  const int32_t* letters = x[1].data<int32_t>();
  EXPECT_EQ(letters[0], EntityPreparation::kFirst + 2);      // all capitals
  EXPECT_EQ(letters[5], EntityPreparation::kFirst + 5);      // with digits
  EXPECT_EQ(letters[4 * 5], EntityPreparation::kFirst + 3);  // begun with a capital
  EXPECT_EQ(letters[4], EntityPreparation::kFirst + 6);      // the end, behind three letters that fit
  const auto again = EntityPreparation::from_json(preparation.to_json(), "here");
  const auto same = again.transform({{"Anna", "1", "zz"}});
  const auto wanted = preparation.transform({{"Anna", "1", "zz"}});
  for (int64_t i = 0; i < wanted[1].count(); ++i) EXPECT_EQ(same[1].at(i), wanted[1].at(i));
  EXPECT_THAT(error_of([&] { preparation.targets({{"B-other"}}, "set"); }),
              HasSubstr("set: sentence 1: expected one of"));
  Json damaged = preparation.to_json();
  damaged["length"] = -1;
  EXPECT_THAT(error_of([&] { EntityPreparation::from_json(damaged, "here"); }), HasSubstr("here: length"));
  damaged = preparation.to_json();
  damaged["tags"] = {"person"};
  EXPECT_THAT(error_of([&] { EntityPreparation::from_json(damaged, "here"); }), HasSubstr("here: tags"));
  EXPECT_THAT(error_of([&] { EntityPreparation::from_json(Json(3), "here"); }), HasSubstr("damaged"));
}

TEST(EntitiesRecipe, FindsTheFilesOfAFolder) {
  const TemporaryFolder folder;
  for (const char* name : {"my.train.conll", "my.dev.conll", "my.test.conll"})
    write_file_atomically(folder / name, std::string(name).substr(3, 2) + "\tO\n");
  const TaggedSet set = read_tagged_set(folder.path());
  EXPECT_EQ(set.train.words[0][0], "tr");
  EXPECT_EQ(set.validation.words[0][0], "de");
  EXPECT_EQ(set.test.words[0][0], "te");
  EXPECT_THAT(error_of([&] { read_tagged_set(folder / "none"); }), HasSubstr("found none"));
}

}  // namespace
}  // namespace folio
