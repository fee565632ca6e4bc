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
  begin_change();
  state_->value.assign(value);
  end_change();
}

void Parameter::begin_change() {
  std::atomic<uint64_t>& version = state_->version;
  for (uint64_t seen = version.load(std::memory_order_relaxed);;) {
    if (seen & kChanging) {
      version.wait(seen, std::memory_order_relaxed);
      seen = version.load(std::memory_order_relaxed);
    } else if (version.compare_exchange_weak(seen, seen + kChanging, std::memory_order_acquire)) {
      return;
    }
  }
}

void Parameter::end_change() {
  state_->version.fetch_add(1, std::memory_order_release);
  state_->version.notify_all();
}

}  // namespace folio
