// Known sets of pictures, and folders of them, as what recipes train on.
#pragma once
#include <string>

#include "folio/recipes/recipe.h"

namespace folio {

/// The settings of all recipes of pictures.
std::vector<Setting> picture_settings();

/// The set that the request names, a folder with a sub-folder for each class, or the recipe's first set. Of a
/// folder, what is not divided already is divided by the settings; size and channels follow from the
/// pictures.
RecipeData pictures(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// A split of a data set as `Data`: pictures from 0 to 255, times `scale`; targets as vectors when `vectors`.
Data picture_data(const std::string& name, const std::string& split, const std::string& folder, bool vectors,
                  double scale = 1);

/// The pictures of a folder with their classes, as a model with this preparation and these classes takes
/// them: of its part for testing where it is divided.
Data folder_data(const Model& model, const std::string& folder, bool vectors);

/// What else could be had on the same test pictures: always the most frequent class of those for training,
/// and a linear model. None for known sets, unless the recipe is `pictures`.
std::vector<Baseline> picture_baselines(const Recipe& recipe, const RecipeData& data,
                                        const Settings& settings, const FitOptions& options);

}  // namespace folio
