#include "folio/recipes/language.h"

#include "folio/models/transformer/language_model.h"

namespace folio {

Model language_network(const RecipeTask& task, const Settings& settings) {
  const auto whole = [&](const char* key) { return static_cast<int64_t>(settings.number(key)); };
  return language_model(task.classes, task.input[0],
                        {.blocks = whole("blocks"),
                         .heads = whole("heads"),
                         .width = whole("width"),
                         .hidden = 4 * whole("width"),
                         .dropout = settings.number("dropout")});
}

}  // namespace folio
