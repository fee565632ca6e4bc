#include "folio/analysis/word2vec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

// Words 0 to 9 stand among themselves, and so do words 10 to 19.
std::vector<std::vector<int32_t>> two_worlds(int texts) {
  std::vector<std::vector<int32_t>> all;
  uint32_t state = 1;
  for (int t = 0; t < texts; ++t) {
    auto& text = all.emplace_back();
    for (int i = 0; i < 30; ++i) {
      state = state * 1664525 + 1013904223;
      text.push_back(static_cast<int32_t>(state >> 24) % 10 + (t % 2) * 10);
    }
  }
  return all;
}

std::vector<int64_t> counts_of(const std::vector<std::vector<int32_t>>& texts, size_t words) {
  std::vector<int64_t> counts(words);
  for (const auto& text : texts)
    for (const int32_t word : text)
      if (word >= 0) ++counts[static_cast<size_t>(word)];
  return counts;
}

double cosine(const Tensor& v, int64_t a, int64_t b) {
  double product = 0, first = 0, second = 0;
  for (int64_t c = 0; c < v.shape()[1]; ++c) {
    const double x = v.at(a * v.shape()[1] + c), y = v.at(b * v.shape()[1] + c);
    product += x * y, first += x * x, second += y * y;
  }
  return product / std::sqrt(first * second);
}

TEST(Word2vec, WordsThatStandTogetherComeClose) {
  const auto texts = two_worlds(200);
  for (const bool cbow : {false, true}) {
    // Widths that are and are no multiple of a vector, and the usual and another number of negatives.
    for (const auto& [width, negatives] : {std::pair(12, 5), std::pair(16, 3)}) {
      std::vector<double> losses;
      const Word2VecOptions options{
          .cbow = cbow,
          .width = width,
          .negatives = negatives,
          .subsample = 0,
          .on_epoch_end = [&](int, double loss, double) { losses.push_back(loss); }};
      const Tensor v = word2vec(texts, counts_of(texts, 20), options);
      ASSERT_EQ(v.shape(), (Shape{20, width}));
      ASSERT_EQ(losses.size(), 5u);
      EXPECT_LT(losses.back(), losses.front());
      double inside = 0, outside = 0;
      for (int64_t a = 0; a < 10; ++a)
        for (int64_t b = 0; b < 10; ++b) {
          inside += a == b ? 0 : cosine(v, a, b) / 90;
          outside += cosine(v, a, b + 10) / 100;
        }
      EXPECT_GT(inside, outside + 0.5) << cbow << " " << width;
    }
  }
}

// One place, computed plainly: two words, each of which is the other's only neighbour, and no other negative
// can be drawn than the word itself or its neighbour.
TEST(Word2vec, TakesTheStepOfItsFormula) {
  for (const bool cbow : {false, true}) {
    const Word2VecOptions options{.cbow = cbow,
                                  .width = 3,
                                  .window = 1,
                                  .negatives = 1,
                                  .subsample = 0,
                                  .learning_rate = 0.5,
                                  .epochs = 1};
    Word2VecOptions nothing = options;
    nothing.stop = [] { return true; };
    const Tensor before = word2vec({{0, 1}}, {1, 1}, nothing), after = word2vec({{0, 1}}, {1, 1}, options);
    // Outputs begin as zeros. At word 0 the input is word 1, and u_0 becomes rate (1 - σ(0)) v_1; nothing yet
    // moves v_1. If the negative is word 1, u_1 becomes -rate σ(0) v_1. At word 1 the input is word 0; its
    // outputs u_1 and perhaps u_0 are then 0 or ± 0.25 v_1.
    for (int64_t c = 0; c < 3; ++c) EXPECT_EQ(after.at(3 + c), before.at(3 + c)) << cbow;
    const double g = 0.5 * (1 - 1 / (1 + std::exp(-0.0)));
    double fitting = 1e9;
    for (const bool first_negative : {false, true})
      for (const bool second_negative : {false, true}) {
        double worst = 0;
        for (int64_t c = 0; c < 3; ++c) {
          const double v1 = before.at(3 + c), u0 = g * v1, u1 = first_negative ? -g * v1 : 0;
          const double moved = before.at(c) + g * u1 - (second_negative ? g * u0 : 0);
          worst = std::max(worst, std::abs(moved - after.at(c)));
        }
        fitting = std::min(fitting, worst);
      }
    EXPECT_LT(fitting, 2e-3 * std::abs(before.at(3))) << cbow;
  }
}

TEST(Word2vec, GivesTheSameBitsForASeed) {
  const auto texts = two_worlds(20);
  const auto counts = counts_of(texts, 20);
  const Tensor a = word2vec(texts, counts, {.width = 10, .epochs = 2}),
               b = word2vec(texts, counts, {.width = 10, .epochs = 2});
  const Tensor c = word2vec(texts, counts, {.width = 10, .epochs = 2, .seed = 2});
  bool differs = false;
  for (int64_t i = 0; i < a.count(); ++i) {
    EXPECT_EQ(a.at(i), b.at(i));
    differs = differs || a.at(i) != c.at(i);
  }
  EXPECT_TRUE(differs);
}

TEST(Word2vec, WindowsStayInTheirTexts) {
  // Every text is one word: nothing stands beside anything, so that nothing is learnt.
  const std::vector<std::vector<int32_t>> texts = {{0}, {1}, {}, {-1, 2, -1}};
  Word2VecOptions nothing{.width = 4};
  nothing.stop = [] { return true; };
  const Tensor before = word2vec(texts, {1, 1, 1}, nothing), after = word2vec(texts, {1, 1, 1}, {.width = 4});
  for (int64_t i = 0; i < before.count(); ++i) EXPECT_EQ(before.at(i), after.at(i));
}

TEST(Word2vec, KeepsRareWords) {
  EXPECT_EQ(kept_share(1, 1'000'000, 1e-4), 1);
  EXPECT_NEAR(kept_share(10'000, 1'000'000, 1e-4), std::sqrt(0.01) + 0.01, 1e-12);
  EXPECT_EQ(kept_share(10'000, 1'000'000, 0), 1);
  // A word that is nearly all of the text is left out nearly always: far fewer pairs, and another result.
  const auto texts = two_worlds(20);
  const Tensor all = word2vec(texts, counts_of(texts, 20), {.width = 4, .subsample = 0}),
               some = word2vec(texts, counts_of(texts, 20), {.width = 4, .subsample = 1e-4});
  EXPECT_NE(all.at(0), some.at(0));
}

TEST(Word2vec, RefusesOptionsOutOfRange) {
  const std::vector<std::vector<int32_t>> texts = {{0, 1}};
  EXPECT_THAT(error_of([&] { word2vec(texts, {1, 1}, {.width = 0}); }), HasSubstr("width"));
  EXPECT_THAT(error_of([&] { word2vec(texts, {1, 1}, {.window = 0}); }), HasSubstr("window"));
  EXPECT_THAT(error_of([&] { word2vec(texts, {1, 1}, {.negatives = 65}); }), HasSubstr("negatives"));
  EXPECT_THAT(error_of([&] {
                word2vec(texts, {1, 1}, {.learning_rate = std::nan("")});
              }),
              HasSubstr("learning_rate"));
  EXPECT_THAT(error_of([&] { word2vec(texts, {1}, {}); }), HasSubstr("two words"));
  EXPECT_THAT(error_of([&] { word2vec({{0, 7}}, {1, 1}, {}); }), HasSubstr("got 7"));
}

}  // namespace
}  // namespace folio
