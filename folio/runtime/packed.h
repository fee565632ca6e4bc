// Copies of parameters in the form a kernel wants: plans name them, frames share them, and they are refreshed
// when the parameter has changed.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/graph/parameter.h"
#include "folio/runtime/kernel.h"

namespace folio {

/// A form in which kernels want a parameter of a certain shape. Never changes once made.
class PackedForm {
 public:
  virtual ~PackedForm() = default;
  /// Two forms of one parameter with equal names are the same: "matrix", "transposed matrix".
  virtual std::string name() const = 0;
  virtual int64_t bytes() const = 0;
  /// Parts that can be packed apart from each other.
  virtual int64_t parts() const = 0;
  virtual void pack(const void* values, int64_t first_part, int64_t last_part, void* packed) const = 0;
  /// Packs rows of new values (operand 0) into the whole copy (operand 1), so that the plan that makes the
  /// values can do it row by row; null where rows cannot be packed apart.
  virtual std::shared_ptr<const Kernel> row_kernel() const { return nullptr; }
};

/// What a plan says of a packed copy.
struct Packed {
  Parameter parameter;
  std::shared_ptr<const PackedForm> form;
  bool operator==(const Packed& other) const {
    return parameter == other.parameter && form->name() == other.form->name();
  }
};

/// The copy itself.
class PackedCopy {
 public:
  explicit PackedCopy(Packed packed);
  /// The copy that all frames share; it lives as long as one of them.
  static std::shared_ptr<PackedCopy> of(const Packed& packed);

  bool stale() const { return version_.load(std::memory_order_acquire) != packed_.parameter.version(); }
  const Parameter& parameter() const { return packed_.parameter; }
  const void* raw() const { return data_.raw(); }
  /// Brings all that are stale up to date in one go, on up to `threads` threads; safe to call from several
  /// callers at once.
  static void refresh(const std::vector<std::shared_ptr<PackedCopy>>& copies, int threads);
  /// Tells that all rows have been packed from the values that the parameter will have after `end_change`.
  void follow() { version_.store(packed_.parameter.version() + 2, std::memory_order_release); }

 private:
  Packed packed_;
  Tensor data_;
  std::atomic<uint64_t> version_{0};
  uint64_t next_version_ = 0;  ///< while being packed
};

}  // namespace folio
