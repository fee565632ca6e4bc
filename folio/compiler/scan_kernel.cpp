// A scan as an inner loop: its body is compiled once, into kernels that take some rows of the batch through
// all steps. Nothing is allocated or looked up while it runs.
#include <algorithm>
#include <cstring>
#include <map>

#include "folio/base/checked.h"
#include "folio/compiler/scan_body.h"
#include "folio/kernels/cpu/row_sums.h"
#include "folio/ops/scan.h"

namespace folio {
namespace {

/// Where a value of the body lies: in an operand of the scan, in a constant, or in scratch.
struct BodyPlace {
  enum class Kind { operand, constant, scratch } kind = Kind::scratch;
  int64_t at = 0;      ///< number of the operand or constant; bytes per unit of scratch before it
  int64_t offset = 0;  ///< bytes from there to the first row
  int64_t row = 0;     ///< bytes from one row to the next
  int64_t step = 0;    ///< bytes from one step of the sequence to the next
  bool block = false;  ///< scratch for a block of steps, of which `step` are the bytes of a unit
};

struct BodyCall {
  std::shared_ptr<const Kernel> kernel;
  std::vector<BodyPlace> operands;
  int64_t units = 1;
};

/// Rows copied from one place to another.
struct Copy {
  BodyPlace from, to;
  int64_t bytes, rows;  ///< of a row; rows of a unit
};

void copy_rows(const char* from, int64_t from_row, char* to, int64_t to_row, int64_t bytes, int64_t rows) {
  if (from_row == bytes && to_row == bytes) bytes *= rows, rows = 1;
  for (; rows > 0; --rows, from += from_row, to += to_row) std::memcpy(to, from, static_cast<size_t>(bytes));
}

/// Rows of one step of a sequence.
struct StepRows {
  BodyPlace place;
  int64_t bytes;
};

/// A copy among the calls of a step.
class CopyRowsKernel final : public Kernel {
 public:
  explicit CopyRowsKernel(const Copy& copy) : copy_(copy) {}
  std::string name() const override { return "CopyRows"; }
  void run(const Task& task) const override {
    copy_rows(static_cast<const char*>(task.operands[0]), copy_.from.row,
              static_cast<char*>(task.operands[1]), copy_.to.row, copy_.bytes,
              copy_.rows * (task.last - task.first));
  }

 private:
  Copy copy_;
};

/// A sum over rows, taken of a block of steps while their operands are in cache.
struct BlockSum {
  RowSumLoop loop;
  std::vector<BodyPlace> operands;
  size_t result;  ///< number of the scan's operand
};

struct BodyPlan {
  std::vector<BodyCall> calls;
  /// The first states into scratch and the last ones out of it; what comes in before a step and goes out
  /// behind it; from step to step. States that take each other's values are put aside before any is
  /// overwritten.
  std::vector<Copy> first, last, in, out, aside, next;
  /// The sequences, whose next step is fetched during the one before: each row of it lies far from the
  /// others, so that the processor does not see it coming.
  std::vector<StepRows> sequences;
  std::vector<BlockSum> sums;
  int64_t block = 1, grain = 0;       ///< steps of a block; rows that are summed up apart from others
  std::vector<int64_t> operand_rows;  ///< by operand of the scan: bytes of a row, 0 where it is read whole
  std::vector<Tensor> constants;
  int64_t rows = 0, steps = 0, unit_bytes = 0;  ///< scratch of a unit: a row, or everything
  bool by_rows = false, reverse = false;
};

class ScanKernel final : public Kernel {
 public:
  explicit ScanKernel(BodyPlan plan) : plan_(std::move(plan)) {
    for (const BodyCall& call : plan_.calls)
      for (const BodyPlace& operand : call.operands) {
        if (operand.step != 0)
          moving_.push_back(
              {pointers_, plan_.reverse && !operand.block ? -operand.step : operand.step, operand.block});
        ++pointers_;
      }
  }
  std::string name() const override { return "Scan"; }
  int64_t scratch_bytes(int64_t units) const override {
    if (plan_.by_rows && !plan_.sums.empty()) units = std::min(units, plan_.grain);
    int64_t most = 0;
    for (const BodyCall& call : plan_.calls)
      most = std::max(most, call.kernel->scratch_bytes(plan_.by_rows ? units : call.units));
    return places_bytes(units) + list_bytes() + operands_bytes() + most;
  }

