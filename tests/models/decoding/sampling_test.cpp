// What is drawn, and how likely; the numbers are facts of an independent computation in float64.
#include "folio/models/decoding/sampling.h"

#include <gtest/gtest.h>

#include <limits>

#include "folio/models/decoding/generate.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

const std::vector<float> kLogits = {2, 1, 1, 0.5f, -1, -3};

void expect_probabilities(const std::vector<float>& logits, const SamplingOptions& options,
                          const std::vector<double>& expected) {
  const auto got = sampling_probabilities(logits, options);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], expected[i], 1e-12) << "token " << i << ", temperature " << options.temperature
                                            << ", top_k " << options.top_k << ", top_p " << options.top_p;
}

TEST(Sampling, GivesTheseProbabilities) {
  const std::vector<double> all = {0.49617595754128946, 0.18253293398299486,  0.18253293398299486,
                                   0.11071182086798843, 0.024703146320598536, 0.0033432073041336895};
  const std::vector<double> first = {1, 0, 0, 0, 0, 0};
  const std::vector<double> three = {0.5761168847658291, 0.21194155761708547, 0.21194155761708547, 0, 0, 0};
  expect_probabilities(kLogits, {}, all);
  expect_probabilities(kLogits, {.temperature = 0}, first);
  expect_probabilities(kLogits, {.temperature = 0, .top_k = 3}, first);
  expect_probabilities(kLogits, {.temperature = 1e-6}, first);
  expect_probabilities(kLogits, {.temperature = 100},
                       {0.1698690791699354, 0.16817885359131882, 0.16817885359131882, 0.16734005805968127,
                        0.16484868916846174, 0.1615844664192839});
  expect_probabilities(kLogits, {.top_k = 1}, first);
  expect_probabilities(kLogits, {.top_k = 3}, three);
  for (int64_t whole : {0, 6, 1000}) expect_probabilities(kLogits, {.top_k = whole}, all);
  expect_probabilities(kLogits, {.top_p = 1}, all);
  expect_probabilities(kLogits, {.top_p = 0.7}, three);
  expect_probabilities(kLogits, {.top_p = 1e-9}, first);
  expect_probabilities(kLogits, {.top_p = 0}, first);
  expect_probabilities(kLogits, {.top_k = 3, .top_p = 0.6},
                       {0.7310585786300049, 0.26894142136999516, 0, 0, 0, 0});
  expect_probabilities(kLogits, {.temperature = 0.5, .top_k = 4, .top_p = 0.95},
                       {0.7869860421615985, 0.10650697891920076, 0.10650697891920076, 0, 0, 0});
  // Of two that are equal the earlier one stays.
  expect_probabilities(kLogits, {.top_k = 2}, {0.7310585786300049, 0.26894142136999516, 0, 0, 0, 0});
}

TEST(Sampling, TakesLogitsOfAnySize) {
  expect_probabilities({1000, 999, -1000}, {}, {0.7310585786300049, 0.2689414213699951, 0});
  expect_probabilities({1000, 999, -1000}, {.temperature = 0.01}, {1, 3.720075976020836e-44, 0});
  expect_probabilities({0, -std::numeric_limits<float>::infinity()}, {}, {1, 0});
  expect_probabilities({7}, {.top_k = 5, .top_p = 0.5}, {1});
}

TEST(Sampling, DrawsAsOftenAsTheProbabilitiesSay) {
  const SamplingOptions options = {.temperature = 0.8, .top_k = 4, .seed = 3};
  const auto expected = sampling_probabilities(kLogits, options);
  std::vector<double> drawn(kLogits.size(), 0);
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i)
    drawn[static_cast<size_t>(sample_token(kLogits, options, i))] += 1.0 / kDraws;
  for (size_t i = 0; i < drawn.size(); ++i) EXPECT_NEAR(drawn[i], expected[i], 0.015) << i;
}

TEST(Sampling, RefusesWhatMakesNoSense) {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(error_of([] { check_sampling({.top_p = 1.5}); }), "top_p: expected 0 to 1, got 1.5");
  EXPECT_EQ(error_of([] { check_sampling({.top_k = -1}); }), "top_k: expected at least 0, got -1");
  EXPECT_EQ(error_of([] { check_sampling({.temperature = -1}); }),
            "temperature: expected a number of at least 0, got -1");
  for (const std::vector<float>& logits :
       {std::vector<float>{}, {1, nan}, {infinity, 0}, {-infinity, -infinity}})
    EXPECT_NE(error_of([&] { likeliest_token(logits); }).find("sampling: expected"), std::string::npos);
}

// Counts what it is told: token t is followed by t + 1, modulo 5.
NextToken counting(std::vector<float>& logits, std::vector<int64_t>& told) {
  return [&](int64_t token) {
    told.push_back(token);
    logits.assign(5, 0);
    logits[static_cast<size_t>((token + 1) % 5)] = 9;
    return std::span<const float>(logits);
  };
}

TEST(Generation, GoesOnFromThePrompt) {
  std::vector<float> logits;
  std::vector<int64_t> told;
  const std::vector<int64_t> prompt = {3, 0};
  EXPECT_EQ(generate(counting(logits, told), prompt, {.sampling = {.temperature = 0}, .length = 3}),
            (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(told, (std::vector<int64_t>{3, 0, 1, 2}));  // the last token need not be told
  EXPECT_EQ(generate(counting(logits, told), prompt, {.sampling = {.temperature = 0}, .end = 3}),
            (std::vector<int64_t>{1, 2}));
  EXPECT_TRUE(generate(counting(logits, told), prompt, {.length = 0}).empty());
  int heard = 0;
  EXPECT_EQ(generate(counting(logits, told), prompt,
                     {.sampling = {.temperature = 0}, .heard = [&](int64_t) { return ++heard < 2; }})
                .size(),
            2u);
  EXPECT_NE(error_of([&] { generate(counting(logits, told), {}); }).find("a prompt"), std::string::npos);
}

TEST(Generation, IsTheSameForTheSameSeed) {
  std::vector<float> logits;
  std::vector<int64_t> told;
  const std::vector<int64_t> prompt = {0};
  const auto text = [&](uint64_t seed) {
    return generate(counting(logits, told), prompt,
                    {.sampling = {.temperature = 5, .seed = seed}, .length = 40});
  };
  EXPECT_EQ(text(1), text(1));
  EXPECT_NE(text(1), text(2));
}

}  // namespace
}  // namespace folio
