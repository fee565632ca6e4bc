// A recurrent model run token by token says what it says of the whole text.
#include "folio/models/decoding/stateful_decoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "folio/layers/all.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

constexpr int64_t kWords = 5;

Model chain(const Layer& first, const Layer& second, int64_t steps = kUnknown) {
  set_random_seed(2);
  const Value tokens = Input({steps}, {.dtype = DType::int32});
  const Value x = Embedding(kWords, 3)(tokens);
  const Value y = second(Dropout(0.5)(first(x)));
  return Model(tokens, Dense(kWords, {.activation = "softmax"})(y), "said");
}

/// Logarithms of the probabilities behind all of `text`.
std::vector<float> of_the_whole(const Model& model, const std::vector<int64_t>& text) {
  Tensor x({1, static_cast<int64_t>(text.size())}, DType::int32);
  for (size_t i = 0; i < text.size(); ++i) x.set(static_cast<int64_t>(i), static_cast<double>(text[i]));
  const Tensor y = model.predict(x);
  std::vector<float> result;
  for (int64_t c = 0; c < kWords; ++c)
    result.push_back(static_cast<float>(std::log(y.at(y.count() - kWords + c))));
  return result;
}

TEST(StatefulDecoder, SaysWhatTheModelSaysOfTheWholeText) {
  const std::vector<int64_t> text = {1, 4, 0, 0, 3, 2, 1, 1};
  for (const bool every_step : {true, false})
    for (const Model& model :
         {chain(LSTM(6, {.return_sequences = true}), LSTM(4, {.return_sequences = every_step})),
          chain(GRU(6, {.return_sequences = true}), SimpleRNN(4, {.return_sequences = every_step})),
          chain(RNN(GRUCell(6), {.return_sequences = true}), GRU(4, {.return_sequences = every_step}))}) {
      const NextToken one = next_token_of_states(model), other = next_token_of_states(model);
      other(3);  // what one hears is not heard by another
      std::vector<int64_t> heard;
      for (const int64_t token : text) {
        heard.push_back(token);
        const std::vector<float> wanted = of_the_whole(model, heard);
        const auto got = one(token);
        for (size_t c = 0; c < wanted.size(); ++c) ASSERT_NEAR(got[c], wanted[c], 1e-5) << heard.size();
      }
    }
}

TEST(StatefulDecoder, LeavesTheModelAsItIs) {
  const Model model = chain(LSTM(6, {.return_sequences = true}), LSTM(4, {.return_sequences = true}), 3);
  const auto before = of_the_whole(model, {1, 2, 3});
  const NextToken next = next_token_of_states(model);
  next(1), next(1);
  EXPECT_EQ(of_the_whole(model, {1, 2, 3}), before);
}

TEST(StatefulDecoder, NamesWhatDoesNotGo) {
  const auto error = [](const Layer& first) {
    return error_of([&] { next_token_of_states(chain(first, LSTM(6, {.return_sequences = true}))); });
  };
  EXPECT_NE(error(LSTM(6, {.return_sequences = true, .go_backwards = true, .name = "back"}))
                .find("\"back\", which goes backwards"),
            std::string::npos);
  EXPECT_NE(error(Conv1D(4, 3, {.padding = "causal", .name = "wide"})).find("\"wide\""), std::string::npos);
  EXPECT_NE(error(Bidirectional(LSTM(6, {.return_sequences = true}))).find("Bidirectional"),
            std::string::npos);
  const Value tokens = Input({kUnknown}, {.dtype = DType::int32});
  const Value x = Embedding(kWords, 3)(tokens);
  const Model branches(tokens, Add().call({x, Dense(3)(x)})[0]);
  EXPECT_NE(error_of([&] { next_token_of_states(branches); }).find("several inputs"), std::string::npos);
}

}  // namespace
}  // namespace folio
