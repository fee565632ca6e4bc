#include "folio/recipes/translation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "folio/formats/keras_model.h"
#include "folio/layers/all.h"
#include "folio/models/seq2seq.h"
#include "folio/models/transformer/transformer.h"
#include "folio/recipes/pair_data.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/report/png.h"
#include "folio/report/run_record.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

using testing::HasSubstr;

double value_of(const Logs& logs, const std::string& name) {
  const double* value = find_log(logs, name);
  return value ? *value : std::nan("");
}

// Words of a small language, each with one translation, in all orders of two: learnt by heart in seconds.
std::string small_language() {
  const std::vector<std::pair<std::string, std::string>> words = {
      {"eins", "one"}, {"zwei", "two"}, {"drei", "three"}, {"vier", "four"}, {"Hund", "dog"}, {"rot", "red"}};
  std::string lines;
  for (int again = 0; again < 8; ++again)
    for (const auto& [a, x] : words)
      for (const auto& [b, y] : words) lines += fmt::format("{} {}.\t{} {}.\n", a, b, x, y);
  return lines;
}

RunResult trained(const std::string& folder, const std::string& network, const std::string& unit) {
  write_file_atomically(folder + "/pairs.txt", small_language());
  RunRequest request;
  request.recipe = "reverse";
  request.data = folder + "/pairs.txt";
  request.folder = folder + "/run";
  request.quiet = true;
  request.doctor = false;
  request.training.epochs = 25;
  request.training.batch_size = 16;
  request.training.learning_rate = 0.01;
  request.settings = {{"network", network}, {"unit", unit},       {"blocks", "1"},   {"heads", "2"},
                      {"width", "16"},      {"vocabulary", "60"}, {"warm_up", "20"}, {"shared", "no"}};
  return run_recipe(request);
}

TEST(Translation, LearnsASmallLanguage) {
  for (const auto& [network, unit] :
       {std::pair{"transformer", "word"}, {"recurrent", "word"}, {"transformer", "subword"}}) {
    SCOPED_TRACE(std::string(network) + " of a " + unit);
    const TemporaryFolder folder;
    const RunResult result = trained(folder / "", network, unit);
    ASSERT_EQ(result.baselines.size(), 1u);
    EXPECT_EQ(value_of(result.baselines[0].test, "exact_match"), 0);
    // The file is all there is, wherever it lies.
    std::filesystem::rename(folder / "run/model.keras", folder / "moved.keras");
    const Model model = Model::load(folder / "moved.keras");
    for (const int64_t beam : {1, 3}) {
      Translator translator(model, beam);
      EXPECT_EQ(translator("drei  Hund."), "three dog.");
      EXPECT_EQ(translator("rot eins."), "red one.");
      EXPECT_NO_THROW(translator(""));
      EXPECT_NO_THROW(translator(std::string(500, 'x') + " eins eins eins eins eins eins eins"));
    }
    // Also most of the few sentences that were kept for the test.
    const TextPairs all = read_pair_lines(folder / "pairs.txt");
    Translator translator(model);
    int right = 0;
    for (size_t i = 0; i < 36; ++i) right += translator(all.sources[i]) == all.targets[i];
    EXPECT_GE(right, 34);
    const RunRecord record = read_record(folder / "run");
    ASSERT_EQ(record.examples.size(), static_cast<size_t>(2));  // 16 pairs for the test, of two sources
    EXPECT_NE(record.examples[0].given, record.examples[1].given);
    EXPECT_EQ(record.examples[0].said, translator(record.examples[0].given));
    EXPECT_EQ(value_of(record.results.back().values, "exact_match"), 0);  // of the source as it is
    EXPECT_EQ(value_of(result.test, "exact_match"), value_of(record.results[1].values, "exact_match"));
    ASSERT_EQ(record.pictures.size(), 2u);
    EXPECT_TRUE(is_picture_uri(record.pictures[0].picture)) << record.pictures[0].picture.substr(0, 90);
  }
}

