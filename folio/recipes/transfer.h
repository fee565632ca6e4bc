// Transfer learning: a network that has learnt from many pictures, with a new head for few. (sheet F10)
#pragma once
#include <string>
#include <vector>

#include "folio/recipes/recipe.h"

namespace folio {

std::vector<Setting> transfer_settings();

/// Pictures as the recipe `pictures` takes them, in the size that the base takes; of those for training so
/// many of each class as the settings say.
RecipeData transfer_data(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// The network that --set base= names. Throws `UsageError` when it names none: what to give to `recipe`.
Model load_base(const Settings& settings, const std::string& recipe = "transfer");
/// Height, width and channels of the pictures that it takes; sides that it leaves open are as --set size=
/// says.
Shape base_input(const Model& base, const Settings& settings);
/// What brings pixels of 0 to 255 to the range of the base, as --set subtract= and divide= say; undefined
/// where it scales itself.
Layer base_scaling(const Settings& settings, const Model& base);
/// The part of a network that makes its last feature map, or the map that `cut` names: pictures -> (batch,
/// height, width, features). Throws `Error` when the network has no such layer, or does not take pictures.
Model maps_of(const Model& base, const std::string& cut = "auto");

/// The part of a network that makes features: up to what its last dense layer takes, or the layer that `cut`
/// names; maps are averaged. Throws `Error` when the network has no such layer, or does not take pictures.
Model features_of(const Model& base, const std::string& cut = "auto");

/// Bytes -> shares of the classes: the features of the base, which are frozen, and a dense layer behind them.
Model transfer_network(const RecipeTask& task, const Settings& settings);

/// Thaws the layers of a frozen network whose names a pattern matches ("block7*"; a number means so many last
/// layers). Batch normalization stays frozen, as its averages are of many more pictures. How many layers with
/// weights were thawed.
int64_t thaw(const Model& features, const std::string& pattern);

/// Computes the features of all pictures once, fits a linear probe to them and trains the new head on them;
/// thaws all stages but the last with a training each, then the last for the training that follows.
std::vector<Baseline> begin_transfer(const Model& model, const RecipeData& data, const Settings& settings,
                                     const FitOptions& options);

/// Always the most frequent class.
std::vector<Baseline> transfer_baselines(const Recipe& recipe, const RecipeData& data,
                                         const Settings& settings, const FitOptions& options);

}  // namespace folio
