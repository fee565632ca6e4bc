// A compiled function: a flat list of steps with bound places. Running it allocates nothing and looks nothing
// up.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/graph/parameter.h"
#include "folio/graph/value.h"
#include "folio/runtime/kernel.h"
#include "folio/runtime/packed.h"
#include "folio/tensor/tensor.h"

namespace folio {

struct PlanContents;

/// Where an operand lies: base[space] + offset + first * stride.
struct Operand {
  int32_t space = 0;
  int64_t offset = 0;
  int64_t stride = 0;  ///< bytes from unit to unit; 0 when the operand is not aligned with the units
};

/// The address spaces of a running plan. Inputs follow outputs: kFirstBound + i.
enum Space : int32_t { kAbsolute = 0, kShared = 1, kLocal = 2, kFirstBound = 3 };

struct Step {
  std::shared_ptr<const Kernel> kernel;
  std::vector<Operand> operands;
  int64_t units = 1;
  std::string label;  ///< layer path and op, for people
  double flops = 0, bytes = 0;
};

/// Steps that run one after the other for `chunk` rows at a time, so that what one step writes is still in
/// the cache for the next. With no rows every step runs at once, whole, on one thread.
struct Chain {
  int first_step = 0, last_step = 0;
  int64_t rows = 0, chunk = 0;
};

/// What can be done at the same time: chains that do not need each other.
struct Stage {
  std::vector<Chain> chains;
  bool parallel = false;
  /// When parallel, per planned thread: which rows of which chain. Any thread may do a share, with the local
  /// memory of the one that it was planned for.
  struct Share {
    int chain;
    int64_t first, last;
  };
  std::vector<std::vector<Share>> shares;
};

/// Seconds and calls per step, gathered by a profiled run.
struct StepTime {
  double seconds = 0;
  int64_t calls = 0;
};

class Plan;

/// A caller's own memory for running a plan: buffers and results. One frame serves one run at a time.
class Frame {
 public:
  explicit Frame(const Plan& plan);
  /// Supplies input `i`: shape and type must be the plan's; the memory is read when the plan runs, not
  /// copied.
  void set_input(int i, const Tensor& tensor);
  /// The result of the latest run; overwritten by the next.
  const Tensor& output(int i) const { return outputs_[static_cast<size_t>(i)]; }
  const std::vector<Tensor>& outputs() const { return outputs_; }
  /// When set, runs are timed step by step.
  void profile(bool on) { profiled_ = on; }
  const std::vector<StepTime>& times() const { return times_; }
  int64_t bytes() const;

 private:
  friend class Plan;
  std::shared_ptr<const PlanContents> contents_;
  Tensor shared_;
  std::vector<Tensor> locals_;  // one per planned thread
  std::vector<Tensor> inputs_, outputs_;
  std::vector<uintptr_t> bases_;  // per thread: absolute (0), shared, local, outputs…, inputs…
  std::vector<StepTime> times_;
  bool profiled_ = false;
};

/// What a plan is made of; filled by the compiler.
struct PlanContents {
  std::string name;
  std::vector<TensorType> inputs, outputs;
  std::vector<std::string> input_names;
  std::vector<Step> steps;
  std::vector<Stage> stages;
  std::vector<std::shared_ptr<PackedCopy>> packed;  ///< that steps read
  std::vector<std::shared_ptr<PackedCopy>>
      repacked;                       ///< that steps bring up to date, with the parameters they change
  std::vector<Parameter> updated;     ///< parameters that a run changes
  std::vector<Parameter> parameters;  ///< all that steps point into, kept alive
  std::vector<Tensor> constants;      ///< kept alive
  /// Memory of all threads together, and of each: there the operand list of a step, buffers of a chunk,
  /// scratch.
  int64_t shared_bytes = 0, local_bytes = 0, scratch_offset = 0;
  int threads = 1;
  bool parallel = false;
  double compile_seconds = 0;
  std::string log;  ///< passes with their times, and which kernels refused why
};

/// A cheap handle. Plans never change, so threads may run one plan at once, each with its own frame (and as
/// long as the plan updates no parameters).
class Plan {
 public:
  Plan() = default;
  explicit Plan(std::shared_ptr<const PlanContents> contents) : contents_(std::move(contents)) {}
  bool defined() const { return contents_ != nullptr; }

  /// Runs with the inputs of `frame`; its outputs hold the results.
  void run(Frame& frame) const;
  /// Runs once in a frame of its own: convenient, but it allocates.
  std::vector<Tensor> operator()(const std::vector<Tensor>& inputs) const;

  const PlanContents& contents() const { return *contents_; }
  std::shared_ptr<const PlanContents> handle() const { return contents_; }
  /// A text of the stages and steps: kernel, shapes, bytes, threads.
  std::string print() const;
  /// The steps in Graphviz' language.
  std::string draw() const;

 private:
  std::shared_ptr<const PlanContents> contents_;
};

}  // namespace folio
