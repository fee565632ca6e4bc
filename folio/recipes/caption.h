// Captions: what a picture shows, in words. (sheet G5)
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/data/text/caption_preparation.h"
#include "folio/models/decoding/cached_decoder.h"
#include "folio/recipes/caption_data.h"

namespace folio {

std::vector<Setting> caption_settings();

/// Pictures as bytes and the words so far -> the next words: an `encoder`, which is frozen, and a `decoder`.
Model caption_network(const RecipeTask& task, const Settings& settings);
/// The decoder alone, on numbers of pictures whose features are in memory.
Model caption_learner(const Model& model, const RecipeData& data);

/// Says what pictures show, by a beam of captions (Wu's penalty of lengths).
class Captioner {
 public:
  /// Throws `Error` unless the model was trained on pictures with captions.
  explicit Captioner(const Model& model, int64_t beam = 4);
  /// Of the features of one picture's places, (1, places, features) or without the 1.
  std::string operator()(const Tensor& places);
  /// Of pictures as the model takes them, uint8 (pictures, height, width, channels).
  std::vector<std::string> captions(const Tensor& pictures);
  const CaptionPreparation& preparation() const { return preparation_; }
  const Model& decoder() const { return model_; }

 private:
  CaptionPreparation preparation_;
  int64_t beam_;
  Model encoder_, model_;
  std::unique_ptr<CachedDecoder> decoder_;
};

/// BLEU of one caption for each picture against all that people wrote, and the share of captions that differ
/// from one another.
Logs caption_scores(const std::vector<std::string>& said, const std::vector<CaptionedPicture>& pictures);

/// The loss of the rows, and the scores of what the model says of their pictures.
Logs caption_scores(const Model& model, const CaptionRows& rows, int64_t beam);

/// What the best model says of the test pictures: scores, some of them with its captions, and where it looks.
Shown show_captions(const Model& model, const RecipeData& data, const Settings& settings,
                    const std::string& folder);
/// The captions of the training picture whose features are nearest, each in turn.
std::vector<Baseline> caption_baselines(const Recipe& recipe, const RecipeData& data,
                                        const Settings& settings, const FitOptions& options);

}  // namespace folio
