// Sets that are changed before training, and the sheet to look at. (sheet F9)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "folio/data/npy.h"
#include "folio/pictures/augmented_set.h"
#include "folio/pictures/contact_sheet.h"
#include "folio/pictures/picture_file.h"
#include "folio/pictures/resize.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

Tensor noise(int64_t height, int64_t width, int64_t channels, uint32_t seed) {
  return RandomNumbers(seed).tensor({height, width, channels}, 0, 256, DType::uint8);
}

bool same(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  for (int64_t i = 0; i < a.count(); ++i)
    if (a.at(i) != b.at(i)) return false;
  return true;
}

std::vector<std::string> tree(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(folder).string());
  return names;
}

TEST(AugmentedSet, KeepsFoldersAndNamesAndReplacesNone) {
  const TemporaryFolder folder;
  const std::string data = folder / "pets";
  for (const char* place : {"cats", "dogs/old"}) std::filesystem::create_directories(data + "/" + place);
  write_png(data + "/cats/a.png", noise(6, 8, 3, 1));
  write_png(data + "/cats/a-1.png", noise(6, 8, 3, 2));  // whose name a copy would have
  write_png(data + "/dogs/old/b.png", noise(5, 5, 1, 3));
  write_file_atomically(data + "/dogs/broken.png", "no picture");
  const ImageAugmenter augmenter({.rotation_range = 30, .seed = 4});
  const AugmentedSet set = write_augmented_set(data, folder / "more/", augmenter, 2);
  EXPECT_EQ(set.pictures, 3);
  EXPECT_EQ(set.changed, 6);
  EXPECT_FALSE(set.divided);
  ASSERT_EQ(set.left_out.size(), 1);
  EXPECT_THAT(set.left_out[0], HasSubstr("broken.png"));
  EXPECT_THAT(tree(folder / "more"),
              UnorderedElementsAre("contact-sheet.png", "cats/a.png", "cats/a-1.png", "cats/a-2.png",
                                   "cats/a-3.png", "cats/a-1-1.png", "cats/a-1-2.png", "dogs/old/b.png",
                                   "dogs/old/b-1.png", "dogs/old/b-2.png"));
  EXPECT_TRUE(same(read_picture(folder / "more/cats/a.png"), noise(6, 8, 3, 1)));
  // Pictures are numbered in the order of their paths: a-1, a, broken, b.
  EXPECT_TRUE(same(read_picture(folder / "more/dogs/old/b-2.png"),
                   rounded(augmenter.random_transform(noise(5, 5, 1, 3), 1, 3))));
  EXPECT_THAT(error_of([&] { write_augmented_set(data, folder / "more", augmenter, 1); }),
              HasSubstr("is there already"));
  EXPECT_THAT(error_of([&] { write_augmented_set(data, data + "/more", augmenter, 1); }),
              HasSubstr("expected a folder outside of"));
  EXPECT_THAT(folder.names(), UnorderedElementsAre("pets", "more"));
  EXPECT_EQ(write_augmented_set(folder / "more", folder / "again", augmenter, 1).pictures,
            9);  // not the sheet
}

TEST(AugmentedSet, OfArraysComesWithWhatBelongsToThem) {
  const TemporaryFolder folder;
  const Tensor x = RandomNumbers(1).tensor({3, 4, 4, 1}, 0, 256, DType::uint8),
               y = Tensor::of<int32_t>({3}, {7, 8, 9});
  write_npz(folder / "set.npz", {{"x", x}, {"y", y}});
  const ImageAugmenter augmenter({.width_shift_range = 0.5, .seed = 4});
  const AugmentedSet set = write_augmented_set(folder / "set.npz", folder / "out", augmenter, 2);
  EXPECT_EQ(set.changed, 6);
  for (const auto& [name, array] : read_npz(folder / "out/augmented.npz")) {
    EXPECT_EQ(array.shape()[0], 9);
    if (name == "y") {
      for (int64_t i = 0; i < 9; ++i) EXPECT_EQ(array.at(i), static_cast<double>(7 + i % 3));
      continue;
    }
    EXPECT_TRUE(same(array.rows(0, 3), x));
    EXPECT_TRUE(same(array.rows(7, 8).reshaped({4, 4, 1}),
                     rounded(augmenter.random_transform(x.rows(1, 2).reshaped({4, 4, 1}), 1, 1))));
  }
  write_npz(folder / "bad.npz", {{"x", x}, {"y", y.rows(0, 2)}});
  EXPECT_THAT(error_of([&] { write_augmented_set(folder / "bad.npz", folder / "no", augmenter, 1); }),
              HasSubstr("y: expected 3 rows as in x"));
  EXPECT_THAT(folder.names(), UnorderedElementsAre("set.npz", "bad.npz", "out"));
}

TEST(ContactSheet, ShowsPicturesOfAnySize) {
  const Tensor sheet = contact_sheet({{Tensor::filled({2, 4, 1}, 100, DType::uint8)},
                                      {Tensor::filled({40, 20, 3}, 50), Tensor::filled({1, 1, 3}, 0)}},
                                     10);
  ASSERT_EQ(sheet.shape(), Shape({32, 32, 3}));  // two tiles of 10 and three gaps of 4 each way
  EXPECT_EQ(sheet.at(0, 0, 0), 255);
  EXPECT_EQ(sheet.at(4, 6, 0), 255);  // 4 x 8 pixels in the middle of the tile
  EXPECT_EQ(sheet.at(7, 5, 0), 100);
  EXPECT_EQ(sheet.at(20, 9, 2), 50);  // made smaller
  EXPECT_EQ(sheet.at(20, 5, 2), 255);
  EXPECT_EQ(sheet.at(27, 27, 1), 0);   // made larger
  EXPECT_EQ(sheet.at(8, 20, 0), 255);  // no picture there
  EXPECT_THAT(error_of([] { contact_sheet({}); }), HasSubstr("expected pictures"));
  EXPECT_THAT(error_of([] { contact_sheet({{Tensor({2, 2, 1})}}, 100'000); }), HasSubstr("fewer or smaller"));
}

}  // namespace
}  // namespace folio
