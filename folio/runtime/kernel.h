// One step's work, bound to shapes but not to memory.
#pragma once
#include <cstdint>
#include <string>

namespace folio {

/// A share of a step: units [first, last), which are rows of the batch or whatever else the kernel divides
/// into.
struct Task {
  void* const*
      operands;  ///< inputs, then outputs; an operand that is aligned with the units points at unit `first`
  int64_t first, last;
  void* scratch;  ///< at least `scratch_bytes(last - first)` bytes, aligned to 64
};

/// Kernels never change once made and are shared by threads; all they need to remember stands in their
/// members.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// What runs, for plans and profiles: "MatMul packed".
  virtual std::string name() const = 0;
  virtual void run(const Task& task) const = 0;
  virtual int64_t scratch_bytes(int64_t /*units*/) const { return 0; }
};

}  // namespace folio
