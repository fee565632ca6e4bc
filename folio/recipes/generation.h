// Plain text as what a recurrent recipe trains on, and what models of characters go on with.
#pragma once
#include <string>

#include "folio/models/decoding/generate.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// Windows of a text, character by character, each with the same one character later: the first part of the
/// file to train on, then the parts for validation and test. Bytes that are no UTF-8 become U+FFFD.
RecipeData generation_windows(const Recipe& recipe, const RunRequest& request, const Settings& settings);
/// Recurrent layers over the characters, a softmax at every step. (sheet G13)
Model generation_network(const RecipeTask& task, const Settings& settings);
/// What could be had without a network: the nats per character of the frequencies of characters, and of those
/// behind the one before.
std::vector<Baseline> generation_baselines(const Recipe& recipe, const RecipeData& data,
                                           const Settings& settings, const FitOptions& options);

/// For `generate`: the logits of what follows the last `window` tokens (of a model of fixed length as many as
/// that), all of which go through the model each time. The model takes token numbers (batch, steps) and gives
/// probabilities of the next one: at every step, where it sees no later ones, or once.
NextToken next_token_of_window(const Model& model, int64_t window);

/// What a model of characters says behind `prompt`, without it; `heard` gets each piece as it comes. An empty
/// prompt is a new line, or the first character there is. Throws `Error` when the model knows no characters,
/// or not those of the prompt.
std::string continue_text(const Model& model, const std::string& prompt, GenerationOptions options,
                          const std::function<void(const std::string&)>& heard = {});

}  // namespace folio
