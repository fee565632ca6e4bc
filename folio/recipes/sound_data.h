// Recordings of classes, as rows. (sheet G8)
#pragma once
#include <string>
#include <vector>

#include "folio/recipes/recipe.h"

namespace folio {

/// The set "fsdd", or a folder with a sub-folder of sounds for each class.
RecipeData sound_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// Brings each feature, the last dimension, to a mean of 0 and a deviation of 1 over all parts. What hardly
/// differs among these rows, such as silence, may do so in others, and stays small.
Layer scaling_for(const std::vector<Tensor>& parts);

/// The sounds of a folder, or the published test of "fsdd", as a model takes them that was trained on such
/// classes.
Data sound_data(const Model& model, const std::string& folder);
/// Whether `sound_data` would find some.
bool is_sound_data(const std::string& folder);

}  // namespace folio
