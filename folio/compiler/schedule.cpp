// The last passes: kernels for nodes, nodes in chains and stages, places for values.
#include <algorithm>
#include <map>

#include "folio/base/checked.h"
#include "folio/compiler/program.h"
#include "folio/ops/gather.h"
#include "folio/ops/scan.h"

namespace folio {
namespace {

// Rough costs of a machine, for deciding when threads pay. Seconds.
constexpr double kSecondsPerFlop = 1.0 / 50e9, kSecondsPerByte = 1.0 / 20e9, kSecondsPerCall = 50e-9;
constexpr double kWorthThreads = 30e-6;
constexpr double kWorthDividing = 3e-6;
constexpr int64_t kCacheBytes = 768 << 10;  // what a chunk of rows may touch

/// Where a value lives. Several values share a buffer when one is another under a new shape.
struct Place {
  int root = -1;
  Operand operand;
  bool settled = false;
  bool local = false;
};

/// Stands for the packing of a parameter's new values; made here, so that nobody else meets it.
class PackOp final : public Op {
 public:
  std::string name() const override { return "Pack"; }
  Types infer(const Types&) const override { return {}; }
  void define(const Views&, const Views&) const override { throw InternalError("packing has no definition"); }
};

class Scheduler {
 public:
  Scheduler(Program& program, const CompileSettings& settings, PlanContents& plan)
      : program_(program), settings_(settings), plan_(plan) {}

  void run() {
    settle_results(program_);
    choose_kernels();
    pack_updates();
    find_roots();
    order();
    place_buffers();
    emit();
  }

 private:
  struct PlannedChain {
    int stage;
    std::vector<int> members;
    int64_t rows, chunk;  // no rows: every step at once, one after the other
    bool carried;
  };

  const TensorType& type(int id) const { return program_.values[id].type; }
  int64_t value_bytes(int id) const {
    const TensorType& t = type(id);
    const int64_t element = size_of(t.dtype);
    if (program_.values[id].layout == Layout::lanes)
      return round_up(t.shape[0], 16) * t.shape.count(1, t.shape.rank()) * element;
    return t.shape.count() * element;
  }
  int64_t row_bytes(int id) const {
    return type(id).shape.count(1, type(id).shape.rank()) * size_of(type(id).dtype);
  }

  void choose_kernels() {
    for (ProgramNode& node : program_.nodes) {
      if (settings_.fast && program_.is_alias(node)) {
        chosen_.emplace_back();
        continue;
      }
      KernelRequest request{*node.op, node.node,      node.rows, {},
                            {},       settings_.fast, 1,         !program_.updates.empty()};
      for (int id : node.in)
        request.inputs.push_back({type(id), program_.values[id].layout, program_.values[id].parameter});
      for (int id : node.out) request.output_layouts.push_back(program_.values[id].layout);
      const auto* scan = dynamic_cast<const ScanOp*>(node.op.get());
      ChosenKernel chosen = scan && settings_.fast ? plan_scan(*scan, request, settings_, plan_.log)
                                                   : choose_kernel(request, plan_.log);
      for (auto& copy : chosen.packed)
        if (std::find(plan_.packed.begin(), plan_.packed.end(), copy) == plan_.packed.end())
          plan_.packed.push_back(copy);
      chosen_.push_back(std::move(chosen));
    }
  }

  bool vanishes(size_t node) const { return settings_.fast && program_.is_alias(program_.nodes[node]); }

  void find_roots() {
    places_.resize(program_.values.size());
    for (size_t id = 0; id < program_.values.size(); ++id) {
      int root = static_cast<int>(id);
      while (program_.values[root].producer >= 0 &&
             vanishes(static_cast<size_t>(program_.values[root].producer)))
        root = program_.nodes[program_.values[root].producer].in[0];
      places_[id].root = root;
    }
  }

  bool aligned_input(size_t n, size_t i) const {
    const RowMap& rows = program_.nodes[n].rows;
    return chosen_[n].by_rows && rows.apart && rows.aligned[i];
  }
  bool aligned_output(size_t n, int id) const {
    return chosen_[n].by_rows && type(id).shape.rank() > 0 && type(id).shape[0] == chosen_[n].units &&
           program_.nodes[n].rows.grain == 0;
  }
  bool carried(size_t n) const {
    return settings_.pipelines && program_.nodes[n].carried && chosen_[n].by_rows && chosen_[n].units > 0;
  }

