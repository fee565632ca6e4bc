// Beams against tables whose best texts are known, and against all texts there are.
#include "folio/models/decoding/beam_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

using Tokens = std::vector<int64_t>;

/// The logarithms of what follows a text.
using Table = std::function<std::vector<float>(const Tokens& text)>;

/// A step that remembers the texts of its rows.
class TableStep {
 public:
  explicit TableStep(Table table) : table_(std::move(table)) {}
  std::span<const float> operator()(std::span<const BeamRow> rows) {
    std::vector<Tokens> next;
    for (const BeamRow& row : rows) {
      next.push_back(texts_[static_cast<size_t>(row.parent)]);
      next.back().push_back(row.token);
    }
    if (!rows.empty()) texts_ = std::move(next);
    logarithms_.clear();
    for (const Tokens& text : texts_)
      for (float value : table_(text)) logarithms_.push_back(value);
    return logarithms_;
  }

 private:
  Table table_;
  std::vector<Tokens> texts_ = {{}};
  std::vector<float> logarithms_;
};

/// All texts that end, by their scores.
std::vector<Hypothesis> exhaustive(const Table& table, const BeamOptions& options) {
  std::vector<Hypothesis> all, open = {{}};
  for (int64_t length = 1; length <= options.longest; ++length) {
    std::vector<Hypothesis> next;
    for (const Hypothesis& text : open) {
      const std::vector<float> follows = table(text.tokens);
      for (size_t token = 0; token < follows.size(); ++token) {
        Hypothesis more = text;
        more.tokens.push_back(static_cast<int64_t>(token));
        more.sum += static_cast<double>(follows[token]);
        more.score = more.sum / length_penalty(options, length);
        (static_cast<int64_t>(token) == options.end ? all : next).push_back(more);
      }
    }
    open = std::move(next);
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return all;
}

// a, b, c and the end. The end can come early; greedily a comes first.
std::vector<float> words(const Tokens& text) {
  static const std::vector<std::vector<double>> next = {
      {0.25, 0.4, 0.25, 0.1}, {0.02, 0.03, 0.05, 0.9}, {0.05, 0.05, 0.1, 0.8}, {}, {0.5, 0.3, 0.15, 0.05}};
  std::vector<float> logarithms;
  for (double p : next[text.empty() ? 4 : static_cast<size_t>(text.back())])
    logarithms.push_back(static_cast<float>(std::log(p)));
  return logarithms;
}

std::vector<Hypothesis> of_words(BeamOptions options) {
  options.longest = 4;
  options.end = 3;
  return beam_search(TableStep(words), options);
}

TEST(BeamSearch, FindsWhatGreedyMisses) {
  EXPECT_EQ(of_words({.beam = 1})[0].tokens, (Tokens{0, 1, 3}));
  const auto best = of_words({.beam = 2});
  EXPECT_EQ(best[0].tokens, (Tokens{1, 3}));
  EXPECT_NEAR(best[0].sum, -1.3093333199837625, 1e-6);
}

TEST(BeamSearch, LeavesOutWhatNoTextMayHold) {
  EXPECT_EQ(of_words({.beam = 2, .never = {1}})[0].tokens, (Tokens{2, 3}));
  EXPECT_EQ(of_words({.beam = 2, .never = {1, 2}})[0].tokens, (Tokens{3}));
}

TEST(BeamSearch, GivesTheBestInOrder) {
  const auto best = of_words({.beam = 5});
  const std::vector<std::pair<Tokens, double>> expected = {{{1, 3}, -1.3093333199837625},
                                                           {{0, 1, 3}, -1.7147984280919266},
                                                           {{2, 3}, -2.120263536200091},
                                                           {{0, 2, 3}, -2.3025850929940455},
                                                           {{3}, -2.995732273553991}};
  ASSERT_EQ(best.size(), expected.size());
  for (size_t i = 0; i < best.size(); ++i) {
    EXPECT_EQ(best[i].tokens, expected[i].first) << i;
    EXPECT_NEAR(best[i].sum, expected[i].second, 1e-6) << i;
  }
}

TEST(BeamSearch, PenaltiesPreferLongerTexts) {
  for (int64_t beam : {2, 3, 5, 30}) {
    EXPECT_EQ(of_words({.beam = beam, .penalty = LengthPenalty::length})[0].tokens, (Tokens{0, 1, 3}))
        << beam;
    const auto gnmt = [&](double alpha) {
      return of_words({.beam = beam, .penalty = LengthPenalty::gnmt, .alpha = alpha})[0].tokens;
    };
    EXPECT_EQ(gnmt(0.6), (Tokens{1, 3})) << beam;
    EXPECT_EQ(gnmt(2), (Tokens{1, 3})) << beam;
    EXPECT_EQ(gnmt(5), (Tokens{0, 1, 3})) << beam;
  }
}

TEST(BeamSearch, OfAllTextsIsAnExhaustiveOne) {
  RandomNumbers random(5);
  for (int round = 0; round < 60; ++round) {
    const int64_t vocabulary = 2 + round % 3, longest = 1 + round % 5;
    // What follows depends on the whole text.
    std::vector<std::vector<float>> rows;
    for (int i = 0; i < 97; ++i) {
      const Tensor logits = random.tensor({vocabulary}, -3, 3, DType::float64);
      double total = 0;
      for (int64_t j = 0; j < vocabulary; ++j) total += std::exp(logits.at(j));
      rows.emplace_back();
      for (int64_t j = 0; j < vocabulary; ++j)
        rows.back().push_back(static_cast<float>(logits.at(j) - std::log(total)));
    }
    const Table table = [&](const Tokens& text) {
      int64_t key = 1;
      for (int64_t token : text) key = (key * 31 + token + 7) % 97;
      return rows[static_cast<size_t>(key)];
    };
    for (const LengthPenalty penalty : {LengthPenalty::none, LengthPenalty::length, LengthPenalty::gnmt}) {
      const BeamOptions options = {.beam = 1000,
                                   .longest = longest,
                                   .end = round % vocabulary,
                                   .penalty = penalty,
                                   .alpha = 0.5 + round % 4};
      const auto expected = exhaustive(table, options);
      const auto got = beam_search(TableStep(table), options);
      ASSERT_EQ(got.size(), std::min<size_t>(expected.size(), 1000));
      for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i].score, expected[i].score, 1e-9);
      EXPECT_EQ(got[0].tokens, expected[0].tokens);
    }
  }
}

TEST(BeamSearch, GivesTextsThatNeverEndOnlyWhenNoneDoes) {
  const Table never = [](const Tokens&) {
    return std::vector<float>{-0.5f, -1, -std::numeric_limits<float>::infinity()};
  };
  const auto got = beam_search(TableStep(never), {.beam = 2, .longest = 3, .end = 2});
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].tokens, (Tokens{0, 0, 0}));
  EXPECT_DOUBLE_EQ(got[0].sum, -1.5);
}

TEST(BeamSearch, RefusesWhatMakesNoSense) {
  EXPECT_NE(error_of([] { of_words({.beam = 0}); }).find("beam: expected at least 1, got 0"),
            std::string::npos);
  const Table nan = [](const Tokens&) {
    return std::vector<float>{0, std::numeric_limits<float>::quiet_NaN()};
  };
  EXPECT_NE(error_of([&] { beam_search(TableStep(nan), {}); }).find("got NaN"), std::string::npos);
}

}  // namespace
}  // namespace folio