TEST(Translation, KnowsWhereItLooks) {
  RandomNumbers random(5);
  Tensor source({2, 6}, DType::int32), target({2, 5}, DType::int32);
  for (int64_t i = 0; i < source.count(); ++i) source.set(i, static_cast<double>(random.whole(1, 8)));
  for (int64_t i = 0; i < target.count(); ++i) target.set(i, static_cast<double>(random.whole(1, 8)));
  for (int64_t s = 3; s < 6; ++s) source.set({1, s}, 0);
  const TransformerSizes sizes = {9, 6, 9, 5};
  for (const Model& model : {transformer(sizes, {.blocks = 2, .heads = 2, .width = 8, .hidden = 8}),
                             seq2seq(sizes, {.embedding = 4, .units = 4})}) {
    const Tensor weights = attention_weights(model).predict({source, target})[0];
    EXPECT_EQ(weights.shape(), (Shape{2, 5, 6}));
    for (int64_t row = 0; row < 2; ++row)
      for (int64_t t = 0; t < 5; ++t) {
        double sum = 0;
        for (int64_t s = 0; s < 6; ++s) sum += weights.at(row, t, s);
        EXPECT_NEAR(sum, 1, 1e-5);
        if (row == 1) {
          EXPECT_NEAR(weights.at(row, t, 4), 0, 1e-9);  // behind the end
        }
      }
    // The model itself is what it was.
    EXPECT_EQ(model.outputs().size(), 1u);
    EXPECT_EQ(model.predict({source, target})[0].shape(), (Shape{2, 5, 9}));
  }
  const Value x = Input({3, 4});
  EXPECT_THAT(error_of([&] {
                attention_weights(Model(x, MultiHeadAttention(2, 2)({x, x})));
              }),
              HasSubstr("found none"));
}

TEST(Translation, ScoresAreSharesAndPercents) {
  const Logs logs = translation_scores({"a b c d e", "x"}, {"a b c d e", "y"});
  EXPECT_EQ(value_of(logs, "exact_match"), 0.5);
  EXPECT_GT(value_of(logs, "bleu"), 50);
  EXPECT_LT(value_of(logs, "bleu"), 100);
}

TEST(Translation, RefusesModelsOfOtherThings) {
  const Value x = Input({3});
  const Model model(x, Dense(2)(x), "other");
  EXPECT_THAT(error_of([&] { Translator{model}; }), HasSubstr("folio train translate"));
  Model wrong = transformer({9, 6, 9, 5}, {.blocks = 1, .heads = 1, .width = 4, .hidden = 4});
  set_preparation(wrong.model().assets,
                  PairPreparation::fit({{"ab"}, {"cd"}}, {.pieces = {.unit = "character", .least = 1}}));
  EXPECT_THAT(error_of([&] { Translator{wrong}; }), HasSubstr("damaged"));
}

TEST(PairSet, IsFoundInFoldersFilesAndTables) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "set");
  const auto write = [&](const std::string& name, const std::string& text) {
    write_file_atomically(folder / name, text);
  };
  write("set/train.en", "a\nb\n");
  write("set/train.fr", "x\ny\n");
  write("set/validation.en", "c\n");
  write("set/validation.fr", "z\n");
  const PairSet set = read_pair_set(folder / "set", {"en", "fr"});
  EXPECT_EQ(set.train.targets, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(set.validation.sources, (std::vector<std::string>{"c"}));
  EXPECT_TRUE(set.test.empty());
  EXPECT_THAT(error_of([&] { read_pair_set(folder / "set", {"en", "de"}); }), HasSubstr("one of them alone"));
  EXPECT_THAT(error_of([&] { read_pair_set(folder / "set", {"pl", "de"}); }), HasSubstr("found neither"));
  write("p.csv", "en,de\na,b\n");
  EXPECT_EQ(read_pair_set(folder / "p.csv", {}).train.targets[0], "b");
  write("p.tsv", "en\tde\na\tb\n");
  EXPECT_EQ(read_pair_set(folder / "p.tsv", {}).train.count(), 1);
  write("lines.tsv", "hello\thallo\na\tb\n");
  EXPECT_EQ(read_pair_set(folder / "lines.tsv", {}).train.count(), 2);
  EXPECT_EQ(read_pair_set(folder / "set/train.en", {"", "", folder / "set/train.fr"}).train.targets[1], "y");
  EXPECT_THAT(error_of([&] { read_pair_set(folder / "none", {}); }), HasSubstr("source<TAB>target"));
}

// Sources that come several times do not stand in several parts.
TEST(PairRows, KeepEqualSourcesTogether) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "pairs.txt", small_language());
  const Recipe& recipe = folio::recipe("translate");
  Settings settings(recipe.settings);
  settings.set("vocabulary", "0");
  settings.set("unit", "word");
  settings.set("test", "0.2");
  RunRequest request;
  request.data = folder / "pairs.txt";
  request.training.seed = 1;
  const RecipeData data = pair_rows(recipe, request, settings);
  EXPECT_EQ(data.train.rows() + data.validation.rows() + data.test.rows(), 8 * 36);
  EXPECT_EQ(data.test.rows() % 8, 0);
  EXPECT_EQ(data.task.shared_vocabulary, true);
  EXPECT_EQ(data.task.classes, 4 + 13);  // twelve words and the full stop
  settings.set("length", "2");
  EXPECT_THAT(error_of([&] { pair_rows(recipe, request, settings); }), HasSubstr("fewer than 2 tokens"));
}

}  // namespace
}  // namespace folio
