// A scan as an inner loop: its body is compiled once, into kernels that take some rows of the batch through
// all steps. Nothing is allocated or looked up while it runs.
#include <algorithm>
#include <cstring>

#include "folio/base/checked.h"
#include "folio/compiler/passes.h"
#include "folio/ops/scan.h"

namespace folio {
namespace {

/// Where a value of the body lies: in an operand of the scan, in a constant, or in scratch.
struct BodyPlace {
  enum class Kind { operand, constant, scratch } kind = Kind::scratch;
  int64_t at = 0;  ///< number of the operand or constant; bytes per unit of scratch before it
};

struct BodyCall {
  std::shared_ptr<const Kernel> kernel;
  std::vector<BodyPlace> operands;
  int64_t units = 1;
};

/// One step of a sequence, moved between its place there and memory of its own.
struct Passage {
  size_t operand;
  BodyPlace step;
  int64_t bytes, rows;  ///< of a row; rows of all units
};

/// A state, copied whole. `bytes` are those of a unit.
struct StateCopy {
  BodyPlace from, to;
  int64_t bytes;
};

struct BodyPlan {
  std::vector<BodyCall> calls;
  std::vector<Passage> in, out;
  /// The first states into scratch, the last ones out of it; from step to step. States that take each other's
  /// values are put aside before any is overwritten.
  std::vector<StateCopy> first, last, aside, next;
  std::vector<Tensor> constants;
  int64_t steps = 0, units = 1, unit_bytes = 0;  ///< scratch of a unit: a row, or everything
  bool by_rows = false, reverse = false;
};

class ScanKernel final : public Kernel {
 public:
  explicit ScanKernel(BodyPlan plan) : plan_(std::move(plan)) {
    for (const BodyCall& call : plan_.calls) pointers_ += static_cast<int64_t>(call.operands.size());
  }
  std::string name() const override { return "Scan"; }
  int64_t scratch_bytes(int64_t units) const override {
    int64_t most = 0;
    for (const BodyCall& call : plan_.calls)
      most = std::max(most, call.kernel->scratch_bytes(plan_.by_rows ? units : call.units));
    return places_bytes(units) + round_up(pointers_ * kPointer, 64) + most;
  }

  void run(const Task& task) const override {
    const int64_t units = task.last - task.first;
    auto* scratch = static_cast<char*>(task.scratch);
    // The operands of the calls stay the same at every step.
    auto** pointers = reinterpret_cast<void**>(scratch + places_bytes(units));
    size_t count = 0;
    for (const BodyCall& call : plan_.calls)
      for (const BodyPlace& operand : call.operands) pointers[count++] = place(operand, task);
    copy(plan_.first, task);
    for (int64_t s = 0; s < plan_.steps; ++s) {
      const int64_t t = plan_.reverse ? plan_.steps - 1 - s : s;
      for (const Passage& in : plan_.in) pass<false>(in, t, task);
      step(pointers, task);
      for (const Passage& out : plan_.out) pass<true>(out, t, task);
      copy(plan_.aside, task);
      copy(plan_.next, task);
    }
    copy(plan_.last, task);
  }

 private:
  static constexpr int64_t kPointer = sizeof(void*);
  int64_t places_bytes(int64_t units) const { return round_up(plan_.unit_bytes * units, 64); }

  char* place(const BodyPlace& at, const Task& task) const {
    if (at.kind == BodyPlace::Kind::operand) return static_cast<char*>(task.operands[at.at]);
    if (at.kind == BodyPlace::Kind::constant)
      return static_cast<char*>(const_cast<void*>(plan_.constants[static_cast<size_t>(at.at)].raw()));
    return static_cast<char*>(task.scratch) + at.at * (task.last - task.first);
  }
  void step(void** operands, const Task& task) const {
    void* scratch = static_cast<char*>(task.scratch) + places_bytes(task.last - task.first) +
                    round_up(pointers_ * kPointer, 64);
    for (const BodyCall& call : plan_.calls) {
      // Rows keep their numbers: random numbers depend on them.
      if (plan_.by_rows)
        call.kernel->run({operands, task.first, task.last, scratch});
      else
        call.kernel->run({operands, 0, call.units, scratch});
      operands += call.operands.size();
    }
  }
  void copy(const std::vector<StateCopy>& states, const Task& task) const {
    for (const StateCopy& state : states)
      std::memcpy(place(state.to, task), place(state.from, task),
                  static_cast<size_t>(state.bytes * (task.last - task.first)));
  }
  template <bool back>
  void pass(const Passage& passage, int64_t t, const Task& task) const {
    const int64_t rows = plan_.by_rows ? task.last - task.first : passage.rows;
    char* at = static_cast<char*>(task.operands[passage.operand]) + t * passage.bytes;
    char* step = place(passage.step, task);
    for (int64_t row = 0; row < rows; ++row, at += plan_.steps * passage.bytes, step += passage.bytes)
      std::memcpy(back ? at : step, back ? step : at, static_cast<size_t>(passage.bytes));
  }