  void run(const Task& task) const override {
    if (plan_.sums.empty() || !plan_.by_rows) return run_rows(task);
    // A grain at a time.
    const size_t count = plan_.operand_rows.size();
    auto** operands = static_cast<void**>(task.scratch);
    for (size_t i = 0; i < count; ++i) operands[i] = task.operands[i];
    for (int64_t first = task.first, last; first < task.last; first = last) {
      last = std::min(first + plan_.grain, task.last);
      run_rows({operands, first, last, static_cast<char*>(task.scratch) + operands_bytes()});
      for (size_t i = 0; i < count; ++i)
        operands[i] = static_cast<char*>(operands[i]) + (last - first) * plan_.operand_rows[i];
    }
  }

 private:
  void run_rows(const Task& task) const {
    auto** pointers = reinterpret_cast<char**>(static_cast<char*>(task.scratch) + places_bytes(units(task)));
    size_t count = 0;
    for (const BodyCall& call : plan_.calls)
      for (const BodyPlace& operand : call.operands) pointers[count++] = place(operand, 0, task);
    for (const BlockSum& sum : plan_.sums) clear(sum, task);
    copy(plan_.first, 0, task);
    for (int64_t s = 0; s < plan_.steps; ++s) {
      if (s + 1 < plan_.steps) fetch(s + 1, task);
      copy(plan_.in, s, task);
      step(reinterpret_cast<void**>(pointers), task);
      copy(plan_.out, s, task);
      copy(plan_.aside, s, task);
      copy(plan_.next, s, task);
      const int64_t filled = s % plan_.block + 1;
      const bool full = filled == plan_.block;
      if (full || s + 1 == plan_.steps)
        for (const BlockSum& sum : plan_.sums) add(sum, filled, task);
      for (const Moving& each : moving_)
        if (each.block)
          pointers[each.at] += each.bytes * units(task) * (full ? 1 - plan_.block : 1);
        else
          pointers[each.at] += each.bytes;
    }
    copy(plan_.last, 0, task);
  }

  void fetch(int64_t s, const Task& task) const {
    constexpr int64_t kLine = 64;
    for (const StepRows& each : plan_.sequences) {
      const char* row = place(each.place, s, task);
      for (int64_t r = plan_.by_rows ? units(task) : plan_.rows; r > 0; --r, row += each.place.row) {
        for (int64_t at = 0; at < each.bytes; at += kLine) __builtin_prefetch(row + at, 0, 2);
        __builtin_prefetch(row + each.bytes - 1, 0, 2);
      }
    }
  }

  // Sums of the grains to which the rows of a task belong: rows are those of one grain, or all there are.
  template <class Body>
  void for_each_grain(const BlockSum& sum, const Task& task, Body&& body) const {
    auto* result = static_cast<char*>(task.operands[sum.result]);
    if (plan_.by_rows) {
      // Grains of one row are rows, at which the operand points.
      body(0, units(task), result + (plan_.grain > 1 ? task.first / plan_.grain * sum.loop.bytes() : 0));
      return;
    }
    for (int64_t row = 0; row < plan_.rows; row += plan_.grain, result += sum.loop.bytes())
      body(row, std::min(plan_.grain, plan_.rows - row), result);
  }
  void clear(const BlockSum& sum, const Task& task) const {
    for_each_grain(sum, task, [&](int64_t, int64_t, char* result) {
      std::memset(result, 0, static_cast<size_t>(sum.loop.bytes()));
    });
  }
  void add(const BlockSum& sum, int64_t steps, const Task& task) const {
    for_each_grain(sum, task, [&](int64_t row, int64_t rows, char* result) {
      const void* operands[2] = {};
      for (size_t i = 0; i < sum.operands.size(); ++i)
        operands[i] = place(sum.operands[i], 0, task) + row * sum.operands[i].row;
      sum.loop.add(operands, rows * steps, result);
    });
  }

  static int64_t units(const Task& task) { return task.last - task.first; }
  int64_t places_bytes(int64_t units) const { return round_up(plan_.unit_bytes * units, 64); }
  int64_t list_bytes() const { return round_up(pointers_ * static_cast<int64_t>(sizeof(void*)), 64); }
  int64_t operands_bytes() const {
    return round_up(static_cast<int64_t>(plan_.operand_rows.size() * sizeof(void*)), 64);
  }

