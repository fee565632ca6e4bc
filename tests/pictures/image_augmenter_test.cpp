// Pictures changed at random: Keras' numbers for given parameters, and what is drawn. (sheet F9)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/file.h"
#include "folio/data/npy.h"
#include "folio/pictures/image_augmenter.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

using testing::HasSubstr;

std::map<std::string, Tensor> arrays_of(const std::string& name) {
  std::map<std::string, Tensor> arrays;
  for (const auto& [key, array] : read_npz(golden_path(__FILE__, "augmentation/" + name)))
    arrays[key] = array;
  return arrays;
}

Json json_of(const std::string& name) {
  return Json::parse(read_text_file(golden_path(__FILE__, "augmentation/" + name)));
}

TransformParameters parameters_of(const Json& json) {
  TransformParameters p;
  p.theta = json.value("theta", 0.0);
  p.tx = json.value("tx", 0.0);
  p.ty = json.value("ty", 0.0);
  p.shear = json.value("shear", 0.0);
  p.zx = json.value("zx", 1.0);
  p.zy = json.value("zy", 1.0);
  p.flip_horizontal = json.value("flip_horizontal", false);
  p.flip_vertical = json.value("flip_vertical", false);
  if (json.contains("channel_shift_intensity"))
    p.channel_shift_intensity = json["channel_shift_intensity"].get<double>();
  if (json.contains("brightness")) p.brightness = json["brightness"].get<double>();
  return p;
}

ImageAugmenter augmenter_of(const Json& json) {
  return ImageAugmenter({.fill_mode = json.value("fill_mode", "nearest"), .cval = json.value("cval", 0.0)});
}

double largest_difference(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.shape(), b.shape());
  double largest = 0;
  for (int64_t i = 0; i < a.count(); ++i) largest = std::max(largest, std::abs(a.at(i) - b.at(i)));
  return largest;
}

// Pixels are hundreds, so that 2e-5 is what float32 itself can tell.
TEST(ImageAugmenter, EqualsKerasForGivenParameters) {
  const auto arrays = arrays_of("keras.npz");
  for (const Json& json : json_of("keras.json")) {
    const Tensor& picture = arrays.at("picture_" + json["picture"].get<std::string>());
    const Tensor made = augmenter_of(json).apply_transform(picture, parameters_of(json["parameters"]));
    EXPECT_LT(largest_difference(made, arrays.at(json["name"].get<std::string>())), 2e-5) << json.dump();
  }
}

TEST(ImageAugmenter, EqualsTfKerasForGivenParameters) {
  const auto arrays = arrays_of("given.npz");
  const Json cases = json_of("given.json");
  for (const auto& [name, json] : cases.items()) {
    const TransformParameters parameters = parameters_of(json["parameters"]);
    const Tensor& picture = arrays.at("picture");
    EXPECT_LT(largest_difference(augmenter_of(json).apply_transform(picture, parameters), arrays.at(name)),
              2e-5)
        << name;
    // Bytes give what the same numbers as float32 give.
    EXPECT_EQ(largest_difference(augmenter_of(json).apply_transform(picture.cast(DType::uint8), parameters),
                                 augmenter_of(json).apply_transform(picture, parameters)),
              0)
        << name;
  }
}

// A picture in which every pixel is another number.
Tensor counted(Shape shape) {
  Tensor picture(std::move(shape), DType::uint8);
  for (int64_t i = 0; i < picture.count(); ++i) picture.set(i, static_cast<double>(i));
  return picture;
}

ImageAugmenterOptions everything() {
  return {.rotation_range = 20,
          .width_shift_range = 0.2,
          .height_shift_range = 0.1,
          .brightness_range = {0.5, 1.5},
          .shear_range = 10,
          .zoom_range = 0.2,
          .channel_shift_range = 15,
          .horizontal_flip = true,
          .vertical_flip = true,
          .contrast_range = {0.8, 1.2},
          .saturation_range = {0.7, 1.3},
          .crop_padding = 4,
          .cutout = 5,
          .seed = 3};
}

