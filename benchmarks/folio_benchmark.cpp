// Measures Folio: speed of workloads, cost of the executor, time to compile. Results are lines of JSON;
// profiles and plans for people go to standard error.
#include <algorithm>
#include <cmath>

#include "executor_cost.h"
#include "fit_speed.h"
#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "folio/kernels/cpu/isa.h"
#include "hardware.h"
#include "measure.h"
#include "workload_sizes.h"
#include "workloads.h"

namespace benchmarks {
namespace {

using namespace folio;

constexpr const char* kUsage = R"(usage:
  folio_benchmark WORKLOAD train|infer [--threads N] [--seconds S] [--batch B] [--without PASS]
                                       [--profile] [--print] [--check]
  folio_benchmark WORKLOAD fit [--threads N] [--seconds S] [--batch B]  Model::fit, rows shuffled
  folio_benchmark executor [--steps N] [--seconds S]   what the executor adds to each kernel call
  folio_benchmark compile [--threads N] [--seconds S]  time to compile each training graph
--profile  a second measurement, step by step, on one thread, most above its floor first
--print    the plan and the compiler's log
--check    a few steps beside a plan of definitions only; fails when they differ (a small --batch is wise)
)";

struct Request {
  const WorkloadSize& size;
  bool train;
  int threads;
  double seconds;
  int64_t batch;
  std::set<std::string> without;
};

Frame frame_of(const Plan& plan, const Workload& workload) {
  Frame frame(plan);
  for (size_t i = 0; i < workload.inputs.size(); ++i)
    frame.set_input(static_cast<int>(i), workload.inputs[i]);
  return frame;
}

/// Where the time goes. The floor of a step is what its operations need at the processor's peak, or its bytes
/// at the speed of the second-level cache, whichever is more; only time above it could be saved.
void print_profile(const Plan& plan, Frame& frame, double seconds) {
  double operations = 0, bytes = 0;
  for (int i = 0; i < 3; ++i) {
    operations = std::max(operations, peak_gflops(1, 0.1) * 1e9);
    bytes = std::max(bytes, bandwidth_gigabytes(1, 512e3, 0.1) * 1e9);
  }
  // Of each step the 10th percentile over many runs, so that disturbances count as little as elsewhere.
  const size_t count = plan.contents().steps.size();
  std::vector<std::vector<double>> samples(count);
  frame.profile(true);
  plan.run(frame);
  const double start = seconds_now();
  for (int run = 0; run < 5 || (run < 1000 && seconds_now() - start < seconds); ++run) {
    const std::vector<StepTime> before = frame.times();
    plan.run(frame);
    for (size_t s = 0; s < count; ++s) samples[s].push_back(frame.times()[s].seconds - before[s].seconds);
  }
  frame.profile(false);

  // Steps of unrolled loops are many and alike: equal kernels with equal labels share a row.
  struct Row {
    size_t first_step, steps = 0;
    double time = 0, floor = 0, flops = 0, bytes = 0;
  };
  std::map<std::string, Row> by_name;
  double total = 0, floors = 0;
  for (size_t s = 0; s < count; ++s) {
    const Step& step = plan.contents().steps[s];
    Row& row = by_name.try_emplace(step.kernel->name() + "  " + step.label, Row{s}).first->second;
    const double floor = std::max(step.flops / operations, step.bytes / bytes);
    row.steps += 1;
    const double time = quantile(samples[s], 0.1);
    total += time;
    row.time += time;
    row.floor += floor;
    row.flops += step.flops;
    row.bytes += step.bytes;
    floors += floor;
  }
  std::vector<std::pair<std::string, Row>> rows(by_name.begin(), by_name.end());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.time - a.second.floor > b.second.time - b.second.floor;
  });
  std::fprintf(
      stderr,
      "one thread, %.1f us a run, floors %.1f us (%.0f GFLOP/s, %.0f GB/s); most above the floor first\n",
      total * 1e6, floors * 1e6, operations * 1e-9, bytes * 1e-9);
  std::fprintf(stderr, "step  times  share        us     floor   GFLOP/s    GB/s  kernel\n");
  const size_t shown = std::min<size_t>(rows.size(), 40);
  for (size_t r = 0; r < shown; ++r) {
    const Row& row = rows[r].second;
    std::fprintf(stderr, "%4zu %6zu %5.1f%% %9.2f %9.2f %9.1f %7.1f  %s\n", row.first_step, row.steps,
                 100 * row.time / total, row.time * 1e6, row.floor * 1e6, row.flops / row.time * 1e-9,
                 row.bytes / row.time * 1e-9, rows[r].first.c_str());
  }
  if (shown < rows.size()) std::fprintf(stderr, "and %zu more\n", rows.size() - shown);
}

