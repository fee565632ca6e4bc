// Running steps: what plans have in common with kernels that hold a plan of their own.
#pragma once
#include "folio/runtime/plan.h"

namespace folio {

/// Takes rows [first, last) of a chain through its steps, a chunk at a time; a chain without rows runs whole.
/// `bases` holds the address of every space of the plan (see `Space`). A value that is aligned with the rows
/// lies at its base plus `first` rows, so that somebody who holds rows [first, last) alone gives the address
/// that row 0 would have. Allocates nothing; the times of the steps are added to `times` unless it is null.
void run_chain(const PlanContents& plan, const Chain& chain, const uintptr_t* bases, int64_t first,
               int64_t last, StepTime* times = nullptr);

/// Runs all stages of the plan one after the other on this thread.
void run_alone(const PlanContents& plan, const uintptr_t* bases, StepTime* times = nullptr);

}  // namespace folio
