#include "folio/recipes/caption.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "folio/formats/keras_model.h"
#include "folio/layers/all.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/recipes/transfer.h"
#include "folio/recipes/translation.h"
#include "folio/report/png.h"
#include "folio/report/run_record.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::pair<std::string, int>> kColours = {{"red", 0}, {"green", 1}, {"blue", 2}};

// A square of a colour on the left or on the right.
Tensor square(int channel, bool left, int shade) {
  Tensor picture = Tensor::filled({12, 16, 3}, 20, DType::uint8);
  for (int64_t y = 3; y < 9; ++y)
    for (int64_t x = left ? 1 : 9; x < (left ? 7 : 15); ++x) picture.set({y, x, channel}, 200 + shade);
  return picture;
}

std::string caption_of(const std::string& colour, bool left) {
  return fmt::format("a {} square on the {} .", colour, left ? "left" : "right");
}

// Squares of all colours and places, each with a long caption and the same short one twice, and a network
// that has seen no picture yet.
struct Squares {
  TemporaryFolder folder;
  std::string base = folder / "base.keras";
  explicit Squares(int shades = 6) {
    make_folders(folder / "set");
    std::string lines;
    for (int shade = 0; shade < shades; ++shade)
      for (const auto& [colour, channel] : kColours)
        for (const bool left : {true, false}) {
          const std::string name = fmt::format("{}-{}-{}.png", colour, left, shade);
          write_png(folder / ("set/" + name), square(channel, left, 8 * shade));
          lines += fmt::format("{0}\t{1}\n{0}\ta {2} square .\n{0}\ta {2} square .\n", name,
                               caption_of(colour, left), colour);
        }
    write_file_atomically(folder / "set/captions.tsv", lines);
    network(12, 16).save(base);
  }
  static Model network(int64_t height, int64_t width) {
    set_random_seed(4);
    const Value x = Input({height, width, 3});
    Value y = Conv2D(12, 3, {.strides = 2, .activation = "relu", .name = "first"})(x);
    y = Conv2D(16, 3, {.padding = "same", .activation = "relu", .name = "second"})(y);
    y = GlobalAveragePooling2D()(y);
    return Model(x, Dense(4, {.name = "old_head"})(Dropout(0.2)(y)), "base");
  }
  RunRequest request(const std::map<std::string, std::string>& given = {}) const {
    RunRequest request;
    request.recipe = "caption";
    request.data = folder / "set";
    request.folder = folder / "run";
    request.quiet = true;
    request.doctor = false;
    request.training.epochs = 40;
    request.training.batch_size = 8;
    request.training.learning_rate = 0.01;
    request.settings = {{"base", base},     {"units", "16"}, {"embedding", "8"},    {"dropout", "0"},
                        {"smoothing", "0"}, {"least", "1"},  {"validation", "0.2"}, {"test", "0.2"}};
    for (const auto& [key, value] : given) request.settings[key] = value;
    return request;
  }
};

double value_of(const Logs& logs, const std::string& name) {
  const double* value = find_log(logs, name);
  return value ? *value : std::nan("");
}

Settings settings_with(const std::map<std::string, std::string>& given) {
  Settings settings(caption_settings());
  for (const auto& [key, value] : given) settings.set(key, value);
  return settings;
}

RecipeData loaded(const RunRequest& request) {
  RunRequest seeded = request;
  seeded.training.seed = 1;
  return caption_rows(recipe("caption"), seeded, settings_with(request.settings));
}

TEST(Caption, LearnsWhatSquaresShow) {
  for (const char* cell : {"gru", "lstm"}) {
    SCOPED_TRACE(cell);
    const Squares squares;
    const RunResult result = run_recipe(squares.request({{"decoder", cell}}));
    EXPECT_GT(value_of(result.test, "bleu"), 90);
    EXPECT_GT(value_of(result.test, "distinct"), 0.1);
    ASSERT_EQ(result.baselines.size(), 1u);
    EXPECT_GT(value_of(result.baselines[0].test, "bleu"), 0);
    // The file is all there is, wherever it lies.
    std::filesystem::rename(squares.folder / "run/model.keras", squares.folder / "moved.keras");
    std::filesystem::remove(squares.base);
    const Model model = Model::load(squares.folder / "moved.keras");
    Captioner captioner(model, 3);
    Tensor pictures({2, 12, 16, 3}, DType::uint8);
    pictures.rows(0, 1).assign(square(0, true, 12).reshaped({1, 12, 16, 3}));
    pictures.rows(1, 2).assign(square(2, false, 30).reshaped({1, 12, 16, 3}));
    const auto said = captioner.captions(pictures);
    ASSERT_EQ(said.size(), 2u);
    EXPECT_THAT(said[0], HasSubstr("red square"));
    EXPECT_THAT(said[1], HasSubstr("blue square"));
    // The short caption is twice as likely; the longer one wins where shortness costs.
    for (const auto& [penalty, wanted] :
         {std::pair{0.0, "a red square ."}, {8.0, "a red square on the left ."}}) {
      Json words = *asset_of(model, CaptionPreparation::kAsset);
      words["penalty"] = penalty;
      set_asset(model.model().assets, CaptionPreparation::kAsset, words);
      EXPECT_EQ(Captioner(model, 3).captions(pictures)[0], wanted);
    }
    const RunRecord record = read_record(squares.folder / "run");
    ASSERT_FALSE(record.examples.empty());
    EXPECT_THAT(record.examples[0].wanted, HasSubstr(" / "));
    ASSERT_FALSE(record.pictures.empty());
    EXPECT_THAT(record.pictures[0].reading, HasSubstr("square."));
    for (const PictureRecord& picture : record.pictures) EXPECT_TRUE(is_png_uri(picture.picture));
  }
}