  BodyPlan plan_;
  int64_t pointers_ = 0;
};

class BodyPlanner {
 public:
  BodyPlanner(const ScanOp& op, const KernelRequest& request, const Compilation& outside)
      : op_(op), request_(request), states_(op.body().states.size()), slices_(op.body().slices.size()) {
    const ScanBody& body = op.body();
    program_ = import({body.inputs(), body.results(), {}});
    if (outside.with("simplify")) simplify(program_);
    if (outside.with("common")) share_equal(program_);
    tidy();
    // Shared values that are parameters can be read packed.
    for (size_t i = 0; i < program_.inputs.size(); ++i)
      program_.values[program_.inputs[i]].parameter = request.inputs[i].parameter;
    fuse_elementwise(program_, outside.with("fuse"));
    tidy();
  }

  ChosenKernel run(std::string& log) {
    ChosenKernel chosen = choose(log);
    find_lives();
    place_values();
    plan_calls();
    plan_states();
    plan_passages();
    plan_.steps = op_.steps(request_.node);
    plan_.reverse = op_.reverse();
    chosen.kernel = std::make_shared<ScanKernel>(std::move(plan_));
    return chosen;
  }

 private:
  void tidy() {
    program_.tidy();
    program_.mark_carried();
  }

  ChosenKernel choose(std::string& log) {
    ChosenKernel chosen;
    chosen.units = op_.body().slices[0].shape()[0];
    chosen.by_rows = request_.rows.apart;
    for (const ProgramNode& node : program_.nodes) {
      chosen_.emplace_back();
      if (program_.is_alias(node)) continue;
      // A packed weight is used at every step, which pays even where the plan updates it.
      KernelRequest request{*node.op, node.node, node.rows, {}, {}, true};
      for (int id : node.in)
        request.inputs.push_back({program_.values[id].type, Layout::plain, program_.values[id].parameter});
      request.output_layouts.assign(node.out.size(), Layout::plain);
      ChosenKernel& kernel = chosen_.back() = choose_kernel(request, log);
      chosen.by_rows = chosen.by_rows && kernel.by_rows && kernel.units == chosen.units;
      chosen.granule = std::max(chosen.granule, kernel.granule);
      for (const Resource& resource : kernel.resources) chosen.resources.push_back(resource);
    }
    plan_.by_rows = chosen.by_rows;
    if (!chosen.by_rows) chosen.units = chosen.granule = 1;
    return chosen;
  }

  int root_of(int id) const {
    while (program_.values[id].producer >= 0 &&
           program_.is_alias(program_.nodes[program_.values[id].producer]))
      id = program_.nodes[program_.values[id].producer].in[0];
    return id;
  }
  const Shape& shape(int id) const { return program_.values[id].type.shape; }
  int64_t row_bytes(int id) const {
    return shape(id).count(1, shape(id).rank()) * size_of(program_.values[id].type.dtype);
  }
  int64_t unit_bytes(int id) const {
    return plan_.by_rows ? row_bytes(id) : shape(id).count() * size_of(program_.values[id].type.dtype);
  }

  // From which call to which a value is needed: states and results until the step is over.
  void find_lives() {
    lives_.resize(program_.values.size());
    const int end = static_cast<int>(program_.nodes.size());
    for (size_t i = 0; i < states_ + slices_; ++i) lives_[program_.inputs[i]] = {-1, i < states_ ? end : -1};
    for (int n = 0; n < end; ++n) {
      if (program_.is_alias(program_.nodes[n])) continue;
      for (int id : program_.nodes[n].out) lives_[id] = {n, n};
      for (int id : program_.nodes[n].in) {
        Life& life = lives_[root_of(id)];
        life.last = std::max(life.last, n), life.read = true;
      }
    }
    for (int id : program_.outputs) {
      Life& life = lives_[root_of(id)];
      life.last = end, life.read = true;
    }
  }

