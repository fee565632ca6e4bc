// Models from sequence to sequence: their networks, what they say, and how good that is.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/analysis/translation_scores.h"
#include "folio/data/text/pair_preparation.h"
#include "folio/models/decoding/cached_decoder.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// The network that --set network= names: `transformer` or `seq2seq`. (sheet G14, G16)
Model translation_network(const RecipeTask& task, const Settings& settings);
/// Cross-entropy of the tokens that count, smoothed by --set smoothing=.
void compile_translation(const Model& model, const Optimizer& optimizer, const Settings& settings);

/// Says what a model makes of a text, by a beam of texts (Wu's penalty of lengths).
class Translator {
 public:
  /// Throws `Error` unless the model was trained on pairs of texts and goes token by token.
  explicit Translator(const Model& model, int64_t beam = 4);
  std::string operator()(const std::string& text);
  const PairPreparation& preparation() const { return preparation_; }

 private:
  PairPreparation preparation_;
  int64_t beam_;
  std::unique_ptr<CachedDecoder> decoder_;
};

/// The share of texts that are just what was wanted, BLEU and chrF.
Logs translation_scores(const std::vector<std::string>& said, const std::vector<std::string>& wanted);

/// What the best model says of the test pairs: scores, some examples, and where it looks.
Shown show_translation(const Model& model, const RecipeData& data, const Settings& settings,
                       const std::string& folder);
/// The same scores of the sources, left as they are.
std::vector<Baseline> translation_baselines(const Recipe& recipe, const RecipeData& data,
                                            const Settings& settings, const FitOptions& options);

/// The weights with which each step of what is said looks at each step of the source: of the last layer of
/// attention between the two, the mean of its heads. A model with the inputs of `model` -> (batch, target
/// steps, source steps). Throws `Error` when there is no such layer.
Model attention_weights(const Model& model);

}  // namespace folio
