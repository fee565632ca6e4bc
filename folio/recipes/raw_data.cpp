#include "folio/recipes/raw_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/layers/preprocessing/text_input.h"
#include "folio/models/model_body.h"

namespace folio {
namespace {

constexpr const char* kClasses = "classes.json";

}  // namespace

std::optional<Json> asset_of(const Model& model, const std::string& name) {
  const Assets& assets = model.model().assets;
  const auto found = assets.find(name);
  if (found == assets.end()) return {};
  Json json = Json::parse(found->second, nullptr, false);
  if (json.is_discarded())
    throw Error(fmt::format("{} of the model \"{}\": expected JSON, got something else; the file is damaged",
                            name, model.name()));
  return json;
}

void set_asset(Assets& assets, const std::string& name, const Json& content) {
  assets[name] = json_text(content, 1) + "\n";
}

std::vector<std::string> class_names_of(const Model& model) {
  const std::optional<Json> json = asset_of(model, kClasses);
  if (!json) return {};
  const int64_t width = model.outputs()[0].shape()[-1], classes = width == 1 ? 2 : width;
  const auto is_text = [](const Json& entry) { return entry.is_string(); };
  if (!json->is_array() || !std::all_of(json->begin(), json->end(), is_text) ||
      static_cast<int64_t>(json->size()) != classes)
    throw Error(fmt::format("{} of the model \"{}\": expected the names of {} classes; the file is damaged",
                            kClasses, model.name(), classes));
  return json->get<std::vector<std::string>>();
}

void set_class_names(const Model& model, const std::vector<std::string>& names) {
  if (names.empty())
    model.model().assets.erase(kClasses);
  else
    model.model().assets[kClasses] = json_text(names) + "\n";
}

int number_of_class(const std::string& name, const std::vector<std::string>& known,
                    const std::string& place) {
  const auto found = std::find(known.begin(), known.end(), name);
  if (found == known.end())
    throw Error(fmt::format("{}: expected the model's classes ({}), got \"{}\"", place,
                            fmt::join(known, ", "), name));
  return static_cast<int>(found - known.begin());
}

const TextInputBody* text_input_of(const Model& model) {
  if (!model.model().has_graph()) return nullptr;
  for (const Layer& layer : model.layers())
    if (const auto* texts = dynamic_cast<const TextInputBody*>(&layer.body())) {
      if (model.inputs().size() > 1)
        throw Error(
            fmt::format("{} takes texts beside other inputs: expected arrays for all of them, with what "
                        "the layer makes of the texts",
                        texts->label()));
      return texts;
    }
  return nullptr;
}

bool scales_inputs(const Model& model) {
  if (!model.model().has_graph()) return false;
  for (const Node* node : Graph{model.inputs(), model.outputs(), {}}.nodes())
    if (const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get())) {
      if (node->inputs[0] != model.inputs()[0]) continue;
      const std::string kind = call->layer()->class_name();
      if (kind != "Rescaling" && kind != "Normalization") return false;
    }
  return true;
}

}  // namespace folio