void run_workload(const Request& request, const Arguments& arguments) {
  const Workload workload = make_workload(request.size.name, request.train, request.batch);
  const double flops = request.size.flops(request.train, request.batch),
               counted = graph_flops(workload.graph);
  if (std::abs(flops - counted) > 1e-6 * flops)
    throw InternalError("the graph does not do the operations in the table of workloads: " +
                        std::to_string(counted) + " instead of " + std::to_string(flops));
  const Plan plan = compile(workload.graph, {request.size.name, request.threads, request.without});
  if (arguments.has("print"))
    std::fprintf(stderr, "%s\n%s\n", plan.print().c_str(), plan.contents().log.c_str());
  Frame frame = frame_of(plan, workload);
  plan.run(frame);
  const double first = frame.output(0).at(0);
  const Measurement m = measure([&] { plan.run(frame); }, request.seconds);
  JsonLine line;
  line.text("program", "folio")
      .text("workload", request.size.name)
      .text("mode", request.train ? "train" : "infer")
      .whole("threads", request.threads)
      .whole("batch", request.batch)
      .measurement(m, request.batch, flops)
      .text("instructions", cpu::to_string(cpu::active_isa()))
      .whole("plan_steps", static_cast<int64_t>(plan.contents().steps.size()))
      .number("compile_ms", plan.contents().compile_seconds * 1e3);
  if (request.train) line.number("first_loss", first).number("last_loss", frame.output(0).at(0));
  line.print();
  if (arguments.has("profile")) print_profile(plan, frame, request.seconds);
}

/// True when plan and definitions agree. Each gets a workload of its own, because training changes the
/// weights.
bool check_workload(const Request& request) {
  constexpr int kRuns = 5;
  const auto results = [&](const PlanOptions& options) {
    const Workload workload = make_workload(request.size.name, request.train, request.batch);
    const Plan plan = compile(workload.graph, options);
    Frame frame = frame_of(plan, workload);
    std::vector<double> values;
    for (int run = 0; run < kRuns; ++run) {
      plan.run(frame);
      for (int64_t i = 0; i < frame.output(0).count(); ++i) values.push_back(frame.output(0).at(i));
    }
    return values;
  };
  const std::vector<double> fast = results({request.size.name, request.threads, request.without}),
                            defined = results(definitions_only());
  double difference = 0;
  for (size_t i = 0; i < fast.size(); ++i) {
    const double d = std::abs(fast[i] - defined[i]) / std::max(1.0, std::abs(defined[i]));
    difference = std::isnan(d) ? d : std::max(difference, d);
    if (std::isnan(difference)) break;
  }
  const bool falls = !request.train || fast.back() < fast.front();
  const bool good = difference < 1e-4 && falls;
  JsonLine()
      .text("workload", request.size.name)
      .text("mode", request.train ? "train" : "infer")
      .whole("batch", request.batch)
      .number("first", fast.front(), 8)
      .number("last", fast.back(), 8)
      .number("last_by_definition", defined.back(), 8)
      .number("largest_difference", difference, 3)
      .text("verdict", good    ? "good"
                       : falls ? "different results"
                               : "the loss does not fall")
      .print();
  return good;
}

void measure_fit(const Request& request) {
  const FitSpeed fit = fit_speed(request.size.name, request.batch, request.threads, request.seconds);
  JsonLine()
      .text("program", "folio")
      .text("workload", request.size.name)
      .text("mode", "fit")
      .whole("threads", request.threads)
      .whole("batch", request.batch)
      .measurement(fit.step, request.batch, request.size.flops(true, request.batch))
      .text("instructions", cpu::to_string(cpu::active_isa()))
      .whole("rows", fit.rows)
      .number("set_mb", fit.set_mb)
      .number("first_loss", fit.first_loss)
      .number("last_loss", fit.last_loss)
      .print();
}