// The whole model, on pixels, gives what the part gives that was trained on features in memory.
TEST(Caption, TheFileIsWhatWasTrained) {
  const Squares squares(3);
  const RunRequest request = squares.request();
  const RecipeData data = loaded(request);
  const Model whole = caption_network(data.task, settings_with(request.settings));
  const Model learner = caption_learner(whole, data);
  const Data some = data.test.slice(0, 3);
  Tensor pictures({3, 12, 16, 3}, DType::uint8);
  for (int64_t row = 0; row < 3; ++row) {
    const auto number = static_cast<int64_t>(some.x[0].at(row)) - data.captions->test;
    pictures.rows(row, row + 1).assign(data.captions->shown.rows(number, number + 1));
  }
  const Tensor one = learner.predict(some.x)[0], other = whole.predict({pictures, some.x[1]})[0];
  ASSERT_EQ(one.shape(), other.shape());
  for (int64_t i = 0; i < one.count(); ++i) ASSERT_NEAR(one.at(i), other.at(i), 1e-6);
  // They share the decoder's weights; the encoder's are none of the learner's, and frozen.
  EXPECT_EQ(learner.trainable_weights().size(), whole.trainable_weights().size());
  EXPECT_EQ(learner.weights().size(), learner.trainable_weights().size());
  EXPECT_GT(whole.weights().size(), learner.weights().size());
}

TEST(Caption, GoesOnWhereItWasInterrupted) {
  const Squares squares(3);
  RunRequest request = squares.request({{"dropout", "0.2"}});
  request.training.epochs = 4;
  const RunResult whole = run_recipe(request);
  request.folder = squares.folder / "parts";
  request.training.epochs = 2;
  run_recipe(request);
  request.training.epochs = 4;
  request.resume = true;
  const RunResult parts = run_recipe(request);
  EXPECT_EQ(value_of(parts.test, "loss"), value_of(whole.test, "loss"));
  const auto weights = [&](const char* run) {
    return Model::load(squares.folder / run + "/last.keras").get_weights();
  };
  const auto a = weights("run"), b = weights("parts");
  ASSERT_EQ(a.size(), b.size());
  for (size_t w = 0; w < a.size(); ++w)
    for (int64_t i = 0; i < a[w].count(); ++i) ASSERT_EQ(a[w].at(i), b[w].at(i)) << w;
}

TEST(CaptionRows, KeepPicturesWhole) {
  const Squares squares;
  const RecipeData data = loaded(squares.request());
  const CaptionSet& set = *data.captions;
  ASSERT_EQ(set.pictures.size(), 36u);
  EXPECT_EQ(set.places.shape(), (Shape{36, 5 * 7, 16}));
  EXPECT_EQ(data.train.rows(), 3 * set.validation);
  EXPECT_EQ(data.validation.rows() + data.test.rows(), 3 * (36 - set.validation));
  for (int64_t row = 0; row < data.test.rows(); ++row) EXPECT_GE(data.test.x[0].at(row), set.test);
  for (int64_t row = 0; row < data.train.rows(); ++row) EXPECT_LT(data.train.x[0].at(row), set.validation);
  ASSERT_EQ(data.files.size(), 1u);
  EXPECT_EQ(Json::parse(data.files[0].second)["train"].size(), static_cast<size_t>(set.validation));
  EXPECT_EQ(data.task.target_steps, 8);  // "a red square on the left ." and the end
  // Captions that are too long are not trained on, the others are.
  const RecipeData shorter = loaded(squares.request({{"length", "6"}}));
  EXPECT_EQ(shorter.train.rows(), 2 * set.validation);
  EXPECT_THAT(error_of([&] { loaded(squares.request({{"length", "2"}})); }), HasSubstr("fewer than 2 words"));
}

