// Tables as what recipes train on.
#pragma once
#include <string>

#include "folio/data/table.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// By its name: .csv or .tsv, plain or gzip'ed.
bool is_table_file(const std::string& path);

/// Reads the request's table, splits its rows (classes in equal shares everywhere), and learns from the
/// training rows how columns become numbers. The run folder gets `rows.json`, the numbers of the rows in each
/// part.
RecipeData table_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// What else could be had on the same test rows: always the most frequent class (or the mean) of the training
/// rows, and a linear model trained the same way.
std::vector<Baseline> table_baselines(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                      const FitOptions& options);

}  // namespace folio
