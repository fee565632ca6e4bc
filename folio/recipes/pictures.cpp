#include "folio/recipes/pictures.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/spelling.h"
#include "folio/data/dataset.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/recipes/run.h"

namespace folio {
namespace {

struct Choice {
  std::string name, folder;
};

// --data takes a name, or a folder whose name (or content) is one of the sets.
Choice choose_data(const Recipe& recipe, const std::string& given) {
  if (given.empty()) return {recipe.data[0], ""};
  for (const DatasetInfo& info : datasets())
    if (info.name == given) return {given, ""};
  std::string base = given;
  while (base.size() > 1 && base.back() == '/') base.pop_back();
  if (!folder_exists(base)) {
    std::vector<std::string> names;
    for (const DatasetInfo& info : datasets()) names.push_back(info.name);
    const std::string near = nearest(given, names);
    throw UsageError(fmt::format("--data: expected a folder or one of {}, got \"{}\"{}",
                                 fmt::join(names, ", "), given,
                                 near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  const std::string last = base.substr(base.rfind('/') + 1);
  for (const DatasetInfo& info : datasets())
    if (info.name == last) return {last, base};
  for (const std::string& name : recipe.data)
    if (folder_exists(base + "/" + name)) return {name, base};
  return {recipe.data[0], base};
}

}  // namespace

RecipeData pictures(const Recipe& recipe, const RunRequest& request, const Settings&) {
  const Choice choice = choose_data(recipe, request.data);
  RecipeData data;
  data.name = choice.name;
  data.folder = choice.folder;
  data.task = recipe.task;
  data.train = picture_data(choice.name, "train", choice.folder, recipe.task.vectors);
  data.validation = picture_data(choice.name, "validation", choice.folder, recipe.task.vectors);
  data.test = picture_data(choice.name, "test", choice.folder, recipe.task.vectors);
  data.task.input = data.train.x[0].shape().from(1);
  for (const DatasetInfo& info : datasets())
    if (info.name == choice.name) data.class_names = info.class_names;
  data.task.classes = static_cast<int64_t>(data.class_names.size());
  data.task.scaling = Rescaling(1.0 / 255);
  return data;
}

Data picture_data(const std::string& name, const std::string& split, const std::string& folder, bool vectors,
                  double scale) {
  Dataset set = load(name, split, folder);
  Data data(set.x, set.y);
  data.scale = scale;
  if (vectors) {
    const auto classes = static_cast<int64_t>(set.class_names.size());
    Tensor targets({set.y.count(), classes});
    for (int64_t i = 0; i < set.y.count(); ++i)
      targets.data<float>()[i * classes + set.y.data<int32_t>()[i]] = 1;
    data.y = {targets};
  }
  return data;
}

}  // namespace folio
