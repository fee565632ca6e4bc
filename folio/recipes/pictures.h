// Known sets of pictures, and folders of them, as what recipes train on.
#pragma once
#include <string>
#include <vector>

#include "folio/pictures/picture_preparation.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// The settings of all recipes of pictures.
std::vector<Setting> picture_settings();
/// Of these how pictures change in training, for a recipe that begins with another value.
Setting with_changes(const char* value);

/// What --data means: a set that is known, and the folder in which it lies if that is given, or a folder of
/// pictures when there is no name.
struct PictureChoice {
  std::string name, folder;
};
/// --data takes a name, or a folder whose name or content is one of the sets, or that holds pictures; "" is
/// the recipe's first set. Throws `UsageError` with the nearest name.
PictureChoice choose_pictures(const Recipe& recipe, const std::string& given);

/// How pictures of a folder become a model's input: colour if any is; the size of a middling picture, between
/// 16 and 64 each way, or that of all if they agree.
PicturePreparation preparation_for(const std::vector<std::string>& paths, const Settings& settings);
/// Pictures that cannot be read are named and left out.
PreparedPictures read_pictures(const std::vector<std::string>& paths, const PicturePreparation& preparation);

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