  double cost(size_t n) const {
    return flops_[n] * kSecondsPerFlop + bytes_[n] * kSecondsPerByte + kSecondsPerCall;
  }

  // A step needs what an earlier stage made, or what an earlier step of its own chain made for the same rows.
  struct Need {
    int node;
    bool same_rows;
  };

  // New values of a parameter are packed by the chain that makes them, while they are in cache.
  void pack_updates() {
    if (!settings_.fast) return;
    for (const auto& [parameter, id] : program_.updates)
      for (const auto& copy : plan_.packed) {
        if (!(copy->parameter() == parameter) || !copy->row_kernel()) continue;
        ProgramNode node;
        node.op = std::make_shared<PackOp>();
        node.in = {id};
        node.scope = parameter.name();
        node.node.op = node.op;
        node.rows = {.apart = true, .aligned = {true}};
        program_.nodes.push_back(std::move(node));
        ChosenKernel chosen;
        chosen.kernel = copy->row_kernel();
        chosen.units = parameter.shape()[0];
        chosen.by_rows = true;
        chosen.granule = 16;
        chosen_.push_back(std::move(chosen));
        plan_.repacked.push_back(copy);
      }
  }

  // Of a table only the rows that are picked are read.
  double read_bytes(const ProgramNode& node, size_t input) const {
    const bool table = input == 0 && dynamic_cast<const GatherOp*>(node.op.get());
    return static_cast<double>(value_bytes(table ? node.out[0] : node.in[input]));
  }

  void find_needs() {
    const size_t count = program_.nodes.size();
    flops_.assign(count, 0);
    bytes_.assign(count, 0);
    needs_.resize(count);
    std::map<const void*, std::vector<int>> readers;
    for (size_t n = 0; n < count; ++n) {
      if (vanishes(n)) continue;
      const ProgramNode& node = program_.nodes[n];
      flops_[n] = node.op->flops(node.node);
      for (size_t i = 0; i < node.in.size(); ++i) {
        bytes_[n] += read_bytes(node, i);
        const int root = places_[node.in[i]].root, producer = program_.values[root].producer;
        if (program_.values[root].kind == ProgramValue::Kind::parameter)
          readers[program_.values[root].parameter.id()].push_back(static_cast<int>(n));
        if (producer < 0) continue;
        const Shape &from = type(root).shape, &seen = type(node.in[i]).shape;
        const bool rows = aligned_input(n, i) && aligned_output(static_cast<size_t>(producer), root) &&
                          from.rank() > 0 && seen.rank() > 0 && from[0] == seen[0] &&
                          chosen_[n].units == chosen_[producer].units;
        needs_[n].push_back({producer, rows});
      }
      for (int id : node.out) bytes_[n] += static_cast<double>(value_bytes(id));
    }
    // A parameter is overwritten only after its last reader of the old value.
    for (auto& [parameter, id] : program_.updates) {
      const int writer = program_.values[id].producer;
      for (int reader : readers[parameter.id()])
        if (reader != writer) needs_[writer].push_back({reader, false});
    }
  }

  // Takes what is ready, stage by stage. Nodes stand in order, producers first, so that one pass finds all of
  // a stage.
  void order() {
    find_needs();
    const size_t count = program_.nodes.size();
    stage_of_.assign(count, -1);
    chain_of_.assign(count, -1);
    position_.assign(count, -1);
    size_t left = 0;
    for (size_t n = 0; n < count; ++n) left += !vanishes(n);
    for (int stage = 0; left > 0; ++stage) {
      const size_t first_chain = chains_.size();
      for (size_t n = 0; n < count; ++n) {
        if (stage_of_[n] >= 0 || vanishes(n)) continue;
        const int chain = chain_for(n, stage, first_chain);
        if (chain == kNotReady) continue;
        if (chain == kNewChain && !settings_.fast && chains_.size() > first_chain) break;
        if (chain == kNewChain) {
          const bool whole = !chosen_[n].by_rows && cost(n) < kWorthDividing;
          chains_.push_back({stage, {}, whole ? 0 : chosen_[n].units, 0, carried(n)});
        }
        chain_of_[n] = chain == kNewChain ? static_cast<int>(chains_.size()) - 1 : chain;
        stage_of_[n] = stage;
        std::vector<int>& members = chains_[chain_of_[n]].members;
        position_[n] = static_cast<int>(members.size());
        members.push_back(static_cast<int>(n));
        --left;
      }
      if (chains_.size() == first_chain)
        throw InternalError("compile: updates wait for each other in a circle");
    }
  }

