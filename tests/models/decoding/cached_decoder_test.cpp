// Token by token gives what the whole model gives, for every place and every kind of block.
#include "folio/models/decoding/cached_decoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "folio/layers/all.h"
#include "folio/models/seq2seq.h"
#include "folio/models/transformer/language_model.h"
#include "folio/models/transformer/transformer.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

/// Weights far from their beginnings, so that places and tokens matter.
void disturb(const Model& model, uint32_t seed) {
  RandomNumbers random(seed);
  for (Parameter weight : model.weights())
    weight.set(random.tensor(weight.shape(), -0.6, 0.6, weight.dtype()));
}

Tensor token_rows(int64_t rows, int64_t steps, int64_t vocabulary, uint32_t seed) {
  RandomNumbers random(seed);
  Tensor tokens({rows, steps}, DType::int32);
  for (int64_t i = 0; i < tokens.count(); ++i)
    tokens.set(i, static_cast<double>(random.whole(1, vocabulary - 1)));
  return tokens;
}

std::vector<int64_t> column(const Tensor& tokens, int64_t step) {
  std::vector<int64_t> list;
  for (int64_t row = 0; row < tokens.shape()[0]; ++row)
    list.push_back(static_cast<int64_t>(tokens.at(row, step)));
  return list;
}

/// softmax(logits) of each row against the model's probabilities at this step.
void expect_row(const Tensor& logits, const Tensor& expected, int64_t step) {
  const int64_t vocabulary = logits.shape()[1];
  for (int64_t row = 0; row < logits.shape()[0]; ++row) {
    double total = 0;
    for (int64_t i = 0; i < vocabulary; ++i) total += std::exp(logits.at(row, i));
    for (int64_t i = 0; i < vocabulary; ++i)
      ASSERT_NEAR(std::exp(logits.at(row, i)) / total, expected.at(row, step, i), 2e-6)
          << "row " << row << ", step " << step << ", token " << i;
  }
}

const TransformerOptions kSmall = {.blocks = 2, .heads = 2, .width = 8, .hidden = 12, .dropout = 0.1};

TEST(CachedDecoder, GivesWhatTheWholeModelGives) {
  for (bool norm_first : {true, false}) {
    TransformerOptions options = kSmall;
    options.norm_first = norm_first;
    const Model model = language_model(11, 7, options);
    disturb(model, 3);
    const Tensor tokens = token_rows(3, 7, 11, 4);
    const Tensor expected = model.predict(tokens);
    CachedDecoder decoder(model, {.batch = 3});
    EXPECT_EQ(decoder.longest(), 7);
    for (int round = 0; round < 2; ++round) {  // what was before is forgotten
      decoder.begin();
      for (int64_t t = 0; t < 7; ++t) expect_row(decoder.step(column(tokens, t)), expected, t);
    }
    EXPECT_NE(error_of([&] { decoder.step(column(tokens, 0)); }).find("at most 7 tokens"), std::string::npos);
  }
}

TEST(CachedDecoder, TakesGroupsOfHeadsAndOpenLengths) {
  const Value ids = Input({kUnknown}, {.dtype = DType::int32});
  const Value x = Embedding(9, 6)(ids);
  const Value y = Add()({x, GroupQueryAttention(3, 4, 2)({x, x}, {.use_causal_mask = true})});
  const Model model(ids, Dense(9)(Dense(5, {.activation = "relu"})(LayerNormalization()(y))));
  disturb(model, 5);
  const Tensor tokens = token_rows(2, 6, 9, 6);
  const Tensor expected = model.predict(tokens);
  CachedDecoder decoder(model, {.batch = 2, .longest = 6});
  for (int64_t t = 0; t < 6; ++t) {
    const Tensor& logits = decoder.step(column(tokens, t));
    for (int64_t row = 0; row < 2; ++row)
      for (int64_t i = 0; i < 9; ++i) ASSERT_NEAR(logits.at(row, i), expected.at(row, t, i), 5e-6);
  }
  EXPECT_NE(error_of([&] { CachedDecoder{model}; }).find("how many steps"), std::string::npos);
}

