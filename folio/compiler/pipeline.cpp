// The compiler, top to bottom: a list of named passes.
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <functional>

#include "folio/base/clock.h"
#include "folio/base/threads.h"
#include "folio/compiler/program.h"

namespace folio {
namespace {

std::atomic<int> chosen_threads = 0;

// What OMP_NUM_THREADS asks for, as programs beside this one understand it; 0 when it says nothing.
int threads_of_environment() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  return text ? static_cast<int>(std::clamp(std::strtol(text, nullptr, 10), 0L, 1024L)) : 0;
}

}  // namespace

const std::vector<std::string>& pass_names() {
  static const std::vector<std::string> names = {
      "simplify",    // folds constants, drops what changes nothing
      "common",      // computes equal things once
      "scans",       // runs a scan and what its gradient keeps of it once
      "kernels",     // runs fast loops instead of definitions
      "batch-sums",  // splits sums over the batch, so that their first half runs with the rows
      "layouts",     // puts small convolutions into lanes
      "fuse",        // runs chains of element by element ops block by block
      "pipelines",   // takes chunks of rows through many steps
      "reuse",       // lets buffers share memory
  };
  return names;
}

int default_threads() {
  static const int found = [] {
    const int asked = threads_of_environment();
    return asked > 0 ? asked : available_processors();
  }();
  const int chosen = chosen_threads;
  return chosen > 0 ? chosen : found;
}
void set_default_threads(int threads) { chosen_threads = threads; }

PlanOptions definitions_only(std::string name) {
  return {std::move(name), 1, {pass_names().begin(), pass_names().end()}};
}

Plan compile(const Graph& graph, const PlanOptions& options) {
  for (const std::string& name : options.without)
    if (std::find(pass_names().begin(), pass_names().end(), name) == pass_names().end())
      throw Error(fmt::format("compile: there is no pass \"{}\"; the passes are {}", name,
                              fmt::join(pass_names(), ", ")));
  const auto with = [&](const char* name) { return !options.without.count(name); };
  auto plan = std::make_shared<PlanContents>();
  plan->name = options.name;
  plan->threads = options.threads > 0 ? options.threads : default_threads();
  const double start = seconds_now();
  const auto timed = [&](const char* name, const std::function<void()>& pass) {
    const double before = seconds_now();
    pass();
    plan->log += fmt::format("{}: {:.2f} ms\n", name, (seconds_now() - before) * 1e3);
  };

  const bool fast = with("kernels");
  Program program;
  timed("import, simplify, common", [&] { program = import(graph, with("simplify"), with("common")); });
  if (with("scans")) timed("scans", [&] { share_scans(program); });
  if (fast && with("simplify") && program.updates.empty()) timed("pool first", [&] { pool_first(program); });
  if (fast && with("batch-sums")) timed("batch-sums", [&] { split_batch_sums(program); });
  if (fast && with("layouts")) timed("layouts", [&] { assign_layouts(program); });
  if (fast) timed("fuse", [&] { fuse_elementwise(program, with("fuse")); });
  for (const Value& value : graph.inputs) {
    plan->inputs.push_back(value.type());
    plan->input_names.push_back(value.node().op->attributes());
  }
  for (const Value& value : graph.outputs) plan->outputs.push_back(value.type());
  timed("schedule", [&] {
    schedule(program,
             {plan->threads, fast, fast && with("pipelines"), with("reuse"), with("simplify"), with("common"),
              with("fuse")},
             *plan);
  });
  plan->compile_seconds = seconds_now() - start;
  return Plan(std::move(plan));
}

Tensor evaluate(const Value& value, const Values& inputs, const std::vector<Tensor>& tensors) {
  return compile({inputs, {value}, {}}, {"evaluate", 1, {}})(tensors)[0];
}

}  // namespace folio
