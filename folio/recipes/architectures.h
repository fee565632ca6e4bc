// The models of the recipes.
#pragma once
#include "folio/recipes/recipe.h"

namespace folio {

Model lenet5(const Shape& input, int64_t classes, const Settings& settings);
Model mlp(const Shape& input, int64_t classes, const Settings& settings);
Model two_branch(const Shape& input, int64_t classes, const Settings& settings);

}  // namespace folio
