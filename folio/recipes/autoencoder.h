// Autoencoders of pictures: an encoder that makes few numbers of a picture, and a decoder that makes a
// picture of them. (sheet E1 to E5)
#pragma once
#include <string>
#include <vector>

#include "folio/recipes/recipe.h"

namespace folio {

std::vector<Setting> autoencoder_settings();

/// Any known set of pictures, or a folder of them, with classes or without. Of a folder, what is not divided
/// already is divided by the settings.
RecipeData autoencoder_data(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// Bytes (height, width, channels) -> the same picture from 0 to 1, by a model "encoder" and a model
/// "decoder" behind it: dense, convolutional or linear as the setting `network` says.
Model autoencoder_network(const RecipeTask& task, const Settings& settings);

/// An encoder or a decoder of an autoencoder as a model of its own, sharing its weights. Throws `Error` when
/// the model has no such part.
Model part_of_autoencoder(const Model& model, const std::string& part);

/// Peak signal to noise of the pictures that come out, in dB, and where there are holes, in them.
Logs autoencoder_scores(const Model& model, const RecipeData& data, const Data& part);

/// What needs no network: principal components as many as the code has numbers (compress); the pictures as
/// they came, and the median of 3 x 3 pixels (denoise); two means (inpaint).
std::vector<Baseline> autoencoder_baselines(const Recipe& recipe, const RecipeData& data,
                                            const Settings& settings, const FitOptions& options);

/// Leaves encoder.keras, decoder.keras and pictures.png.
Shown show_autoencoder(const Model& best, const RecipeData& data, const Settings& settings,
                       const std::string& folder);

/// The pictures of a known set or of a folder, as this autoencoder was tested: of their part for testing
/// where they are divided.
Data autoencoder_evaluation(const Model& model, const std::string& path);
/// Whether `autoencoder_evaluation` is how the model is evaluated on this.
bool is_for_autoencoder(const Model& model, const std::string& path);

}  // namespace folio
