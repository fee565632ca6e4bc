// The networks of the recipe `text`.
#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/data/text/text_preparation.h"
#include "folio/layers/all.h"
#include "folio/recipes/text.h"

namespace folio {
namespace {

Value classified(const Value& features, const RecipeTask& task) {
  if (task.classes == 2) return Dense(1, {.activation = "sigmoid"})(features);
  return Dense(task.classes, {.activation = "softmax"})(features);
}

// A linear model of the tokens that a text holds, in which each weight is learnt as a multiple of what naive
// Bayes gives it (NBSVM, Wang and Manning 2012): P = sigmoid(Σ w_t r_t + b).
Value weighed_tokens(const Value& tokens, const RecipeTask& task) {
  const int64_t width = task.classes == 2 ? 1 : task.classes;
  // What a weight begins with, and how far a step of the optimizer takes it.
  constexpr double kStart = 0.01, kPace = 4;
  Embedding bayes(task.vocabulary, width, {.embeddings_initializer = "zeros", .name = "naive_bayes"});
  const Value ratios = bayes(tokens);
  if (task.token_weights.raw()) bayes.set_weights({task.token_weights});
  bayes.set_trainable(false);
  const Value weights =
      Embedding(task.vocabulary, width,
                {.embeddings_initializer = Initializer::constant(kStart), .name = "weights"})(tokens);
  // Rows are filled up with tokens of ratio 0: the mean times the length is the sum.
  const Value mean = GlobalAveragePooling1D()(Multiply()({weights, ratios}));
  const Value sum = Rescaling(kPace * static_cast<double>(task.input[0]))(mean);
  const std::string activation = task.classes == 2 ? "sigmoid" : "softmax";
  return Dense(width, {.activation = activation, .kernel_initializer = Initializer::identity()})(sum);
}

Value convolved(const Value& words, int64_t filters) {
  Values features;
  for (const int64_t size : {3, 4, 5})
    features.push_back(
        GlobalMaxPooling1D()(Conv1D(filters, size, {.padding = "same", .activation = "relu"})(words)));
  return Concatenate()(features);
}

// Layers on top of each other, the last of which gives what it has seen at the end.
Value recurrent(Value features, const std::string& network, const std::vector<int64_t>& units) {
  for (size_t i = 0; i < units.size(); ++i) {
    const bool sequences = i + 1 < units.size();
    if (network == "simple_rnn")
      features = SimpleRNN(units[i], {.return_sequences = sequences})(features);
    else if (network == "lstm")
      features = LSTM(units[i], {.return_sequences = sequences})(features);
    else if (network == "gru")
      features = GRU(units[i], {.return_sequences = sequences})(features);
    else
      features = Bidirectional(GRU(units[i], {.return_sequences = sequences}))(features);
  }
  return features;
}

// What stands for each token: learnt numbers, or with width 0 a one in a place of its own. Those that stand
// for nothing are then all zeros, as in Keras programs that fill one-hot rows up.
Value vectors_of(const Value& tokens, const RecipeTask& task, int64_t width, bool mask) {
  if (task.word_vectors.raw()) {
    Embedding given(task.vocabulary, task.word_vectors.shape()[1], {.mask_zero = mask});
    const Value vectors = given(tokens);
    given.set_weights({task.word_vectors});
    return vectors;
  }
  if (width > 0) return Embedding(task.vocabulary, width, {.mask_zero = mask})(tokens);
  constexpr int64_t kMost = 4096;
  const int64_t known = task.vocabulary - TextPreparation::kFirstWord;
  if (known > kMost)
    throw Error(
        fmt::format("--set embedding=0: expected at most {} tokens to tell apart, got {}; give each "
                    "some numbers, such as --set embedding=64",
                    kMost, known));
  Embedding one_hot(task.vocabulary, known, {.mask_zero = mask, .name = "one_hot"});
  const Value ones = one_hot(tokens);
  one_hot.set_trainable(false);
  if (!one_hot.weights()[0].value().raw()) return ones;  // an outline, for a summary
  Tensor weights({task.vocabulary, known});
  for (int64_t token = 0; token < known; ++token)
    weights.set((token + TextPreparation::kFirstWord) * known + token, 1);
  one_hot.set_weights({weights});
  return ones;
}

}  // namespace

Model text_network(const RecipeTask& task, const Settings& settings) {
  const std::string& network = settings.choice(
      "network", {"ngrams", "embedding", "conv", "simple_rnn", "lstm", "gru", "bidirectional"});
  const Value tokens = Input(task.input, {.dtype = DType::int32, .name = "tokens"});
  if (network == "ngrams") return Model(tokens, weighed_tokens(tokens, task), "text");
  const auto width = static_cast<int64_t>(settings.number("embedding"));
  const std::vector<int64_t> units = settings.integers("units");
  if (units.empty()) throw Error("--set units=: expected at least one number, got none");
  const double dropout = settings.number("dropout");
  Value words = vectors_of(tokens, task, width, network != "conv");
  if (network != "embedding" && dropout > 0) words = Dropout(dropout)(words);
  Value features;
  if (network == "embedding")
    features = GlobalAveragePooling1D()(words);
  else if (network == "conv")
    features = convolved(words, units[0]);
  else
    features = recurrent(words, network, units);
  return Model(tokens, classified(dropout > 0 ? Dropout(dropout)(features) : features, task), "text");
}

}  // namespace folio
