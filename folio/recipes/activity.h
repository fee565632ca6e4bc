// Windows of measurements to classes: what somebody does, from a phone's sensors. (sheet G4)
#pragma once
#include "folio/recipes/recipe.h"

namespace folio {

/// The set "har", or an .npz with x (rows, steps, channels), y (rows,) and, where rows belong to persons or
/// devices, group (rows,): no group then stands in two parts. Of har the published people are the test.
RecipeData activity_windows(const Recipe& recipe, const RunRequest& request, const Settings& settings);
Model activity_network(const RecipeTask& task, const Settings& settings);
/// The most frequent class, and a linear model of each channel's mean, deviation, least, most and steps.
std::vector<Baseline> activity_baselines(const Recipe& recipe, const RecipeData& data,
                                         const Settings& settings, const FitOptions& options);

}  // namespace folio
