#include "folio/data/text/caption_preparation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kCaptions = {"A red square .", "a blue square", "A red dot"};

CaptionPreparation fitted(int64_t length = 0, double penalty = 0.6) {
  return CaptionPreparation::fit(
      kCaptions, {.pieces = {.unit = "word", .least = 1}, .length = length, .penalty = penalty});
}

std::vector<int64_t> row_of(const Tensor& rows, int64_t row) {
  std::vector<int64_t> numbers;
  for (int64_t t = 0; t < rows.shape()[1]; ++t) numbers.push_back(static_cast<int64_t>(rows.at(row, t)));
  return numbers;
}

TEST(CaptionPreparation, GivesEachWordBehindTheOneBefore) {
  const CaptionPreparation preparation = fitted();
  EXPECT_EQ(preparation.steps(), 5);  // of the longest, with its end
  const auto given = row_of(preparation.given({"A red square ."}), 0),
             wanted = row_of(preparation.wanted({"A red square ."}), 0);
  EXPECT_EQ(given[0], Pieces::kBegin);
  EXPECT_EQ(wanted[4], Pieces::kEnd);
  for (size_t t = 0; t < 4; ++t) EXPECT_EQ(given[t + 1], wanted[t]);
  EXPECT_EQ(preparation.pieces().text(given), "A red square .");
  // Shorter ones are filled up, words that are not known have their number.
  const auto other = row_of(preparation.wanted({"A green"}), 0);
  EXPECT_EQ(other[1], Pieces::kUnknown);
  EXPECT_EQ(other[2], Pieces::kEnd);
  EXPECT_EQ(other[3], Pieces::kPadding);
}

TEST(CaptionPreparation, CutsWhatIsTooLong) {
  const CaptionPreparation preparation = fitted(3);
  EXPECT_EQ(preparation.steps(), 3);
  EXPECT_TRUE(preparation.fits("A red"));
  EXPECT_FALSE(preparation.fits("A red square"));
  EXPECT_EQ(row_of(preparation.wanted({"A red square"}), 0)[2], Pieces::kEnd);
  EXPECT_EQ(row_of(preparation.given({"A red square"}), 0)[0], Pieces::kBegin);
}

TEST(CaptionPreparation, ComesBackFromItsFile) {
  const CaptionPreparation before = fitted(4, 1.25);
  const CaptionPreparation after = CaptionPreparation::from_json(before.to_json(), "captions.json");
  EXPECT_EQ(after.to_json(), before.to_json());
  EXPECT_EQ(after.steps(), 4);
  EXPECT_EQ(after.options().penalty, 1.25);
  EXPECT_EQ(row_of(after.given(kCaptions), 1), row_of(before.given(kCaptions), 1));
  EXPECT_EQ(row_of(after.wanted(kCaptions), 2), row_of(before.wanted(kCaptions), 2));
}

TEST(CaptionPreparation, RefusesWhatIsDamaged) {
  const auto error = [](const char* key, const Json& value) {
    Json json = fitted().to_json();
    if (value.is_null())
      json.erase(key);
    else
      json[key] = value;
    return error_of([&] { CaptionPreparation::from_json(json, "captions.json"); });
  };
  EXPECT_THAT(error("steps", nullptr), HasSubstr("captions.json"));
  EXPECT_THAT(error("steps", 0), HasSubstr("steps"));
  EXPECT_THAT(error("steps", 1e9), HasSubstr("steps"));
  EXPECT_THAT(error("penalty", -1), HasSubstr("penalty"));
  EXPECT_THAT(error("pieces", nullptr), HasSubstr("pieces"));
  EXPECT_THAT(error("pieces", "x"), HasSubstr("pieces"));
  EXPECT_THAT(error("others", 1), HasSubstr("others"));
  EXPECT_THAT(error_of([] { CaptionPreparation::fit({}, {}); }), HasSubstr("got none"));
  EXPECT_THAT(error_of([] { fitted(-1); }), HasSubstr("length: expected 0 to 100000"));
}

}  // namespace
}  // namespace folio
