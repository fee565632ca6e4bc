// Small files of every format, damaged in every way: an `Error` or a model, and nothing else.
#include <gtest/gtest.h>

#include <cstdlib>

#include "folio/data/npy.h"
#include "folio/folio.h"
#include "tests/base/memory_for_tests.h"
#include "tests/formats/hostile_files.h"

namespace folio {
namespace {

constexpr int64_t kMostMemory = 64 << 20;

/// Reads a model in whichever of the three formats; what comes is an `Error`, or the model.
class DamagedModel : public testing::TestWithParam<const char*> {
 public:
  DamagedModel() : bytes_(written(GetParam())) {}
  std::string attempt(const Bytes& changed) {
    put_file(path_, changed);
    return error_of([&] {
      if (std::string(GetParam()) != "m.weights.h5") return void(Model::load(path_));
      const Model model = Sequential({Input({2}), Dense(2)});
      model.load_weights(path_);
    });
  }
  Bytes bytes_;
  TemporaryFolder folder_;
  std::string path_ = folder_ / GetParam();
};

TEST_P(DamagedModel, EveryPrefixIsAnError) {
  for_each_prefix(bytes_, [&](const Bytes& prefix) {
    const std::string complaint = attempt(prefix);
    ASSERT_EQ(complaint.rfind(path_ + ": ", 0), 0u) << prefix.size() << ": " << complaint;
  });
}

TEST_P(DamagedModel, ExtremeBytesAndFieldsDoNoHarm) {
  const size_t step = std::getenv("FOLIO_EVERY_BYTE") ? 1 : 37;  // all of them take minutes
  for (size_t at = 0; at < bytes_.size(); at += step) {
    for (const uint64_t value : {0x00, 0x7F, 0x80, 0xFF}) attempt(with_number(bytes_, at, value, 1));
    for (const uint64_t value : {uint64_t{0}, uint64_t{1}, UINT64_MAX, uint64_t{INT32_MAX}, uint64_t{1} << 31,
                                 uint64_t{1} << 32, uint64_t{INT64_MAX}})
      for (const size_t width : {2, 4, 8}) attempt(with_number(bytes_, at, value, width));
  }
}
INSTANTIATE_TEST_SUITE_P(Formats, DamagedModel, testing::Values("m.keras", "m.h5", "m.weights.h5"),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(DamagedArray, ExtremeBytesAndFieldsDoNoHarm) {
  const TemporaryFolder folder;
  write_npy(folder / "a.npy", Tensor({2, 3}));
  const Bytes sound = read_file(folder / "a.npy");
  const auto attempt = [](const Bytes& bytes) { error_of([&] { parse_npy(bytes, "a.npy"); }); };
  for_each_prefix(sound,
                  [](const Bytes& bytes) { EXPECT_NE(error_of([&] { parse_npy(bytes, "a.npy"); }), ""); });
  for_each_extreme_byte(sound, attempt);
  for (size_t at = 0; at < sound.size(); ++at)
    for (const uint64_t value :
         {uint64_t{0}, uint64_t{1}, UINT64_MAX, uint64_t{INT32_MAX}, uint64_t{INT64_MAX}})
      for (const size_t width : {2, 4, 8}) attempt(with_number(sound, at, value, width));
  const std::string text(reinterpret_cast<const char*>(sound.data()), sound.size());
  for (const std::string shape :
       {"(9223372036854775807, 9223372036854775807)", "(4294967296, 4294967296, 4294967296)", "(2147483648,)",
        "(-1,)", "(18446744073709551615,)", "(0, 9223372036854775807, 2)"}) {
    std::string changed = text;
    changed.replace(changed.find("(2, 3), }"), shape.size() + 3, shape + ", }");
    const auto bytes = bytes_of(changed);
    std::string complaint;
    const auto peak = peak_of(
        [&] { complaint = error_of([&] { parse_npy(Bytes(bytes.begin(), bytes.end()), "a.npy"); }); });
    EXPECT_EQ(complaint.rfind("a.npy: ", 0), 0u) << shape << ": " << complaint;
    EXPECT_LT(peak.value_or(0), kMostMemory);
  }
}

}  // namespace
}  // namespace folio