  // First fit, the largest first. Units are rows, so that a value's place grows with their number.
  void place_values() {
    places_.resize(program_.values.size());
    std::vector<int> waiting;
    for (size_t id = 0; id < program_.values.size(); ++id) {
      const ProgramValue& value = program_.values[id];
      if (value.kind == ProgramValue::Kind::constant) {
        places_[id] = {BodyPlace::Kind::constant, static_cast<int64_t>(plan_.constants.size())};
        plan_.constants.push_back(value.constant);
      } else if (value.kind == ProgramValue::Kind::input &&
                 value.input >= static_cast<int>(states_ + slices_)) {
        places_[id] = {BodyPlace::Kind::operand, value.input};
      } else if (lives_[id].read || (value.producer >= 0 && lives_[id].last >= 0) || value.input >= 0) {
        waiting.push_back(static_cast<int>(id));
      }
    }
    std::stable_sort(waiting.begin(), waiting.end(),
                     [&](int a, int b) { return unit_bytes(a) > unit_bytes(b); });
    std::vector<int> placed;
    for (int id : waiting) {
      std::vector<std::pair<int64_t, int64_t>> busy;
      for (int other : placed)
        if (lives_[other].first <= lives_[id].last && lives_[id].first <= lives_[other].last)
          busy.emplace_back(places_[other].at, places_[other].at + room(other));
      std::sort(busy.begin(), busy.end());
      int64_t at = 0;
      for (const auto& [first, last] : busy) {
        if (at + room(id) <= first) break;
        at = std::max(at, last);
      }
      places_[id] = {BodyPlace::Kind::scratch, at};
      plan_.unit_bytes = std::max(plan_.unit_bytes, at + room(id));
      placed.push_back(id);
    }
  }
  int64_t room(int id) const { return round_up(unit_bytes(id), plan_.by_rows ? 8 : 64); }
  const BodyPlace& place(int id) const { return places_[root_of(id)]; }

  void plan_calls() {
    // What the kernels read beside their values follows the scan's own inputs and outputs.
    size_t resource = request_.inputs.size() + request_.node.outputs.size();
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      const ProgramNode& node = program_.nodes[n];
      if (program_.is_alias(node)) continue;
      BodyCall call{chosen_[n].kernel, {}, chosen_[n].units};
      for (int id : node.in) call.operands.push_back(place(id));
      for (int id : node.out) call.operands.push_back(place(id));
      for (size_t i = 0; i < chosen_[n].resources.size(); ++i)
        call.operands.push_back({BodyPlace::Kind::operand, static_cast<int64_t>(resource++)});
      plan_.calls.push_back(std::move(call));
    }
  }

  void plan_states() {
    for (size_t i = 0; i < states_; ++i) {
      const int before = program_.inputs[i], after = root_of(program_.outputs[i]);
      const int64_t bytes = unit_bytes(before);
      const BodyPlace kept = place(before);
      plan_.first.push_back({{BodyPlace::Kind::operand, static_cast<int64_t>(i)}, kept, bytes});
      plan_.last.push_back(
          {kept, {BodyPlace::Kind::operand, static_cast<int64_t>(request_.inputs.size() + i)}, bytes});
      if (after == before) continue;
      BodyPlace from = place(after);
      if (program_.values[after].input >= 0 && program_.values[after].input < static_cast<int>(states_)) {
        const BodyPlace own{BodyPlace::Kind::scratch, plan_.unit_bytes};
        plan_.unit_bytes += room(before);
        plan_.aside.push_back({from, own, bytes});
        from = own;
      }
      plan_.next.push_back({from, kept, bytes});
    }
  }

  void plan_passages() {
    const auto passage = [&](size_t operand, int id) {
      return Passage{operand, place(id), row_bytes(id), shape(id)[0]};
    };
    for (size_t i = states_; i < states_ + slices_; ++i)
      if (lives_[program_.inputs[i]].read) plan_.in.push_back(passage(i, program_.inputs[i]));
    for (size_t i = states_; i < program_.outputs.size(); ++i)
      plan_.out.push_back(passage(request_.inputs.size() + i, program_.outputs[i]));
  }

  struct Life {
    int first = -1, last = -1;
    bool read = false;
  };
  const ScanOp& op_;
  const KernelRequest& request_;
  size_t states_, slices_;
  Program program_;
  std::vector<ChosenKernel> chosen_;
  std::vector<Life> lives_;
  std::vector<BodyPlace> places_;
  BodyPlan plan_;
};

}  // namespace

ChosenKernel plan_scan(const ScanOp& op, const KernelRequest& request, Compilation& compilation) {
  return BodyPlanner(op, request, compilation).run(compilation.plan.log);
}

}  // namespace folio
