// BLEU and chrF against figures of sacreBLEU 2.5.
#include "folio/analysis/translation_scores.h"

#include <gtest/gtest.h>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using Lines = std::vector<std::string>;

const Lines kHypotheses = {"A man, wearing a \"red\" hat, is riding a bike.",
                           "",
                           "Zwei Hunde spielen im Schnee .",
                           "the cat",
                           "Ein Mann &quot;steht&quot; an der Straße.",
                           "It costs 1,000.50 dollars in 1999-2001!",
                           "don't panic",
                           "„Guten Tag“, sagte er – und ging.",
                           "  leading and  double  spaces  ",
                           "日本 の 男",
                           "A DOG RUNS",
                           "state-of-the-art models"};
const Lines kReferences = {"A man wearing a \"red\" hat is riding a bike.",
                           "Nobody is here.",
                           "Zwei Hunde spielen im Schnee.",
                           "the cat",
                           "Ein Mann \"steht\" an der Straße.",
                           "It costs 1,000.50 dollars in 1999 - 2001!",
                           "do n't panic",
                           "„Guten Tag“, sagte er – und lief.",
                           "leading and double spaces",
                           "日本 の 男",
                           "a dog runs",
                           "state - of - the - art model"};

TEST(TranslationScores, AreThoseOfSacreBleu) {
  const BleuScore score = bleu(kHypotheses, kReferences);
  EXPECT_NEAR(score.bleu, 69.21537865627965, 1e-9);
  const double precisions[] = {85.9375, 81.13207547169812, 78.57142857142857, 73.52941176470588};
  for (size_t n = 0; n < 4; ++n) EXPECT_NEAR(score.precisions[n], precisions[n], 1e-9) << n;
  EXPECT_NEAR(score.brevity_penalty, 0.8688150562628432, 1e-12);
  EXPECT_EQ(score.hypothesis_length, 64);
  EXPECT_EQ(score.reference_length, 73);
  EXPECT_NEAR(chrf(kHypotheses, kReferences), 83.19347382576473, 1e-9);
}

TEST(TranslationScores, OfLinesThatAreShortEmptyOrEqual) {
  EXPECT_EQ(bleu({"", ""}, {"a b c d", "e"}).bleu, 0);
  EXPECT_EQ(chrf({"", ""}, {"a b c d", "e"}), 0);
  EXPECT_EQ(bleu({"the cat", "a dog"}, {"the cat", "a dog"}).bleu, 0);
  EXPECT_NEAR(chrf({"the cat", "a dog"}, {"the cat", "a dog"}), 100, 1e-9);
  EXPECT_NEAR(bleu({"the small cat sat down"}, {"the small dog sat up"}).bleu, 23.643540225079384, 1e-9);
  EXPECT_NEAR(bleu(kReferences, kReferences).bleu, 100, 1e-9);
  EXPECT_NEAR(chrf(kReferences, kReferences), 100, 1e-9);
  EXPECT_EQ(bleu({}, {}).bleu, 0);
}

// Figures of sacreBLEU 2.6.
TEST(TranslationScores, OfSeveralReferencesAreThoseOfSacreBleu) {
  using References = std::vector<Lines>;
  const Lines said = {"A dog runs in the grass .", "Two men play with a ball", "a a a a", "",
                      "A girl in a red dress jumps over the water."};
  const References wanted = {
      {"A dog is running in the grass .", "The brown dog runs on grass .", "dog"},
      {"Two men playing with a ball .", "Men play ball in the park with a dog", "Two boys with a ball"},
      {"a dog", "a a cat", "the a"},
      {"nothing here", "empty", "x y z"},
      {"A girl in a dress jumps .", "A young girl in a red dress leaps over the water .",
       "The girl jumps over water."}};
  const BleuScore score = bleu_of_several(said, wanted);
  EXPECT_NEAR(score.bleu, 56.70287152597492, 1e-9);
  const double precisions[] = {92.85714285714286, 79.16666666666667, 45.0, 31.25};
  for (size_t n = 0; n < 4; ++n) EXPECT_NEAR(score.precisions[n], precisions[n], 1e-9) << n;
  EXPECT_EQ(score.hypothesis_length, 28);
  EXPECT_EQ(score.reference_length, 28);
  // Of two lengths that are equally near the shorter counts, which has no penalty.
  const BleuScore tied = bleu_of_several({"a b c d e"}, References{{"a b c d", "a b c d e f"}});
  EXPECT_NEAR(tied.bleu, 100, 1e-9);
  EXPECT_EQ(tied.reference_length, 4);
  EXPECT_NEAR(bleu_of_several({"a b c d e"}, References{{"a b c d e f g", "a b c d e f"}}).bleu,
              81.87307530779823, 1e-9);
  // Lines may have different numbers of them.
  EXPECT_NEAR(bleu_of_several({"a b c d e", "the cat sat on it"},
                              References{{"a b c d x", "a b c y e"}, {"the cat sat on the mat"}})
                  .bleu,
              62.31838376616487, 1e-9);
  EXPECT_NE(error_of([&] { bleu_of_several(Lines{"a"}, References{{}}); }).find("a reference for line 1"),
            std::string::npos);
}

TEST(TranslationScores, CutWordsAsTheirScriptDid) {
  EXPECT_EQ(tokenize_13a("Hello, world! It's 3.5% of 1,000-2,000 (a/b)."),
            (Lines{"Hello", ",", "world", "!", "It's", "3.5", "%", "of", "1,000", "-", "2,000", "(", "a", "/",
                   "b", ")", "."}));
  EXPECT_EQ(tokenize_13a("a&lt;b &amp; c-d\u00a0e\u3000f"), (Lines{"a", "<", "b", "&", "c-d", "e", "f"}));
  EXPECT_TRUE(tokenize_13a("  ").empty());
}

TEST(TranslationScores, NeedAReferenceForEachLine) {
  EXPECT_NE(error_of([] { bleu({"a"}, {}); }).find("a reference for each of 1 lines, got 0"),
            std::string::npos);
  EXPECT_NE(error_of([] { chrf({}, {"a"}); }).find("a reference for each of 0 lines, got 1"),
            std::string::npos);
}

}  // namespace
}  // namespace folio
