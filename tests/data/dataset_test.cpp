#include "folio/data/dataset.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <numeric>

#include "folio/data/cifar.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Sets FOLIO_DATA for as long as it lives.
class DataFolder {
 public:
  explicit DataFolder(const std::string& path) {
    if (const char* old = ::getenv("FOLIO_DATA")) old_ = old;
    ::setenv("FOLIO_DATA", path.c_str(), 1);
  }
  ~DataFolder() {
    if (old_.empty())
      ::unsetenv("FOLIO_DATA");
    else
      ::setenv("FOLIO_DATA", old_.c_str(), 1);
  }

 private:
  std::string old_;
};

std::string big_endian(uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

void write_idx_pair(const std::string& start, uint32_t pictures, const std::string& labels) {
  const std::string magic("\0\0\x08", 3);
  write_file_atomically(start + "-images-idx3-ubyte", magic + '\3' + big_endian(pictures) + big_endian(28) +
                                                          big_endian(28) + std::string(pictures * 784, '\7'));
  write_file_atomically(start + "-labels-idx1-ubyte",
                        magic + '\1' + big_endian(static_cast<uint32_t>(labels.size())) + labels);
}

std::string cifar_record(int label) {
  std::string record(1, static_cast<char>(label));
  for (int channel = 0; channel < 3; ++channel)
    for (int at = 0; at < 1024; ++at) record += static_cast<char>(at == 1 ? 100 + channel : 10 * channel);
  return record;
}

std::string cifar_records(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += cifar_record(i % 10);
  return text;
}

TEST(Cifar, TurnsPlanesIntoPixels) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.bin", cifar_record(3));
  write_file_atomically(folder / "b.bin", cifar_record(9) + cifar_record(0));
  const auto pictures = read_cifar({folder / "a.bin", folder / "b.bin"});
  EXPECT_EQ(pictures.x.shape(), (Shape{3, 32, 32, 3}));
  const auto labels = pictures.y.values<int32_t>();
  EXPECT_EQ(std::vector<int32_t>(labels.begin(), labels.end()), (std::vector<int32_t>{3, 9, 0}));
  const auto pixels = pictures.x.values<uint8_t>();
  EXPECT_EQ(std::vector<int>(pixels.begin() + 3072, pixels.begin() + 3080),
            (std::vector<int>{0, 10, 20, 100, 101, 102, 0, 10}));
}

TEST(Cifar, RefusesDamage) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.bin";
  const auto error = [&](const std::string& text) {
    write_file_atomically(path, text);
    return error_of([&] { read_cifar({path}); });
  };
  EXPECT_EQ(error(cifar_record(3) + cifar_record(10)),
            path +
                ": at byte 3073: expected a label from 0 to 9 in row 1, found 10; the file is damaged or of "
                "another "
                "set");
  EXPECT_TRUE(contains(error(""), "expected records of 3073 bytes"));
  EXPECT_TRUE(contains(error(cifar_record(1) + "x"),
                       "at byte 3073: expected records of 3073 bytes each, found 1 bytes"));
  const auto record = cifar_record(1);
  for (size_t size = 0; size < record.size(); size += 97)
    EXPECT_NE(error(record.substr(0, size)), "") << size;
}

TEST(Datasets, TheCatalogueIsComplete) {
  EXPECT_EQ(datasets().size(), 3u);
  for (const auto& info : datasets()) {
    EXPECT_EQ(info.class_names.size(), 10u) << info.name;
    EXPECT_FALSE(info.description.empty() || info.source.empty()) << info.name;
    EXPECT_TRUE(info.train_rows > 0 && info.test_rows > 0 && info.height > 0 && info.channels > 0)
        << info.name;
  }
}

TEST(Datasets, SayWhatIsMissing) {
  const TemporaryFolder folder;
  const DataFolder data(folder.path());
  EXPECT_TRUE(
      contains(error_of([] { load("minst", "train"); }), "expected one of mnist, fashion-mnist, cifar10"));
  EXPECT_TRUE(contains(error_of([] { load("mnist", "dev"); }), "got \"dev\""));
  const std::string error = error_of([&] { load("cifar10", "train", "/nowhere"); });
  EXPECT_TRUE(
      contains(error, "test_batch.bin in /nowhere, /nowhere/cifar10, found none; put data_batch_1.bin"))
      << error;
  write_file_atomically(folder / "readme", "");
  EXPECT_TRUE(contains(error_of([&] { load("cifar10", "train"); }),
                       "in " + (folder / "cifar10") + ", /usr/share/datasets/cifar10, found none"));
}

TEST(Datasets, MnistFromAnExplicitFolder) {
  const TemporaryFolder folder;
  write_idx_pair(folder / "t10k", 3, {'\0', '\5', '\x9'});
  const Dataset test = load("mnist", "test", folder.path());
  EXPECT_EQ(test.x.shape(), (Shape{3, 28, 28, 1}));
  EXPECT_EQ(test.x.dtype(), DType::uint8);
  EXPECT_EQ(test.y.dtype(), DType::int32);
  EXPECT_EQ(test.y.at(1), 5);
  EXPECT_EQ(test.class_names[9], "9");
  EXPECT_TRUE(contains(error_of([&] { load("mnist", "train", folder.path()); }),
                       "a file of pictures and one of labels"));
  write_idx_pair(folder / "t10k", 3, {'\0', '\5'});
  EXPECT_TRUE(contains(error_of([&] { load("mnist", "test", folder.path()); }), "expected 3 labels"));
  write_idx_pair(folder / "t10k", 3, {'\0', '\5', '\xA'});
  EXPECT_TRUE(contains(error_of([&] { load("mnist", "test", folder.path()); }),
                       "expected labels from 0 to 9, found 10 in row 2"));
  // Labels in the place of pictures.
  write_file_atomically(folder / "t10k-images-idx3-ubyte", std::string("\0\0\x08\1\0\0\0\1\0", 9));
  EXPECT_TRUE(
      contains(error_of([&] { load("mnist", "test", folder.path()); }), "uint8 of shape (pictures, 28, 28)"));
}

