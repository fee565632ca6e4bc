// The published networks of pictures as recipes.
#pragma once
#include <vector>

#include "folio/recipes/recipe.h"

namespace folio {

/// One for each network of folio/applications: at its published size for `summary`, at one that suits the
/// pictures given for training.
std::vector<Recipe> network_recipes();

}  // namespace folio
