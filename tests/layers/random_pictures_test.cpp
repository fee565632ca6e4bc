// Layers that change pictures at random: what they draw. What they make of it is compared with Keras in
// golden_test.cpp. (sheet F9)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "folio/layers/all.h"
#include "folio/models/model.h"
#include "folio/training/optimizer.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

using testing::HasSubstr;

// Every pixel is its row * 10 + column.
Tensor numbered(int64_t batch, int64_t height, int64_t width) {
  Tensor x({batch, height, width, 1});
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < width; ++j) x.set({b, i, j, 0}, static_cast<double>(i * 10 + j));
  return x;
}

Tensor trained(const Layer& layer, const Tensor& x) { return run_layer(layer, {x}, {.training = true}); }

TEST(RandomPictureLayers, FlipHalfOfThePictures) {
  constexpr int64_t kBatch = 400;
  const Tensor x = numbered(kBatch, 2, 3);
  for (const std::string mode : {"horizontal", "vertical", "horizontal_and_vertical"}) {
    const Tensor y = trained(RandomFlip({.mode = mode}), x);
    const double corner = mode == "horizontal" ? 2 : mode == "vertical" ? 10 : 12;
    int64_t flipped = 0;
    for (int64_t b = 0; b < kBatch; ++b) {
      EXPECT_TRUE(y.at(b, 0, 0, 0) == 0 || y.at(b, 0, 0, 0) == corner) << y.at(b, 0, 0, 0);
      EXPECT_EQ(y.at(b, 0, 0, 0) + y.at(b, 1, 2, 0), 12);
      flipped += y.at(b, 0, 0, 0) == corner;
    }
    EXPECT_NEAR(flipped, kBatch / 2, 5 * std::sqrt(kBatch / 4.0)) << mode;
  }
}

TEST(RandomPictureLayers, MoveByAllOfTheirRange) {
  constexpr int64_t kBatch = 300;
  // A slope, so that what a pixel in the middle shows says how far the picture went.
  const Tensor x = numbered(kBatch, 9, 9);
  const Tensor y = trained(RandomTranslation({-0.2, 0.1}, {0.1, 0.3}), x);
  double least_down = 9, most_down = -9, least_right = 9, most_right = -9;
  for (int64_t b = 0; b < kBatch; ++b) {
    const double down = -(y.at(b, 5, 4, 0) - y.at(b, 4, 4, 0));
    EXPECT_NEAR(down, -10, 1e-3);
    const double right = std::remainder(44 - y.at(b, 4, 4, 0), 10);
    const double moved = (44 - y.at(b, 4, 4, 0) - right) / 10;
    (void)moved;
    least_right = std::min(least_right, right), most_right = std::max(most_right, right);
    least_down = std::min(least_down, 44 - y.at(b, 4, 4, 0)),
    most_down = std::max(most_down, 44 - y.at(b, 4, 4, 0));
  }
  // 10 * down + right, of -1.8 to 0.9 and 0.9 to 2.7 pixels.
  EXPECT_GT(least_down, -17.1 - 0.01);
  EXPECT_LT(least_down, -14);
  EXPECT_LT(most_down, 11.7 + 0.01);
  EXPECT_GT(most_down, 9);
}

TEST(RandomPictureLayers, CropOnePlaceForTheWholeBatch) {
  const Tensor x = numbered(3, 6, 7);
  std::set<std::pair<int, int>> places;
  for (int64_t seed = 0; seed < 200; ++seed) {
    const Tensor y = trained(RandomCrop(4, 5, {.seed = seed}), x);
    ASSERT_EQ(y.shape(), Shape({3, 4, 5, 1}));
    const int first = static_cast<int>(y.at(0));
    for (int64_t b = 0; b < 3; ++b)
      for (int64_t i = 0; i < 4; ++i)
        for (int64_t j = 0; j < 5; ++j) ASSERT_EQ(y.at(b, i, j, 0), first + static_cast<double>(i * 10 + j));
    places.emplace(first / 10, first % 10);
  }
  EXPECT_EQ(places.size(), 9);  // three by three
  const Tensor middle = run_layer(RandomCrop(4, 5), {x});
  EXPECT_EQ(middle.at(0), 11);
  EXPECT_THAT(error_of([&] { trained(RandomCrop(7, 7), x); }),
              HasSubstr("expects pictures of at least 7 x 7"));
}

TEST(RandomPictureLayers, ChangeColoursWithinTheirRange) {
  constexpr int64_t kBatch = 300;
  const Tensor x = numbered(kBatch, 2, 2);  // 0 1 | 10 11, mean 5.5
  const Tensor spread = trained(RandomContrast({0.5, 0.8}, {.value_range = {-1000, 1000}}), x);
  const Tensor lit = trained(RandomBrightness({-0.1, 0.2}, {.value_range = {-50, 50}}), x);
  double least_factor = 9, most_factor = 0, least = 99, most = -99;
  for (int64_t b = 0; b < kBatch; ++b) {
    const double factor = (spread.at(b, 1, 1, 0) - 5.5) / 5.5;
    EXPECT_NEAR(spread.at(b, 0, 1, 0), 5.5 - 4.5 * factor, 1e-3);
    least_factor = std::min(least_factor, factor), most_factor = std::max(most_factor, factor);
    const double light = lit.at(b, 0, 0, 0);
    EXPECT_NEAR(lit.at(b, 1, 0, 0), 10 + light, 1e-3);
    least = std::min(least, light), most = std::max(most, light);
  }
  EXPECT_NEAR(least_factor, 0.5, 0.05);
  EXPECT_NEAR(most_factor, 1.8, 0.05);
  EXPECT_NEAR(least, -10, 1);
  EXPECT_NEAR(most, 20, 1);
  // A single factor of contrast is the upper one.
  const Tensor more = trained(RandomContrast(0.5, {.value_range = {0, 11}}), x);
  for (int64_t b = 0; b < kBatch; ++b) {
    EXPECT_LE(more.at(b, 0, 1, 0), 1.001);
    EXPECT_EQ(more.at(b, 1, 1, 0), 11);
    EXPECT_EQ(more.at(b, 0, 0, 0), 0);
  }
}

