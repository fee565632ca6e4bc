// How a model is to be trained, as Keras writes it beside the architecture: compile_config.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/models/model_body.h"

namespace folio {

/// Optimizer, loss and metrics of the model; null when it was not compiled.
std::shared_ptr<const Json> keras_training(const ModelBody& body);
/// The same from a file. `outputs` are the names of the model's outputs, none where it does not know them
/// yet. Throws `Error` naming `place`.
TrainingOptions read_keras_training(const Json& config, const std::string& place,
                                    const std::vector<std::string>& outputs);

}  // namespace folio
