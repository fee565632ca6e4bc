// The compiler's passes, and what they hand on to each other: first the program, then its nodes as steps, in
// order, divided and placed.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "folio/compiler/program.h"
#include "folio/runtime/plan.h"

namespace folio {

class ScanOp;

// Rough costs of a machine, for deciding when threads pay. Seconds.
constexpr double kSecondsPerFlop = 1.0 / 50e9, kSecondsPerByte = 1.0 / 20e9, kSecondsPerCall = 50e-9;
constexpr double kWorthDividing = 3e-6;

/// The nodes as steps.
struct Steps {
  std::vector<ChosenKernel> kernels;  ///< by node; without a kernel the node is its input under another shape
  std::vector<int> roots;             ///< by value: the one whose memory it is
  std::vector<double> flops, bytes;   ///< by node
  std::vector<Packed> repacked;       ///< what the steps at the end bring up to date

  bool vanishes(size_t node) const { return !kernels[node].kernel; }
  double cost(size_t node) const {
    return flops[node] * kSecondsPerFlop + bytes[node] * kSecondsPerByte + kSecondsPerCall;
  }
  /// True when unit r of the step reads or writes row r of the operand.
  bool reads_rows(const Program& program, size_t node, size_t input) const;
  bool writes_rows(const Program& program, size_t node, int value) const;
  /// The same, and the input still has the rows with which its memory was written.
  bool reads_same_rows(const Program& program, size_t node, size_t input) const;
};

/// Steps that run one after the other for some rows at a time; without rows each runs at once, whole.
struct PlannedChain {
  int stage;
  std::vector<int> members;  ///< nodes
  int64_t rows;
  bool carried;  ///< its rows are rows of the batch
};

struct Order {
  std::vector<PlannedChain> chains;  ///< by stage
  std::vector<int> chain, position;  ///< by node; -1 for those that vanish
  int stage(size_t node) const { return chains[static_cast<size_t>(chain[node])].stage; }
};

/// Stages [first_stage, last_stage) that run one after the other several times, each time for an equal part
/// of the rows.
struct Laps {
  int first_stage, last_stage;
  int64_t count;
};

/// How many rows go through a chain at a time, and which rows are whose.
struct Division {
  std::vector<Laps> laps;
  std::vector<int64_t> rows;            ///< by chain: of a lap, or all
  std::vector<int64_t> granule, chunk;  ///< by chain
  /// The laps that a stage is part of, or null.
  const Laps* laps_of(int stage) const {
    for (const Laps& all : laps)
      if (all.first_stage <= stage && stage < all.last_stage) return &all;
    return nullptr;
  }
  std::vector<std::vector<std::vector<Stage::Share>>>
      shares;  ///< by stage, of its first lap; empty where one thread does it all
};

/// Where values live, and what the plan names.
struct Places {
  std::vector<Operand> operands;   ///< by value, of which roots count
  std::vector<char> placed;        ///< by value
  std::vector<int64_t> lap_bytes;  ///< by value: of a lap, where laps use one memory; otherwise 0
  std::vector<std::vector<Operand>> resources;  ///< by node: of its kernel
  std::vector<Parameter> parameters;
  std::vector<Tensor> constants;
  std::vector<Packed> packed;
  int64_t shared_bytes = 0, local_bytes = 0;
};

/// A compilation on its way.
struct Compilation {
  const Graph& graph;
  std::set<std::string> without;  ///< passes that are left out
  bool fast = true;               ///< kernels other than definitions
  Program program = {};
  Steps steps = {};
  Order order = {};
  Division division = {};
  Places places = {};
  PlanContents plan = {};

  bool with(const std::string& pass) const { return !without.count(pass); }
};

// Graph to program, and what is done to it.
Program import(const Graph& graph);
void simplify(Program& program);
void share_equal(Program& program);
void share_scans(Program& program);
void pool_first(Program& program);
void read_transposed(Program& program);
void split_batch_sums(Program& program);
void assign_layouts(Program& program);
void rows_of_cells(Program& program);
/// `chains`: also what needs each other, otherwise every node by itself.
void fuse_elementwise(Program& program, bool chains);
void settle_results(Program& program);

// Program to plan.
Steps choose_kernels(Compilation& compilation);
/// A scan's body, compiled into a kernel that takes rows of the batch through all steps.
ChosenKernel plan_scan(const ScanOp& op, const KernelRequest& request, Compilation& compilation);
/// `pipelines`: rows of the batch go through many steps; `fast`: steps that do not need each other share a
/// stage.
Order order_steps(const Program& program, const Steps& steps, bool pipelines, bool fast);
/// Fills in `laps` and `rows`.
void find_laps(const Program& program, const Steps& steps, const Order& order, Division& division);
Division divide(const Program& program, const Steps& steps, const Order& order, int threads);
/// `reuse`: buffers share memory when their lives do not overlap.
Places place_values(const Program& program, const Steps& steps, const Order& order, const Division& division,
                    bool reuse);
void write_plan(const Program& program, const Steps& steps, const Order& order, const Division& division,
                const Places& places, PlanContents& plan);

/// The place of an item that is in the list.
template <class T>
int32_t index_of(const std::vector<T>& list, const T& item) {
  int32_t at = 0;
  while (!(list[static_cast<size_t>(at)] == item)) ++at;
  return at;
}

/// Sizes in memory.
int64_t value_bytes(const ProgramValue& value);
int64_t row_bytes(const ProgramValue& value);

struct Pass {
  enum class Use {
    always,
    unless_left_out,
    with_kernels,  ///< unless left out, and only where fast kernels run what it makes
  };
  const char* name;  ///< also its switch, see `PlanOptions::without`
  const char* reason;
  Use use;
  void (*run)(Compilation&);
  void (*instead)(Compilation&) = nullptr;  ///< when it is left out
};

/// In the order in which they run.
const std::vector<Pass>& passes();

/// Throws `InternalError` when what has been made so far contradicts itself; `after` says after which pass.
void verify(const Compilation& compilation, const std::string& after);

}  // namespace folio
