// Models that find named entities, at the command line.
#pragma once
#include "cli/commands.h"

namespace folio::cli {

/// Whether the model was trained on words with tags.
bool finds_entities(const Model& model);
/// Tagged words as such a model takes them, of a divided set those of the test.
Data read_entities(const Model& model, const std::string& path);
/// "f1", "precision" and "recall" of whole entities of these.
Logs entity_logs(const Model& model, const Data& data);
/// Texts with the entities in them: to the terminal, as JSON or as CSV.
int predict_entities(const Model& model, const Options& options);

}  // namespace folio::cli
