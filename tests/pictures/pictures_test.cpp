#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "folio/data/npy.h"
#include "folio/pictures/picture_file.h"
#include "folio/pictures/picture_folder.h"
#include "folio/pictures/picture_preparation.h"
#include "folio/pictures/resize.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string golden(const std::string& name) { return golden_path(__FILE__, name); }

std::map<std::string, Tensor> arrays_of(const std::string& path) {
  std::map<std::string, Tensor> arrays;
  for (const auto& [name, array] : read_npz(path)) arrays[name] = array;
  return arrays;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (int64_t i = 0; i < a.count(); ++i) largest = std::max(largest, std::abs(a.at(i) - b.at(i)));
  return largest;
}

TEST(Pictures, AreTurnedAsExifSays) {
  const Tensor upright = read_picture(golden("exif/upright.png"));
  ASSERT_EQ(upright.shape(), Shape({16, 24, 3}));
  const auto difference = [&](const std::string& name) {
    const Tensor picture = read_picture(golden("exif/" + name));
    if (picture.shape() != upright.shape()) return 1000.0;
    const PictureSize size = picture_size(golden("exif/" + name));
    EXPECT_EQ(size.height, 16) << name;
    double sum = 0;
    for (int64_t i = 0; i < picture.count(); ++i) sum += std::abs(picture.at(i) - upright.at(i));
    return sum / static_cast<double>(picture.count());
  };
  for (const char* name : {"1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg", "6-after-xmp.jpg", "7.jpg",
                           "8.jpg", "0-no-such.jpg", "9-no-such.jpg", "broken-exif.jpg"})
    EXPECT_LT(difference(name), 2) << name;
}

TEST(Pictures, OfAllKindsOfJpegAndPng) {
  for (const auto& [kind, ending, most] : {std::tuple("jpeg", ".jpg", 3.0), std::tuple("png", ".png", 1.0)}) {
    for (auto& [name, wanted] : arrays_of(golden(std::string(kind) + "/expected.npz"))) {
      const bool on_white = name == "half-see-through-on-white";
      if (name.starts_with("half-see-through") && !on_white) continue;
      const std::string file = on_white ? "half-see-through" : name;
      const Tensor picture = with_channels(read_picture(golden(std::string(kind) + "/" + file + ending)), 3);
      ASSERT_EQ(picture.shape(), wanted.shape()) << name;
      EXPECT_LE(largest_difference(picture, wanted), most) << name;
    }
  }
}

TEST(Pictures, AreResizedAsInKeras) {
  const auto arrays = arrays_of(golden("resize.npz"));
  const Tensor& picture = arrays.at("picture");
  for (const auto& [name, wanted] : arrays) {
    if (name == "picture") continue;
    const bool smart = name.starts_with("smart");
    const int64_t height = wanted.shape()[0], width = wanted.shape()[1];
    const Tensor part = smart ? crop_to_aspect(picture, height, width) : picture;
    EXPECT_LT(largest_difference(resize(part, height, width), wanted), 1e-3) << name;
    EXPECT_LT(largest_difference(resize(rounded(part), height, width), wanted), 1e-3) << name;
  }
}

TEST(Pictures, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  for (int64_t channels : {1, 3}) {
    Tensor picture({9, 5, channels}, DType::uint8);
    for (int64_t i = 0; i < picture.count(); ++i) picture.set(i, static_cast<double>(i * 37 % 256));
    write_png(folder / "a.png", picture);
    const Tensor back = read_picture(folder / "a.png");
    ASSERT_EQ(back.shape(), picture.shape());
    EXPECT_EQ(largest_difference(back, picture), 0);
  }
}

// A folder as people have it.
TEST(Pictures, UntidyFoldersHaveTheirClasses) {
  const TemporaryFolder folder;
  const std::string png = golden("png/rgb-16.png"), jpeg = golden("jpeg/grey.jpg");
  const auto put = [&](const std::string& name, const std::string& from) {
    const std::filesystem::path path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::copy_file(from, path);
  };
  for (const char* name : {"ants and bees/1.JPG", "ants and bees/2.jpeg", "ants and bees/3.Jpg",
                           "café/really-a-jpeg.png", "日本/x.jpg"})
    put(name, jpeg);
  for (const char* name : {"café/a.PNG", "café/really-a-png.jpg", "日本/deeper/z.png"}) put(name, png);
  for (const char* name : {"ants and bees/.DS_Store", "ants and bees/._1.JPG", "ants and bees/Thumbs.db",
                           ".ipynb_checkpoints/1.jpg", "__MACOSX/café/._a.jpg", "notes.txt"})
    put(name, jpeg);
  std::filesystem::create_directory(folder / "leer");
  EXPECT_TRUE(is_picture_folder(folder.path()));
  const PictureFolder found = read_picture_folder(folder.path());
  EXPECT_THAT(found.class_names, ElementsAre("ants and bees", "café", "日本"));
  EXPECT_THAT(found.empty, ElementsAre(folder / "leer"));
  std::vector<int> counts(3);
  for (const auto& entry : found.train) ++counts[static_cast<size_t>(entry.label)];
  EXPECT_THAT(counts, ElementsAre(3, 3, 2));
  EXPECT_FALSE(found.is_divided());
  EXPECT_FALSE(is_picture_folder(folder / "café"));
  EXPECT_EQ(pictures_in(folder / "café").size(), 3);
  EXPECT_THAT(error_of([&] { read_picture_folder(folder / "café"); }), HasSubstr("found 0"));
}