  static constexpr int kNotReady = -2, kNewChain = -1;
  // The chain of this stage that the node continues, kNewChain, or kNotReady.
  int chain_for(size_t n, int stage, size_t first_chain) const {
    int chain = kNewChain;
    bool same_rows = true;
    for (const Need& need : needs_[n]) {
      const int at = stage_of_[need.node];
      if (at < 0) return kNotReady;
      if (at < stage) continue;
      if (chain >= 0 && chain != chain_of_[need.node]) return kNotReady;
      chain = chain_of_[need.node];
      same_rows = same_rows && need.same_rows;
    }
    if (chain >= 0) {
      if (!settings_.pipelines) return kNotReady;
      const bool fits = chains_[chain].rows == 0 ? cost(n) < kWorthDividing
                                                 : same_rows && chosen_[n].units == chains_[chain].rows;
      return fits && carried(n) == chains_[chain].carried ? chain : kNotReady;
    }
    // All rows of the batch go through one pipeline.
    if (carried(n))
      for (size_t c = first_chain; c < chains_.size(); ++c)
        if (chains_[c].carried && chains_[c].rows == chosen_[n].units) return static_cast<int>(c);
    return kNewChain;
  }

  void place_buffers() {
    const size_t values = program_.values.size();
    struct Life {
      int chain = -1, first = -1, last = -1, first_position = 0, last_position = 0;
      bool local = true;
    };
    std::vector<Life> lives(values);
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      if (vanishes(n)) continue;
      const ProgramNode& node = program_.nodes[n];
      for (int id : node.out) {
        Life& life = lives[id];
        life.chain = chain_of_[n];
        life.first = life.last = stage_of_[n];
        life.first_position = life.last_position = position_[n];
        life.local = chains_[life.chain].rows > 0 && aligned_output(n, id);
      }
    }
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      if (vanishes(n)) continue;
      const ProgramNode& node = program_.nodes[n];
      for (size_t i = 0; i < node.in.size(); ++i) {
        Life& life = lives[places_[node.in[i]].root];
        if (life.first < 0) continue;
        const Shape &from = type(places_[node.in[i]].root).shape, &seen = type(node.in[i]).shape;
        const bool same_rows =
            aligned_input(n, i) && from.rank() > 0 && seen.rank() > 0 && from[0] == seen[0];
        if (chain_of_[n] != life.chain || !same_rows) life.local = false;
        if (stage_of_[n] > life.last)
          life.last = stage_of_[n], life.last_position = position_[n];
        else if (stage_of_[n] == life.last)
          life.last_position = std::max(life.last_position, position_[n]);
      }
    }
    // Inputs, parameters, constants, outputs and updates have their places already.
    for (size_t id = 0; id < values; ++id) {
      const ProgramValue& value = program_.values[id];
      if (value.kind == ProgramValue::Kind::input)
        settle(static_cast<int>(id),
               {kFirstBound + static_cast<int32_t>(program_.outputs.size()) + value.input, 0, 0});
      if (value.kind == ProgramValue::Kind::parameter)
        settle_absolute(static_cast<int>(id), value.parameter), remember(value.parameter);
      if (value.kind == ProgramValue::Kind::constant) {
        plan_.constants.push_back(value.constant);
        settle(
            static_cast<int>(id),
            {kAbsolute, static_cast<int64_t>(reinterpret_cast<uintptr_t>(plan_.constants.back().raw())), 0});
      }
    }
    for (size_t i = 0; i < program_.outputs.size(); ++i)
      settle(program_.outputs[i], {kFirstBound + static_cast<int32_t>(i), 0, 0});
    for (auto& [parameter, id] : program_.updates)
      settle_absolute(id, parameter), remember(parameter), plan_.updated.push_back(parameter);