  // In the s-th step that is taken.
  char* place(const BodyPlace& at, int64_t s, const Task& task) const {
    char* base = static_cast<char*>(task.scratch) + at.at * units(task);
    if (at.kind == BodyPlace::Kind::operand) base = static_cast<char*>(task.operands[at.at]);
    if (at.kind == BodyPlace::Kind::constant)
      base = static_cast<char*>(const_cast<void*>(plan_.constants[static_cast<size_t>(at.at)].raw()));
    if (at.block) return base + at.offset + s % plan_.block * at.step * units(task);
    return base + at.offset + (plan_.reverse ? plan_.steps - 1 - s : s) * at.step;
  }
  void step(void** operands, const Task& task) const {
    void* scratch = static_cast<char*>(task.scratch) + places_bytes(units(task)) + list_bytes();
    for (const BodyCall& call : plan_.calls) {
      // Rows keep their numbers: random numbers depend on them.
      if (plan_.by_rows)
        call.kernel->run({operands, task.first, task.last, scratch});
      else
        call.kernel->run({operands, 0, call.units, scratch});
      operands += call.operands.size();
    }
  }
  void copy(const std::vector<Copy>& copies, int64_t s, const Task& task) const {
    for (const Copy& each : copies)
      copy_rows(place(each.from, s, task), each.from.row, place(each.to, s, task), each.to.row, each.bytes,
                each.rows * units(task));
  }

  BodyPlan plan_;
  int64_t pointers_ = 0;
  struct Moving {
    int64_t at, bytes;
    bool block;
  };
  std::vector<Moving> moving_;  ///< operands of calls, and their bytes to the next step
};

class BodyPlanner {
 public:
  BodyPlanner(const ScanOp& op, const KernelRequest& request, const Compilation& outside)
      : op_(op),
        request_(request),
        operands_{op.body().states.size(), op.body().slices.size(), request.inputs.size(),
                  op.body().states.size() + op.body().outputs.size()} {
    const ScanBody& body = op.body();
    program_ = import({body.inputs(), body.results(), {}});
    if (outside.with("simplify")) simplify(program_);
    if (outside.with("common")) share_equal(program_);
    program_.tidy();
    if (outside.with("fuse")) prepare_body(program_);
    // Shared values that are parameters can be read packed.
    for (size_t i = 0; i < program_.inputs.size(); ++i)
      program_.values[program_.inputs[i]].parameter = request.inputs[i].parameter;
    fuse_elementwise(program_, outside.with("fuse"));
    program_.tidy();
    program_.mark_carried();
  }

  ChosenKernel run(std::string& log) {
    plan_.steps = op_.steps(request_.node);
    plan_.reverse = op_.reverse();
    // Rows stay apart only where every kernel keeps them apart.
    ChosenKernel chosen = choose(request_.rows.apart, log);
    if (plan_.by_rows && !chosen.by_rows) chosen = choose(false, log);
    if (!plan_.by_rows) chosen.units = chosen.granule = 1;
    find_blocks();
    chosen.granule = std::max(chosen.granule, plan_.by_rows ? plan_.grain : 1);
    find_lives();
    place_values();
    plan_calls();
    plan_states();
    plan_passages();
    plan_sums();
    chosen.kernel = std::make_shared<ScanKernel>(std::move(plan_));
    return chosen;
  }

 private:
  ChosenKernel choose(bool by_rows, std::string& log) {
    plan_.by_rows = by_rows;
    seats_ = seat_values(program_, operands_, by_rows);
    chosen_.clear();
    ChosenKernel chosen;
    chosen.units = op_.body().slices[0].shape()[0];
    chosen.by_rows = by_rows;
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      const ProgramNode& node = program_.nodes[n];
      chosen_.emplace_back();
      if (seats_.vanishes[n]) continue;
      // A packed weight is used at every step, which pays even where the plan updates it.
      KernelRequest request{*node.op, node.node, node.rows, {}, {}, true, strides(node)};
      for (int id : node.in)
        request.inputs.push_back({program_.values[id].type, Layout::plain, program_.values[id].parameter});
      request.output_layouts.assign(node.out.size(), Layout::plain);
      ChosenKernel& kernel = chosen_.back() = choose_kernel(request, log);
      chosen.by_rows = chosen.by_rows && kernel.by_rows && kernel.units == chosen.units;
      chosen.granule = std::max(chosen.granule, kernel.granule);
      for (const Resource& resource : kernel.resources) chosen.resources.push_back(resource);
    }
    return chosen;
  }

