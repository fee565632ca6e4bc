#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/layers/preprocessing/rescaling.h"

namespace folio::cli {

int new_model(const Options& options) {
  apply_common(options);
  const Recipe& found = recipe(options.subject);
  if (found.data.empty())
    throw UsageError(
        fmt::format("folio new {0}: expected a recipe whose network does not follow from the data; train it: "
                    "folio train {0}",
                    found.name));
  check_outputs({{"--output", options.output, Output::Kind::model}}, {}, options.overwrite);
  RecipeTask task = found.task;
  task.scaling = Rescaling(1.0 / 255);  // pictures as they are in files
  const Model model = found.build(task, recipe_settings(found, options));
  Optimizer optimizer(found.training.optimizer.value_or("adam"));
  optimizer->set_learning_rate(found.training.learning_rate.value());
  compile_for(model, task, optimizer);
  model.save(options.output);
  if (options.json)
    fmt::print("{}\n", json_text({{"file", options.output}, {"parameters", model.count_parameters()}}));
  else if (!options.quiet)
    fmt::print("{}: {} parameters, untrained; train it with: folio fit {} --data {} --output trained.keras\n",
               options.output, model.count_parameters(), options.output, found.data[0]);
  return 0;
}

}  // namespace folio::cli
