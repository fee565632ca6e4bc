#include "folio/models/caption_decoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "folio/layers/all.h"
#include "folio/models/decoding/cached_decoder.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

constexpr int64_t kPlaces = 6, kFeatures = 5, kWords = 7, kSteps = 4;
constexpr int64_t kBegin = 2, kEnd = 3;

Model small(const std::string& cell) {
  const Model model =
      caption_decoder({kPlaces, kFeatures, kWords, kSteps}, {.cell = cell, .embedding = 3, .units = 6});
  RandomNumbers random(5);
  for (Parameter weight : model.weights()) weight.set(random.tensor(weight.shape(), -1, 1, DType::float32));
  return model;
}

Tensor places_of(int64_t rows, uint32_t seed) {
  return RandomNumbers(seed).tensor({rows, kPlaces, kFeatures}, -1, 1, DType::float32);
}

Tensor words_of(const std::vector<std::vector<int64_t>>& rows) {
  Tensor words({static_cast<int64_t>(rows.size()), kSteps}, DType::int32);
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t t = 0; t < rows[r].size(); ++t)
      words.set({static_cast<int64_t>(r), static_cast<int64_t>(t)}, static_cast<double>(rows[r][t]));
  return words;
}

// What is said step by step is what the model learnt to say when it was given the words.
TEST(CaptionDecoder, SaysStepByStepWhatTheWholeModelGives) {
  for (const char* cell : {"gru", "lstm"}) {
    SCOPED_TRACE(cell);
    const Model model = small(cell);
    const Tensor places = places_of(3, 6);
    const std::vector<std::vector<int64_t>> rows = {{2, 4, 5, 6}, {2, 6, 6, 1}, {2, 5, 4, 4}};
    const Tensor expected = model.predict({places, words_of(rows)})[0];
    CachedDecoder decoder(model, {.batch = 3});
    for (int again = 0; again < 2; ++again) {
      decoder.begin({places});
      for (size_t t = 0; t < 4; ++t) {
        const Tensor& logits = decoder.step(std::vector<int64_t>{rows[0][t], rows[1][t], rows[2][t]});
        for (int64_t r = 0; r < 3; ++r) {
          double total = 0;
          for (int64_t w = 0; w < kWords; ++w) total += std::exp(logits.at(r, w));
          for (int64_t w = 0; w < kWords; ++w)
            EXPECT_NEAR(std::exp(logits.at(r, w)) / total, expected.at(r, static_cast<int64_t>(t), w), 2e-6);
        }
      }
    }
  }
}

// The sum of the logarithms of a caption's words by the whole model.
double sum_of(const Model& model, const Tensor& places, const std::vector<int64_t>& said) {
  std::vector<int64_t> given = {kBegin};
  given.insert(given.end(), said.begin(), said.end() - 1);
  const Tensor p = model.predict({places, words_of({given})})[0];
  double sum = 0;
  for (size_t t = 0; t < said.size(); ++t) sum += std::log(p.at(0, static_cast<int64_t>(t), said[t]));
  return sum;
}

// All captions that end within the steps; a beam as wide as there are must find the best.
TEST(CaptionDecoder, BeamFindsTheBestOfAllCaptions) {
  for (const char* cell : {"gru", "lstm"}) {
    SCOPED_TRACE(cell);
    const Model model = small(cell);
    const Tensor places = places_of(1, 8);
    std::vector<int64_t> best;
    double most = -INFINITY;
    const std::vector<int64_t> words = {4, 5, 6};
    std::vector<std::vector<int64_t>> all = {{}};
    for (size_t first = 0; first < all.size(); ++first) {
      std::vector<int64_t> caption = all[first];
      if (caption.size() < kSteps - 1)
        for (const int64_t word : words) {
          all.push_back(all[first]);
          all.back().push_back(word);
        }
      caption.push_back(kEnd);
      const double length = static_cast<double>(caption.size());
      const double score = sum_of(model, places, caption) / std::pow((5 + length) / 6, 0.6);
      if (score > most) most = score, best = caption;
    }
    ASSERT_EQ(all.size(), 1u + 3 + 9 + 27);
    constexpr int64_t kBeam = 30;
    CachedDecoder decoder(model, {.batch = kBeam});
    Tensor copies({kBeam, kPlaces, kFeatures});
    for (int64_t i = 0; i < kBeam; ++i) copies.rows(i, i + 1).assign(places);
    decoder.begin({copies});
    const auto found = beam_search(decoder, kBegin,
                                   {.beam = kBeam,
                                    .longest = kSteps,
                                    .end = kEnd,
                                    .penalty = LengthPenalty::gnmt,
                                    .alpha = 0.6,
                                    .never = {0, 1, kBegin}});
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].tokens, best);
    EXPECT_NEAR(found[0].score, most, 1e-5);
  }
}

TEST(CaptionDecoder, SeesThePictureAndBeginsWithTheVectors) {
  const Model model = small("gru");
  const Tensor words = words_of({{2, 4, 5, 6}});
  const Tensor one = model.predict({places_of(1, 9), words})[0],
               other = model.predict({places_of(1, 10), words})[0];
  double largest = 0;
  for (int64_t i = 0; i < one.count(); ++i) largest = std::max(largest, std::abs(one.at(i) - other.at(i)));
  EXPECT_GT(largest, 0.01);
  const Tensor vectors = RandomNumbers(3).tensor({kWords, 3}, -1, 1, DType::float32);
  const Model begun = caption_decoder({kPlaces, kFeatures, kWords, kSteps},
                                      {.embedding = 3, .units = 4, .word_vectors = vectors});
  const Tensor weights = begun.get_layer("word_vectors").weights()[0].value();
  for (int64_t i = 0; i < vectors.count(); ++i) EXPECT_EQ(weights.at(i), vectors.at(i));
}

TEST(CaptionDecoder, RefusesSizesAndCellsThatThereAreNot) {
  EXPECT_NE(error_of([] {
              caption_decoder({kPlaces, kFeatures, 0, kSteps});
            }).find("vocabulary: expected at least 1"),
            std::string::npos);
  EXPECT_NE(error_of([] {
              caption_decoder({kPlaces, kFeatures, kWords, kSteps}, {.cell = "rnn"});
            }).find("gru or lstm"),
            std::string::npos);
}

}  // namespace
}  // namespace folio