    for (PlannedChain& chain : chains_) divide(chain);
    // First fit, in order of size: large buffers first leave fewer holes.
    struct Block {
      int id;
      int64_t bytes;
      int from, to;
    };
    std::vector<Block> shared;
    std::map<int, std::vector<Block>> local;  // chain -> blocks
    for (size_t id = 0; id < values; ++id) {
      const Life& life = lives[id];
      if (life.first < 0 || places_[id].settled) continue;
      if (life.local) {
        const int64_t rows = chains_[life.chain].chunk;
        const int64_t padded = program_.values[id].layout == Layout::lanes ? round_up(rows, 16) : rows;
        local[life.chain].push_back({static_cast<int>(id),
                                     round_up(padded * row_bytes(static_cast<int>(id)), 64),
                                     life.first_position, life.last_position});
      } else {
        shared.push_back(
            {static_cast<int>(id), round_up(value_bytes(static_cast<int>(id)), 64), life.first, life.last});
      }
    }
    const auto fit = [&](std::vector<Block>& blocks, int64_t start, int32_t space) {
      std::sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) {
        return a.bytes != b.bytes ? a.bytes > b.bytes : a.id < b.id;
      });
      std::vector<std::pair<Block, int64_t>> placed;
      int64_t end = start;
      for (const Block& block : blocks) {
        int64_t at = start;
        std::vector<std::pair<int64_t, int64_t>> busy;
        for (const auto& [other, offset] : placed)
          if (!settings_.reuse || (other.from <= block.to && block.from <= other.to))
            busy.emplace_back(offset, offset + other.bytes);
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
    for (auto& [chain, blocks] : local) end = std::max(end, fit(blocks, list, kLocal));
    plan_.scratch_offset = end;
    plan_.local_bytes = end;
  }

  void settle(int id, Operand operand) {
    places_[id].operand = operand;
    places_[id].settled = true;
  }
  void settle_absolute(int id, Parameter parameter) {
    settle(id, {kAbsolute, static_cast<int64_t>(reinterpret_cast<uintptr_t>(parameter.storage().raw())), 0});
  }
  void remember(const Parameter& parameter) { plan_.parameters.push_back(parameter); }

  Operand operand(int id, bool aligned) const {
    const Place& place = places_[places_[id].root];
    Operand result = place.operand;
    if (aligned && !place.local) result.stride = row_bytes(id);
    return result;
  }

  void emit() {
    for (const PlannedChain& planned : chains_) {
      if (static_cast<size_t>(planned.stage) == plan_.stages.size()) plan_.stages.emplace_back();
      Chain chain;
      chain.first_step = static_cast<int>(plan_.steps.size());
      chain.rows = planned.rows;
      chain.chunk = planned.chunk;
      for (int n : planned.members) {
        const ProgramNode& node = program_.nodes[n];
        Step step;
        step.kernel = chosen_[n].kernel;
        step.units = chosen_[n].units;
        step.flops = flops_[n];
        step.bytes = bytes_[n];
        step.label = (node.scope.empty() ? "" : node.scope + " ") +
                     to_string(type(node.out.empty() ? node.in[0] : node.out[0]).shape);
        for (size_t i = 0; i < node.in.size(); ++i)
          step.operands.push_back(operand(node.in[i], aligned_input(static_cast<size_t>(n), i)));
        for (int id : node.out)
          step.operands.push_back(operand(id, aligned_output(static_cast<size_t>(n), id)));
        const int64_t units = chain.rows > 0 ? chain.chunk : step.units;
        plan_.local_bytes = std::max(plan_.local_bytes,
                                     plan_.scratch_offset + round_up(step.kernel->scratch_bytes(units), 64));
        plan_.steps.push_back(std::move(step));
      }
      chain.last_step = static_cast<int>(plan_.steps.size());
      plan_.stages.back().chains.push_back(chain);
    }
    for (size_t s = 0, chain = 0; s < plan_.stages.size(); ++s) {
      Stage& stage = plan_.stages[s];
      share_out(stage, chain);
      plan_.parallel = plan_.parallel || stage.parallel;
      chain += stage.chains.size();
    }
  }

