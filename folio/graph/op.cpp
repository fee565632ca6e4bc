#include "folio/graph/op.h"

#include <cstring>

#include "folio/base/error.h"

namespace folio {

RowMap RowMap::stretched(const Node& node) {
  const Shape& to = node.outputs[0].shape;
  RowMap rows{.apart = to.rank() > 0, .aligned = {}};
  for (const Value& input : node.inputs)
    rows.aligned.push_back(rows.apart && input.rank() == to.rank() && input.shape()[0] == to[0]);
  return rows;
}

Values Op::gradient(const GradientContext&) const {
  throw Error("op " + name() + " has no gradient; wrap its result in stop_gradient if none is wanted");
}

void InputOp::define(const Views&, const Views&) const {
  throw InternalError("an input is supplied, not computed");
}
void ParameterOp::define(const Views&, const Views&) const {
  throw InternalError("a parameter is read, not computed");
}

std::string ConstantOp::attributes() const { return to_string(tensor_); }

void ConstantOp::define(const Views&, const Views& outputs) const {
  if (tensor_.bytes()) std::memcpy(outputs[0].data, tensor_.raw(), static_cast<size_t>(tensor_.bytes()));
}

}  // namespace folio
