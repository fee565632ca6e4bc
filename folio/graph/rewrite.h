// Graphs walked, and put together anew with other values.
#pragma once
#include <functional>
#include <map>

#include "folio/graph/op.h"

namespace folio {

/// Tells quantities apart, for maps: two nodes that read the same parameter are one.
using ValueKey = std::pair<const void*, int>;
ValueKey key_of(const Value& value);
using ValueMap = std::map<ValueKey, Value>;

/// All nodes that `values` need, inputs before users. What makes the values in `given` is left out unless
/// something else needs it.
std::vector<std::shared_ptr<const Node>> nodes_of(const Values& values, const ValueMap& given = {});

/// The same computation with some values replaced; shapes are inferred anew. Nodes that nothing changes for
/// stay the same.
Values replace(const Values& values, const ValueMap& replacements);

}  // namespace folio
