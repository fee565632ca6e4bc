// The networks of the recipe `text`.
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

Value convolved(const Value& words, const Settings& settings) {
  Values features;
  const auto filters = static_cast<int64_t>(settings.number("units"));
  for (const int64_t size : {3, 4, 5})
    features.push_back(
        GlobalMaxPooling1D()(Conv1D(filters, size, {.padding = "same", .activation = "relu"})(words)));
  return Concatenate()(features);
}

}  // namespace

Model text_network(const RecipeTask& task, const Settings& settings) {
  const std::string& network = settings.choice("network", {"ngrams", "embedding", "conv", "lstm", "gru"});
  const Value tokens = Input(task.input, {.dtype = DType::int32, .name = "tokens"});
  if (network == "ngrams") return Model(tokens, weighed_tokens(tokens, task), "text");
  const auto width = static_cast<int64_t>(settings.number("embedding")),
             units = static_cast<int64_t>(settings.number("units"));
  const double dropout = settings.number("dropout");
  const Value words = Embedding(task.vocabulary, width, {.mask_zero = network != "conv"})(tokens);
  Value features;
  if (network == "embedding")
    features = GlobalAveragePooling1D()(words);
  else if (network == "conv")
    features = convolved(Dropout(dropout)(words), settings);
  else if (network == "lstm")
    features = LSTM(units)(Dropout(dropout)(words));
  else
    features = GRU(units)(Dropout(dropout)(words));
  return Model(tokens, classified(dropout > 0 ? Dropout(dropout)(features) : features, task), "text");
}

}  // namespace folio
