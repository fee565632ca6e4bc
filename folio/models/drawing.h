// Pictures of a model: its layers and what flows between them.
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio {

/// The graph of layers in Graphviz' language: `dot -Tsvg`.
std::string draw_dot(const Model& model);
/// The same as a picture that any browser shows: rows of layers by their distance from the inputs.
std::string draw_svg(const Model& model);

}  // namespace folio
