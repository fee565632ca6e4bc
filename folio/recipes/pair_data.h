// Pairs of texts as what recipes from sequence to sequence train on.
#pragma once
#include <string>

#include "folio/data/text/pairs.h"
#include "folio/data/text/pieces.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// A set of pairs; parts that are not divided are empty.
struct PairSet {
  std::string name, folder;  ///< a known set and where it was found, or a file
  TextPairs train, validation = {}, test = {};
};

/// How pairs are found in what is given.
struct PairColumns {
  std::string source = "en", target = "de";  ///< endings of files in a folder, or columns of a table
  std::string targets = {};                  ///< a file of its own for the targets
};

/// `data` is "multi30k", which is looked for in $FOLIO_DATA; a folder with train.SOURCE and train.TARGET, and
/// val or validation and test if it is divided; a file of lines source<TAB>target; a table with the columns;
/// or a file of sources beside `targets`. All of them plain or gzip'ed. Throws `Error` for anything else.
PairSet read_pair_set(const std::string& data, const PairColumns& columns);

/// What the settings unit, vocabulary, least and lower say.
PiecesOptions pieces_options(const Settings& settings);

/// The pairs that the request's data holds, or those of the recipe's own task, as rows: `pairs.json` in the
/// model file says how. Pairs that are longer than the rows are not trained on.
RecipeData pair_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings);

}  // namespace folio
