// Classes of sounds: what is said, what is heard. (sheet G8)
#pragma once
#include <string>
#include <vector>

#include "folio/recipes/sound_data.h"

namespace folio {

std::vector<Setting> sound_settings();
Model sound_network(const RecipeTask& task, const Settings& settings);
/// Always the most frequent class, a linear model of each feature's mean and deviation over time, and the
/// same network for sounds of groups (voices) that it has never heard: each of some is left out in turn.
std::vector<Baseline> sound_baselines(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                      const FitOptions& options);
/// What the network hears of some test sounds: their features, as a picture.
Shown show_sound(const Model& best, const RecipeData& data, const Settings& settings,
                 const std::string& folder);

}  // namespace folio
