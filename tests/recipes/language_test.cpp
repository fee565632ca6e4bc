#include "folio/recipes/generation.h"

#include <gtest/gtest.h>

#include "folio/base/file.h"
#include "folio/models/transformer/language_model.h"
#include "folio/recipes/characters.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

TEST(Characters, AreThoseOfUtf8) {
  const Characters characters = Characters::of("bäa→b\n");
  EXPECT_EQ(characters.list, (std::vector<std::string>{"\n", "a", "b", "ä", "→"}));
  EXPECT_EQ(characters.numbers("→ba"), (std::vector<int32_t>{4, 2, 1}));
  EXPECT_EQ(characters.text({3, 0, 4}), "ä\n→");
  EXPECT_EQ(Characters::from_json(characters.to_json(), "here").list, characters.list);
  EXPECT_NE(error_of([&] { characters.numbers("bz"); }).find("got \"z\""), std::string::npos);
  EXPECT_NE(error_of([] { Characters::of("a\xff"); }).find("UTF-8"), std::string::npos);
}

TEST(Characters, DamagedOnesAreRefused) {
  for (const Json& json : {Json(3), Json::array(), Json::array({1}), Json::array({"ab"}),
                           Json::array({"a", "a"}), Json::array({""}), Json::array({"\xff"})})
    EXPECT_NE(error_of([&] { Characters::from_json(json, "here"); }), "") << json.size();
}

RecipeData windows_of(const std::string& text, const std::string& steps) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "text.txt", text);
  const Recipe& recipe = folio::recipe("language-model");
  Settings settings(recipe.settings);
  settings.set("steps", steps);
  settings.set("validation", "0.2");
  settings.set("test", "0.2");
  RunRequest request;
  request.data = folder / "text.txt";
  return generation_windows(recipe, request, settings);
}

TEST(Language, WindowsAreFollowedByTheSameOneLater) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>('a' + i % 26);
  const RecipeData data = windows_of(text, "7");
  EXPECT_EQ(data.task.classes, 26);
  EXPECT_EQ(data.train.x[0].shape(), (Shape{18, 7}));  // of 60 characters, which overlap by half
  for (int64_t i = 0; i < 18 * 7; ++i) {
    EXPECT_EQ(data.train.x[0].at(i), (i / 7 * 3 + i % 7) % 26);
    EXPECT_EQ(data.train.y[0].at(i), (i / 7 * 3 + i % 7 + 1) % 26);
  }
  EXPECT_EQ(data.test.x[0].at(0), 80 % 26);
  EXPECT_NE(error_of([&] {
              windows_of(text, "40");
            }).find("validation: expected a text of more than 40 characters"),
            std::string::npos);
}

TEST(Language, GoesOnFromAPrompt) {
  const Model model = language_model(3, 8, {.blocks = 1, .heads = 1, .width = 4, .hidden = 4});
  EXPECT_NE(error_of([&] { continue_text(model, "a", {}); }).find("characters.json"), std::string::npos);
  set_preparation(model.model().assets, Characters::of("ab\n"));
  const std::string text = continue_text(model, "ab", {.sampling = {.seed = 2}, .length = 30});
  EXPECT_EQ(text.size(), 30u);
  EXPECT_EQ(text, continue_text(model, "ab", {.sampling = {.seed = 2}, .length = 30}));
  EXPECT_EQ(continue_text(model, "", {.length = 5}).size(), 5u);
  EXPECT_NE(error_of([&] { continue_text(model, "c", {}); }).find("got \"c\""), std::string::npos);
}

}  // namespace
}  // namespace folio
