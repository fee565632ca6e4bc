// JSON: nlohmann's library. This header only names the type; source files that use it include
// <nlohmann/json.hpp>.
#pragma once
#include <nlohmann/json_fwd.hpp>

namespace folio {

/// Keeps keys in the order in which they were written.
using Json = nlohmann::ordered_json;

}  // namespace folio
