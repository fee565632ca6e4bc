// JSON as text.
#pragma once
#include <string>

#include "folio/base/json.h"

namespace folio {

/// The text of `json`, on one line unless `indent` says otherwise. Texts from outside, such as paths, may
/// hold bytes that are no UTF-8: they become U+FFFD.
std::string json_text(const Json& json, int indent = -1);

}  // namespace folio
