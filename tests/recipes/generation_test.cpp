#include "folio/recipes/generation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folio/formats/keras_model.h"
#include "folio/layers/all.h"
#include "folio/recipes/characters.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

// A text in which every character follows from those before is learnt by heart, and goes on as it must.
TEST(Generation, LearnsATextThatRepeats) {
  const TemporaryFolder folder;
  std::string text;
  while (text.size() < 6000) text += "abcade\xC3\xA9.\n";
  write_file_atomically(folder / "t.txt", text);
  RunRequest request;
  request.recipe = "generate";
  request.data = folder / "t.txt";
  request.folder = folder / "run";
  request.quiet = true;
  request.training.epochs = 8;
  request.training.batch_size = 8;
  request.training.learning_rate = 0.02;
  request.settings = {
      {"layers", "1"}, {"units", "16"}, {"embedding", "8"}, {"steps", "20"}, {"dropout", "0"}};
  const RunResult result = run_recipe(request);
  EXPECT_LT(result.test[0].second, 0.1);
  ASSERT_EQ(result.baselines.size(), 2u);
  // Eight characters, of which one comes twice in nine; behind it there are two.
  EXPECT_NEAR(result.baselines[0].test[0].second, -(2 * std::log(2.0 / 9) + 7 * std::log(1.0 / 9)) / 9, 0.01);
  EXPECT_NEAR(result.baselines[1].test[0].second, std::log(2.0) * 2 / 9, 0.01);

  const Model model = Model::load(request.folder + "/model.keras");
  GenerationOptions options;
  options.sampling.temperature = 0;
  options.length = 11;
  std::string heard;
  const std::string more =
      continue_text(model, "abcade\xC3\xA9", options, [&](const std::string& piece) { heard += piece; });
  EXPECT_EQ(more, ".\nabcade\xC3\xA9.\n");
  EXPECT_EQ(heard, more);
  EXPECT_THAT(error_of([&] { continue_text(model, "xyz", options); }), HasSubstr("\"x\""));
  options.sampling = {.temperature = 2, .seed = 5};
  EXPECT_EQ(continue_text(model, "", options), continue_text(model, "", options));
}

TEST(Generation, RefusesWhatIsTooShort) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "t.txt", "short text");
  RunRequest request;
  request.recipe = "generate";
  request.data = folder / "t.txt";
  request.folder = folder / "run";
  EXPECT_THAT(error_of([&] { run_recipe(request); }), HasSubstr("more than 100 characters"));
  EXPECT_FALSE(folder_exists(request.folder));
  write_file_atomically(folder / "t.txt", "aaaa");
  EXPECT_THAT(error_of([&] { run_recipe(request); }), HasSubstr("two different"));
}

TEST(Generation, SeesTheLastTokensOnly) {
  // Gives the mean of one-hot vectors of what it sees.
  const Value x = Input({kUnknown}, {.dtype = DType::int32});
  Embedding table(3, 3);
  const Model model(x, GlobalAveragePooling1D()(table(x)));
  table.set_weights({Tensor::of({3, 3}, std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1})});
  const NextToken next = next_token_of_window(model, 2);
  next(0);
  next(1);
  const auto logits = next(2);
  EXPECT_LT(logits[0], -60);
  EXPECT_NEAR(logits[1], std::log(0.5), 1e-6);
  EXPECT_NEAR(logits[2], std::log(0.5), 1e-6);
}

}  // namespace
}  // namespace folio
