// What a model file knows of raw data: how it becomes the model's input, and what the outputs are called.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/models/model.h"
#include "folio/models/model_body.h"

namespace folio {

class TextInputBody;

/// The classes between which the model decides, by number; none where they have no names. Throws `Error` when
/// there are not as many as the model has.
std::vector<std::string> class_names_of(const Model& model);
void set_class_names(const Model& model, const std::vector<std::string>& names);
/// The place of a class that data have among those that a model knows. Throws `Error` naming `place` for
/// another.
int number_of_class(const std::string& name, const std::vector<std::string>& known, const std::string& place);

/// What an asset of the model holds; nothing when it has none of this name. Throws `Error` when that is
/// damaged.
std::optional<Json> asset_of(const Model& model, const std::string& name);
void set_asset(Assets& assets, const std::string& name, const Json& content);

/// How raw data of one kind becomes the model's input, when it was trained on that kind. A `Preparation` has
/// the name of its asset as `kAsset`, `to_json`, and `from_json(json, place)`, which throws `Error` for what
/// is damaged.
template <class Preparation>
std::optional<Preparation> preparation_of(const Model& model) {
  const std::optional<Json> json = asset_of(model, Preparation::kAsset);
  if (!json) return {};
  return Preparation::from_json(*json,
                                std::string(Preparation::kAsset) + " of the model \"" + model.name() + "\"");
}
template <class Preparation>
void set_preparation(Assets& assets, const Preparation& preparation) {
  set_asset(assets, Preparation::kAsset, preparation.to_json());
}

/// The layer of the model that takes texts, when it begins with one as Keras' models do; null for other
/// models. Throws `Error` when the model takes more beside texts, for which there is no one row.
const TextInputBody* text_input_of(const Model& model);

/// Whether the model brings its inputs to a common range itself, so that it takes pictures as they are in
/// files, 0 to 255: a Rescaling or Normalization comes first.
bool scales_inputs(const Model& model);

}  // namespace folio
