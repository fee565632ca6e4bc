#include "folio/data/npy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, name); }

/// Element k as golden/make.py makes it.
double value_of(char kind, int64_t k) {
  switch (kind) {
    case 'f':
      return static_cast<double>(k) / 2 - 1;
    case 'i':
      return static_cast<double>(k - 2);
    case 'b':
      return static_cast<double>(k % 2);
    default:
      return static_cast<double>(k);
  }
}

void expect_values(const Tensor& tensor, char kind, const std::string& what) {
  for (int64_t k = 0; k < tensor.count(); ++k) EXPECT_EQ(tensor.at(k), value_of(kind, k)) << what << " " << k;
}

bool same(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  for (int64_t i = 0; i < a.count(); ++i)
    if (a.at(i) != b.at(i)) return false;
  return true;
}

/// A version 1 file of this header and as many elements bytes.
std::vector<std::byte> file_of(const std::string& header, size_t bytes) {
  std::vector<std::byte> file;
  for (char c : std::string("\x93NUMPY\x01") + '\0') file.push_back(static_cast<std::byte>(c));
  append_little<uint16_t>(file, static_cast<uint16_t>(header.size()));
  for (char c : header) file.push_back(static_cast<std::byte>(c));
  file.resize(file.size() + bytes);
  return file;
}

std::string error_of_header(const std::string& header, size_t bytes) {
  return error_of([&] { parse_npy(file_of(header, bytes), "a.npy"); });
}

TEST(Npy, ReadsEveryTypeThatNumpyWrites) {
  const std::pair<const char*, DType> types[] = {
      {"f2", DType::float32}, {"f4", DType::float32}, {"f8", DType::float64}, {"i1", DType::int32},
      {"i2", DType::int32},   {"i4", DType::int32},   {"i8", DType::int64},   {"u1", DType::uint8},
      {"u2", DType::int32},   {"u4", DType::int64},   {"u8", DType::int64}};
  for (const auto& [letters, type] : types)
    for (const char* order : {"_little.npy", "_big.npy"}) {
      const Tensor tensor = read_npy(golden(std::string(letters) + order));
      EXPECT_EQ(tensor.dtype(), type) << letters;
      EXPECT_EQ(tensor.shape(), (Shape{2, 3})) << letters;
      expect_values(tensor, letters[0], letters);
    }
  const Tensor booleans = read_npy(golden("bool.npy"));
  EXPECT_EQ(booleans.dtype(), DType::boolean);
  expect_values(booleans, 'b', "bool");
}

TEST(Npy, ReadsEveryLayout) {
  const Tensor columns = read_npy(golden("column_major.npy"));
  EXPECT_EQ(columns.shape(), (Shape{2, 3, 4}));
  expect_values(columns, 'f', "column_major");
  expect_values(read_npy(golden("column_major_big.npy")), 'i', "column_major_big");
  expect_values(read_npy(golden("version2.npy")), 'f', "version2");
  expect_values(read_npy(golden("version3.npy")), 'f', "version3");
  expect_values(read_npy(golden("line.npy")), 'i', "line");
  const Tensor scalar = read_npy(golden("scalar.npy"));
  EXPECT_EQ(scalar.shape(), Shape{});
  EXPECT_EQ(scalar.at(0), 1.5);
  EXPECT_EQ(read_npy(golden("empty.npy")).shape(), (Shape{0, 3}));
}

TEST(Npy, ConvertsHalves) {
  const auto tensor = read_npy(golden("halves.npy"));
  const auto values = tensor.values<float>();
  EXPECT_EQ(values[0], 0.0F);
  EXPECT_TRUE(std::signbit(values[1]) && values[1] == 0);
  EXPECT_EQ(values[2], 65504.0F);
  EXPECT_EQ(values[3], 0x1p-24F);
  EXPECT_EQ(values[4], -2.0F);
  EXPECT_TRUE(std::isinf(values[5]));
  EXPECT_TRUE(std::isnan(values[6]));
  EXPECT_EQ(values[7], 0.333007812F);
}

TEST(Npy, RefusesOtherTypes) {
  for (const char* name : {"objects.npy", "text.npy", "complex.npy", "long_double.npy"}) {
    const std::string error = error_of([&] { read_npy(golden(name)); });
    EXPECT_NE(error.find("expected numbers or booleans"), std::string::npos) << error;
    EXPECT_EQ(error.find(golden(name) + ": at byte "), 0u) << error;
  }
  EXPECT_NE(error_of([] { read_npy(golden("records.npy")); }).find("expected one element type"),
            std::string::npos);
  EXPECT_NE(error_of([] { read_npy(golden("too_large.npy")); }).find("values up to 2^63 - 1 (element 1)"),
            std::string::npos);
}

