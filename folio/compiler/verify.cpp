// Looks for contradictions in what the passes have made: tests run it after every pass.
#include <fmt/format.h>

#include <algorithm>

#include "folio/base/checked.h"
#include "folio/compiler/passes.h"

namespace folio {
namespace {

class Verifier {
 public:
  Verifier(const Compilation& c, const std::string& after)
      : c_(c), program_(c.program), steps_(c.steps), after_(after) {}

  // What earlier passes have made has been looked at, and does not change any more.
  void run() {
    if (c_.order.chain.empty()) {
      check_nodes();
      check_results();
      if (!steps_.roots.empty() && steps_.kernels.size() != program_.nodes.size())
        fail("nodes and kernels differ in number");
    } else if (c_.division.chunk.empty()) {
      check_order();
    } else if (c_.places.placed.empty()) {
      check_division();
    } else {
      check_places();
      if (!c_.plan.steps.empty()) check_plan();
    }
  }

 private:
  template <class... Arguments>
  [[noreturn]] void fail(fmt::format_string<Arguments...> text, Arguments&&... arguments) const {
    throw InternalError(fmt::format("compile: after \"{}\": {}", after_,
                                    fmt::format(text, std::forward<Arguments>(arguments)...)));
  }
  std::string name(size_t n) const { return fmt::format("node {} ({})", n, program_.nodes[n].op->name()); }
  const ProgramValue& value(int id) const { return program_.values[static_cast<size_t>(id)]; }
  bool exists(int id) const {
    return id >= 0 && static_cast<size_t>(id) < program_.values.size() &&
           (value(id).kind != ProgramValue::Kind::computed || value(id).producer >= 0);
  }

  void check_nodes() const {
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      const ProgramNode& node = program_.nodes[n];
      Types types;
      for (int id : node.in) {
        if (!exists(id)) fail("{} reads a value that nobody makes", name(n));
        if (value(id).producer >= static_cast<int>(n)) fail("{} stands before what it reads", name(n));
        types.push_back(value(id).type);
      }
      const Types made = node.op->infer(types);
      if (made.size() != node.out.size()) fail("{} has {} outputs", name(n), node.out.size());
      for (size_t i = 0; i < made.size(); ++i) {
        const ProgramValue& out = value(node.out[i]);
        if (out.producer != static_cast<int>(n) || out.output != static_cast<int>(i))
          fail("output {} of {} is said to be made elsewhere", i, name(n));
        if (out.type != made[i])
          fail("output {} of {} is {}, its op makes {}", i, name(n), to_string(out.type), to_string(made[i]));
      }
      check_view(n, types, made);
      check_layouts(n);
    }
  }

  // What ops and kernels are shown.
  void check_view(size_t n, const Types& in, const Types& out) const {
    const ProgramNode& node = program_.nodes[n];
    bool same = node.node.op == node.op && node.node.outputs == out && node.node.inputs.size() == in.size();
    for (size_t i = 0; same && i < in.size(); ++i) same = node.node.inputs[i].type() == in[i];
    if (!same) fail("{} has changed without being refreshed", name(n));
    if (node.rows.apart && node.rows.aligned.size() != in.size())
      fail("{} says nothing of some input's rows", name(n));
    if (node.carried && !node.rows.apart) fail("{} is carried, but its rows need each other", name(n));
  }

  // Rows lie in lanes or not in all of a node's operands that have rows; what has none is plain.
  void check_layouts(size_t n) const {
    const ProgramNode& node = program_.nodes[n];
    if (dynamic_cast<const LayoutChangeOp*>(node.op.get())) return;
    bool lanes = false, plain = false;
    for (size_t i = 0; i < node.in.size(); ++i) {
      const ProgramValue& in = value(node.in[i]);
      const bool rows = node.rows.apart && node.rows.aligned[i] && in.type.shape.rank() > 0;
      if (!rows && in.layout != Layout::plain) fail("{} reads rows in lanes as a whole", name(n));
      if (rows) (in.layout == Layout::lanes ? lanes : plain) = true;
    }
    if (node.rows.grain == 0)
      for (int id : node.out) (value(id).layout == Layout::lanes ? lanes : plain) = true;
    if (lanes && plain) fail("{} mixes layouts", name(n));
    if (lanes && !node.carried) fail("{} has values in lanes that are not rows of the batch", name(n));
  }