  const Shape& shape(int id) const { return program_.values[id].type.shape; }
  int64_t element(int id) const { return size_of(program_.values[id].type.dtype); }
  int64_t row_bytes(int id) const {
    return (shape(id).rank() > 0 ? shape(id).count(1, shape(id).rank()) : 1) * element(id);
  }
  int64_t unit_bytes(int id) const { return plan_.by_rows ? row_bytes(id) : shape(id).count() * element(id); }
  bool has_rows(int id) const {
    return shape(id).rank() > 0 && shape(id)[0] == op_.body().slices[0].shape()[0];
  }
  // Bytes from one row of a value to the next.
  int64_t row_step(int id) const {
    const int home = seats_.home(program_, id);
    const bool sequence = seats_.of[home].kind == Seat::Kind::sequence;
    return row_bytes(home) * (sequence ? plan_.steps : 1);
  }
  // For a kernel's request; empty where rows lie together.
  std::vector<int64_t> strides(const ProgramNode& node) const {
    std::vector<int64_t> list;
    bool apart = false;
    const auto add = [&](int id, bool rows) {
      list.push_back(rows ? row_step(id) / element(id) : 0);
      apart = apart || (rows && row_step(id) != row_bytes(id));
    };
    if (!plan_.by_rows) return {};
    for (size_t i = 0; i < node.in.size(); ++i) add(node.in[i], node.rows.aligned[i] && has_rows(node.in[i]));
    for (int id : node.out) add(id, true);
    return apart ? list : std::vector<int64_t>{};
  }

  // Operands of sums stay until a block of steps is done. What has memory of its own stays there.
  void find_blocks() {
    constexpr int64_t kRowsOfBlock = 128;
    plan_.grain = op_.grain();
    plan_.rows = op_.body().slices[0].shape()[0];
    in_blocks_.resize(program_.values.size(), 0);
    if (op_.body().sums.empty()) return;
    if (plan_.by_rows) plan_.block = std::max<int64_t>(1, kRowsOfBlock / std::min(plan_.grain, plan_.rows));
    for (size_t i = operands_.results; i < program_.outputs.size(); ++i) {
      const int id = written_value(program_, program_.outputs[i]);
      const ProgramValue& value = program_.values[id];
      const bool state = value.input >= 0 && value.input < static_cast<int>(operands_.states);
      if (seats_.home(program_, id) == id && seats_.of[id].kind == Seat::Kind::own && !state &&
          (value.kind == ProgramValue::Kind::computed || value.kind == ProgramValue::Kind::input) &&
          value.input < static_cast<int>(operands_.states + operands_.slices))
        in_blocks_[id] = 1;
    }
  }

  // From which call to which memory is needed: states and results until the step is over.
  void find_lives() {
    lives_.resize(program_.values.size());
    const int end = static_cast<int>(program_.nodes.size());
    const auto touch = [&](int id, int from, int to) {
      Life& life = lives_[seats_.home(program_, id)];
      life = {life.known ? std::min(life.first, from) : from, std::max(life.last, to), true};
    };
    for (size_t i = 0; i < operands_.states + operands_.slices; ++i)
      touch(program_.inputs[i], -1, i < operands_.states ? end : -1);
    for (int n = 0; n < end; ++n) {
      if (program_.is_alias(program_.nodes[n])) continue;
      for (int id : program_.nodes[n].out) touch(id, n, n);
      for (int id : program_.nodes[n].in) touch(id, n, n);
    }
    for (int id : program_.outputs) touch(id, end, end);
    for (size_t id = 0; id < in_blocks_.size(); ++id)
      if (in_blocks_[id]) lives_[id] = {-1, end, true};
  }

