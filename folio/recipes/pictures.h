// The known sets of pictures as what recipes train on.
#pragma once
#include <string>

#include "folio/recipes/recipe.h"

namespace folio {

/// The set that the request names, or the recipe's first.
RecipeData pictures(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// A split of a data set as `Data`: pictures from 0 to 255, times `scale`; targets as vectors when `vectors`.
Data picture_data(const std::string& name, const std::string& split, const std::string& folder, bool vectors,
                  double scale = 1);

}  // namespace folio
