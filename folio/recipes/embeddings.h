// Words as vectors: learnt from texts, taken from files and models, and kept in model files.
#pragma once
#include <string>
#include <vector>

#include "folio/data/text/text_preparation.h"
#include "folio/data/text/word_vectors.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// Learns vectors of the words of the request's texts (`word2vec`) and leaves in its folder model.keras and
/// map.svg, where its most frequent words lie in the plane in which they differ most.
RunResult train_embeddings(const Recipe& recipe, const RunRequest& request, const Settings& settings);
std::vector<Setting> embedding_settings();
/// The model of such a run, untrained: an Embedding.
Model embedding_network(const RecipeTask& task, const Settings& settings);

/// A model of one Embedding whose words travel with it as `text.json`; rows 0 and 1 are those of no word and
/// of unknown ones, all zeros. The options of `words`, a preparation, are kept.
Model embedding_model(const WordVectors& vectors, const TextPreparation& like);
/// The same for vectors of a file: words as they stand there.
Model embedding_model(const WordVectors& vectors);
/// The words of a model and their rows in its first Embedding. Throws `Error` for a model without them.
WordVectors word_vectors_of(const Model& model);
/// Of a file of vectors, a model file or the folder of a run.
WordVectors load_word_vectors(const std::string& path);

/// What an Embedding of these words, numbered from `first` on, begins with: float32 (first + words, width),
/// the vectors that there are, by the word itself or in lower case; small numbers by `seed` for other words;
/// zeros below `first`. `known`: how many words have one.
Tensor initial_vectors(const std::vector<std::string>& words, int64_t first, const WordVectors& vectors,
                       uint64_t seed, int64_t& known);

}  // namespace folio
