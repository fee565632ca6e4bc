// The last passes: kernels for nodes, steps in stages, places for values.
#include <algorithm>
#include <map>

#include "folio/base/checked.h"
#include "folio/compiler/program.h"

namespace folio {
namespace {

// Rough costs of a machine, for deciding when threads pay. Seconds.
constexpr double kSecondsPerFlop = 1.0 / 50e9, kSecondsPerByte = 1.0 / 20e9, kSecondsPerCall = 50e-9;
constexpr double kWorthThreads = 30e-6;
constexpr int64_t kCacheBytes = 768 << 10;  // what a chunk of rows may touch

/// Where a value lives. Several values share a buffer when one is another under a new shape.
struct Place {
  int root = -1;
  Operand operand;
  bool settled = false;
  bool local = false;
};

class Scheduler {
 public:
  Scheduler(Program& program, const CompileSettings& settings, PlanContents& plan) : program_(program), settings_(settings), plan_(plan) {}

  void run() {
    settle_results(program_);
    choose_kernels();
    find_roots();
    order();
    place_buffers();
    emit();
  }

 private:
  const TensorType& type(int id) const { return program_.values[id].type; }
  int64_t value_bytes(int id) const {
    const TensorType& t = type(id);
    const int64_t element = size_of(t.dtype);
    if (program_.values[id].layout == Layout::lanes) return round_up(t.shape[0], 16) * t.shape.count(1, t.shape.rank()) * element;
    return t.shape.count() * element;
  }
  int64_t row_bytes(int id) const { return type(id).shape.count(1, type(id).shape.rank()) * size_of(type(id).dtype); }

  void choose_kernels() {
    for (ProgramNode& node : program_.nodes) {
      if (settings_.fast && program_.is_alias(node)) {
        chosen_.emplace_back();
        continue;
      }
      KernelRequest request{*node.op, node.node, {}, {}, settings_.fast, 1, !program_.updates.empty()};
      for (int id : node.in) request.inputs.push_back({type(id), program_.values[id].layout, program_.values[id].parameter});
      for (int id : node.out) request.output_layouts.push_back(program_.values[id].layout);
      ChosenKernel chosen = choose_kernel(request, plan_.log);
      for (auto& copy : chosen.packed)
        if (std::find(plan_.packed.begin(), plan_.packed.end(), copy) == plan_.packed.end()) plan_.packed.push_back(copy);
      chosen_.push_back(std::move(chosen));
    }
  }

  bool vanishes(size_t node) const { return settings_.fast && program_.is_alias(program_.nodes[node]); }

  void find_roots() {
    places_.resize(program_.values.size());
    for (size_t id = 0; id < program_.values.size(); ++id) {
      int root = static_cast<int>(id);
      while (program_.values[root].producer >= 0 && vanishes(static_cast<size_t>(program_.values[root].producer))) root = program_.nodes[program_.values[root].producer].in[0];
      places_[id].root = root;
    }
  }

  bool aligned_input(size_t n, size_t i) const {
    const ProgramNode& node = program_.nodes[n];
    return chosen_[n].by_rows && node.op->row_access(node.node, static_cast<int>(i)) == RowAccess::aligned;
  }
  bool aligned_output(size_t n, int id) const { return chosen_[n].by_rows && type(id).shape.rank() > 0 && type(id).shape[0] == chosen_[n].units && node_rows_match(n); }
  bool node_rows_match(size_t n) const {
    // Sums per grain write one row for many.
    const std::string name = program_.nodes[n].op->name();
    return name != "GrainSum" && name != "GrainKernelGradient";
  }
  bool in_pipeline(size_t n) const { return settings_.pipelines && program_.nodes[n].carried && chosen_[n].by_rows && chosen_[n].units > 0; }

  double cost(size_t n) const {
    return flops_[n] * kSecondsPerFlop + bytes_[n] * kSecondsPerByte + kSecondsPerCall;
  }

  // A step needs what an earlier stage made, or what an earlier step of its own pipeline made for the same rows.
  struct Need {
    int node;
    bool same_rows;
  };

