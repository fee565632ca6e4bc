// A compiled function: a flat list of steps whose operands have places, but no addresses. A frame knows the
// addresses, so that running allocates nothing and looks nothing up.
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

/// The address spaces of a plan: memory that threads share, memory that each thread has for itself, and then
/// one space for each output, input, parameter, constant and packed copy, in this order.
enum Space : int32_t { kShared = 0, kLocal = 1, kFirstBound = 2 };

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
  int64_t first = 0;  ///< row
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

struct FrameOptions {
  /// Parameters of the plan whose values the frame keeps for itself, begun from what they are when it is
  /// made: the plan's updates change these and nobody else's.
  std::vector<Parameter> own_state;
};

/// A caller's own memory for running a plan: buffers, results, and state where that is wanted. One frame
/// serves one run at a time.
class Frame {
 public:
  explicit Frame(const Plan& plan, const FrameOptions& options = {});
  /// Supplies input `i`: shape and type must be the plan's; the memory is read when the plan runs, not
  /// copied.
  void set_input(int i, const Tensor& tensor);
  /// The result of the latest run; overwritten by the next.
  const Tensor& output(int i) const { return outputs_[static_cast<size_t>(i)]; }
  const std::vector<Tensor>& outputs() const { return outputs_; }
  /// The frame's own values of `parameter`, to read and to set; throws `Error` when it has none.
  Parameter state(const Parameter& parameter) const;
  /// When set, runs are timed step by step.
  void profile(bool on) { profiled_ = on; }
  const std::vector<StepTime>& times() const { return times_; }
  int64_t bytes() const;
  /// The address of each space of the plan, as the first thread sees them.
  const uintptr_t* bases() const { return bases_.data(); }

 private:
  friend class Plan;
  void bind(int32_t space, const void* address);
  std::shared_ptr<const PlanContents> contents_;
  Tensor shared_;
  std::vector<Tensor> locals_;  // one per planned thread
  std::vector<Tensor> inputs_, outputs_;
  std::vector<Parameter> parameters_;  // of the plan, in its order: everybody's or the frame's own
  std::vector<Parameter> updated_;     // of those, what a run changes, lowest id first
  std::vector<std::shared_ptr<PackedCopy>> packed_, repacked_;
  std::vector<uintptr_t> bases_;  // per thread: the address of each space
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
  std::vector<Parameter> parameters;  ///< that steps read or write
  std::vector<Tensor> constants;
  std::vector<Packed> packed;  ///< forms of parameters that steps read
  std::vector<int> updated;    ///< which parameters a run changes
  std::vector<int> repacked;  ///< which packed copies steps bring up to date, with the parameters they change
  /// Memory of all threads together, and of each: there the operand list of a step, buffers of a chunk,
  /// scratch.
  int64_t shared_bytes = 0, local_bytes = 0, scratch_offset = 0;
  int threads = 1;
  bool parallel = false;
  double compile_seconds = 0;
  std::string log;  ///< passes with their times, and which kernels refused why

  // The first space of each kind.
  int32_t first_output() const { return kFirstBound; }
  int32_t first_input() const { return first_output() + static_cast<int32_t>(outputs.size()); }
  int32_t first_parameter() const { return first_input() + static_cast<int32_t>(inputs.size()); }
  int32_t first_constant() const { return first_parameter() + static_cast<int32_t>(parameters.size()); }
  int32_t first_packed() const { return first_constant() + static_cast<int32_t>(constants.size()); }
  int32_t spaces() const { return first_packed() + static_cast<int32_t>(packed.size()); }
};

/// A cheap handle. Plans never change, so threads may run one plan at once, each with its own frame. Runs
/// that update the same parameters wait for each other; whoever only reads parameters while others update
/// them may see some old and some new values. Frames with state of their own have nothing to wait for.
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
