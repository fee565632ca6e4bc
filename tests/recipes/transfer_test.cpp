#include "folio/recipes/transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/base/random.h"
#include "folio/layers/all.h"
#include "folio/pictures/picture_file.h"
#include "folio/pictures/picture_preparation.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

// Three convolutions, an average and a head for seven classes.
Model base_network() {
  set_random_seed(4);
  const Value x = Input({12, 12, 3});
  Value y = Conv2D(4, 3, {.activation = "relu", .name = "block1_conv"})(x);
  y = BatchNormalization({.name = "block1_bn"})(y);
  y = Conv2D(6, 3, {.activation = "relu", .name = "block2_conv"})(y);
  y = Conv2D(5, 3, {.activation = "relu", .name = "block3_conv"})(y);
  y = BatchNormalization({.name = "block3_bn"})(y);
  y = GlobalAveragePooling2D({.name = "average"})(y);
  y = Dropout(0.3, {.name = "old_dropout"})(y);
  return Model(x, Dense(7, {.name = "old_head"})(y), "base");
}

Settings with(const std::map<std::string, std::string>& given) {
  Settings settings(transfer_settings());
  for (const auto& [key, value] : given) settings.set(key, value);
  return settings;
}

// Two classes that differ in their colour.
void write_photos(const TemporaryFolder& folder, int count) {
  const RandomStream stream{1, 0, 0};
  for (const char* name : {"leaf", "sky"}) {
    make_folders(folder / name);
    for (int i = 0; i < count; ++i) {
      Tensor picture({15, 18, 3}, DType::uint8);
      for (int64_t p = 0; p < picture.count(); ++p) {
        const bool bright = p % 3 == (name[0] == 'l' ? 1 : 2);
        picture.set(
            p, (bright ? 170 : 60) + stream.below(static_cast<uint32_t>(p), static_cast<uint32_t>(i), 50));
      }
      write_png(folder / (std::string(name) + "/" + std::to_string(i) + ".png"), picture);
    }
  }
}

RunRequest request_of(const std::string& data, const std::string& run,
                      const std::map<std::string, std::string>& given) {
  RunRequest request;
  request.recipe = "transfer";
  request.data = data;
  request.settings = given;
  request.folder = run;
  request.quiet = true;
  request.training.epochs = 2;
  return request;
}

Model inner(const Model& model) {
  return Model(std::dynamic_pointer_cast<ModelBody>(model.get_layer("features").handle()));
}

// The first number of a weight.
double first_of(const Model& model, const std::string& layer) {
  return model.get_layer(layer).weights()[0].value().at(0);
}

TEST(Transfer, CutsWhereTheHeadBegins) {
  const Model base = base_network();
  const Tensor x = Tensor::filled({2, 12, 12, 3}, 0.3);
  const Tensor wanted = Model(base.inputs()[0], base.get_layer("average").output()).predict(x);
  const Tensor cut = features_of(base).predict(x);
  EXPECT_EQ(cut.shape(), (Shape{2, 5}));
  for (int64_t i = 0; i < cut.count(); ++i) EXPECT_EQ(cut.at(i), wanted.at(i));
  EXPECT_EQ(features_of(base, "block2_conv").predict(x).shape(), (Shape{2, 6}));  // averaged
  EXPECT_THAT(error_of([&] { features_of(base, "block9"); }), HasSubstr("block9"));
  EXPECT_THAT(error_of([] {
                features_of(Sequential({Input({4}), Dense(2)}));
              }),
              HasSubstr("one input of pictures"));
}

TEST(Transfer, ThawsByPatternAndByCount) {
  const auto trainable = [](const Model& model) {
    std::vector<std::string> names;
    for (const Layer& layer : model.layers())
      if (layer.trainable() && !layer.trainable_weights().empty()) names.push_back(layer.name());
    return names;
  };
  using Names = std::vector<std::string>;
  const Model features = features_of(base_network());
  features.set_trainable(false);
  EXPECT_EQ(trainable(features), Names{});
  EXPECT_EQ(thaw(features, "block3*"), 1);  // batch normalization stays
  EXPECT_EQ(trainable(features), (Names{"block3_conv"}));
  EXPECT_EQ(thaw(features, "block[12]_conv"), 2);  // beside what learns already
  EXPECT_EQ(trainable(features), (Names{"block1_conv", "block2_conv", "block3_conv"}));
  features.set_trainable(false);
  EXPECT_EQ(thaw(features, "4"), 2);  // average, normalization and two convolutions
  EXPECT_EQ(trainable(features), (Names{"block2_conv", "block3_conv"}));
  EXPECT_EQ(thaw(features, "999"), 3);
  EXPECT_THAT(error_of([&] { thaw(features, "bloc_3"); }), HasSubstr("block1_conv, block1_bn"));
}