  // Rows that cannot be divided: groups of 16 rows in lanes, the rows of one partial sum, a tile of a
  // product.
  int64_t granule(const PlannedChain& chain) const {
    if (chain.carried && chain.members.size() > 1) return grain_of(chain.rows);
    int64_t granule = 1;
    for (int n : chain.members) {
      const ProgramNode& node = program_.nodes[n];
      bool together = false;
      for (int id : node.in) together = together || program_.values[id].layout == Layout::lanes;
      for (int id : node.out) together = together || program_.values[id].layout == Layout::lanes;
      granule =
          std::max({granule, node.rows.grain, chosen_[n].granule, together ? grain_of(chosen_[n].units) : 1});
    }
    return granule;
  }

  // How many rows of a chain go through its steps at a time: as many as fit into a cache, in equal parts of a
  // thread's share.
  void divide(PlannedChain& chain) const {
    chain.chunk = chain.rows;
    if (chain.members.size() < 2 || chain.rows == 0) return;
    int64_t touched = 1;  // bytes per row
    for (int n : chain.members)
      for (int id : program_.nodes[n].out)
        if (aligned_output(static_cast<size_t>(n), id)) touched += row_bytes(id);
    const int64_t grain = granule(chain), share = divide_up(divide_up(chain.rows, grain), settings_.threads),
                  fit = std::max<int64_t>(1, kCacheBytes / touched / grain);
    chain.chunk = std::min(divide_up(share, divide_up(share, fit)) * grain, chain.rows);
  }

  // Large chains are divided evenly; small ones go whole to whoever has least to do.
  void share_out(Stage& stage, size_t first_chain) const {
    const auto threads = static_cast<size_t>(settings_.threads);
    double total = 0;
    bool divisible = stage.chains.size() > 1;
    std::vector<double> costs;
    for (size_t c = 0; c < stage.chains.size(); ++c) {
      const PlannedChain& chain = chains_[first_chain + c];
      costs.push_back(0);
      for (int n : chain.members) costs.back() += cost(static_cast<size_t>(n));
      total += costs.back();
      divisible = divisible || chain.rows > granule(chain);
    }
    stage.parallel = threads > 1 && divisible && total > kWorthThreads;
    if (!stage.parallel) return;
    stage.shares.resize(threads);
    std::vector<double> load(threads, 0);
    for (size_t c = 0; c < stage.chains.size(); ++c) {
      const int64_t rows = stage.chains[c].rows, grain = granule(chains_[first_chain + c]),
                    grains = divide_up(rows, grain);
      if (grains >= 2 && costs[c] > kWorthDividing) {
        for (size_t t = 0; t < threads; ++t) {
          const auto cut = [&](size_t thread) {
            return std::min(grains * static_cast<int64_t>(thread) / settings_.threads * grain, rows);
          };
          const int64_t first = cut(t), last = cut(t + 1);
          if (first < last)
            stage.shares[t].push_back({static_cast<int>(c), first, last}),
                load[t] += costs[c] * static_cast<double>(last - first) / static_cast<double>(rows);
        }
      } else {
        const auto least = static_cast<size_t>(std::min_element(load.begin(), load.end()) - load.begin());
        stage.shares[least].push_back({static_cast<int>(c), 0, rows});
        load[least] += costs[c];
      }
    }
  }

  Program& program_;
  const CompileSettings& settings_;
  PlanContents& plan_;
  std::vector<ChosenKernel> chosen_;
  std::vector<Place> places_;
  std::vector<PlannedChain> chains_;  // by stage
  std::vector<int> stage_of_, chain_of_, position_;
  std::vector<std::vector<Need>> needs_;
  std::vector<double> flops_, bytes_;
};

}  // namespace

void schedule(Program& program, const CompileSettings& settings, PlanContents& plan) {
  Scheduler(program, settings, plan).run();
}

}  // namespace folio
