// Pictures with captions as what a recipe trains on: the features of each picture are computed once.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/pictures/caption_folder.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// Pictures whose features are in memory; rows of data name them by number.
struct CaptionSet {
  std::vector<CaptionedPicture> pictures;  ///< training, then validation, then test
  int64_t validation = 0, test = 0;        ///< the first picture of either
  Tensor places;  ///< float32 (pictures, places, features): the encoder's maps, place by place
  Tensor shown;   ///< uint8 (some, height, width, channels): the first pictures of the test
};

/// Pixels as bytes (height, width, channels) -> the features of the places of the last map of the network
/// that --set base= names, (batch, places, features), row by row. Its layer `maps` makes the map.
Model picture_encoder(const Settings& settings, const Shape& input);

/// `data` is "flickr8k_small", which is looked for in $FOLIO_DATA, or a folder as `CaptionFolder` reads it;
/// what it does not divide is divided by picture. A row is a caption: x are the number of its picture and its
/// words with their begin, y the words with their end. `captions.json` in the model file says how.
RecipeData caption_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// The same of all pictures of a folder, or those of its test where it is divided, with what a model file
/// knows: the set, and its rows.
struct CaptionRows {
  std::shared_ptr<const CaptionSet> set;
  Data data;
};
CaptionRows caption_rows(const Model& model, const std::string& folder);

}  // namespace folio
