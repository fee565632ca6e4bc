// A tensor that outlives the plans that read and write it: a weight, an optimizer slot, a counter.
#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "folio/tensor/tensor.h"

namespace folio {

/// A shared handle. A parameter has one plain copy of its values, whose memory stays where it is, and a
/// version that grows with every change, so that packed copies know when they are stale.
class Parameter {
 public:
  Parameter() = default;
  Parameter(std::string name, Tensor value, bool trainable = true);

  bool defined() const { return state_ != nullptr; }
  const std::string& name() const { return state_->name; }
  void rename(std::string name) { state_->name = std::move(name); }
  const Shape& shape() const { return state_->value.shape(); }
  DType dtype() const { return state_->value.dtype(); }
  bool trainable() const { return state_->trainable; }
  void set_trainable(bool trainable) { state_->trainable = trainable; }

  const Tensor& value() const { return state_->value; }
  /// Copies new values in; shape and type must fit, else `Error`. Waits while a plan is changing them.
  void set(const Tensor& value);
  /// The memory, for writing in place; call `changed` afterwards. Other values have to be copied into it:
  /// frames know where it is.
  Tensor storage() { return state_->value; }
  void changed() { state_->version.fetch_add(2, std::memory_order_release); }
  uint64_t version() const { return state_->version.load(std::memory_order_acquire) & ~kChanging; }

  /// Keeps other writers out until `end_change`, which tells that the values are new; waits for whoever is
  /// writing. Those who change several parameters begin with the lowest `id`.
  void begin_change();
  void end_change();

  friend bool operator==(const Parameter& a, const Parameter& b) { return a.state_ == b.state_; }
  const void* id() const { return state_.get(); }

 private:
  static constexpr uint64_t kChanging = 1;  ///< bit of the version: somebody is writing
  struct State {
    std::string name;
    Tensor value;
    bool trainable;
    std::atomic<uint64_t> version{2};
  };
  std::shared_ptr<State> state_;
};

}  // namespace folio
