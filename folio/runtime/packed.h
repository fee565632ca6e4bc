// Copies of parameters in the form a kernel wants, shared by plans and refreshed when the parameter has
// changed.
#pragma once
#include <memory>
#include <vector>

#include "folio/graph/parameter.h"
#include "folio/runtime/kernel.h"

namespace folio {

class PackedCopy {
 public:
  explicit PackedCopy(Parameter parameter) : parameter_(std::move(parameter)) {}
  virtual ~PackedCopy() = default;

  bool stale() const { return packed_version_.load(std::memory_order_acquire) != parameter_.version(); }
  const Parameter& parameter() const { return parameter_; }
  /// Brings all that are stale up to date in one go, on up to `threads` threads; safe to call from several
  /// callers at once.
  static void refresh(const std::vector<std::shared_ptr<PackedCopy>>& copies, int threads);
  /// Packs new values (operand 0) row by row, so that the plan that makes them can; null where rows cannot be
  /// packed apart.
  virtual std::shared_ptr<const Kernel> row_kernel() const { return nullptr; }
  /// Tells that all rows have been packed since the parameter changed.
  void follow() { packed_version_.store(parameter_.version(), std::memory_order_release); }

 protected:
  virtual int64_t parts() const = 0;
  virtual void pack(int64_t first_part, int64_t last_part) = 0;

 private:
  Parameter parameter_;
  std::atomic<uint64_t> packed_version_{0};
  uint64_t next_version_ = 0;  ///< while being packed
};

}  // namespace folio