  void order() {
    const size_t count = program_.nodes.size();
    flops_.assign(count, 0);
    bytes_.assign(count, 0);
    std::vector<std::vector<Need>> needs(count);
    std::map<const void*, std::vector<int>> readers;
    for (size_t n = 0; n < count; ++n) {
      if (vanishes(n)) continue;
      const ProgramNode& node = program_.nodes[n];
      flops_[n] = node.op->flops(node.node);
      for (size_t i = 0; i < node.in.size(); ++i) {
        bytes_[n] += static_cast<double>(value_bytes(node.in[i]));
        const int root = places_[node.in[i]].root, producer = program_.values[root].producer;
        if (program_.values[root].kind == ProgramValue::Kind::parameter) readers[program_.values[root].parameter.id()].push_back(static_cast<int>(n));
        if (producer < 0) continue;
        const Shape &from = type(root).shape, &seen = type(node.in[i]).shape;
        const bool rows = aligned_input(n, i) && aligned_output(static_cast<size_t>(producer), root) && from.rank() > 0 && seen.rank() > 0 && from[0] == seen[0] && chosen_[n].units == chosen_[producer].units;
        needs[n].push_back({producer, rows});
      }
      for (int id : node.out) bytes_[n] += static_cast<double>(value_bytes(id));
    }
    // A parameter is overwritten only after its last reader of the old value.
    for (auto& [parameter, id] : program_.updates) {
      const int writer = program_.values[id].producer;
      for (int reader : readers[parameter.id()])
        if (reader != writer) needs[writer].push_back({reader, false});
    }

    stage_of_.assign(count, -1);
    position_.assign(count, -1);
    size_t left = 0;
    for (size_t n = 0; n < count; ++n) left += !vanishes(n);
    while (left > 0) {
      const int stage = static_cast<int>(stages_.size());
      std::vector<int> members;
      const auto ready = [&](size_t n, bool pipeline) {
        if (stage_of_[n] >= 0 || vanishes(n)) return false;
        for (const Need& need : needs[n]) {
          const int at = stage_of_[need.node];
          if (at < 0 || (at == stage && !(pipeline && need.same_rows))) return false;
        }
        return true;
      };
      // A pipeline grows as long as steps with the same rows become ready; nodes stand in order, producers first.
      int64_t rows = -1;
      for (size_t n = 0; n < count && settings_.pipelines; ++n) {
        if (!in_pipeline(n) || (rows >= 0 && chosen_[n].units != rows) || !ready(n, true)) continue;
        rows = chosen_[n].units;
        take(n, stage, members);
      }
      const bool pipeline = !members.empty();
      if (!pipeline) {
        for (size_t n = 0; n < count; ++n)
          if (ready(n, false)) {
            members.push_back(static_cast<int>(n));
            if (!settings_.fast) break;
          }
        for (int n : members) stage_of_[n] = stage;
        for (size_t i = 0; i < members.size(); ++i) position_[members[i]] = static_cast<int>(i);
      }
      if (members.empty()) throw InternalError("compile: updates wait for each other in a circle");
      left -= members.size();
      stages_.push_back({std::move(members), pipeline ? rows : 0});
    }
  }

  void take(size_t n, int stage, std::vector<int>& members) {
    stage_of_[n] = stage;
    position_[n] = static_cast<int>(members.size());
    members.push_back(static_cast<int>(n));
  }

  int64_t chunk_of(const std::vector<int>& members, int64_t rows) const {
    int64_t touched = 0;  // bytes per row
    for (int n : members)
      for (int id : program_.nodes[n].out)
        if (aligned_output(static_cast<size_t>(n), id)) touched += row_bytes(id);
    const int64_t grain = std::min(grain_of(rows), rows);
    const int64_t fit = std::max<int64_t>(grain, kCacheBytes / std::max<int64_t>(touched, 1) / grain * grain);
    const int64_t share = round_up(divide_up(rows, settings_.threads), grain);
    return std::min({fit, share, rows});
  }

