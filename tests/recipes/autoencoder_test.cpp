#include "folio/recipes/autoencoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/analysis/principal_components.h"
#include "folio/base/random.h"
#include "folio/pictures/picture_file.h"
#include "folio/pictures/picture_preparation.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/reconstruction.h"
#include "folio/recipes/run.h"
#include "folio/report/run_record.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

// A bright bar on dark ground, in another place in each.
Tensor bars(int64_t count, int64_t height = 12, int64_t width = 10, int64_t channels = 1) {
  Tensor pictures({count, height, width, channels}, DType::uint8);
  for (int64_t r = 0; r < count; ++r)
    for (int64_t y = 0; y < height; ++y)
      for (int64_t x = 0; x < width; ++x)
        for (int64_t c = 0; c < channels; ++c)
          pictures.set({r, y, x, c}, (y + r) % height < 3 ? 200 + 3 * c : 40 + 2 * ((x + r) % 5));
  return pictures;
}

std::string folder_of_bars(const TemporaryFolder& folder, int64_t count, int64_t channels = 1) {
  const Tensor pictures = bars(count, 12, 10, channels);
  for (int64_t r = 0; r < count; ++r)
    write_png(folder / ("bar" + std::to_string(r) + ".png"),
              pictures.rows(r, r + 1).reshaped(pictures.shape().from(1)));
  return folder.path();
}

Settings with(const std::map<std::string, std::string>& given) {
  Settings settings(autoencoder_settings());
  for (const auto& [key, value] : given) settings.set(key, value);
  return settings;
}

RunRequest request_of(const std::string& data, const std::string& run,
                      const std::map<std::string, std::string>& given) {
  RunRequest request;
  request.recipe = "autoencoder";
  request.data = data;
  request.settings = given;
  request.folder = run;
  request.quiet = true;
  request.training.epochs = 2;
  request.training.batch_size = 8;
  return request;
}

TEST(Reconstruction, MakesHolesThatAreFunctionsOfSeedAndRow) {
  const Reconstruction what{.task = "inpaint", .hole = 4, .seed = 5};
  const Tensor clean = bars(30);
  const Data data = what.data(clean, true);
  const Tensor holes = what.holes(clean.shape());
  std::set<int64_t> places;
  for (int64_t r = 0; r < 30; ++r) {
    int64_t count = 0, first = -1;
    for (int64_t i = 0; i < 120; ++i) {
      const int64_t at = r * 120 + i;
      EXPECT_FLOAT_EQ(data.y[0].at(at), clean.at(at) / 255);
      EXPECT_EQ(data.x[0].at(at), holes.at(at) != 0 ? 255 : clean.at(at));
      if (holes.at(at) == 0) continue;
      ++count;
      if (first < 0) first = i;
      EXPECT_TRUE(i / 10 - first / 10 < 4 && i % 10 - first % 10 < 4 && i % 10 >= first % 10);
    }
    EXPECT_EQ(count, 16);
    places.insert(first);
  }
  EXPECT_GT(places.size(), 10u);
  // The same for the same seed, however many pictures there are.
  const Tensor few = what.holes({3, 12, 10, 1});
  for (int64_t i = 0; i < few.count(); ++i) EXPECT_EQ(few.at(i), holes.at(i));
  EXPECT_EQ(clean.at(0), bars(30).at(0));  // what was given is as it was
}

TEST(Reconstruction, AddsNoiseWhereTheModelDoesNot) {
  const Reconstruction what{.task = "denoise", .noise = 0.1, .seed = 5};
  const Tensor clean = Tensor::filled({50, 8, 8, 1}, 128, DType::uint8);
  const Data train = what.data(clean, true), test = what.data(clean, false);
  double square = 0;
  for (int64_t i = 0; i < clean.count(); ++i) {
    EXPECT_EQ(train.x[0].at(i), 128);
    EXPECT_FLOAT_EQ(test.y[0].at(i), 128.0F / 255);
    square += std::pow((test.x[0].at(i) - 128) / 255, 2) / static_cast<double>(clean.count());
  }
  EXPECT_NEAR(std::sqrt(square), 0.1, 0.005);
  const Data other = Reconstruction{.task = "denoise", .noise = 0.1, .seed = 6}.data(clean, false);
  EXPECT_NE(other.x[0].at(0) * 256 + other.x[0].at(1), test.x[0].at(0) * 256 + test.x[0].at(1));
  EXPECT_THAT(error_of([] {
                Reconstruction::from_json(Json{{"task", "compres"}}, "reconstruction.json");
              }),
              HasSubstr("reconstruction.json"));
}