std::vector<Layer> all_of_them() {
  return {RandomFlip(),        RandomRotation(0.2),  RandomZoom(0.3), RandomTranslation(0.3, 0.3),
          RandomContrast(0.9), RandomBrightness(0.5)};
}

TEST(RandomPictureLayers, PassPicturesOnWhenTheyDoNotTrain) {
  const Tensor x = numbered(4, 5, 6);
  for (const Layer& layer : all_of_them()) {
    const Tensor y = run_layer(layer, {x}), z = trained(layer, x);
    double difference = 0;
    for (int64_t i = 0; i < x.count(); ++i) {
      ASSERT_EQ(y.at(i), x.at(i)) << layer.class_name();
      difference += std::abs(z.at(i) - x.at(i));
    }
    EXPECT_GT(difference, 1) << layer.class_name();
    const Tensor bytes = run_layer(layer, {x.cast(DType::uint8)});
    EXPECT_EQ(bytes.dtype(), DType::float32);
    EXPECT_EQ(bytes.at(7), x.at(7));
  }
}

// Whatever the number of threads, and whether the training was interrupted.
TEST(RandomPictureLayers, GiveTheSameBitsOnAnyNumberOfThreads) {
  RandomNumbers numbers(3);
  const Tensor x = numbers.tensor({40, 8, 8, 1}, 0, 255, DType::float32);
  Tensor y({40}, DType::int32);
  for (int64_t i = 0; i < 40; ++i) y.set(i, static_cast<double>(i % 2));
  const auto weights = [&](int threads, bool parts) {
    const int before = default_threads();
    set_default_threads(threads);
    set_random_seed(2);
    Sequential model({Input({8, 8, 1})});
    for (const Layer& layer : all_of_them()) model.add(layer);
    model.add(Flatten());
    model.add(Dense(2, {.activation = "softmax"}));
    model.compile({.optimizer = Adam(0.001), .loss = "sparse_categorical_crossentropy"});
    if (parts) model.fit(Data(x, y), {.batch_size = 16, .epochs = 1, .verbose = 0});
    model.fit(Data(x, y), {.batch_size = 16, .epochs = 3, .verbose = 0, .initial_epoch = parts ? 1 : 0});
    set_default_threads(before);
    const Tensor kernel = model.get_weights()[0];
    return std::vector<float>(kernel.values<float>().begin(), kernel.values<float>().end());
  };
  const auto one = weights(1, false);
  EXPECT_EQ(weights(3, false), one);
  EXPECT_EQ(weights(2, true), one);
}

TEST(RandomPictureLayers, SayWhatTheyCannotDo) {
  EXPECT_THAT(error_of([] { RandomRotation(2); }), HasSubstr("factor: expected a number or a list of two"));
  EXPECT_THAT(error_of([] { RandomContrast({-0.2, 0.5}); }), HasSubstr("factor: expected"));
  EXPECT_THAT(error_of([] { RandomZoom(0.1, {.fill_mode = "mirror"}); }), HasSubstr("fill_mode"));
  EXPECT_THAT(error_of([] { RandomFlip({.mode = "sideways"}); }), HasSubstr("mode"));
  EXPECT_THAT(error_of([] { RandomBrightness(0.1, {.value_range = {1}}); }), HasSubstr("value_range"));
  EXPECT_THAT(error_of([] { Resizing(0, 3); }), HasSubstr("height"));
  EXPECT_THAT(error_of([] { RandomFlip()(Input({4})); }), HasSubstr("expects pictures"));
  EXPECT_THAT(error_of([] {
                Resizing(3, 3, {.crop_to_aspect_ratio = true, .pad_to_aspect_ratio = true})(Input({4, 5, 1}));
              }),
              HasSubstr("got both"));
}

TEST(ResizingLayers, TakeBytesAndSizesThatAreNotKnownYet) {
  const Tensor bytes = numbered(1, 4, 4).cast(DType::uint8);
  const Tensor y = run_layer(Resizing(2, 2), {bytes});  // 5.5 and so on, to the nearest even whole number
  EXPECT_EQ(y.at(0), 6);
  EXPECT_EQ(y.at(3), 28);
  const Value x = Input({kUnknown, kUnknown, 3});
  EXPECT_EQ(Resizing(5, 6)(x).shape(), Shape({kUnknown, 5, 6, 3}));
  EXPECT_EQ(CenterCrop(5, 6)(x).shape(), Shape({kUnknown, 5, 6, 3}));
  const Model model(x, GlobalAveragePooling2D()(Resizing(5, 6, {.pad_to_aspect_ratio = true})(x)));
  EXPECT_EQ(model.predict(Tensor({2, 7, 9, 3})).shape(), Shape({2, 3}));
  EXPECT_EQ(model.predict(Tensor({1, 3, 20, 3})).shape(), Shape({1, 3}));
}

}  // namespace
}  // namespace folio
