#include "folio/runtime/run.h"

#include <algorithm>

#include "folio/base/clock.h"

namespace folio {
namespace {

// Runs units [first, last) of one step: binds the operands and calls the kernel.
inline void run_step(const Step& step, const uintptr_t* bases, int64_t scratch_offset, int64_t first,
                     int64_t last) {
  // The head of a thread's own memory is reserved for this list.
  auto* operands = reinterpret_cast<uintptr_t*>(bases[kLocal]);
  const size_t n = step.operands.size();
  for (size_t i = 0; i < n; ++i) {
    const Operand& operand = step.operands[i];
    operands[i] = bases[operand.space] + static_cast<uintptr_t>(operand.offset + first * operand.stride);
  }
  step.kernel->run({reinterpret_cast<void* const*>(operands), first, last,
                    reinterpret_cast<void*>(bases[kLocal] + static_cast<uintptr_t>(scratch_offset))});
}

inline void run_timed(const PlanContents& plan, int index, const uintptr_t* bases, int64_t first,
                      int64_t last, StepTime* times) {
  const Step& step = plan.steps[static_cast<size_t>(index)];
  if (!times) return run_step(step, bases, plan.scratch_offset, first, last);
  const double start = seconds_now();
  run_step(step, bases, plan.scratch_offset, first, last);
  times[index].seconds += seconds_now() - start;
  times[index].calls += 1;
}

}  // namespace

void run_chain(const PlanContents& plan, const Chain& chain, const uintptr_t* bases, int64_t first,
               int64_t last, StepTime* times) {
  if (chain.rows == 0)
    for (int s = chain.first_step; s < chain.last_step; ++s)
      run_timed(plan, s, bases, 0, plan.steps[static_cast<size_t>(s)].units, times);
  for (int64_t next; first < last; first = next) {
    next = std::min(first + chain.chunk, last);
    for (int s = chain.first_step; s < chain.last_step; ++s) run_timed(plan, s, bases, first, next, times);
  }
}

void run_alone(const PlanContents& plan, const uintptr_t* bases, StepTime* times) {
  for (const Stage& stage : plan.stages)
    for (const Chain& chain : stage.chains) run_chain(plan, chain, bases, chain.first, chain.first + chain.rows, times);
}

}  // namespace folio
