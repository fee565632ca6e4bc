#include "folio/analysis/entity_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/base/json.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;
using Entities = std::vector<Entity>;

TEST(EntityScores, AreThoseOfConlleval) {
  const Json cases =
      Json::parse(read_text_file(tests_folder() + "/analysis/golden/entity_scores.json"))["cases"];
  ASSERT_GE(cases.size(), 10u);
  for (const Json& one : cases) {
    const auto gold = one["gold"].get<std::vector<Tags>>(),
               predicted = one["predicted"].get<std::vector<Tags>>();
    for (const auto& [name, scheme] :
         {std::pair("conlleval", EntityScheme::conlleval), std::pair("strict_iob2", EntityScheme::strict)}) {
      const EntityScores scores = entity_scores(gold, predicted, scheme);
      const auto expected = one["precision_recall_f1"][name].get<std::vector<double>>();
      const std::string place = one["name"].get<std::string>() + ", " + name;
      EXPECT_NEAR(scores.precision(), expected[0], 1e-6) << place;
      EXPECT_NEAR(scores.recall(), expected[1], 1e-6) << place;
      EXPECT_NEAR(scores.f1(), expected[2], 1e-6) << place;
    }
  }
}

TEST(EntityScores, CutsTagsIntoEntities) {
  EXPECT_EQ(entities_of({"B-a", "I-a", "O", "I-a", "I-b", "B-b"}),
            (Entities{{"a", 0, 2}, {"a", 3, 4}, {"b", 4, 5}, {"b", 5, 6}}));
  EXPECT_EQ(entities_of({"B-a", "I-a", "O", "I-a", "I-b", "B-b"}, EntityScheme::strict),
            (Entities{{"a", 0, 2}, {"b", 5, 6}}));
  EXPECT_EQ(entities_of({"S-a", "I-a", "B-a", "E-a", "I-a"}),
            (Entities{{"a", 0, 1}, {"a", 1, 2}, {"a", 2, 4}, {"a", 4, 5}}));
  EXPECT_EQ(entities_of({}), Entities{});
  EXPECT_THAT(error_of([] { entities_of({"O", "person"}); }), HasSubstr("tag 2"));
  EXPECT_THAT(error_of([] { entities_of({"B-"}); }), HasSubstr("got \"B-\""));
}

TEST(EntityScores, DoNotCrossSentencesAndRefuseOtherLengths) {
  const EntityScores scores = entity_scores({{"B-a"}, {"I-a"}}, {{"B-a"}, {"O"}});
  EXPECT_EQ(scores.expected, 2);
  EXPECT_EQ(scores.right, 1);
  EXPECT_NEAR(scores.f1(), 2.0 / 3, 1e-12);
  EXPECT_THAT(error_of([] { entity_scores({{"O"}}, {}); }), HasSubstr("expected tags of 1 sentences"));
  EXPECT_THAT(error_of([] {
                entity_scores({{"O"}}, {{"O", "O"}});
              }),
              HasSubstr("sentence 1: expected 1 tags"));
}

}  // namespace
}  // namespace folio
