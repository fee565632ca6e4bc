#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/formats/keras_model.h"
#include "folio/layers/weight_limit.h"
#include "folio/models/summary.h"
#include "folio/recipes/recipe.h"

namespace folio::cli {
namespace {

Json shape_json(const Shape& shape) {
  Json list = Json::array();
  for (int64_t dim : shape) list.push_back(dim == kUnknown ? Json(nullptr) : Json(dim));
  return list;
}

// Without values of weights, where none are asked for.
Model subject(const Options& options) {
  std::optional<WeightOutline> outline;
  if (!options.training.weights) outline.emplace();
  const auto is_subject = [&](const Recipe& recipe) { return recipe.name == options.subject; };
  const bool is_recipe = std::any_of(folio::recipes().begin(), folio::recipes().end(), is_subject);
  const std::string path = is_recipe ? options.subject : model_file(options.subject);
  if (!is_recipe && (file_exists(path) || path.find('.') != std::string::npos)) {
    const Model model = load_architecture(path);
    if (options.training.weights) model.load_weights(*options.training.weights);
    return model;
  }
  const Recipe& found = recipe(options.subject);
  return found.build(found.task, recipe_settings(found, options));
}

}  // namespace

int summary(const Options& options) {
  const Model model = subject(options);
  if (!options.json) {
    fmt::print("{}", model.summary());
    return 0;
  }
  const Summary s = summarize(model);
  Json json = {{"total_params", s.total},
               {"trainable_params", s.trainable},
               {"non_trainable_params", s.total - s.trainable},
               {"layers", Json::array()}};
  for (const SummaryRow& row : s.rows) {
    Json shape = Json::array();
    if (row.outputs.size() == 1)
      shape = shape_json(row.outputs[0]);
    else
      for (const Shape& output : row.outputs) shape.push_back(shape_json(output));
    json["layers"].push_back(
        {{"name", row.name}, {"class", row.class_name}, {"output_shape", shape}, {"params", row.parameters}});
  }
  fmt::print("{}\n", json_text(json));
  return 0;
}

}  // namespace folio::cli