  void place_buffers() {
    const size_t values = program_.values.size();
    struct Life { int first = -1, last = -1, first_position = 0, last_position = 0; bool local = true; };
    std::vector<Life> lives(values);
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      if (vanishes(n)) continue;
      const ProgramNode& node = program_.nodes[n];
      const int stage = stage_of_[n];
      const bool pipeline = stages_[stage].rows > 0;
      for (int id : node.out) {
        Life& life = lives[id];
        life.first = life.last = stage;
        life.first_position = life.last_position = position_[n];
        life.local = pipeline && aligned_output(n, id);
      }
    }
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      if (vanishes(n)) continue;
      const ProgramNode& node = program_.nodes[n];
      for (size_t i = 0; i < node.in.size(); ++i) {
        Life& life = lives[places_[node.in[i]].root];
        if (life.first < 0) continue;
        const Shape &from = type(places_[node.in[i]].root).shape, &seen = type(node.in[i]).shape;
        const bool same_rows = aligned_input(n, i) && from.rank() > 0 && seen.rank() > 0 && from[0] == seen[0];
        if (stage_of_[n] != life.first || !same_rows) life.local = false;
        if (stage_of_[n] > life.last) life.last = stage_of_[n], life.last_position = position_[n];
        else if (stage_of_[n] == life.last) life.last_position = std::max(life.last_position, position_[n]);
      }
    }
    // Inputs, parameters, constants, outputs and updates have their places already.
    for (size_t id = 0; id < values; ++id) {
      const ProgramValue& value = program_.values[id];
      if (value.kind == ProgramValue::Kind::input) settle(static_cast<int>(id), {kFirstBound + static_cast<int32_t>(program_.outputs.size()) + value.input, 0, 0});
      if (value.kind == ProgramValue::Kind::parameter) settle_absolute(static_cast<int>(id), value.parameter), remember(value.parameter);
      if (value.kind == ProgramValue::Kind::constant) {
        plan_.constants.push_back(value.constant);
        settle(static_cast<int>(id), {kAbsolute, static_cast<int64_t>(reinterpret_cast<uintptr_t>(plan_.constants.back().raw())), 0});
      }
    }
    for (size_t i = 0; i < program_.outputs.size(); ++i) settle(program_.outputs[i], {kFirstBound + static_cast<int32_t>(i), 0, 0});
    for (auto& [parameter, id] : program_.updates) settle_absolute(id, parameter), remember(parameter), plan_.updated.push_back(parameter);

