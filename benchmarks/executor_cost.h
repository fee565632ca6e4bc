// What the executor adds to the kernels that it calls.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/runtime/plan.h"

namespace benchmarks {

/// The kernel calls of a plan as a list with all addresses looked up beforehand: nothing can run them with
/// less ado. One thread; for plans that update no parameters.
class DirectCalls {
 public:
  DirectCalls(const folio::Plan& plan, const std::vector<folio::Tensor>& inputs);
  void run() const {
    for (const Call& call : calls_) call.kernel->run(call.task);
  }
  size_t count() const { return calls_.size(); }
  const folio::Tensor& output(int i) const { return frame_.output(i); }

 private:
  struct Call {
    const folio::Kernel* kernel;
    folio::Task task;
  };
  void add(const folio::Step& step, int64_t first, int64_t last);

  folio::Plan plan_;
  folio::Frame frame_;
  std::vector<std::unique_ptr<void*[]>> operands_;
  std::vector<Call> calls_;
};

/// Nanoseconds per kernel call.
struct ExecutorCost {
  size_t calls = 0;
  double plan = 0, direct = 0;
  double executor() const { return plan - direct; }
};
ExecutorCost executor_cost(const folio::Plan& plan, const std::vector<folio::Tensor>& inputs, double seconds);

/// A plan of `steps` steps of 16 elements each that need one another; steps of one pipeline, or each a stage
/// of its own.
folio::Plan chain_of_small_steps(int steps, bool pipeline);
folio::Tensor chain_input();

}  // namespace benchmarks