TEST(ImageAugmenter, DrawsWithinItsRangesAndUsesThemWhole) {
  const ImageAugmenter augmenter(everything());
  std::map<std::string, std::pair<double, double>> seen;
  int flips[2] = {0, 0};
  constexpr int kPictures = 4000;
  for (int i = 0; i < kPictures; ++i) {
    const TransformParameters p = augmenter.get_random_transform({10, 20, 3}, i % 7, i);
    const auto see = [&](const char* name, double value) {
      const auto [entry, fresh] = seen.try_emplace(name, value, value);
      entry->second = {std::min(entry->second.first, value), std::max(entry->second.second, value)};
    };
    see("theta", p.theta), see("tx", p.tx), see("ty", p.ty), see("shear", p.shear), see("zx", p.zx);
    see("zy", p.zy), see("channel", *p.channel_shift_intensity), see("brightness", *p.brightness);
    see("contrast", p.contrast), see("saturation", p.saturation);
    see("crop_x", static_cast<double>(p.crop_x)), see("crop_y", static_cast<double>(p.crop_y));
    see("cutout_x", static_cast<double>(*p.cutout_x)), see("cutout_y", static_cast<double>(*p.cutout_y));
    see("zoom apart", p.zx - p.zy);
    flips[0] += p.flip_horizontal, flips[1] += p.flip_vertical;
  }
  // The width has 20 pixels, the height 10.
  const std::map<std::string, std::pair<double, double>> wanted = {{"theta", {-20, 20}},
                                                                   {"tx", {-4, 4}},
                                                                   {"ty", {-1, 1}},
                                                                   {"shear", {-10, 10}},
                                                                   {"zx", {0.8, 1.2}},
                                                                   {"zy", {0.8, 1.2}},
                                                                   {"channel", {-15, 15}},
                                                                   {"brightness", {0.5, 1.5}},
                                                                   {"contrast", {0.8, 1.2}},
                                                                   {"crop_x", {-4, 4}},
                                                                   {"crop_y", {-4, 4}},
                                                                   {"saturation", {0.7, 1.3}},
                                                                   {"cutout_x", {0, 19}},
                                                                   {"cutout_y", {0, 9}},
                                                                   {"zoom apart", {-0.4, 0.4}}};
  for (const auto& [name, range] : wanted) {
    const double room = 0.05 * (range.second - range.first);
    EXPECT_GE(seen[name].first, range.first) << name;
    EXPECT_LE(seen[name].second, range.second) << name;
    EXPECT_NEAR(seen[name].first, range.first, room) << name;
    EXPECT_NEAR(seen[name].second, range.second, room) << name;
  }
  for (const int count : flips) EXPECT_NEAR(count, kPictures / 2, 5 * std::sqrt(kPictures / 4));
}

TEST(ImageAugmenter, ShiftsAsKerasReadsThem) {
  const auto shifts = [](ShiftRange range) {
    std::set<double> seen;
    const ImageAugmenter augmenter({.width_shift_range = std::move(range), .seed = 1});
    for (int i = 0; i < 300; ++i) seen.insert(augmenter.get_random_transform({10, 10, 1}, 0, i).tx);
    return seen;
  };
  EXPECT_EQ(shifts(3), (std::set<double>{-2, -1, 0, 1, 2}));  // whole pixels below it
  EXPECT_EQ(shifts({2, 5}), (std::set<double>{-5, -2, 2, 5}));
  EXPECT_EQ(shifts({0.2, 0.5}), (std::set<double>{-5, -2, 2, 5}));  // shares of the side
  EXPECT_GT(shifts(2.5).size(), 250);
  EXPECT_EQ(shifts(0), (std::set<double>{0}));
}

