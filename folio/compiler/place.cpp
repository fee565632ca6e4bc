// A place for every value.
#include <algorithm>
#include <map>

#include "folio/base/checked.h"
#include "folio/compiler/passes.h"

namespace folio {
namespace {

/// From where a value is made to where it is last needed.
struct Life {
  int chain = -1, first = -1, last = -1;  ///< stages
  int first_position = 0, last_position = 0;
  bool local = true;  ///< only steps of one chain touch it, each the same rows
  int64_t laps = 1;   ///< that use the same memory, each for its part
};

std::vector<Life> lives_of(const Program& program, const Steps& steps, const Order& order,
                           const Division& division) {
  std::vector<Life> lives(program.values.size());
  for (size_t n = 0; n < program.nodes.size(); ++n) {
    if (steps.vanishes(n)) continue;
    for (int id : program.nodes[n].out) {
      Life& life = lives[id];
      life.chain = order.chain[n];
      life.first = life.last = order.stage(n);
      life.first_position = life.last_position = order.position[n];
      life.local = order.chains[life.chain].rows > 0 && steps.writes_rows(program, n, id);
    }
  }
  for (size_t n = 0; n < program.nodes.size(); ++n) {
    if (steps.vanishes(n)) continue;
    const ProgramNode& node = program.nodes[n];
    for (size_t i = 0; i < node.in.size(); ++i) {
      Life& life = lives[steps.roots[node.in[i]]];
      if (life.first < 0) continue;
      if (order.chain[n] != life.chain || !steps.reads_same_rows(program, n, i)) life.local = false;
      if (order.stage(n) > life.last)
        life.last = order.stage(n), life.last_position = order.position[n];
      else if (order.stage(n) == life.last)
        life.last_position = std::max(life.last_position, order.position[n]);
    }
  }
  for (Life& life : lives) {
    if (life.first < 0 || life.local) continue;
    const Laps* laps = division.laps_of(life.first);
    const bool parts = laps && division.rows[life.chain] < order.chains[life.chain].rows;
    if (parts && life.last < laps->last_stage) {
      life.laps = laps->count;
      continue;
    }
    // What is not made anew in every lap lives through all laps that it meets.
    if (laps) life.first = laps->first_stage, life.last = std::max(life.last, laps->last_stage - 1);
    if (const Laps* later = division.laps_of(life.last)) life.last = later->last_stage - 1;
  }
  return lives;
}

/// A buffer, and when it is in use: stages or positions in a chain.
struct Block {
  int id;
  int64_t bytes;
  int from, to;
};

class Placing {
 public:
  Placing(const Program& program, const Steps& steps, bool reuse)
      : program_(program), steps_(steps), reuse_(reuse) {
    places_.operands.resize(program.values.size());
    places_.placed.resize(program.values.size(), 0);
    places_.lap_bytes.resize(program.values.size(), 0);
  }

  Places run(const Order& order, const Division& division) {
    place_named();
    std::vector<Block> shared;
    std::map<int, std::vector<Block>> local;  // chain -> blocks
    const std::vector<Life> lives = lives_of(program_, steps_, order, division);
    for (size_t at = 0; at < lives.size(); ++at) {
      const Life& life = lives[at];
      const int id = static_cast<int>(at);
      if (life.first < 0 || places_.placed[at]) continue;
      const ProgramValue& value = program_.values[at];
      if (life.local) {
        const int64_t rows = division.chunk[life.chain],
                      padded = value.layout == Layout::lanes ? round_up(rows, 16) : rows;
        local[life.chain].push_back(
            {id, round_up(padded * row_bytes(value), 64), life.first_position, life.last_position});
      } else {
        const int64_t bytes = value_bytes(value) / life.laps;
        if (life.laps > 1) places_.lap_bytes[at] = bytes;
        shared.push_back({id, round_up(bytes, 64), life.first, life.last});
      }
    }
    places_.shared_bytes = fit(shared, 0, kShared);
    // A thread's own memory begins with the operand list of the step that runs.
    size_t most = 0;
    for (size_t n = 0; n < program_.nodes.size(); ++n)
      most = std::max(most, program_.nodes[n].in.size() + program_.nodes[n].out.size() +
                                steps_.kernels[n].resources.size());
    const int64_t list = round_up(static_cast<int64_t>(most * sizeof(void*)), 64);
    places_.local_bytes = list;
    for (auto& [chain, blocks] : local)
      places_.local_bytes = std::max(places_.local_bytes, fit(blocks, list, kLocal));
    return std::move(places_);
  }

