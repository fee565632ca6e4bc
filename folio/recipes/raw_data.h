// What a model file knows of raw data: how it becomes the model's input, and what the outputs are called.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "folio/data/table.h"
#include "folio/models/model.h"

namespace folio {

/// The classes between which the model decides, by number; none where they have no names. Throws `Error` when
/// there are not as many as the model has.
std::vector<std::string> class_names_of(const Model& model);
void set_class_names(const Model& model, const std::vector<std::string>& names);

/// How the columns of a table become the model's input, when it was trained on one. Throws `Error` when that
/// is damaged.
std::optional<TablePreparation> table_preparation_of(const Model& model);
void set_table_preparation(const Model& model, const TablePreparation& preparation);

/// Whether the model brings its inputs to a common range itself, so that it takes pictures as they are in
/// files, 0 to 255: a Rescaling or Normalization comes first.
bool scales_inputs(const Model& model);

}  // namespace folio