TEST(ImageAugmenter, CropsPadsAndCutsOut) {
  const Tensor picture = counted({4, 4, 1});
  const ImageAugmenter augmenter({.fill_mode = "constant", .cval = 99, .crop_padding = 1, .cutout = 3});
  TransformParameters p;
  p.crop_x = 1;
  p.crop_y = -1;
  EXPECT_EQ(largest_difference(
                augmenter.apply_transform(picture, p),
                Tensor::of<float>({4, 4, 1}, {99, 99, 99, 99, 1, 2, 3, 99, 5, 6, 7, 99, 9, 10, 11, 99})),
            0);
  TransformParameters cut;
  cut.cutout_x = 3;
  cut.cutout_y = 1;
  EXPECT_EQ(largest_difference(
                augmenter.apply_transform(picture, cut),
                Tensor::of<float>({4, 4, 1}, {0, 1, 99, 99, 4, 5, 99, 99, 8, 9, 99, 99, 12, 13, 14, 15})),
            0);
}

TEST(ImageAugmenter, SpreadsContrastAndColours) {
  const Tensor picture = Tensor::of<float>({1, 2, 3}, {10, 20, 30, 100, 100, 100});
  const ImageAugmenter augmenter;
  TransformParameters p;
  p.saturation = 0;  // grey: 0.299 * 10 + 0.587 * 20 + 0.114 * 30
  EXPECT_LT(largest_difference(augmenter.apply_transform(picture, p),
                               Tensor::of<float>({1, 2, 3}, {18.15F, 18.15F, 18.15F, 100, 100, 100})),
            1e-4);
  p = {};
  p.contrast = 0.5;  // about (18.15 + 100) / 2
  EXPECT_LT(largest_difference(
                augmenter.apply_transform(picture, p),
                Tensor::of<float>({1, 2, 3}, {34.5375F, 39.5375F, 44.5375F, 79.5375F, 79.5375F, 79.5375F})),
            1e-4);
  p.contrast = 3;  // not beyond what was there
  const Tensor made = augmenter.apply_transform(picture, p);
  EXPECT_EQ(made.at(0), 10);
  EXPECT_EQ(made.at(5), 100);
}

// Every option says something, and none of them says it when it stands at its default.
TEST(ImageAugmenter, EveryOptionChangesPictures) {
  const Tensor picture = RandomNumbers(5).tensor({12, 12, 3}, 0, 256, DType::uint8).cast(DType::float32);
  EXPECT_FALSE(ImageAugmenter({.fill_mode = "wrap", .cval = 3, .seed = 4}).does_something());
  EXPECT_EQ(largest_difference(ImageAugmenter().random_transform(picture, 0, 0), picture), 0);
  for (const char* one :
       {"rotation_range=30", "width_shift_range=0.3", "height_shift_range=3", "brightness_range=[0.3,0.5]",
        "shear_range=20", "zoom_range=0.4", "zoom_range=[0.5,0.6]", "channel_shift_range=50",
        "horizontal_flip=true", "vertical_flip=true", "rescale=0.5", "contrast_range=[0.2,0.4]",
        "saturation_range=[0.2,0.4]", "crop_padding=4", "cutout=6"}) {
    const ImageAugmenter augmenter(augmenter_options(one));
    EXPECT_TRUE(augmenter.does_something()) << one;
    double most = 0;
    for (int i = 0; i < 8; ++i)
      most = std::max(most, largest_difference(augmenter.random_transform(picture, 0, i), picture));
    EXPECT_GT(most, 1) << one;
  }
  // Those that say what is beyond the border.
  std::set<double> sums;
  for (const char* fill : {"fill_mode=nearest", "fill_mode=constant", "fill_mode=constant,cval=9",
                           "fill_mode=reflect", "fill_mode=wrap"}) {
    const ImageAugmenter augmenter(
        augmenter_options(std::string("seed=2,rotation_range=40,zoom_range=[1.2,1.4],") + fill));
    const Tensor made = augmenter.random_transform(picture, 0, 0);
    double sum = 0;
    for (int64_t i = 0; i < made.count(); ++i) sum += made.at(i);
    sums.insert(sum);
  }
  EXPECT_EQ(sums.size(), 5);
}