    for (size_t s = 0; s < stages_.size(); ++s)
      if (stages_[s].rows > 0) stages_[s].chunk = chunk_of(stages_[s].members, stages_[s].rows);
    // First fit, in order of size: large buffers first leave fewer holes.
    struct Block { int id; int64_t bytes; int from, to; };
    std::vector<Block> shared;
    std::map<int, std::vector<Block>> local;  // stage -> blocks
    for (size_t id = 0; id < values; ++id) {
      const Life& life = lives[id];
      if (life.first < 0 || places_[id].settled) continue;
      if (life.local) {
        const int64_t rows = stages_[life.first].chunk;
        const int64_t padded = program_.values[id].layout == Layout::lanes ? round_up(rows, 16) : rows;
        local[life.first].push_back({static_cast<int>(id), round_up(padded * row_bytes(static_cast<int>(id)), 64), life.first_position, life.last_position});
      } else {
        shared.push_back({static_cast<int>(id), round_up(value_bytes(static_cast<int>(id)), 64), life.first, life.last});
      }
    }
    const auto fit = [&](std::vector<Block>& blocks, int64_t start, int32_t space) {
      std::sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) { return a.bytes != b.bytes ? a.bytes > b.bytes : a.id < b.id; });
      std::vector<std::pair<Block, int64_t>> placed;
      int64_t end = start;
      for (const Block& block : blocks) {
        int64_t at = start;
        std::vector<std::pair<int64_t, int64_t>> busy;
        for (const auto& [other, offset] : placed)
          if (!settings_.reuse || (other.from <= block.to && block.from <= other.to)) busy.emplace_back(offset, offset + other.bytes);
        std::sort(busy.begin(), busy.end());
        for (const auto& [first, last] : busy) {
          if (at + block.bytes <= first) break;
          at = std::max(at, last);
        }
        placed.emplace_back(block, at);
        end = std::max(end, at + block.bytes);
        settle(block.id, {space, at, 0});
        places_[block.id].local = space == kLocal;
      }
      return end;
    };
    plan_.shared_bytes = fit(shared, 0, kShared);
    size_t most = 0;
    for (const ProgramNode& node : program_.nodes) most = std::max(most, node.in.size() + node.out.size());
    const int64_t list = round_up(static_cast<int64_t>(most * sizeof(void*)), 64);
    int64_t end = list;
    for (auto& [stage, blocks] : local) end = std::max(end, fit(blocks, list, kLocal));
    plan_.scratch_offset = end;
    plan_.local_bytes = end;
  }

  void settle(int id, Operand operand) {
    places_[id].operand = operand;
    places_[id].settled = true;
  }
  void settle_absolute(int id, Parameter parameter) { settle(id, {kAbsolute, static_cast<int64_t>(reinterpret_cast<uintptr_t>(parameter.storage().raw())), 0}); }
  void remember(const Parameter& parameter) { plan_.parameters.push_back(parameter); }

  Operand operand(int id, bool aligned) const {
    const Place& place = places_[places_[id].root];
    Operand result = place.operand;
    if (aligned && !place.local) result.stride = row_bytes(id);
    return result;
  }

  void emit() {
    for (const Planned& planned : stages_) {
      Stage stage;
      stage.first_step = static_cast<int>(plan_.steps.size());
      stage.pipeline = planned.rows > 0;
      stage.rows = planned.rows;
      stage.chunk = planned.chunk;
      double total = 0;
      std::vector<double> costs;
      int64_t most_units = 1;
      for (int n : planned.members) {
        const ProgramNode& node = program_.nodes[n];
        Step step;
        step.kernel = chosen_[n].kernel;
        step.units = chosen_[n].units;
        step.flops = flops_[n];
        step.bytes = bytes_[n];
        step.label = (node.scope.empty() ? "" : node.scope + " ") + to_string(node.node.outputs[0].shape);
        for (size_t i = 0; i < node.in.size(); ++i) step.operands.push_back(operand(node.in[i], aligned_input(static_cast<size_t>(n), i)));
        for (int id : node.out) step.operands.push_back(operand(id, aligned_output(static_cast<size_t>(n), id)));
        const int64_t units = stage.pipeline ? stage.chunk : step.units;
        plan_.local_bytes = std::max(plan_.local_bytes, plan_.scratch_offset + round_up(step.kernel->scratch_bytes(units), 64));
        costs.push_back(cost(static_cast<size_t>(n)));
        total += costs.back();
        most_units = std::max(most_units, step.units);
        plan_.steps.push_back(std::move(step));
      }
      stage.last_step = static_cast<int>(plan_.steps.size());
      const bool divisible = stage.pipeline ? divide_up(stage.rows, stage.chunk) > 1 : (most_units > 1 || planned.members.size() > 1);
      stage.parallel = settings_.threads > 1 && divisible && total > kWorthThreads;
      if (stage.parallel && !stage.pipeline) share_out(stage, planned.members, costs);
      plan_.parallel = plan_.parallel || stage.parallel;
      plan_.stages.push_back(std::move(stage));
    }
  }

  // Units that cannot be divided: groups of 16 rows in lanes, the rows of one partial sum.
  int64_t granule(size_t n) const {
    const ProgramNode& node = program_.nodes[n];
    bool together = !node_rows_match(n);
    for (int id : node.in) together = together || program_.values[id].layout == Layout::lanes;
    for (int id : node.out) together = together || program_.values[id].layout == Layout::lanes;
    return together ? grain_of(chosen_[n].units) : 1;
  }

  // Large steps are divided evenly; small ones go whole to whoever has least to do.
  void share_out(Stage& stage, const std::vector<int>& members, const std::vector<double>& costs) const {
    const int threads = settings_.threads;
    stage.shares.resize(static_cast<size_t>(threads));
    std::vector<double> load(static_cast<size_t>(threads), 0);
    for (int s = stage.first_step; s < stage.last_step; ++s) {
      const int64_t units = plan_.steps[static_cast<size_t>(s)].units;
      const double price = costs[static_cast<size_t>(s - stage.first_step)];
      const int64_t step = granule(static_cast<size_t>(members[static_cast<size_t>(s - stage.first_step)])), granules = divide_up(units, step);
      if (granules >= 2 && price > 3e-6) {
        for (int t = 0; t < threads; ++t) {
          const int64_t first = granules * t / threads * step, last = std::min(granules * (t + 1) / threads * step, units);
          if (first < last) stage.shares[static_cast<size_t>(t)].push_back({s, first, last}), load[static_cast<size_t>(t)] += price * static_cast<double>(last - first) / static_cast<double>(units);
        }
      } else {
        const auto least = std::min_element(load.begin(), load.end()) - load.begin();
        stage.shares[static_cast<size_t>(least)].push_back({s, 0, units});
        load[static_cast<size_t>(least)] += price;
      }
    }
  }

  struct Planned {
    std::vector<int> members;
    int64_t rows = 0, chunk = 0;
  };

  Program& program_;
  const CompileSettings& settings_;
  PlanContents& plan_;
  std::vector<ChosenKernel> chosen_;
  std::vector<Place> places_;
  std::vector<Planned> stages_;
  std::vector<int> stage_of_, position_;
  std::vector<double> flops_, bytes_;
};

}  // namespace

void schedule(Program& program, const CompileSettings& settings, PlanContents& plan) { Scheduler(program, settings, plan).run(); }

}  // namespace folio
