// Inputs of texts in Keras' config.json. Tensors of Folio hold no texts: an input of texts and the layer that
// takes them stand for the numbers that come out of it (layers/preprocessing/text_input.h).
#pragma once
#include <map>
#include <optional>
#include <string>

#include "folio/formats/keras_config.h"

namespace folio {

/// Gives layers that look tokens up the vocabularies that lie beside the config: text by path in the zip.
/// Throws `Error` for numbers that are none.
void fill_in_vocabularies(Json& config, const std::map<std::string, std::string>& vocabularies,
                          const std::string& place);
/// Whether a layer looks tokens up: its dtype is that of the tokens.
bool looks_tokens_up(const std::string& class_name);

/// The layers of a Functional or Sequential with inputs of what is made of texts in place of texts; nothing
/// when there are none. Throws `Error` where texts go to anything but one TextVectorization or StringLookup.
std::optional<Json> without_texts(const Json& layers, bool sequential, const std::string& place);
/// The reverse, for a config to be written.
void with_texts(Json& config, const SavedModel& model);

}  // namespace folio