TEST(Autoencoder, ModelIsDecoderOfEncoder) {
  for (const auto& settings : std::vector<std::map<std::string, std::string>>{
           {{"network", "dense"}, {"hidden", "20,15"}, {"code", "5"}},
           {{"network", "linear"}, {"code", "5"}},
           {{"network", "convolutional"}, {"code", "5"}, {"filters", "2"}},
           {{"network", "convolutional"}, {"task", "inpaint"}, {"filters", "3"}},
           {{"network", "convolutional"}, {"task", "denoise"}, {"filters", "2"}}})
    for (const auto& [height, width, channels] : {std::tuple{28, 28, 1}, {13, 19, 3}, {64, 40, 3}}) {
      const RecipeTask task{.input = {height, width, channels}, .reconstructs = true};
      const Model model = autoencoder_network(task, with(settings));
      const Tensor x = bars(3, height, width, channels);
      const Tensor y = model.predict(x);
      EXPECT_EQ(y.shape(), x.shape());
      const Tensor code = part_of_autoencoder(model, "encoder").predict(x);
      EXPECT_EQ(code.shape().rank(), settings.contains("code") ? 2u : 4u);
      const Tensor again = part_of_autoencoder(model, "decoder").predict(code);
      for (int64_t i = 0; i < y.count(); ++i) ASSERT_EQ(again.at(i), y.at(i));
    }
  EXPECT_THAT(error_of([] {
                autoencoder_network({.input = {4, 9, 1}}, with({}));
              }),
              HasSubstr("at least 8 x 8"));
}

// Noise is the model's own while training, and nothing when predicting.
TEST(Autoencoder, HasNoiseInTrainingAlone) {
  const RecipeTask task{.input = {12, 10, 1}, .reconstructs = true};
  const auto loss_of = [&](const char* noise) {
    set_random_seed(1);
    const Model model = autoencoder_network(
        task, with({{"task", "denoise"}, {"network", "linear"}, {"code", "4"}, {"noise", noise}}));
    compile_for(model, task, "sgd");
    const Data data = Reconstruction{.task = "denoise"}.data(bars(8), true);
    const double still = *find_log(model.evaluate(data), "loss");
    return std::pair(still, *find_log(model.train_on_batch(data), "loss"));
  };
  const auto [still, trained] = loss_of("0.5");
  EXPECT_GT(std::abs(still - trained), 1e-4);
  EXPECT_DOUBLE_EQ(loss_of("0.01").first, still);
}

// Sheet E1: with linear layers the code spans the space of the first principal components.
TEST(Autoencoder, LinearOneSpansThePrincipalComponents) {
  constexpr int64_t kRows = 400, kSide = 8, kCode = 3;
  Tensor pictures({kRows, kSide, kSide, 1}, DType::uint8);
  const RandomStream stream{2, 0, 0};
  for (int64_t r = 0; r < kRows; ++r)
    for (int64_t y = 0; y < kSide; ++y)
      for (int64_t x = 0; x < kSide; ++x) {
        const auto row = static_cast<uint32_t>(r);
        double value = 127;
        for (uint32_t c = 0; c < kCode; ++c)  // waves of three strengths
          value += 14 * stream.normal(row, c) * std::sin(0.4 * (c + 1) * (c == 1 ? y : x) + c);
        value += 2 * stream.normal(row, static_cast<uint32_t>(10 + y * kSide + x));
        pictures.set({r, y, x, 0}, std::round(value));
      }
  set_random_seed(1);
  const RecipeTask task{.input = {kSide, kSide, 1}, .reconstructs = true};
  const Model model = autoencoder_network(task, with({{"network", "linear"}, {"code", "3"}}));
  compile_for(model, task, Adam(0.01));
  const Data data = Reconstruction{}.data(pictures, true);
  model.fit(data, {.batch_size = 50, .epochs = 150, .verbose = 0});
  model.optimizer()->set_learning_rate(0.001);
  model.fit(data, {.batch_size = 50, .epochs = 150, .verbose = 0});
  const PrincipalComponents components = principal_components(pictures, kCode);
  // What the decoder can draw: the rows of its kernel (code, pixels).
  const Tensor kernel = part_of_autoencoder(model, "decoder").weights()[0].value();
  const std::vector<double> angles = principal_angles(kernel, components.components);
  EXPECT_LT(angles.back(), 0.05);
  // A space of others is far from it.
  const Model untrained = autoencoder_network(task, with({{"network", "linear"}, {"code", "3"}}));
  EXPECT_GT(
      principal_angles(part_of_autoencoder(untrained, "decoder").weights()[0].value(), components.components)
          .back(),
      0.5);
}