TEST(Npy, HeadersAreReadStrictly) {
  const std::string start = "{'descr': '<f4', 'fortran_order': False, 'shape': ";
  EXPECT_EQ(error_of_header(start + "(2,), }\n", 8), "");
  EXPECT_EQ(error_of_header("{\"shape\":(2L,),\"descr\":\"<f4\",\"fortran_order\":True}", 8), "");
  EXPECT_NE(error_of_header(start + "(2,), }\n", 9).find("expected 8 bytes for shape (2,), found 9"),
            std::string::npos);
  EXPECT_NE(error_of_header(start + "(2,), }\n", 7), "");
  for (const char* shape :
       {"(-1,), }", "(9223372036854775807,), }", "(9223372036854775808,), }", "(18446744073709551615,), }",
        "(4294967296, 4294967296), }", "(0, 4611686018427387904, 4611686018427387904), }", "(2), x}",
        "(2,, }", "(2,), } x", "(2,), 'a': 1}", "(2,), 'shape': (2,)}", "2, }", "(1e3,), }", "(+2,), }",
        "( 2,)", "", "(2 2), }"})
    EXPECT_NE(error_of_header(start + shape, 8), "") << shape;
  for (const char* header : {"", "{", "{}", "()", "{'descr': '<f4', 'shape': (2,)}",
                             "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
                             "{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '<f16', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '<', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2,)}"})
    EXPECT_NE(error_of_header(header, 8), "") << header;
  std::string many = "(";
  for (int i = 0; i < 33; ++i) many += "1,";
  EXPECT_NE(error_of_header(start + many + ")}", 4).find("at most 32 dimensions"), std::string::npos);
}

TEST(Npy, EveryPrefixIsAnError) {
  for (const char* name : {"f4_little.npy", "column_major_big.npy", "version2.npy", "bool.npy"})
    for_each_prefix(read_file(golden(name)), [](const std::vector<std::byte>& bytes) {
      EXPECT_NE(error_of([&] { parse_npy(bytes, "a.npy"); }), "");
    });
}

TEST(Npy, DamageNeverCrashes) {
  for (const char* name : {"f2_big.npy", "column_major_big.npy", "version3.npy", "bool.npy"}) {
    const auto sound = read_file(golden(name));
    for_each_extreme_byte(sound, [](const auto& bytes) { error_of([&] { parse_npy(bytes, "a.npy"); }); });
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
      auto bytes = sound;
      for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      error_of([&] { parse_npy(bytes, "a.npy"); });
    }
  }
}

TEST(Npy, WritesWhatItReads) {
  const TemporaryFolder folder;
  for (DType type :
       {DType::float32, DType::float64, DType::int32, DType::int64, DType::uint8, DType::boolean})
    for (const Shape& shape : {Shape{}, Shape{0, 2}, Shape{3}, Shape{2, 3, 4}}) {
      Tensor tensor(shape, type);
      for (int64_t i = 0; i < tensor.count(); ++i) tensor.set(i, type == DType::boolean ? i % 2 : i);
      write_npy(folder / "a.npy", tensor);
      EXPECT_TRUE(same(read_npy(folder / "a.npy"), tensor)) << to_string(tensor);
      EXPECT_EQ((read_file(folder / "a.npy").size() - static_cast<size_t>(tensor.bytes())) % 64, 0u);
    }
  // Byte for byte NumPy's own.
  for (const char* name :
       {"f4_little.npy", "i8_little.npy", "u1_little.npy", "bool.npy", "line.npy", "scalar.npy"}) {
    write_npy(folder / "b.npy", read_npy(golden(name)));
    EXPECT_EQ(read_file(folder / "b.npy"), read_file(golden(name))) << name;
  }
}

TEST(Npz, ReadsWhatNumpyWrites) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const auto arrays = read_npz(golden(name));
    ASSERT_EQ(arrays.size(), 2u);
    EXPECT_EQ(arrays[0].first, "x");
    EXPECT_EQ(arrays[0].second.shape(), (Shape{2, 3}));
    expect_values(arrays[0].second, 'f', "x");
    EXPECT_EQ(arrays[1].first, "y");
    EXPECT_EQ(arrays[1].second.dtype(), DType::int64);
    expect_values(arrays[1].second, 'i', "y");
    EXPECT_NE(error_of([&] { read_npz(golden(name), 200); }).find("raise the limit"), std::string::npos);
  }
}

TEST(Npz, WritesWhatItReads) {
  const TemporaryFolder folder;
  const NamedTensors arrays = {{"z", Tensor::of<float>({2}, {1, 2})},
                               {"a/b", Tensor::of<int32_t>({1, 1}, {7})},
                               {"empty", Tensor(Shape{0, 4})}};
  write_npz(folder / "a.npz", arrays);
  const auto again = read_npz(folder / "a.npz");
  ASSERT_EQ(again.size(), arrays.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    EXPECT_EQ(again[i].first, arrays[i].first);
    EXPECT_TRUE(same(again[i].second, arrays[i].second));
  }
  const auto bytes = read_file(folder / "a.npz");
  write_npz(folder / "a.npz", arrays);
  EXPECT_EQ(read_file(folder / "a.npz"), bytes);
  EXPECT_NE(error_of([&] { write_npz(folder / "a.npz", {arrays[0], arrays[0]}); }), "");
  EXPECT_EQ(read_file(folder / "a.npz"), bytes);
  EXPECT_EQ(folder.names().size(), 1u);
}

TEST(Npz, RefusesOtherMembers) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.npz", "PK");
  EXPECT_NE(error_of([&] { read_npz(folder / "a.npz"); }), "");
  {
    AtomicFile file(folder / "a.npz");
    file.write(read_file(golden("../../base/golden/stored.zip")));
    file.commit();
  }
  EXPECT_NE(error_of([&] { read_npz(folder / "a.npz"); }).find("a.npz: a.txt: expected an array named *.npy"),
            std::string::npos);
}

}  // namespace
}  // namespace folio