 private:
  // Inputs, parameters, constants and packed copies have spaces of their own; outputs and updates go where
  // they are wanted.
  void place_named() {
    std::vector<char> needed(program_.values.size(), 0);
    for (size_t n = 0; n < program_.nodes.size(); ++n)
      for (int id : program_.nodes[n].in) needed[steps_.roots[id]] |= !steps_.vanishes(n);
    for (size_t id = 0; id < needed.size(); ++id) {
      const ProgramValue& value = program_.values[id];
      if (needed[id] && value.kind == ProgramValue::Kind::parameter) add(places_.parameters, value.parameter);
      if (needed[id] && value.kind == ProgramValue::Kind::constant)
        places_.constants.push_back(value.constant);
    }
    for (const auto& update : program_.updates) add(places_.parameters, update.first);
    for (const ChosenKernel& kernel : steps_.kernels)
      for (const Resource& resource : kernel.resources) {
        if (const auto* parameter = std::get_if<Parameter>(&resource)) add(places_.parameters, *parameter);
        if (const auto* constant = std::get_if<Tensor>(&resource)) places_.constants.push_back(*constant);
        if (const auto* packed = std::get_if<Packed>(&resource)) {
          add(places_.parameters, packed->parameter);
          add(places_.packed, *packed);
        }
      }

    PlanContents plan;  // for its numbering of spaces
    plan.outputs.resize(program_.outputs.size());
    plan.inputs.resize(program_.inputs.size());
    plan.parameters = places_.parameters;
    plan.constants = places_.constants;
    int32_t constant = plan.first_constant();
    for (size_t id = 0; id < needed.size(); ++id) {
      const ProgramValue& value = program_.values[id];
      if (value.kind == ProgramValue::Kind::input) settle(id, plan.first_input() + value.input);
      if (needed[id] && value.kind == ProgramValue::Kind::parameter)
        settle(id, plan.first_parameter() + index_of(places_.parameters, value.parameter));
      if (needed[id] && value.kind == ProgramValue::Kind::constant) settle(id, constant++);
    }
    for (size_t i = 0; i < program_.outputs.size(); ++i)
      settle(static_cast<size_t>(program_.outputs[i]), plan.first_output() + static_cast<int32_t>(i));
    for (const auto& [parameter, id] : program_.updates)
      settle(static_cast<size_t>(id), plan.first_parameter() + index_of(places_.parameters, parameter));
    for (const ChosenKernel& kernel : steps_.kernels) {
      std::vector<Operand>& list = places_.resources.emplace_back();
      for (const Resource& resource : kernel.resources) {
        if (const auto* parameter = std::get_if<Parameter>(&resource))
          list.push_back({plan.first_parameter() + index_of(places_.parameters, *parameter)});
        else if (const auto* packed = std::get_if<Packed>(&resource))
          list.push_back({plan.first_packed() + index_of(places_.packed, *packed)});
        else
          list.push_back({constant++});
      }
    }
  }

  // First fit, in order of size: large buffers first leave fewer holes. Returns where the memory ends.
  int64_t fit(std::vector<Block>& blocks, int64_t start, int32_t space) {
    std::sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) {
      return a.bytes != b.bytes ? a.bytes > b.bytes : a.id < b.id;
    });
    std::vector<std::pair<Block, int64_t>> placed;
    int64_t end = start;
    for (const Block& block : blocks) {
      int64_t at = start;
      std::vector<std::pair<int64_t, int64_t>> busy;
      for (const auto& [other, offset] : placed)
        if (!reuse_ || (other.from <= block.to && block.from <= other.to))
          busy.emplace_back(offset, offset + other.bytes);
      std::sort(busy.begin(), busy.end());
      for (const auto& [first, last] : busy) {
        if (at + block.bytes <= first) break;
        at = std::max(at, last);
      }
      placed.emplace_back(block, at);
      end = std::max(end, at + block.bytes);
      settle(static_cast<size_t>(block.id), space, at);
    }
    return end;
  }

  void settle(size_t id, int32_t space, int64_t offset = 0) {
    places_.operands[id] = {space, offset, 0};
    places_.placed[id] = 1;
  }
  template <class T>
  static void add(std::vector<T>& list, const T& item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
  }

  const Program& program_;
  const Steps& steps_;
  const bool reuse_;
  Places places_;
};

}  // namespace

Places place_values(const Program& program, const Steps& steps, const Order& order, const Division& division,
                    bool reuse) {
  return Placing(program, steps, reuse).run(order, division);
}

}  // namespace folio