  // First fit, the largest first. Units are rows, so that a value's place grows with their number.
  void place_values() {
    places_.resize(program_.values.size());
    std::vector<int> waiting;
    for (size_t at = 0; at < program_.values.size(); ++at) {
      const ProgramValue& value = program_.values[at];
      const int id = static_cast<int>(at);
      BodyPlace& place = places_[at];
      if (seats_.of[at].kind == Seat::Kind::sequence) {
        place = {BodyPlace::Kind::operand, seats_.of[at].of, 0, row_step(id), row_bytes(id)};
      } else if (value.kind == ProgramValue::Kind::constant) {
        place = {BodyPlace::Kind::constant, static_cast<int64_t>(plan_.constants.size()), 0,
                 shape(id).rank() > 0 ? row_bytes(id) : 0};
        plan_.constants.push_back(value.constant);
      } else if (value.kind == ProgramValue::Kind::input &&
                 value.input >= static_cast<int>(operands_.states + operands_.slices)) {
        place = {BodyPlace::Kind::operand, value.input, 0, shape(id).rank() > 0 ? row_bytes(id) : 0};
      } else if (lives_[at].known) {
        place.row = row_bytes(id);
        if (in_blocks_[at]) place.step = unit_bytes(id), place.block = true;
        waiting.push_back(id);
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
      places_[id].at = at;
      plan_.unit_bytes = std::max(plan_.unit_bytes, at + room(id));
      placed.push_back(id);
    }
  }
  int64_t room(int id) const {
    return round_up(unit_bytes(id) * (in_blocks_[id] ? plan_.block : 1), plan_.by_rows ? 8 : 64);
  }
  BodyPlace place(int id) const {
    int64_t offset = 0;
    int value = written_value(program_, id);
    while (seats_.of[value].kind == Seat::Kind::part) {
      offset += seats_.of[value].offset;
      value = written_value(program_, static_cast<int>(seats_.of[value].of));
    }
    BodyPlace found = places_[value];
    found.offset += offset;
    // Who sees other rows in a value reads it where all of it lies together.
    const Shape &written = shape(written_value(program_, id)), &seen = shape(id);
    if (seen.rank() > 0 && written.rank() > 0 && seen[0] != written[0]) found.row = row_bytes(id);
    return found;
  }

  void plan_calls() {
    // What the kernels read beside their values follows the scan's own inputs and outputs.
    size_t resource = request_.inputs.size() + request_.node.outputs.size();
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      const ProgramNode& node = program_.nodes[n];
      for (int i : seats_.copied[n]) {
        Copy copy{place(node.in[i]), place(node.out[0]), row_bytes(node.in[i]), 1};
        for (int before = 0; before < i; ++before) copy.to.offset += row_bytes(node.in[before]);
        plan_.calls.push_back({std::make_shared<CopyRowsKernel>(copy), {copy.from, copy.to}, 1});
      }
      if (seats_.vanishes[n]) continue;
      BodyCall call{chosen_[n].kernel, {}, chosen_[n].units};
      for (int id : node.in) call.operands.push_back(place(id));
      for (int id : node.out) call.operands.push_back(place(id));
      for (size_t i = 0; i < chosen_[n].resources.size(); ++i)
        call.operands.push_back({BodyPlace::Kind::operand, static_cast<int64_t>(resource++)});
      plan_.calls.push_back(std::move(call));
    }
    resources_ = resource - request_.inputs.size() - request_.node.outputs.size();
  }

  // A whole value, unit by unit.
  Copy whole(const BodyPlace& from, const BodyPlace& to, int id) const {
    return {from, to, row_bytes(id), plan_.by_rows || shape(id).rank() == 0 ? 1 : shape(id)[0]};
  }
  BodyPlace operand(size_t at, int id) const {
    return {BodyPlace::Kind::operand, static_cast<int64_t>(at), 0, row_bytes(id)};
  }
  BodyPlace sequence(size_t at, int id) const {
    return {BodyPlace::Kind::operand, static_cast<int64_t>(at), 0, row_bytes(id) * plan_.steps,
            row_bytes(id)};
  }

  void plan_states() {
    for (size_t i = 0; i < operands_.states; ++i) {
      const int before = program_.inputs[i], after = written_value(program_, program_.outputs[i]);
      const BodyPlace kept = place(before);
      plan_.first.push_back(whole(operand(i, before), kept, before));
      plan_.last.push_back(whole(kept, operand(operands_.inputs + i, before), before));
      if (after == before) continue;
      BodyPlace from = place(program_.outputs[i]);
      const ProgramValue& value = program_.values[after];
      if (value.input >= 0 && value.input < static_cast<int>(operands_.states)) {
        const BodyPlace own{BodyPlace::Kind::scratch, plan_.unit_bytes, 0, row_bytes(before)};
        plan_.unit_bytes += room(before);
        plan_.aside.push_back(whole(from, own, before));
        from = own;
      }
      plan_.next.push_back(whole(from, kept, before));
    }
  }