TEST(Autoencoder, LeavesItsPartsInTheRun) {
  const TemporaryFolder photos, work;
  const std::string folder = folder_of_bars(photos, 40, 3);
  const std::string run = work / "run";
  const RunResult result =
      run_recipe(request_of(folder, run, {{"network", "dense"}, {"code", "6"}, {"hidden", "16"}}));
  EXPECT_EQ(result.test[0].first, "loss");
  EXPECT_NEAR(*find_log(result.test, "mse"), *find_log(result.test, "loss"), 1e-6);
  EXPECT_GT(*find_log(result.test, "psnr"), 5);
  ASSERT_EQ(result.baselines.size(), 1u);
  EXPECT_EQ(result.baselines[0].name, "6 principal components");
  EXPECT_GT(*find_log(result.baselines[0].test, "psnr"), *find_log(result.test, "psnr"));  // after two epochs

  const Model model = Model::load(run + "/model.keras"), encoder = Model::load(run + "/encoder.keras"),
              decoder = Model::load(run + "/decoder.keras");
  const Tensor x = bars(2, 16, 16, 3);  // pictures are made this large at least
  const Tensor y = model.predict(x), again = decoder.predict(encoder.predict(x));
  for (int64_t i = 0; i < y.count(); ++i) ASSERT_EQ(again.at(i), y.at(i));
  EXPECT_TRUE(preparation_of<PicturePreparation>(encoder).has_value());
  EXPECT_EQ(read_picture(run + "/pictures.png").shape()[2], 3);
  const RunRecord record = read_record(run);
  ASSERT_EQ(record.pictures.size(), 1u);
  EXPECT_THAT(read_text_file(run + "/report.html"), HasSubstr(record.pictures[0].picture.substr(0, 60)));
  // The same run again gives the same; the model is evaluated elsewhere as it was tested.
  const RunResult second =
      run_recipe(request_of(folder, work / "again", {{"network", "dense"}, {"code", "6"}, {"hidden", "16"}}));
  EXPECT_EQ(second.test, result.test);
}

TEST(Autoencoder, FillsHolesAndTakesNoiseAwayFromAFolder) {
  const TemporaryFolder photos, work;
  const std::string folder = folder_of_bars(photos, 30);
  for (const auto& [task, measure] : {std::pair("inpaint", "hole_psnr"), std::pair("denoise", "psnr")}) {
    const RunResult result =
        run_recipe(request_of(folder, work / task, {{"task", task}, {"filters", "2"}, {"noise", "0.3"}}));
    EXPECT_NE(find_log(result.test, measure), nullptr);
    ASSERT_EQ(result.baselines.size(), 2u);
    for (const Baseline& baseline : result.baselines) EXPECT_NE(find_log(baseline.test, measure), nullptr);
    const Model model = Model::load(std::string(work / task) + "/model.keras");
    ASSERT_TRUE(is_for_autoencoder(model, folder));
    EXPECT_FALSE(is_for_autoencoder(model, folder + "/none.npz"));
    const Data data = autoencoder_evaluation(model, folder);
    EXPECT_EQ(data.rows(), 30);
    EXPECT_NE(data.x[0].at(0) * 1e6 + data.x[0].at(50) * 1e3 + data.x[0].at(119),
              255 * (data.y[0].at(0) * 1e6 + data.y[0].at(50) * 1e3 + data.y[0].at(119)));
  }
  const TemporaryFolder few;
  EXPECT_THAT(error_of([&] { run_recipe(request_of(folder_of_bars(few, 4), work / "few", {})); }),
              HasSubstr("at least 10 pictures"));
}

// What simple means reach is what their names say.
TEST(Autoencoder, ComparesWithWhatNeedsNoNetwork) {
  const TemporaryFolder photos, work;
  const std::string folder = folder_of_bars(photos, 30);
  const Recipe& recipe = folio::recipe("autoencoder");
  RunRequest request = request_of(folder, work / "x", {});
  request.training.seed = 1;
  const Settings noisy = with({{"task", "denoise"}, {"noise", "0.1"}});
  const std::vector<Baseline> of_noise =
      autoencoder_baselines(recipe, autoencoder_data(recipe, request, noisy), noisy, {});
  // Noise of deviation 0.1 is 20 dB, a little more where it is cut off.
  EXPECT_NEAR(*find_log(of_noise[0].test, "psnr"), 20, 0.7);
  const Settings holes = with({{"task", "inpaint"}, {"hole", "0.5"}});
  const RecipeData data = autoencoder_data(recipe, request, holes);
  const std::vector<Baseline> of_holes = autoencoder_baselines(recipe, data, holes, {});
  EXPECT_GT(*find_log(of_holes[1].test, "hole_psnr"), 5);
  EXPECT_GT(*find_log(of_holes[1].test, "psnr"), *find_log(of_holes[1].test, "hole_psnr"));
}

}  // namespace
}  // namespace folio
