// Every output and every update gets a value of its own, made by a node that can write where the value has to
// go.
#include <cstring>
#include <map>

#include "folio/compiler/passes.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/fused.h"

namespace folio {
namespace {

/// Copies a value to where it has to be.
class StoreOp final : public Op {
 public:
  std::string name() const override { return "Store"; }
  Types infer(const Types& in) const override { return {in[0]}; }
  void define(const Views& in, const Views& out) const override {
    if (const int64_t bytes = in[0].count() * size_of(in[0].type.dtype))
      std::memcpy(out[0].data, in[0].data, static_cast<size_t>(bytes));
  }
};

class Results {
 public:
  explicit Results(Program& program) : program_(program), taken_(program.values.size(), 0) {}

  void run() {
    for (size_t n = 0; n < program_.nodes.size(); ++n) note_readers(static_cast<int>(n));
    for (auto& [parameter, id] : program_.updates) {
      if (!has_own_node(id) || !may_write(parameter, id)) store(id);
      // A copy of the new value waits until every reader of the old one is done, also those that need the new
      // one.
      if (waits_for_itself(parameter, id)) store(id);
      taken_[id] = 1;
      const int writer = program_.values[id].producer;
      written_[writer].push_back(parameter.id());
      climbs_ = climbs_ || highest_reader(parameter.id(), writer) > writer;
    }
    for (int& id : program_.outputs) {
      if (!has_own_node(id)) store(id);
      taken_[id] = 1;
    }
  }

 private:
  bool has_own_node(int id) const {
    const int producer = program_.values[id].producer;
    return producer >= 0 && !taken_[id] && !program_.is_alias(program_.nodes[producer]);
  }

  void store(int& id) {
    id = program_.add_node(std::make_shared<StoreOp>(), {id}, "");
    taken_.resize(program_.values.size(), 0);
    const int node = static_cast<int>(program_.nodes.size()) - 1;
    note_readers(node);
    for (const auto& [writer, parameters] : written_)
      for (const void* parameter : parameters) climbs_ = climbs_ || highest_reader(parameter, writer) == node;
  }

  // The parameter whose memory a value is, be it under another shape; null for others.
  const void* parameter_of(int id) const {
    while (program_.values[id].producer >= 0 &&
           program_.is_alias(program_.nodes[program_.values[id].producer]))
      id = program_.nodes[program_.values[id].producer].in[0];
    return program_.values[id].kind == ProgramValue::Kind::parameter ? program_.values[id].parameter.id()
                                                                     : nullptr;
  }

  void note_readers(int node) {
    for (int id : program_.nodes[node].in)
      if (const void* parameter = parameter_of(id)) readers_[parameter].push_back(node);
  }

  // A node may write a parameter that it reads if it reads element by element, each before writing it.
  bool may_write(const Parameter& parameter, int id) const {
    const ProgramNode& node = program_.nodes[program_.values[id].producer];
    const bool elementwise = dynamic_cast<const ElementwiseOp*>(node.op.get()) ||
                             dynamic_cast<const FusedElementwiseOp*>(node.op.get());
    for (int in : node.in)
      if (parameter_of(in) == parameter.id() &&
          (!elementwise || program_.values[in].type.shape != program_.values[id].type.shape))
        return false;
    return true;
  }

  int highest_reader(const void* parameter, int writer) const {
    int highest = -1;
    if (const auto found = readers_.find(parameter); found != readers_.end())
      for (int reader : found->second)
        if (reader != writer) highest = std::max(highest, reader);
    return highest;
  }

  // True when a reader of the parameter's old value needs, on whatever way, the node that would overwrite it.
  bool waits_for_itself(const Parameter& parameter, int id) const {
    const int writer = program_.values[id].producer;
    // Nodes stand behind those that they need. As long as no writer waits for a node behind it, readers
    // before this writer cannot need it.
    if (!climbs_ && highest_reader(parameter.id(), writer) < writer) return false;
    std::vector<char> seen(program_.nodes.size(), 0);
    std::vector<int> stack;
    const auto visit_readers = [&](const void* of, int except) {
      if (const auto found = readers_.find(of); found != readers_.end())
        for (int reader : found->second)
          if (reader != except && !seen[reader]) seen[reader] = 1, stack.push_back(reader);
    };
    visit_readers(parameter.id(), writer);
    while (!stack.empty()) {
      const int node = stack.back();
      stack.pop_back();
      if (node == writer) return true;
      for (int in : program_.nodes[node].in)
        if (const int producer = program_.values[in].producer; producer >= 0 && !seen[producer])
          seen[producer] = 1, stack.push_back(producer);
      if (const auto found = written_.find(node); found != written_.end())
        for (const void* other : found->second) visit_readers(other, node);
    }
    return false;
  }

  Program& program_;
  std::vector<char> taken_;
  std::map<const void*, std::vector<int>> readers_;
  std::map<int, std::vector<const void*>> written_;  ///< by each node that overwrites parameters
  bool climbs_ = false;                              ///< some writer waits for a node that stands behind it
};

}  // namespace

void settle_results(Program& program) { Results(program).run(); }

}  // namespace folio