  void check_results() const {
    for (int id : program_.outputs)
      if (!exists(id)) fail("an output is made by nobody");
    for (const auto& [parameter, id] : program_.updates) {
      if (!exists(id)) fail("the update of \"{}\" is made by nobody", parameter.name());
      if (value(id).type != TensorType{parameter.shape(), parameter.dtype()})
        fail("the update of \"{}\" is {}", parameter.name(), to_string(value(id).type));
    }
    for (size_t i = 0; i < program_.outputs.size(); ++i)
      if (value(program_.outputs[i]).type != c_.graph.outputs[i].type())
        fail("output {} has another type", i);
    const std::vector<char> results = program_.results();
    for (size_t id = 0; id < results.size(); ++id)
      if (results[id] && program_.values[id].layout != Layout::plain) fail("a result lies in lanes");
  }

  void check_order() const {
    const Order& order = c_.order;
    size_t placed = 0;
    for (size_t c = 0; c < order.chains.size(); ++c) {
      if (!(c == 0 || order.chains[c].stage == order.chains[c - 1].stage ||
            order.chains[c].stage == order.chains[c - 1].stage + 1))
        fail("chain {} stands in the wrong stage", c);
      for (size_t i = 0; i < order.chains[c].members.size(); ++i, ++placed) {
        const auto n = static_cast<size_t>(order.chains[c].members[i]);
        if (order.chain[n] != static_cast<int>(c) || order.position[n] != static_cast<int>(i))
          fail("{} is said to stand elsewhere", name(n));
      }
    }
    for (size_t n = 0; n < program_.nodes.size(); ++n) placed += steps_.vanishes(n);
    if (placed != program_.nodes.size()) fail("some nodes stand in no chain or in two");
    for (size_t n = 0; n < program_.nodes.size(); ++n)
      for (size_t i = 0; !steps_.vanishes(n) && i < program_.nodes[n].in.size(); ++i) {
        const int root = steps_.roots[program_.nodes[n].in[i]];
        if (value(root).producer >= 0) check_need(n, i, static_cast<size_t>(value(root).producer), root);
      }
  }

  void check_need(size_t n, size_t input, size_t producer, int root) const {
    const Order& order = c_.order;
    if (order.stage(producer) < order.stage(n)) return;
    if (order.chain[producer] != order.chain[n] || order.position[producer] >= order.position[n])
      fail("{} runs before or beside {}, which it needs", name(n), name(producer));
    if (!(order.chains[order.chain[n]].rows == 0 ||
          (steps_.reads_same_rows(program_, n, input) && steps_.writes_rows(program_, producer, root))))
      fail("{} needs rows of {} that its chain makes later", name(n), name(producer));
  }

  void check_division() const {
    for (size_t c = 0; c < c_.order.chains.size(); ++c) {
      const PlannedChain& chain = c_.order.chains[c];
      const int64_t granule = c_.division.granule[c], chunk = c_.division.chunk[c];
      const int64_t rows = c_.division.rows[c];
      if (granule < 1 || chunk < 0 || (chunk == 0 && chain.rows > 0)) fail("chain {} makes no progress", c);
      if (chunk != rows && chunk % granule != 0) fail("chunks of chain {} cut a granule", c);
      const Laps* laps = c_.division.laps_of(chain.stage);
      if (rows != chain.rows && (!laps || rows * laps->count != chain.rows))
        fail("laps leave rows of chain {} out", c);
    }
    size_t first = 0;
    for (const auto& threads : c_.division.shares) {
      const int stage = c_.order.chains[first].stage;
      size_t last = first;
      while (last < c_.order.chains.size() && c_.order.chains[last].stage == stage) ++last;
      if (!threads.empty())
        for (size_t c = first; c < last; ++c) check_shares(threads, c, static_cast<int>(c - first));
      first = last;
    }
  }

  // Every row of a chain is somebody's, and nobody else's.
  void check_shares(const std::vector<std::vector<Stage::Share>>& threads, size_t c, int chain) const {
    std::vector<std::pair<int64_t, int64_t>> ranges;
    for (const auto& shares : threads)
      for (const Stage::Share& share : shares)
        if (share.chain == chain) ranges.emplace_back(share.first, share.last);
    std::sort(ranges.begin(), ranges.end());
    int64_t end = 0;
    for (const auto& [first, last] : ranges) {
      if (first != end || first % c_.division.granule[c] != 0)
        fail("rows of chain {} are dealt out wrongly", c);
      end = last;
    }
    if (ranges.empty() || end != c_.division.rows[c]) fail("some rows of chain {} are nobody's", c);
  }