TEST(CaptionRows, TakeVectorsOfWords) {
  const Squares squares(3);
  write_file_atomically(squares.folder / "v.txt", "red 1 2 3\nsquare 4 5 6\n");
  const RecipeData data = loaded(squares.request({{"vectors", squares.folder / "v.txt"}}));
  EXPECT_EQ(data.task.word_vectors.shape(), (Shape{data.task.classes, 3}));
  EXPECT_THAT(data.description, HasSubstr("2 of"));
  double found = 0;
  for (int64_t i = 0; i < data.task.word_vectors.count(); ++i) found += data.task.word_vectors.at(i) == 5;
  EXPECT_EQ(found, 1);
}

TEST(CaptionRows, RefuseWhatIsNoSet) {
  const Squares squares(3);
  RunRequest request = squares.request();
  request.data = squares.folder / "nowhere";
  EXPECT_THAT(error_of([&] { loaded(request); }), HasSubstr("a folder of pictures with a captions.tsv"));
  request.data = squares.folder.path();
  EXPECT_THAT(error_of([&] { loaded(request); }), HasSubstr("found no captions.tsv"));
  EXPECT_THAT(error_of([&] { loaded(squares.request({{"base", ""}})); }), HasSubstr("folio train caption"));
  EXPECT_THAT(error_of([&] { loaded(squares.request({{"cut", "old_head"}})); }), HasSubstr("makes maps"));
}

// The nearest picture's captions are those of a picture with the same square.
TEST(CaptionBaselines, AreTheCaptionsOfTheNearestPicture) {
  const Squares squares;
  const RecipeData data = loaded(squares.request());
  const auto baselines = caption_baselines(recipe("caption"), data, settings_with({}), {});
  EXPECT_GT(value_of(baselines[0].test, "bleu"), 60);
}

TEST(CaptionScores, AreOfAllReferences) {
  const std::vector<CaptionedPicture> pictures = {{"a", {"x y z w v", "a b c d e"}}, {"b", {"k l m n o"}}};
  const Logs logs = caption_scores({"a b c d e", "k l m n o"}, pictures);
  EXPECT_NEAR(value_of(logs, "bleu"), 100, 1e-9);
  EXPECT_EQ(value_of(logs, "distinct"), 1);
  EXPECT_EQ(value_of(caption_scores({"a", "a"}, pictures), "distinct"), 0.5);
}

TEST(Captioner, RefusesModelsOfOtherThings) {
  const Value x = Input({3});
  const Model model(x, Dense(2)(x), "other");
  EXPECT_THAT(error_of([&] { Captioner{model}; }), HasSubstr("folio train caption"));
  const Squares squares(3);
  const RunRequest request = squares.request();
  const RecipeData data = loaded(request);
  const Model whole = caption_network(data.task, settings_with(request.settings));
  set_preparation(whole.model().assets,
                  CaptionPreparation::fit({"a b"}, {.pieces = {.unit = "word", .least = 1}}));
  EXPECT_THAT(error_of([&] { Captioner{whole}; }), HasSubstr("damaged"));
}

TEST(Maps, AreTheLastOnesOfANetworkOrOfOneInIt) {
  const Model base = Squares::network(12, 16);
  const Tensor x = Tensor::filled({2, 12, 16, 3}, 0.3);
  const Tensor wanted = Model(base.inputs()[0], base.get_layer("second").output()).predict(x);
  const Model maps = maps_of(base);
  EXPECT_EQ(maps.outputs()[0].shape().from(1), (Shape{5, 7, 16}));
  const Tensor made = maps.predict(x);
  for (int64_t i = 0; i < made.count(); ++i) EXPECT_EQ(made.at(i), wanted.at(i));
  EXPECT_EQ(maps_of(base, "first").outputs()[0].shape().from(1), (Shape{5, 7, 12}));
  // What the recipe `transfer` leaves behind has the base within it, behind a scaling.
  const Model features(base.inputs()[0], base.get_layer("second").output());
  const Value raw = Input({12, 16, 3});
  const Model pooled(features.inputs()[0], GlobalAveragePooling2D()(features.outputs()[0]), "features");
  const Model transferred(raw, Dense(2)(pooled(Rescaling(1.0 / 255)(raw))), "transfer");
  const Model inner = maps_of(transferred);
  EXPECT_EQ(inner.outputs()[0].shape().from(1), (Shape{5, 7, 16}));
  const Tensor scaled = Tensor::filled({2, 12, 16, 3}, 0.3 * 255);
  const Tensor same = inner.predict(scaled);
  for (int64_t i = 0; i < same.count(); ++i) EXPECT_NEAR(same.at(i), wanted.at(i), 1e-5);
  EXPECT_THAT(error_of([] { maps_of(Sequential({Input({4}), Dense(2)})); }), HasSubstr("pictures"));
  EXPECT_THAT(error_of([&] { maps_of(base, "global_average_pooling2d"); }), testing::Not(""));
}

}  // namespace
}  // namespace folio
