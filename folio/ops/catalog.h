// A list of all ops, for people and for tests that must not forget one.
#pragma once
#include <string>
#include <vector>

namespace folio {

struct OpEntry {
  std::string name;     ///< as `Op::name` gives it
  std::string meaning;  ///< one line
};

/// Every op under ops/, in the order in which one would explain them.
const std::vector<OpEntry>& op_catalog();

}  // namespace folio