TEST(ImageAugmenter, IsAFunctionOfSeedPassAndPicture) {
  const Tensor picture = counted({8, 8, 3});
  const auto made = [&](uint64_t seed, int64_t pass, int64_t number) {
    ImageAugmenterOptions options = everything();
    options.seed = seed;
    return ImageAugmenter(options).random_transform(picture, pass, number);
  };
  const Tensor first = made(1, 2, 3);
  EXPECT_EQ(largest_difference(made(1, 2, 3), first), 0);
  EXPECT_GT(largest_difference(made(2, 2, 3), first), 0);
  EXPECT_GT(largest_difference(made(1, 3, 3), first), 0);
  EXPECT_GT(largest_difference(made(1, 2, 4), first), 0);
  EXPECT_GT(largest_difference(made(1, 2, 3 + (int64_t{1} << 32)), first), 0);
}

TEST(ImageAugmenter, RefusesWhatItCannotDo) {
  const auto refusal = [](const std::string& text) {
    return error_of([&] { ImageAugmenter augmenter(augmenter_options(text)); });
  };
  EXPECT_THAT(refusal("rotaton_range=20"), HasSubstr("did you mean \"rotation_range\"?"));
  EXPECT_THAT(refusal("rotation_range"), HasSubstr("expected KEY=VALUE"));
  EXPECT_THAT(refusal("rotation_range=much"), HasSubstr("rotation_range: expected a number"));
  EXPECT_THAT(refusal("rotation_range=-1"), HasSubstr("rotation_range: expected 0 to 360, got -1"));
  EXPECT_THAT(refusal("zoom_range=1"), HasSubstr("zoom_range: expected factors above 0"));
  EXPECT_THAT(refusal("brightness_range=[0.5]"), HasSubstr("brightness_range: expected a list of 2"));
  EXPECT_THAT(refusal("fill_mode=mirror"), HasSubstr("fill_mode: expected"));
  EXPECT_THAT(refusal("width_shift_range=[]"), HasSubstr("width_shift_range: expected a number"));
  EXPECT_THAT(refusal("width_shift_range=1e9"), HasSubstr("width_shift_range: expected a number from 0"));
  EXPECT_THAT(error_of([] { ImageAugmenter({.zoom_range = {-1, 2}}); }), HasSubstr("zoom_range"));
  EXPECT_THAT(error_of([] {
                ImageAugmenter().flow(Tensor({4, 9}), Tensor({4}));
              }),
              HasSubstr("got rows of shape (9,)"));
  EXPECT_THAT(error_of([] {
                ImageAugmenter({.saturation_range = {0, 1}}).flow(Tensor({4, 9, 9}), Tensor({4}));
              }),
              HasSubstr("saturation_range: expected pictures of 3 channels, got 1"));
  EXPECT_THAT(error_of([] {
                ImageAugmenter({.brightness_range = {0, 1}}).apply_transform(Tensor({9, 9, 2}), {});
              }),
              HasSubstr("brightness_range: expected pictures of 1 or 3 channels, got 2"));
}

TEST(ImageAugmenter, WhatItIsIsWrittenAndRead) {
  const ImageAugmenter augmenter(everything());
  ImageAugmenterOptions read;
  read_fields(Json::parse(augmenter.description()), "description", [&](Fields& f) { fields(f, read); });
  EXPECT_EQ(ImageAugmenter(read).description(), augmenter.description());
  const ImageAugmenterOptions sheet = augmenter_options(kSheetAugmentation);
  EXPECT_EQ(sheet.rotation_range, 20);
  EXPECT_EQ(sheet.height_shift_range.values, std::vector<double>{0.2});
  EXPECT_EQ(sheet.zoom_range.from, 0.8);
  EXPECT_TRUE(sheet.horizontal_flip);
}

}  // namespace
}  // namespace folio