  void plan_passages() {
    for (size_t i = operands_.states; i < operands_.states + operands_.slices; ++i)
      if (const int id = program_.inputs[i]; row_bytes(id) > 0)
        plan_.sequences.push_back({sequence(i, id), row_bytes(id)});
    for (size_t i = operands_.states; i < operands_.results; ++i)
      if (const int id = program_.outputs[i]; row_bytes(id) > 0)
        plan_.sequences.push_back({sequence(operands_.inputs + i, id), row_bytes(id)});
    for (size_t i = operands_.states; i < operands_.states + operands_.slices; ++i) {
      const int id = program_.inputs[i];
      if (seats_.of[id].kind == Seat::Kind::own) plan_.in.push_back(whole(sequence(i, id), place(id), id));
    }
    for (size_t i = operands_.states; i < operands_.results; ++i) {
      const int id = program_.outputs[i];
      const BodyPlace from = place(id);
      const auto to = static_cast<int64_t>(operands_.inputs + i);
      if (from.kind == BodyPlace::Kind::operand && from.at == to) continue;
      plan_.out.push_back(whole(from, sequence(operands_.inputs + i, id), id));
    }
  }

  void plan_sums() {
    if (op_.body().sums.empty()) return;
    size_t result = operands_.inputs + operands_.results, next = operands_.results;
    std::map<int, BodyPlace> copies;
    for (const RowSum& sum : op_.body().sums) {
      Types types;
      for (const Value& operand : sum.operands) types.push_back(operand.type());
      BlockSum planned{*row_sum_loop(*sum.op, types), {}, result++};
      for (size_t i = 0; i < sum.operands.size(); ++i) {
        const int id = program_.outputs[next++], value = written_value(program_, id);
        if (in_blocks_[value]) {
          planned.operands.push_back(place(value));
          continue;
        }
        const auto [found, fresh] = copies.try_emplace(value);
        if (fresh) {
          found->second = {
              BodyPlace::Kind::scratch, plan_.unit_bytes, 0, row_bytes(id), unit_bytes(id), true};
          plan_.unit_bytes += round_up(unit_bytes(id) * plan_.block, plan_.by_rows ? 8 : 64);
          plan_.out.push_back(whole(place(id), found->second, id));
        }
        planned.operands.push_back(found->second);
      }
      plan_.sums.push_back(std::move(planned));
    }
    // How the operands of the scan follow its rows.
    for (size_t i = 0; i < request_.inputs.size(); ++i) {
      const Shape& shape = request_.inputs[i].type.shape;
      const bool rows = request_.rows.aligned[i] && shape.rank() > 0;
      plan_.operand_rows.push_back(rows ? bytes_of_row(request_.inputs[i].type) : 0);
    }
    for (size_t i = 0; i < request_.node.outputs.size(); ++i)
      plan_.operand_rows.push_back(
          i < operands_.results || plan_.grain == 1 ? bytes_of_row(request_.node.outputs[i]) : 0);
    plan_.operand_rows.resize(plan_.operand_rows.size() + resources_, 0);
  }
  static int64_t bytes_of_row(const TensorType& type) {
    return type.shape.count(1, type.shape.rank()) * size_of(type.dtype);
  }

  struct Life {
    int first = 0, last = -1;
    bool known = false;
  };
  const ScanOp& op_;
  const KernelRequest& request_;
  ScanOperands operands_;
  Program program_;
  Seats seats_;
  std::vector<ChosenKernel> chosen_;
  std::vector<char> in_blocks_;  ///< by value
  std::vector<Life> lives_;
  size_t resources_ = 0;
  std::vector<BodyPlace> places_;
  BodyPlan plan_;
};

}  // namespace

ChosenKernel plan_scan(const ScanOp& op, const KernelRequest& request, Compilation& compilation) {
  return BodyPlanner(op, request, compilation).run(compilation.plan.log);
}

}  // namespace folio