TEST(Pictures, DividedFoldersStayDivided) {
  const TemporaryFolder folder;
  const auto put = [&](const std::string& name) {
    const std::filesystem::path path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::copy_file(golden("jpeg/grey.jpg"), path);
  };
  for (const char* name : {"Train/a/1.jpg", "Train/b/2.jpg", "val/b/3.jpg", "test/a/4.jpg"}) put(name);
  const PictureFolder found = read_picture_folder(folder.path());
  EXPECT_THAT(found.class_names, ElementsAre("a", "b"));
  ASSERT_EQ(found.validation.size(), 1);
  EXPECT_EQ(found.validation[0].label, 1);
  EXPECT_EQ(found.test.size(), 1);
  put("test/c/5.jpg");
  EXPECT_THAT(error_of([&] { read_picture_folder(folder.path()); }), HasSubstr("got \"c\""));
}

TEST(Pictures, PreparationTravelsAndIsChecked) {
  const PicturePreparation preparation{8, 12, 1, "stretch"};
  const auto back = PicturePreparation::from_json(preparation.to_json(), "pictures.json");
  const Tensor picture = read_picture(golden("exif/upright.png"));
  EXPECT_EQ(back.prepared(picture).shape(), Shape({8, 12, 1}));
  EXPECT_EQ(largest_difference(back.prepared(picture), preparation.prepared(picture)), 0);
  for (const char* text : {"{}", "[]", R"({"height": 0, "width": 3, "channels": 3})",
                           R"({"height": 4, "width": 4, "channels": 2})",
                           R"({"height": 4, "width": 4, "channels": 3, "fit": "x"})"})
    EXPECT_NE(error_of([&] { PicturePreparation::from_json(Json::parse(text), "pictures.json"); }), "")
        << text;
}

TEST(Pictures, UnreadableOnesAreNamed) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "bad.jpg", "no picture");
  const auto read = prepare_pictures({folder / "bad.jpg", golden("jpeg/grey.jpg")}, {8, 8, 3});
  EXPECT_THAT(read.kept, ElementsAre(1));
  ASSERT_EQ(read.said.size(), 1);
  EXPECT_THAT(read.said[0], HasSubstr("bad.jpg: expected a PNG or JPEG picture"));
  EXPECT_EQ(read.x.shape(), Shape({1, 8, 8, 3}));
  EXPECT_THAT(error_of([&] { prepare_pictures({folder / "bad.jpg"}, {8, 8, 3}); }), HasSubstr("bad.jpg"));
}

// Cut at any byte a picture is refused, but for what follows the last pixel; damaged in any byte it is read
// or refused, within the limits of memory.
TEST(Pictures, DamageIsFound) {
  for (const char* name : {"exif/5.jpg", "jpeg/cmyk.jpg", "jpeg/progressive.jpg", "png/rgb-interlaced.png",
                           "png/palette-see-through.png", "png/grey-16-ramp.png"}) {
    const std::vector<std::byte> bytes = read_file(golden(name));
    for (size_t length = 0; length + 40 < bytes.size(); length += 1 + length / 40)
      EXPECT_NE(error_of([&] { decode_picture(std::span(bytes).first(length), name); }), "")
          << name << " cut at " << length;
    for (uint64_t round = 0; round < 300; ++round) {
      std::vector<std::byte> damaged = bytes;
      for (uint64_t i = 0; i < 1 + round % 4; ++i)
        damaged[(round * 7919 + i * 104729) % damaged.size()] = static_cast<std::byte>(round * 31 + i * 57);
      error_of([&] { decode_picture(damaged, name, {.pixels = 1 << 20}); });
    }
  }
}

TEST(Pictures, BombsAreRefusedBeforeMemoryIsTaken) {
  std::vector<std::byte> png = read_file(golden("png/rgb-16.png"));
  // Width and height stand at bytes 16 to 23; the checksum behind them is then wrong, which libpng says
  // first.
  for (size_t i : {16, 17, 20, 21}) png[i] = std::byte{0x7f};
  EXPECT_NE(error_of([&] { decode_picture(png, "bomb.png"); }), "");
  const std::string jpeg = golden("jpeg/grey.jpg");
  EXPECT_THAT(error_of([&] { read_picture(jpeg, {.pixels = 10}); }), HasSubstr("at most 10 pixels"));
  EXPECT_THAT(error_of([&] { picture_size(jpeg, {.pixels = 10}); }), HasSubstr("at most 10 pixels"));
}

}  // namespace
}  // namespace folio