  void check_places() const {
    for (size_t n = 0; n < program_.nodes.size(); ++n) {
      if (steps_.vanishes(n)) continue;
      for (const auto* list : {&program_.nodes[n].in, &program_.nodes[n].out})
        for (int id : *list)
          if (!c_.places.placed[steps_.roots[id]]) fail("{} has an operand without a place", name(n));
    }
  }

  // Follows the plan step by step: nobody overwrites what somebody will still read.
  void check_plan() const {
    const PlanContents& plan = c_.plan;
    for (const Stage& stage : plan.stages)
      for (const Chain& chain : stage.chains)
        for (int s = chain.first_step; s < chain.last_step; ++s)
          // Later laps count rows from those of the first.
          if (chain.first == 0) check_operands(plan, plan.steps[static_cast<size_t>(s)]);
    check_overlaps();
  }

  void check_operands(const PlanContents& plan, const Step& step) const {
    for (const Operand& operand : step.operands) {
      if (operand.space < 0 || operand.space >= plan.spaces())
        fail("{} has an operand in no space", step.label);
      const int64_t end = operand.space == kShared  ? plan.shared_bytes
                          : operand.space == kLocal ? plan.scratch_offset
                                                    : 1;
      if (operand.offset < 0 || (operand.offset >= end && end > 0))
        fail("{} has an operand beyond its memory", step.label);
    }
  }

  struct Use {
    int id;
    int64_t first, last;  ///< bytes
    int from, to;         ///< stages, or positions in a chain
    int chain;            ///< -1: shared
  };
  void check_overlaps() const {
    std::vector<Use> uses(program_.values.size(), {-1, 0, 0, 0, 0, -1});
    const auto note = [&](size_t n, int id, bool made) {
      const int root = steps_.roots[id];
      const Operand& place = c_.places.operands[root];
      if (place.space != kShared && place.space != kLocal) return;
      const bool local = place.space == kLocal;
      const int at = local ? c_.order.position[n] : c_.order.stage(n), chain = c_.order.chain[n];
      Use& use = uses[root];
      if (made) {
        const int64_t rows = c_.division.chunk[chain],
                      padded = value(root).layout == Layout::lanes ? round_up(rows, 16) : rows,
                      lap = c_.places.lap_bytes[root],
                      bytes = local     ? padded * row_bytes(value(root))
                              : lap > 0 ? lap
                                        : value_bytes(value(root));
        use = {root, place.offset, place.offset + bytes, at, at, local ? chain : -1};
      }
      // Laps come back to their first stage.
      const Laps* laps = local ? nullptr : c_.division.laps_of(at);
      if (laps && c_.places.lap_bytes[root] == 0) {
        use.from = std::min(use.from, made ? laps->first_stage : use.from);
        use.to = std::max(use.to, laps->last_stage - 1);
      }
      if (use.id != root || (local && use.chain != chain)) fail("{} reads what is not there", name(n));
      use.to = std::max(use.to, at);
    };
    for (size_t n = 0; n < program_.nodes.size(); ++n)
      for (size_t i = 0; !steps_.vanishes(n) && i < program_.nodes[n].out.size(); ++i)
        note(n, program_.nodes[n].out[i], true);
    for (size_t n = 0; n < program_.nodes.size(); ++n)
      for (size_t i = 0; !steps_.vanishes(n) && i < program_.nodes[n].in.size(); ++i)
        note(n, program_.nodes[n].in[i], false);
    std::erase_if(uses, [](const Use& use) { return use.id < 0 || use.first == use.last; });
    std::sort(uses.begin(), uses.end(), [](const Use& a, const Use& b) {
      return a.chain != b.chain ? a.chain < b.chain : a.first < b.first;
    });
    for (size_t a = 0; a < uses.size(); ++a)
      for (size_t b = a + 1;
           b < uses.size() && uses[b].chain == uses[a].chain && uses[b].first < uses[a].last; ++b)
        if (uses[a].to >= uses[b].from && uses[b].to >= uses[a].from)
          fail("values {} and {} share memory while both are needed", uses[a].id, uses[b].id);
  }

  const Compilation& c_;
  const Program& program_;
  const Steps& steps_;
  const std::string& after_;
};

}  // namespace

void verify(const Compilation& compilation, const std::string& after) { Verifier(compilation, after).run(); }

}  // namespace folio
