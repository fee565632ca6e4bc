#include "folio/layers/weights/weight_rules.h"

#include <nlohmann/json.hpp>

namespace folio {

void WeightRules::write(Json& config, const std::string& role) const {
  config[role + "_initializer"] = initializer.config();
  config[role + "_regularizer"] = regularizer.config();
  config[role + "_constraint"] = constraint.config();
}

}  // namespace folio