TEST(CachedDecoder, LooksAtSourcesOfDifferentLengths) {
  const Model model = transformer({13, 6, 11, 5}, kSmall);
  disturb(model, 7);
  Tensor source = token_rows(3, 6, 13, 8);
  for (int64_t step = 2; step < 6; ++step) source.set({1, step}, 0);  // a text of two tokens
  for (int64_t step = 0; step < 6; ++step) source.set({2, step}, 0);  // none at all
  const Tensor target = token_rows(3, 5, 11, 9);
  const Tensor expected = model.predict({source, target})[0];
  CachedDecoder decoder(model, {.batch = 3});
  decoder.begin({source});
  for (int64_t t = 0; t < 5; ++t) expect_row(decoder.step(column(target, t)), expected, t);
  EXPECT_NE(error_of([&] { decoder.begin(); }).find("expected 1 inputs"), std::string::npos);
}

TEST(CachedDecoder, TakesRecurrentLayersThatLookAtASource) {
  const Model model = seq2seq({13, 6, 11, 5}, {.embedding = 6, .units = 7});
  disturb(model, 12);
  Tensor source = token_rows(3, 6, 13, 13);
  for (int64_t step = 2; step < 6; ++step) source.set({1, step}, 0);
  const Tensor target = token_rows(3, 5, 11, 14);
  const Tensor expected = model.predict({source, target})[0];
  CachedDecoder decoder(model, {.batch = 3});
  for (int round = 0; round < 2; ++round) {  // each text begins with its own state
    decoder.begin({source});
    for (int64_t t = 0; t < 5; ++t) expect_row(decoder.step(column(target, t)), expected, t);
  }
}

TEST(CachedDecoder, TakesRecurrentLayersOfAllKinds) {
  const Value ids = Input({4}, {.dtype = DType::int32});
  Value x = Embedding(9, 6)(ids);
  x = LSTM(5, {.return_sequences = true})(x);
  x = GRU(4, {.reset_after = false, .return_sequences = true})(x);
  x = SimpleRNN(3, {.return_sequences = true})(x);
  const Model model(ids, Dense(9, {.activation = "softmax"})(x));
  disturb(model, 15);
  const Tensor tokens = token_rows(2, 4, 9, 16);
  const Tensor expected = model.predict(tokens);
  CachedDecoder decoder(model, {.batch = 2});
  for (int64_t t = 0; t < 4; ++t) expect_row(decoder.step(column(tokens, t)), expected, t);
  decoder.begin();
  for (int64_t t = 0; t < 2; ++t) decoder.step(column(tokens, t));
  decoder.reorder(std::vector<int64_t>{1, 1});  // states go with the texts
  Tensor moved = tokens.clone();
  for (int64_t t = 0; t < 2; ++t) moved.set({0, t}, tokens.at(1, t));
  expect_row(decoder.step(column(moved, 2)), model.predict(moved), 2);

  const Value back = GRU(4, {.return_sequences = true, .go_backwards = true})(Embedding(9, 6)(ids));
  const Model backwards(ids, Dense(9, {.activation = "softmax"})(back));
  EXPECT_NE(error_of([&] { CachedDecoder{backwards}; }).find("goes backwards"), std::string::npos);
  const Value self = Embedding(9, 6)(ids);
  const Model looks(ids, Dense(9, {.activation = "softmax"})(Attention()({self, self})));
  EXPECT_NE(error_of([&] { CachedDecoder{looks}; }).find("steps of this text"), std::string::npos);
}

TEST(CachedDecoder, GoesOnFromOtherRows) {
  const Model model = language_model(11, 6, kSmall);
  disturb(model, 10);
  Tensor tokens = token_rows(3, 6, 11, 11);
  CachedDecoder decoder(model, {.batch = 3});
  for (int64_t t = 0; t < 3; ++t) decoder.step(column(tokens, t));
  decoder.reorder(std::vector<int64_t>{2, 0, 0});
  Tensor moved = tokens.clone();
  for (int64_t t = 0; t < 3; ++t) {
    moved.set({0, t}, tokens.at(2, t));
    moved.set({2, t}, tokens.at(0, t));
    moved.set({1, t}, tokens.at(0, t));
  }
  const Tensor expected = model.predict(moved);
  for (int64_t t = 3; t < 6; ++t) expect_row(decoder.step(column(moved, t)), expected, t);
}

