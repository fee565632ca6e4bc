// From a graph to a plan.
#pragma once
#include <set>
#include <string>

#include "folio/graph/graph.h"
#include "folio/runtime/plan.h"

namespace folio {

/// Names of the compiler's passes that can be left out, in the order in which they run.
const std::vector<std::string>& pass_names();

struct PlanOptions {
  std::string name = "plan";
  /// Threads to plan for; 0 takes `default_threads`.
  int threads = 0;
  /// Passes to leave out. Without any, every op runs by its definition: slow, and the oracle for everything
  /// fast.
  std::set<std::string> without;
};

/// What holds for every compilation of this process: tests run again as a whole under other settings.
struct PlanDefaults {
  std::set<std::string> without;  ///< passes to leave out, besides those of the options
  bool check = false;             ///< look for contradictions after every pass
};
PlanDefaults& plan_defaults();

/// Threads that models and plans use: what `set_default_threads` was told, otherwise OMP_NUM_THREADS when
/// set, otherwise the processors this process may use. Results have the same bits for any number; more than
/// there are processors gain nothing and cost little. Idle threads sleep (`folio/base/threads.h`).
int default_threads();
/// For plans compiled from now on; 0 goes back to what the environment says.
void set_default_threads(int threads);
/// Options with every pass left out.
PlanOptions definitions_only(std::string name = "definitions");

/// Compiles once; the plan can then be run any number of times. All shapes must be known.
Plan compile(const Graph& graph, const PlanOptions& options = {});
/// The value itself, computed now: for looking at things.
Tensor evaluate(const Value& value, const Values& inputs = {}, const std::vector<Tensor>& tensors = {});

}  // namespace folio
