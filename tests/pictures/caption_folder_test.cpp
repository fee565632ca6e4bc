#include "folio/pictures/caption_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/files_for_tests.h"
#include "tests/base/tar_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A folder with three pictures, of brightness 10, 20 and 30, one of them in `images`.
struct Pictures {
  TemporaryFolder folder;
  Pictures() {
    make_folders(folder / "images");
    write("a.png", 10);
    write("b.png", 20);
    write("images/c.png", 30);
  }
  void write(const std::string& name, uint8_t brightness) const {
    write_png(folder / name, Tensor::filled({8, 8, 3}, brightness, DType::uint8));
  }
  CaptionFolder read(const std::string& captions) const {
    write_file_atomically(folder / "captions.tsv", captions);
    return CaptionFolder(folder.path());
  }
  std::string error(const std::string& captions) const {
    return error_of([&] { read(captions); });
  }
};

std::vector<std::string> names_of(const std::vector<CaptionedPicture>& pictures) {
  std::vector<std::string> names;
  for (const CaptionedPicture& picture : pictures) names.push_back(picture.name);
  return names;
}

TEST(CaptionFolder, TakesLinesOfPictureAndCaption) {
  const Pictures pictures;
  const CaptionFolder folder = pictures.read("a.png\tone dog\n\nc.png\t a cat \r\na.png\ttwo\n");
  EXPECT_THAT(names_of(folder.train), ElementsAre("a.png", "c.png"));
  EXPECT_THAT(folder.train[0].captions, ElementsAre("one dog", "two"));
  EXPECT_THAT(folder.train[1].captions, ElementsAre("a cat"));
  EXPECT_TRUE(folder.validation.empty() && folder.test.empty() && folder.missing.empty());
  EXPECT_EQ(folder.without_caption, 1);  // b.png
}

TEST(CaptionFolder, TakesPartsNumbersAndNamesOfColumns) {
  const Pictures pictures;
  const CaptionFolder parts =
      pictures.read("picture\tsplit\tcaption\na.png\ttrain\tx\nb.png\tdev\ty\nc.png\ttest\tz\n");
  EXPECT_THAT(names_of(parts.train), ElementsAre("a.png"));
  EXPECT_THAT(names_of(parts.validation), ElementsAre("b.png"));
  EXPECT_THAT(names_of(parts.test), ElementsAre("c.png"));
  const CaptionFolder numbered = pictures.read("a.png\ttrain\t0\tx\na.png\ttrain\t1\ty\nb.png\ttest\t0\tz\n");
  EXPECT_THAT(numbered.train[0].captions, ElementsAre("x", "y"));
  EXPECT_THAT(numbered.test[0].captions, ElementsAre("z"));
  // As Flickr8k's own file numbers them.
  const CaptionFolder own = pictures.read("a.png#0\tx\na.png#1\ty\n");
  EXPECT_THAT(names_of(own.train), ElementsAre("a.png"));
  EXPECT_THAT(own.train[0].captions, ElementsAre("x", "y"));
}

TEST(CaptionFolder, LeavesOutWhatIsNotThere) {
  const Pictures pictures;
  const CaptionFolder folder = pictures.read("x.png\tone\na.png\ttwo\nx.png\tthree\ny.jpg\tfour\n");
  EXPECT_THAT(names_of(folder.train), ElementsAre("a.png"));
  EXPECT_THAT(folder.missing, ElementsAre("x.png", "y.jpg"));
  EXPECT_THAT(pictures.error("x.png\tone\n"), HasSubstr("found none of 1, such as \"x.png\""));
}

