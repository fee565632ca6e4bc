#include "folio/graph/parameter.h"

#include "folio/base/error.h"

namespace folio {

Parameter::Parameter(std::string name, Tensor value, bool trainable) : state_(std::make_shared<State>()) {
  state_->name = std::move(name);
  state_->value = std::move(value);
  state_->trainable = trainable;
}

void Parameter::set(const Tensor& value) {
  if (value.shape() != shape())
    throw Error("parameter \"" + name() + "\": expected shape " + to_string(shape()) + ", got " +
                to_string(value.shape()));
  if (value.dtype() != dtype())
    throw Error("parameter \"" + name() + "\": expected " + to_string(dtype()) + ", got " +
                to_string(value.dtype()));
  state_->value.assign(value);
  changed();
}

}  // namespace folio
