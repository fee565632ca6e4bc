#include "folio/recipes/baselines.h"

#include <algorithm>

#include "folio/data/split.h"

namespace folio {

Baseline most_frequent_class(const RecipeData& data) {
  const std::vector<int64_t> known = ids_of(data.train.y[0]), wanted = ids_of(data.test.y[0]);
  std::vector<int64_t> counts(data.class_names.size());
  for (const int64_t label : known) ++counts[static_cast<size_t>(label)];
  const int64_t most = std::max_element(counts.begin(), counts.end()) - counts.begin();
  const auto hits = static_cast<double>(std::count(wanted.begin(), wanted.end(), most));
  return {"always the most frequent class",
          {{"accuracy", hits / static_cast<double>(std::max<size_t>(wanted.size(), 1))}}};
}

FitOptions comparison_fit(FitOptions options, int epochs) {
  options.epochs = epochs;
  options.steps_per_epoch = 0;
  options.verbose = 0;
  options.callbacks.clear();
  return options;
}

}  // namespace folio
