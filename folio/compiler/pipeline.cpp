// The compiler, top to bottom: a list of named passes.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "folio/base/clock.h"
#include "folio/base/threads.h"
#include "folio/compiler/passes.h"

namespace folio {
namespace {

std::atomic<int> chosen_threads = 0;

// What OMP_NUM_THREADS asks for, as programs beside this one understand it; 0 when it says nothing.
int threads_of_environment() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  return text ? static_cast<int>(std::clamp(std::strtol(text, nullptr, 10), 0L, 1024L)) : 0;
}

// Leaves nodes in order, producers first, and none that nobody needs.
template <void (*pass)(Program&)>
void on_program(Compilation& c) {
  pass(c.program);
  c.program.tidy();
  c.program.mark_carried();
}
template <bool chains>
void fuse(Program& program) {
  fuse_elementwise(program, chains);
}
template <bool pipelines>
void order(Compilation& c) {
  c.order = order_steps(c.program, c.steps, pipelines && c.fast, c.fast);
}
template <bool reuse>
void place(Compilation& c) {
  c.places = place_values(c.program, c.steps, c.order, c.division, reuse);
}
void choose(Compilation& c) { c.steps = choose_kernels(c); }

}  // namespace

const std::vector<Pass>& passes() {
  using enum Pass::Use;
  static const std::vector<Pass> list = {
      {"import", "numbers the values of the graph", always,
       [](Compilation& c) {
         c.program = import(c.graph);
         c.program.mark_carried();
       }},
      {"simplify", "folds constants, drops what changes nothing, moves masks to where elements are fewer",
       unless_left_out, on_program<simplify>},
      {"common", "computes equal things once", unless_left_out, on_program<share_equal>},
      {"scans", "runs a scan and what its gradient keeps of it once", unless_left_out,
       on_program<share_scans>},
      {"pool-first", "takes maxima of windows before what never decreases", with_kernels,
       on_program<pool_first>},
      {"transposes", "lets products read and write transposed values where they lie", with_kernels,
       on_program<read_transposed>},
      {"batch-sums", "splits sums over the batch, so that their first half runs with the rows", with_kernels,
       on_program<split_batch_sums>},
      {"cells", "lets cells of large pictures be rows", with_kernels, on_program<rows_of_cells>},
      {"layouts", "puts small convolutions into lanes", with_kernels, on_program<assign_layouts>},
      {"fuse", "runs chains of element by element ops block by block", with_kernels, on_program<fuse<true>>,
       on_program<fuse<false>>},
      {"results", "gives every output and update a node that can write where it has to go", always,
       [](Compilation& c) { settle_results(c.program); }},
      {"kernels", "runs fast loops instead of definitions", unless_left_out, choose, choose},
      {"pipelines", "takes chunks of rows through many steps", unless_left_out, order<true>, order<false>},
      {"divide", "deals rows out to chunks and threads", always,
       [](Compilation& c) { c.division = divide(c.program, c.steps, c.order, c.plan.threads); }},
      {"reuse", "lets buffers share memory", unless_left_out, place<true>, place<false>},
      {"write", "writes the steps down", always,
       [](Compilation& c) { write_plan(c.program, c.steps, c.order, c.division, c.places, c.plan); }},
  };
  return list;
}

const std::vector<std::string>& pass_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Pass& pass : passes())
      if (pass.use != Pass::Use::always) list.emplace_back(pass.name);
    return list;
  }();
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

PlanDefaults& plan_defaults() {
  static PlanDefaults defaults;
  return defaults;
}

PlanOptions definitions_only(std::string name) {
  return {std::move(name), 1, {pass_names().begin(), pass_names().end()}};
}

Plan compile(const Graph& graph, const PlanOptions& options) {
  const PlanDefaults& defaults = plan_defaults();
  Compilation c{.graph = graph, .without = options.without};
  c.without.insert(defaults.without.begin(), defaults.without.end());
  for (const std::string& name : c.without)
    if (std::find(pass_names().begin(), pass_names().end(), name) == pass_names().end())
      throw Error(fmt::format("compile: there is no pass \"{}\"; the passes are {}", name,
                              fmt::join(pass_names(), ", ")));
  c.fast = c.with("kernels");
  c.plan.name = options.name;
  c.plan.threads = options.threads > 0 ? options.threads : default_threads();
  for (const Value& value : graph.inputs) {
    c.plan.inputs.push_back(value.type());
    c.plan.input_names.push_back(value.node().op->attributes());
  }
  for (const Value& value : graph.outputs) c.plan.outputs.push_back(value.type());

  const double start = seconds_now();
  for (const Pass& pass : passes()) {
    if (pass.use == Pass::Use::with_kernels && !c.fast) continue;
    const auto run = pass.use == Pass::Use::always || c.with(pass.name) ? pass.run : pass.instead;
    if (!run) continue;
    const double before = seconds_now();
    run(c);
    c.plan.log += fmt::format("{}: {:.2f} ms\n", pass.name, (seconds_now() - before) * 1e3);
    if (defaults.check) verify(c, pass.name);
  }
  c.plan.compile_seconds = seconds_now() - start;
  return Plan(std::make_shared<const PlanContents>(std::move(c.plan)));
}

Tensor evaluate(const Value& value, const Values& inputs, const std::vector<Tensor>& tensors) {
  return compile({inputs, {value}, {}}, {"evaluate", 1, {}})(tensors)[0];
}

}  // namespace folio
