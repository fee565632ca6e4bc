// Reverse-mode differentiation: a graph in, a larger graph out. (sheet C5)
#pragma once
#include "folio/graph/graph.h"

namespace folio {

/// d(sum of `y`) / d(each of `wrt`), as values composed of ops; differentiate them again for higher orders.
/// Where `y` does not depend on a value its gradient is zeros.
Values gradients(const Value& y, const Values& wrt);
/// The same with a given gradient of `y`, of y's shape.
Values gradients(const Value& y, const Value& dy, const Values& wrt);

/// The same for several values at once, of which each has a given gradient. Where none of them depends on a
/// value, its gradient is undefined.
Values gradients(const Values& ys, const Values& dys, const Values& wrt);

}  // namespace folio
