#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/formats/keras_model.h"
#include "folio/models/summary.h"
#include "folio/recipes/recipe.h"

namespace folio::cli {
namespace {

Json shape_json(const Shape& shape) {
  Json list = Json::array();
  for (int64_t dim : shape) list.push_back(dim == kUnknown ? Json(nullptr) : Json(dim));
  return list;
}

Model subject(const Options& options) {
  if (file_exists(options.subject) || options.subject.find('.') != std::string::npos) {
    const Model model = load_architecture(options.subject);
    if (options.training.weights) model.load_weights(*options.training.weights);
    return model;
  }
  const Recipe& found = recipe(options.subject);
  Settings settings(found.settings);
  for (const std::string& entry : options.settings)
    settings.set(entry.substr(0, entry.find('=')),
                 entry.find('=') == std::string::npos ? "" : entry.substr(entry.find('=') + 1));
  return found.build(found.task, settings);
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
