#include "folio/formats/hdf5.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::vector<std::byte> golden_bytes(const std::string& name) {
  return read_file(golden_path(__FILE__, name));
}
H5Reader open_golden(const std::string& name) { return H5Reader(golden_bytes(name), name); }

/// Reads whatever is there, as a user of a damaged file might.
void read_all(const H5Reader& file, const std::string& path = "") {
  file.attribute_list(path, "name");
  if (file.is_dataset(path)) {
    try {
      file.read(path);
    } catch (const Error&) {
    }
    return;
  }
  for (const std::string& name : file.children(path)) read_all(file, path.empty() ? name : path + "/" + name);
}

/// Value i of the golden matrix.
double golden_value(int64_t i) { return static_cast<double>(i) / 4 - 3; }

class Flavour : public testing::TestWithParam<const char*> {};

TEST_P(Flavour, HoldsTheSameMatrix) {
  const H5Reader file = open_golden("flavours.h5");
  const Tensor tensor = file.read(GetParam(), Shape{12, 5});
  ASSERT_EQ(tensor.count(), 60);
  EXPECT_EQ(tensor.dtype(), std::string(GetParam()) == "double" ? DType::float64 : DType::float32);
  for (int64_t i = 0; i < 60; ++i) {
    // bfloat16 keeps 7 bits behind the first.
    const double step = std::string(GetParam()) == "brain" ? 0.0625 : 0;
    EXPECT_NEAR(tensor.at(i), golden_value(i), step) << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Hdf5, Flavour,
                         testing::Values("plain", "gzip", "shuffled", "chunked", "big_endian", "double",
                                         "half", "brain"),
                         [](const auto& info) { return info.param; });

TEST(Hdf5, ReadsWholeNumbers) {
  const H5Reader file = open_golden("flavours.h5");
  EXPECT_EQ(file.children("whole").size(), 10u);
  for (const std::string& kind : file.children("whole")) {
    const Tensor tensor = file.read("whole/" + kind);
    ASSERT_EQ(tensor.shape(), (Shape{2, 3})) << kind;
    for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(tensor.at(i), static_cast<double>(i)) << kind;
  }
  EXPECT_EQ(file.dtype("whole/u1"), DType::uint8);
  EXPECT_EQ(file.dtype("whole/i2"), DType::int32);
  EXPECT_EQ(file.dtype("whole/u4"), DType::int64);
  EXPECT_EQ(file.dtype("whole/big_i8"), DType::int64);
}

TEST(Hdf5, ReadsScalarsEmptyTruthAndCompact) {
  const H5Reader file = open_golden("flavours.h5");
  EXPECT_EQ(file.read("scalar", Shape{}).at(0), 2.5);
  EXPECT_EQ(file.read("nothing").shape(), (Shape{0, 4}));
  const Tensor truth = file.read("truth");
  EXPECT_EQ(truth.dtype(), DType::boolean);
  EXPECT_EQ(std::vector<double>({truth.at(0), truth.at(1), truth.at(2)}), std::vector<double>({1, 0, 1}));
  EXPECT_EQ(file.read("really_compact", Shape{5}).at(4), golden_value(9));
}

TEST(Hdf5, ReadsAttributes) {
  const H5Reader file = open_golden("flavours.h5");
  EXPECT_EQ(file.attribute("", "text"), "grüße");
  EXPECT_EQ(file.attribute("", "fixed"), "fixed");
  EXPECT_EQ(file.attribute_list("", "texts"), std::vector<std::string>({"one", "two", "three"}));
  EXPECT_EQ(file.attribute_list("", "fixed_texts"), std::vector<std::string>({"a", "bcd"}));
  EXPECT_EQ(file.attribute("", "missing"), std::nullopt);
}

TEST(Hdf5, FindsEverythingInLargeGroups) {
  const H5Reader file = open_golden("flavours.h5");
  EXPECT_EQ(file.children("many").size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(file.read("many/entry_" + std::to_string(i)).at(0), i);
}

TEST(Hdf5, ReadsNewStyleFiles) {
  const H5Reader file = open_golden("latest.h5");
  EXPECT_EQ(file.read("a/b/values", Shape{12, 5}).at(59), golden_value(59));
  EXPECT_EQ(file.read("scalar").at(0), 7);
  EXPECT_EQ(file.attribute("a", "name"), "ay");
}

TEST(Hdf5, SaysWhatIsNotThere) {
  const H5Reader file = open_golden("flavours.h5");
  EXPECT_FALSE(file.has("missing"));
  EXPECT_EQ(error_of([&] { file.read("missing"); }),
            "flavours.h5: expected a group or dataset \"missing\", got none; check that the file belongs to "
            "this model");
  EXPECT_EQ(
      error_of([&] {
        file.read("plain", Shape{5, 12});
      }),
      "flavours.h5: plain: expected shape (5, 12), got (12, 5); check that the file belongs to this model");
  EXPECT_NE(error_of([&] { file.read("many"); }), "");
  EXPECT_NE(error_of([&] { file.children("plain"); }), "");
}

// What leads out of the file, around in circles, or to more than there is.
struct Attack {
  const char* file;
  const char* path;  ///< what to read; empty when the file must not even open
  const char* complaint;
};
class HostileFile : public testing::TestWithParam<Attack> {};

TEST_P(HostileFile, IsRefused) {
  const Attack attack = GetParam();
  const std::string complaint = error_of([&] {
    const H5Reader file = open_golden(attack.file);
    if (*attack.path) file.read(attack.path);
  });
  EXPECT_NE(complaint.find(attack.complaint), std::string::npos) << complaint;
  EXPECT_EQ(complaint.rfind(attack.file, 0), 0u) << complaint;
}
INSTANTIATE_TEST_SUITE_P(Hdf5, HostileFile,
                         testing::Values(Attack{"soft_link.h5", "", "a soft link"},
                                         Attack{"external_link.h5", "", "external link"},
                                         Attack{"external_data.h5", "", "a list of other files"},
                                         Attack{"virtual.h5", "elsewhere", "virtual dataset"},
                                         Attack{"shape_bomb.h5", "bomb", "none stored"},
                                         Attack{"shape_bomb.h5", "chunked_bomb", "expected"},
                                         Attack{"cycle.h5", "", "a second way"},
                                         Attack{"dense_links.h5", "", "fractal heap"},
                                         Attack{"other_filter.h5", "packed", "got filter 32000"}));

H5Group sample() {
  H5Group root;
  H5Group& vars = root.at("layers/dense/vars");
  vars.datasets.emplace_back("0", Tensor::of(Shape{2, 3}, std::vector<float>{1, 2, 3, 4, 5, -0.0f}));
  vars.datasets.emplace_back("1", Tensor::of(Shape{3}, std::vector<double>{0.1, 1e300, -7}));
  vars.attributes.emplace_back("name", "grüße");
  root.at("vars");
  root.datasets.emplace_back("step", Tensor::scalar(41, DType::int64));
  root.datasets.emplace_back("bytes", Tensor::of(Shape{5}, std::vector<uint8_t>{0, 1, 127, 128, 255}));
  root.datasets.emplace_back("small", Tensor::of(Shape{2}, std::vector<int32_t>{-1, 2'000'000'000}));
  root.datasets.emplace_back("none", Tensor(Shape{0, 3}));
  return root;
}

TEST(Hdf5Writer, ReadsBackTheSame) {
  const H5Reader file(write_h5(sample()).bytes(), "sample.h5");
  EXPECT_EQ(file.children(""),
            std::vector<std::string>({"bytes", "layers", "none", "small", "step", "vars"}));
  EXPECT_TRUE(file.children("vars").empty());
  const Tensor kernel = file.read("layers/dense/vars/0", Shape{2, 3});
  EXPECT_EQ(kernel.dtype(), DType::float32);
  EXPECT_EQ(kernel.at(4), 5);
  EXPECT_TRUE(std::signbit(kernel.at(5)));
  EXPECT_EQ(file.read("layers/dense/vars/1").at(1), 1e300);
  EXPECT_EQ(file.read("step", Shape{}).at(0), 41);
  EXPECT_EQ(file.read("bytes").at(4), 255);
  EXPECT_EQ(file.read("small").at(0), -1);
  EXPECT_EQ(file.read("none").shape(), (Shape{0, 3}));
  EXPECT_EQ(file.attribute("layers/dense/vars", "name"), "grüße");
}

TEST(Hdf5Writer, WritesListsAndLongTexts) {
  const std::string largest(200'000, 'x');
  H5Group root;
  root.attributes = {{"text", "grüße"}, {"none", ""}, {"long", largest}, {"also_long", largest + "y"}};
  root.lists = {{"names", {"a", "", "bcd"}}, {"empty", {}}};
  const H5Reader file(write_h5(root).bytes(), "w.h5");
  EXPECT_EQ(file.attribute("", "text"), "grüße");
  EXPECT_EQ(file.attribute("", "none"), "");
  EXPECT_EQ(file.attribute("", "long"), largest);
  EXPECT_EQ(file.attribute("", "also_long"), largest + "y");
  EXPECT_EQ(file.attribute_list("", "names"), std::vector<std::string>({"a", "", "bcd"}));
  EXPECT_EQ(file.attribute_list("", "empty"), std::vector<std::string>());
  root.lists = {{"names", std::vector<std::string>(1000, std::string(100, 'n'))}};
  EXPECT_THROW(write_h5(root), Error);
}

TEST(Hdf5Writer, WritesGroupsOfAnySize) {
  // One block of names holds 8, one node of the tree 32 blocks: 300 and 10,000 need one level and two more.
  for (const int count : {1, 8, 9, 255, 256, 257, 300, 10'000}) {
    H5Group root;
    for (int i = 0; i < count; ++i)
      root.datasets.emplace_back("entry " + std::to_string(i), Tensor::scalar(i, DType::int32));
    const H5Reader file(write_h5(root).bytes(), "many.h5");
    ASSERT_EQ(file.children("").size(), static_cast<size_t>(count));
    for (const int i : {0, count / 2, count - 1}) EXPECT_EQ(file.read("entry " + std::to_string(i)).at(0), i);
  }
}

TEST(Hdf5Writer, RefusesBadNames) {
  for (const std::string name : {"", "a/b", "."}) {
    H5Group root;
    root.datasets.emplace_back(name, Tensor::scalar(1));
    EXPECT_NE(error_of([&] { write_h5(root); }), "") << name;
  }
  H5Group twice;
  twice.datasets.emplace_back("a", Tensor::scalar(1));
  twice.groups.push_back({"a", H5Group()});
  EXPECT_NE(error_of([&] { write_h5(twice); }), "");
}

class DamagedFile : public testing::TestWithParam<const char*> {
 public:
  std::vector<std::byte> bytes() const {
    return std::string(GetParam()) == "written" ? write_h5(sample()).bytes() : golden_bytes(GetParam());
  }
};

TEST_P(DamagedFile, CutShortIsAnError) {
  for_each_prefix(bytes(), [](std::vector<std::byte> prefix) {
    const size_t size = prefix.size();
    EXPECT_NE(error_of([&] { H5Reader(std::move(prefix), "cut.h5"); }), "") << size;
  });
}

// Data has no checksum, so values may change; nothing worse may happen.
TEST_P(DamagedFile, ExtremeBytesDoNoHarm) {
  for_each_extreme_byte(bytes(), [](std::vector<std::byte> changed) {
    try {
      read_all(H5Reader(std::move(changed), "changed.h5"));
    } catch (const Error&) {
    }
  });
}
INSTANTIATE_TEST_SUITE_P(Hdf5, DamagedFile,
                         testing::Values("written", "sequential_dense.weights.h5", "latest.h5", "cycle.h5",
                                         "shape_bomb.h5", "other_filter.h5"),
                         [](const auto& info) { return std::to_string(info.index); });

// The largest golden file has every kind of structure; a part of its bytes keeps the test short.
TEST(Hdf5, ExtremeBytesInAllFlavoursDoNoHarm) {
  const auto bytes = golden_bytes("flavours.h5");
  const size_t step = std::getenv("FOLIO_EVERY_BYTE") ? 1 : 23;
  for (size_t at = 0; at < bytes.size(); at += step)
    for (const uint8_t value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      auto changed = bytes;
      changed[at] = std::byte{value};
      try {
        read_all(H5Reader(std::move(changed), "changed.h5"));
      } catch (const Error&) {
      }
    }
}

}  // namespace
}  // namespace folio