TEST(CachedDecoder, SeveralAtOnceAreAsOneAfterTheOther) {
  const Model model = language_model(11, 20, kSmall);
  disturb(model, 12);
  const auto text = [&](uint64_t seed) {
    const std::vector<int64_t> prompt = {static_cast<int64_t>(seed % 11)};
    return generate(next_token(model), prompt, {.sampling = {.seed = seed}, .length = 50});
  };
  std::vector<std::vector<int64_t>> expected(4), got(4);
  for (uint64_t i = 0; i < 4; ++i) expected[i] = text(i);
  std::vector<std::thread> threads;
  for (uint64_t i = 0; i < 4; ++i) threads.emplace_back([&, i] { got[i] = text(i); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, expected);
  EXPECT_EQ(expected[0].size(), 50u);  // beyond the model's 20 steps
}

TEST(CachedDecoder, FindsWhatAnExhaustiveSearchFinds) {
  constexpr int64_t kVocabulary = 4, kLongest = 4, kFirst = 1, kEnd = 3;
  const Model model = transformer({7, 3, kVocabulary, kLongest}, kSmall);
  for (uint32_t seed : {1u, 2u, 3u}) {
    disturb(model, seed);
    const Tensor source = token_rows(1, 3, 7, seed);
    // All texts of at most so many tokens that end, by running the whole model.
    std::vector<Hypothesis> all;
    const std::function<void(std::vector<int64_t>, double)> follow = [&](std::vector<int64_t> text,
                                                                         double sum) {
      Tensor target({1, kLongest}, DType::int32);
      target.set(0, kFirst);
      for (size_t i = 0; i < text.size(); ++i)
        target.set(static_cast<int64_t>(i) + 1, static_cast<double>(text[i]));
      const Tensor next = model.predict({source, target})[0];
      for (int64_t token = 0; token < kVocabulary; ++token) {
        auto more = text;
        more.push_back(token);
        const double now = sum + std::log(next.at(0, static_cast<int64_t>(text.size()), token));
        if (token == kEnd)
          all.push_back({more, now, now});
        else if (static_cast<int64_t>(more.size()) < kLongest)
          follow(more, now);
      }
    };
    follow({}, 0);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    Tensor copies({40, 3}, DType::int32);
    for (int64_t i = 0; i < copies.count(); ++i) copies.set(i, source.at(i % 3));
    CachedDecoder decoder(model, {.batch = 40});
    decoder.begin({copies});
    const auto best = beam_search(decoder, kFirst, {.beam = 40, .longest = kLongest, .end = kEnd});
    ASSERT_EQ(best.size(), std::min<size_t>(all.size(), 40));
    for (size_t i = 0; i < 10; ++i) EXPECT_NEAR(best[i].sum, all[i].sum, 1e-4) << i;
    EXPECT_EQ(best[0].tokens, all[0].tokens);
  }
}

TEST(CachedDecoder, NamesTheLayerThatLooksAhead) {
  const Value ids = Input({5}, {.dtype = DType::int32});
  const Value x = Embedding(9, 6)(ids);
  const auto error = [&](const Value& y) { return error_of([&] { CachedDecoder{Model(ids, y)}; }); };
  EXPECT_NE(error(MultiHeadAttention(2, 3, {.name = "both"})({x, x})).find("MultiHeadAttention \"both\""),
            std::string::npos);
  EXPECT_NE(error(Conv1D(6, 3, {.padding = "same", .name = "window"})(x)).find("Conv1D \"window\""),
            std::string::npos);
  EXPECT_NE(error(Dense(3)(Flatten()(x))).find("token by token"), std::string::npos);
  EXPECT_NE(error(LayerNormalization({.axis = {1, 2}, .name = "all"})(x)).find("LayerNormalization \"all\""),
            std::string::npos);
}

}  // namespace
}  // namespace folio