void measure_executor(int steps, double seconds) {
  const auto report = [&](const std::string& name, const Plan& plan, const std::vector<Tensor>& inputs) {
    const ExecutorCost cost = executor_cost(plan, inputs, seconds);
    JsonLine()
        .text("program", "folio")
        .text("workload", "executor")
        .text("plan", name)
        .whole("stages", static_cast<int64_t>(plan.contents().stages.size()))
        .whole("calls", static_cast<int64_t>(cost.calls))
        .number("plan_ns_per_call", cost.plan, 4)
        .number("direct_ns_per_call", cost.direct, 4)
        .number("executor_ns_per_call", cost.executor(), 3)
        .print();
  };
  report("small steps in one pipeline", chain_of_small_steps(steps, true), {chain_input()});
  report("small steps, each a stage", chain_of_small_steps(steps, false), {chain_input()});
  const Workload cell = make_workload("cell", false, workload_size("cell").batch);
  report("recurrent cell", compile(cell.graph, {"cell", 1, {}}), cell.inputs);
}

void measure_compile(int threads, double seconds) {
  for (const WorkloadSize& size : workload_sizes()) {
    const Workload workload = make_workload(size.name, true, size.batch);
    const auto compile_once = [&] { return compile(workload.graph, {size.name, threads, {}}); };
    const Measurement m = measure([&] { compile_once(); }, seconds);
    // The first run packs the weights.
    std::vector<double> first_runs;
    for (int i = 0; i < 5; ++i) {
      const Plan plan = compile_once();
      const double start = seconds_now();
      Frame frame = frame_of(plan, workload);
      plan.run(frame);
      first_runs.push_back(seconds_now() - start);
    }
    JsonLine()
        .text("program", "folio")
        .text("workload", "compile")
        .text("graph", size.name)
        .whole("nodes", static_cast<int64_t>(workload.graph.nodes().size()))
        .whole("plan_steps", static_cast<int64_t>(compile_once().contents().steps.size()))
        .number("compile_ms", m.p10 * 1e3, 4)
        .number("compile_ms_median", m.median * 1e3, 4)
        .number("first_run_ms", quantile(first_runs, 0.5) * 1e3, 4)
        .print();
  }
}

int run(const Arguments& arguments) {
  const std::string name = arguments.positional(0), mode = arguments.positional(1);
  const int threads = static_cast<int>(arguments.number("threads", 1));
  if (threads < 1) throw OptionError("option --threads: expected at least 1");
  if (name == "executor")
    return measure_executor(static_cast<int>(arguments.number("steps", 200)), arguments.number("seconds", 2)),
           0;
  if (name == "compile") return measure_compile(threads, arguments.number("seconds", 0.5)), 0;
  if (name.empty()) throw OptionError("no workload named");
  const WorkloadSize& size = workload_size(name);
  if (mode != "train" && mode != "infer" && mode != "fit")
    throw OptionError("expected train, infer or fit, got \"" + mode + "\"");
  Request request{size,
                  mode == "train",
                  threads,
                  arguments.number("seconds", 3),
                  static_cast<int64_t>(arguments.number("batch", static_cast<double>(size.batch))),
                  {}};
  if (request.batch < 1) throw OptionError("option --batch: expected at least 1");
  if (arguments.has("without")) request.without.insert(arguments.text("without", ""));
  if (mode == "fit") return measure_fit(request), 0;
  if (arguments.has("check")) return check_workload(request) ? 0 : 1;
  run_workload(request, arguments);
  return 0;
}

}  // namespace
}  // namespace benchmarks

int main(int count, char** texts) {
  using namespace benchmarks;
  try {
    return run(Arguments(count, texts, {"threads", "seconds", "batch", "without", "steps"},
                         {"profile", "print", "check"}));
  } catch (const OptionError& error) {
    std::fprintf(stderr, "folio_benchmark: %s\n%s", error.what(), kUsage);
    for (const WorkloadSize& size : workload_sizes())
      std::fprintf(stderr, "  %-5s %s, batch %ld\n", size.name.c_str(), size.description.c_str(),
                   static_cast<long>(size.batch));
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "folio_benchmark: %s\n", error.what());
    return 1;
  }
}