TEST(Transfer, LearnsWhatWasThawedAndNothingElse) {
  const TemporaryFolder photos, work;
  write_photos(photos, 20);
  const std::string base = work / "base.keras";
  base_network().save(base);
  const Model before = Model::load(base);
  const RunResult result = run_recipe(
      request_of(photos.path(), work / "run",
                 {{"base", base}, {"thaw", "block3*"}, {"head_epochs", "100"}, {"head_rate", "0.05"}}));
  std::vector<std::string> names;
  for (const Baseline& baseline : result.baselines) names.push_back(baseline.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a linear probe on the features", "frozen, with a new head",
                                             "always the most frequent class"}));
  EXPECT_EQ(*find_log(result.baselines[0].test, "accuracy"), 1);
  EXPECT_EQ(*find_log(result.baselines[1].test, "accuracy"), 1);
  EXPECT_EQ(*find_log(result.baselines[2].test, "accuracy"), 0.5);
  EXPECT_EQ(*find_log(result.test, "accuracy"), 1);

  const Model model = Model::load(std::string(work / "run") + "/model.keras");
  for (const char* kept : {"block1_conv", "block1_bn", "block2_conv", "block3_bn"})
    EXPECT_EQ(first_of(inner(model), kept), first_of(before, kept)) << kept;
  const Tensor learnt = inner(model).get_layer("block3_conv").get_weights()[0];
  const Tensor old = before.get_layer("block3_conv").get_weights()[0];
  double moved = 0;
  for (int64_t i = 0; i < old.count(); ++i) moved += std::abs(learnt.at(i) - old.at(i));
  EXPECT_GT(moved, 1e-6);
  // The averages of batch normalization are still those of the base.
  EXPECT_EQ(inner(model).get_layer("block1_bn").get_weights()[2].at(0),
            before.get_layer("block1_bn").get_weights()[2].at(0));
  // It knows its classes and its pictures.
  EXPECT_EQ(class_names_of(model), (std::vector<std::string>{"leaf", "sky"}));
  const auto preparation = preparation_of<PicturePreparation>(model);
  ASSERT_TRUE(preparation);
  EXPECT_EQ(preparation->height, 12);
  const Tensor seen = preparation->prepared(read_picture(photos / "sky/3.png")).reshaped({1, 12, 12, 3});
  EXPECT_GT(model.predict(seen).at(1), 0.5);
}

TEST(Transfer, TakesSoManyOfEachClass) {
  const TemporaryFolder photos, work;
  write_photos(photos, 20);
  const std::string base = work / "base.keras";
  base_network().save(base);
  RunRequest request = request_of(photos.path(), "", {});
  request.training.seed = 3;
  const RecipeData data =
      transfer_data(recipe("transfer"), request, with({{"base", base}, {"per_class", "4"}}));
  ASSERT_EQ(data.train.rows(), 8);
  int64_t first = 0;
  for (int64_t r = 0; r < 8; ++r) first += data.train.y[0].at(r) == 0;
  EXPECT_EQ(first, 4);
  EXPECT_EQ(data.test.rows(), 8);  // those are all there
  EXPECT_EQ(data.task.input, (Shape{12, 12, 3}));
  EXPECT_THAT(error_of([&] { transfer_data(recipe("transfer"), request, with({})); }),
              HasSubstr("--set base"));
  EXPECT_THAT(error_of([&] {
                transfer_data(recipe("transfer"), request, with({{"base", base}, {"size", "20"}}));
              }),
              HasSubstr("the size that the base takes, 12"));
}

// Pixels go in as the settings say, and not at all scaled where the base does that itself.
TEST(Transfer, ScalesForTheBase) {
  const TemporaryFolder work;
  const std::string base = work / "base.keras", own = work / "own.keras";
  base_network().save(base);
  const Value raw = Input({12, 12, 3});
  Model(raw, Dense(2)(GlobalAveragePooling2D()(Conv2D(3, 3)(Rescaling(1.0 / 255)(raw))))).save(own);
  const RecipeTask task{.input = {12, 12, 3}, .classes = 2};
  const auto count = [&](const std::map<std::string, std::string>& given) {
    int64_t rescalings = 0;
    const Model model = transfer_network(task, with(given));
    for (const Layer& layer : model.layers()) rescalings += layer.class_name() == "Rescaling";
    return rescalings;
  };
  EXPECT_EQ(count({{"base", base}}), 1);
  EXPECT_EQ(count({{"base", own}}), 0);
  EXPECT_EQ(count({{"base", own}, {"divide", "128"}}), 1);
  const Model features = features_of(Model::load(base));
  const Model model = transfer_network(task, with({{"base", base}, {"subtract", "127"}, {"divide", "128"}}));
  const Tensor bytes = Tensor::filled({1, 12, 12, 3}, 191, DType::uint8);
  const Tensor wanted = features.predict(Tensor::filled({1, 12, 12, 3}, 0.5));
  const Tensor got = Model(model.inputs()[0], model.get_layer("features").output()).predict(bytes);
  for (int64_t i = 0; i < got.count(); ++i) EXPECT_NEAR(got.at(i), wanted.at(i), 1e-6);
}

}  // namespace
}  // namespace folio
