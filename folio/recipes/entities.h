// Named entities in texts: words with tags as what a recipe trains on, and what such models find in raw text.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "folio/analysis/entity_scores.h"
#include "folio/data/text/tagged_text.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// Rows of words as numbers: of the words themselves, in lower case with 0 for each digit, and of their
/// letters with one before and one behind that say how the word is written. 0 fills up, 1 is unknown.
class EntityPreparation {
 public:
  static constexpr const char* kAsset = "entities.json";  ///< its name in a model file
  EntityPreparation() = default;
  /// `words`: those that have a number, from 2 on. Letters and tags are those of `texts`.
  EntityPreparation(const TaggedTexts& texts, std::vector<std::string> words, int64_t length,
                    int64_t word_length);

  /// int32 (rows, length) and (rows, length, word_length), each row a sentence of at most `length` words.
  std::vector<Tensor> transform(const std::vector<std::vector<std::string>>& sentences) const;
  /// Class numbers of tags, int32 (rows, length), 0 ("O") where there is no word. Throws `Error` for a tag
  /// that is not known.
  Tensor targets(const std::vector<std::vector<std::string>>& tags, const std::string& place) const;
  /// Sentences that are longer than a row in pieces of its length.
  std::vector<std::vector<std::string>> pieces(const std::vector<std::vector<std::string>>& sentences) const;
  /// The most probable tags of `words` words, from probabilities (rows, length, tags).
  Tags tags(const Tensor& probabilities, int64_t row, int64_t words) const;

  int64_t length() const { return length_; }
  const std::vector<std::string>& tag_names() const { return tags_; }
  const std::vector<std::string>& words() const { return words_; }
  int64_t letters() const { return static_cast<int64_t>(letters_.size()) + kFirstLetter; }
  int64_t word_length() const { return word_length_; }
  static constexpr int32_t kFirst = 2, kShapes = 6, kFirstLetter = kFirst + kShapes + 1;

  Json to_json() const;
  /// Throws `Error` naming `place` for what is damaged.
  static EntityPreparation from_json(const Json& json, const std::string& place);

 private:
  void number();
  std::vector<std::string> words_, letters_, tags_;
  int64_t length_ = 1, word_length_ = 4;
  std::unordered_map<std::string, int32_t> word_numbers_, letter_numbers_;
};

/// Where a tagged set lies: a file, or a folder with files of train, dev (or valid) and test in their names.
struct TaggedSet {
  std::string name;
  TaggedTexts train, validation, test;
};
/// `data`: "wnut17", looked for in $FOLIO_DATA, or such a file or folder. Throws `Error` when there is none.
TaggedSet read_tagged_set(const std::string& data);

std::vector<Setting> entity_settings();
RecipeData entity_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings);
/// Vectors of words and a convolution over their letters, a bidirectional LSTM, a softmax at each word.
Model entity_network(const RecipeTask& task, const Settings& settings);
/// "f1", "precision" and "recall" of whole entities.
Logs entity_scores(const Model& model, const RecipeData& data, const Data& part);
/// The longest runs of words that were entities in training.
std::vector<Baseline> entity_baselines(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                       const FitOptions& options);

/// The tags that the model gives each sentence, of any length.
std::vector<Tags> tag_sentences(const Model& model, const EntityPreparation& preparation,
                                const std::vector<std::vector<std::string>>& sentences);

}  // namespace folio
