#include "folio/base/json_text.h"

#include <nlohmann/json.hpp>

namespace folio {

std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace folio