TEST(Datasets, NoRowIsInTwoSplits) {
  const TemporaryFolder folder;
  make_folders(folder / "mnist");
  std::string labels(5003, '\1');
  labels[0] = labels[1] = labels[2] = '\2';
  write_idx_pair(folder / "mnist/train", 5003, labels);
  const DataFolder data(folder.path());
  const Dataset train = load("mnist", "train"), validation = load("mnist", "validation");
  EXPECT_EQ(train.x.shape()[0], 3);
  EXPECT_EQ(train.y.at(2), 2);
  EXPECT_EQ(validation.x.shape()[0], 5000);
  EXPECT_EQ(validation.y.at(0), 1);
  EXPECT_EQ(load("mnist", "train+validation").x.shape()[0], 5003);
  write_idx_pair(folder / "mnist/train", 5000, std::string(5000, '\1'));
  EXPECT_TRUE(contains(error_of([] { load("mnist", "train"); }), "expected over 5000 rows"));
}

TEST(Datasets, CifarUnderBothNames) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "data_batch_1.bin", cifar_records(5));
  write_file_atomically(folder / "data_batch_3.bin", cifar_records(6));
  write_file_atomically(folder / "val_2000.bin", cifar_records(2));
  write_file_atomically(folder / "test_batch_first1000.bin", cifar_records(3));
  const auto count = [&](const char* split) { return load("cifar10", split, folder.path()).x.shape()[0]; };
  EXPECT_EQ(count("train"), 11);
  EXPECT_EQ(count("validation"), 2);
  EXPECT_EQ(count("train+validation"), 13);
  EXPECT_EQ(count("test"), 3);
  write_file_atomically(folder / "test_batch.bin", cifar_records(4));
  EXPECT_EQ(count("test"), 4);
  std::filesystem::remove(folder / "val_2000.bin");
  write_file_atomically(folder / "data_batch_2.bin", cifar_records(5000));
  EXPECT_EQ(count("train"), 11);
  EXPECT_EQ(count("validation"), 5000);
}

/// Mean of all bytes, as a share of 255.
double mean_of(const Tensor& x) {
  const auto values = x.values<uint8_t>();
  return static_cast<double>(std::accumulate(values.begin(), values.end(), uint64_t{0})) /
         (255.0 * static_cast<double>(values.size()));
}

std::vector<int> class_counts(const Tensor& y) {
  std::vector<int> counts(10);
  for (int32_t label : y.values<int32_t>()) ++counts[static_cast<size_t>(label)];
  return counts;
}

bool real_set(const std::string& name) {
  const char* data = ::getenv("FOLIO_DATA");
  return data && folder_exists(data + ("/" + name));
}

TEST(RealSets, Mnist) {
  if (!::getenv("FOLIO_DATA")) GTEST_SKIP() << "FOLIO_DATA is not set";
  if (!real_set("mnist")) GTEST_SKIP() << "FOLIO_DATA has no mnist";
  const Dataset all = load("mnist", "train+validation"), test = load("mnist", "test");
  EXPECT_EQ(all.x.shape(), (Shape{60000, 28, 28, 1}));
  EXPECT_NEAR(mean_of(all.x), 0.13066, 1e-5);
  EXPECT_EQ(test.x.shape(), (Shape{10000, 28, 28, 1}));
  EXPECT_EQ(test.y.at(0), 7);
  EXPECT_EQ(class_counts(test.y), (std::vector<int>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
  EXPECT_EQ(load("mnist", "train").x.shape()[0], 55000);
}

TEST(RealSets, Cifar10) {
  if (!::getenv("FOLIO_DATA")) GTEST_SKIP() << "FOLIO_DATA is not set";
  if (!real_set("cifar10")) GTEST_SKIP() << "FOLIO_DATA has no cifar10";
  const Dataset test = load("cifar10", "test"), train = load("cifar10", "train");
  EXPECT_TRUE(test.x.shape()[0] == 1000 || test.x.shape()[0] == 10000);
  EXPECT_GE(train.x.shape()[0], 10000);
  const auto values = train.x.values<uint8_t>();
  const double channels[] = {0.4914, 0.4822, 0.4465};
  for (size_t channel = 0; channel < 3; ++channel) {
    uint64_t sum = 0;
    for (size_t i = channel; i < values.size(); i += 3) sum += values[i];
    EXPECT_NEAR(static_cast<double>(sum) * 3 / (255.0 * static_cast<double>(values.size())),
                channels[channel], 3e-3);
  }
  if (test.x.shape()[0] == 1000) {
    EXPECT_EQ(class_counts(test.y), (std::vector<int>{103, 89, 100, 103, 90, 86, 112, 102, 106, 109}));
  }
}

TEST(RealSets, FashionMnist) {
  if (!folder_exists("/usr/share/datasets/fashion-mnist") && !real_set("fashion-mnist"))
    GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
  const Dataset test = load("fashion-mnist", "test");
  EXPECT_EQ(test.x.shape(), (Shape{10000, 28, 28, 1}));
  EXPECT_EQ(class_counts(test.y), std::vector<int>(10, 1000));
}

}  // namespace
}  // namespace folio