TEST(CaptionFolder, RefusesLinesThatAreWrong) {
  const Pictures pictures;
  EXPECT_THAT(pictures.error(""), HasSubstr("the file is empty"));
  EXPECT_THAT(pictures.error("a.png one dog\n"), HasSubstr("captions.tsv:1: expected picture<TAB>caption"));
  EXPECT_THAT(pictures.error("a.png\tone\tdog\tis\there\n"), HasSubstr(":1: expected picture<TAB>caption"));
  EXPECT_THAT(pictures.error("a.png\tx\nb.png\ty\tz\n"), HasSubstr(":2: expected 2 columns"));
  EXPECT_THAT(pictures.error("a.png\tx\nb.png\t \n"), HasSubstr(":2: expected a caption"));
  EXPECT_THAT(pictures.error("a.png\tx\nnotes.txt\ty\n"), HasSubstr(":2: expected the name of a picture"));
  EXPECT_THAT(pictures.error("one dog\ta.png\n"), HasSubstr(":1: expected the name of a picture"));
  EXPECT_THAT(pictures.error("a.png\tlater\tx\n"), HasSubstr("train, val or test"));
  EXPECT_THAT(pictures.error("a.png\ttrain\tx\na.png\ttest\ty\n"),
              HasSubstr(":2: expected all captions of a picture in one part"));
  EXPECT_THAT(pictures.error("a.png\ttest\tx\n"), HasSubstr("pictures to train on"));
  EXPECT_THAT(error_of([&] { CaptionFolder(pictures.folder / "images"); }),
              HasSubstr("found no captions.tsv"));
}

// A name may lead to no file outside, even if there is one.
TEST(CaptionFolder, RefusesNamesThatLeadOut) {
  const Pictures pictures;
  make_folders(pictures.folder / "inner");
  write_file_atomically(pictures.folder / "inner/captions.tsv", "../a.png\tx\n");
  EXPECT_THAT(error_of([&] { CaptionFolder(pictures.folder / "inner"); }),
              HasSubstr(":1: expected a picture in the folder"));
  EXPECT_THAT(pictures.error("images/../../a.png\tx\n"), HasSubstr("leads out"));
  EXPECT_THAT(pictures.error(pictures.folder / "a.png\tx\n"), HasSubstr("leads out"));
}

TEST(CaptionFolder, ReadsPicturesInTheirOrder) {
  const Pictures pictures;
  write_file_atomically(pictures.folder / "b.png", "no picture");
  const CaptionFolder folder = pictures.read("c.png\tx\nb.png\ty\na.png\tz\n");
  const PreparedPictures read = folder.read(folder.train, {.height = 4, .width = 4});
  EXPECT_THAT(read.kept, ElementsAre(0u, 2u));
  ASSERT_EQ(read.said.size(), 1u);
  EXPECT_THAT(read.said[0], HasSubstr("b.png"));
  EXPECT_EQ(read.x.shape(), (Shape{2, 4, 4, 3}));
  EXPECT_EQ(read.x.at(0), 30);
  EXPECT_EQ(read.x.at(4 * 4 * 3), 10);
}

TEST(CaptionFolder, ReadsPicturesOfATarFile) {
  const Pictures pictures;
  const std::vector<std::byte> bytes = read_file(pictures.folder / "b.png");
  const std::string b(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  write_file_atomically(pictures.folder / "images.tar",
                        tar_member("images/t.png", b) + tar_member("u.png", "no picture") + tar_end());
  const CaptionFolder folder = pictures.read("t.png\tx\nu.png\ty\na.png\tz\n");
  EXPECT_THAT(names_of(folder.train), ElementsAre("t.png", "u.png", "a.png"));
  const PreparedPictures read = folder.read(folder.train, {.height = 8, .width = 8});
  EXPECT_THAT(read.kept, ElementsAre(0u, 2u));
  EXPECT_EQ(read.x.at(0), 20);
  EXPECT_THAT(read.said[0], HasSubstr("images.tar: u.png"));
  write_file_atomically(pictures.folder / "images.tar", "damaged");
  EXPECT_THAT(pictures.error("a.png\tx\n"), HasSubstr("images.tar"));
}

}  // namespace
}  // namespace folio
