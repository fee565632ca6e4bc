// Captions of pictures.
#pragma once
#include "cli/commands.h"

namespace folio::cli {

/// Whether the model says what pictures show.
bool says_captions(const Model& model);
/// The captions of the pictures that `folio predict` was given.
int predict_captions(const Model& model, const Options& options);
/// The loss of a folder's captions, and how near what the model says comes to them.
Logs caption_logs(const Model& model, const Options& options);

}  // namespace folio::cli
