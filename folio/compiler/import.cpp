// Graph to program: numbers values and nodes.
#include <map>
#include <unordered_map>

#include "folio/compiler/passes.h"

namespace folio {
namespace {

class Importer {
 public:
  Program run(const Graph& graph) {
    for (size_t i = 0; i < graph.inputs.size(); ++i) add_input(graph.inputs[i], static_cast<int>(i));
    for (const Node* node : graph.nodes())
      if (!first_.count(node)) first_[node] = add(*node);
    for (const Value& value : graph.outputs) program_.outputs.push_back(number(value));
    for (const Update& update : graph.updates) add_update(update);
    return std::move(program_);
  }

 private:
  // Outputs of one node are numbered in a row.
  int number(const Value& value) const { return first_.at(&value.node()) + value.output(); }

  void add_input(const Value& value, int i) {
    if (!value.shape().known())
      throw Error("compile: input \"" + value.node().op->attributes() + "\" has unknown dimensions " +
                  to_string(value.shape()) + "; give every input its shape");
    ProgramValue input;
    input.kind = ProgramValue::Kind::input;
    input.type = value.type();
    input.input = i;
    const int id = program_.add_value(std::move(input));
    first_[&value.node()] = id;
    program_.inputs.push_back(id);
  }

  int add(const Node& node) {
    if (const auto* op = dynamic_cast<const ParameterOp*>(node.op.get())) {
      const auto [place, fresh] = parameters_.try_emplace(op->parameter().id(), 0);
      if (fresh) {
        ProgramValue value;
        value.kind = ProgramValue::Kind::parameter;
        value.type = node.outputs[0];
        value.parameter = op->parameter();
        place->second = program_.add_value(std::move(value));
      }
      return place->second;
    }
    if (const auto* op = dynamic_cast<const ConstantOp*>(node.op.get())) {
      const Tensor& tensor = op->tensor();
      if (tensor.count() != 1 || tensor.shape().rank() != 0) return program_.add_constant(tensor);
      const auto [place, fresh] = scalars_.try_emplace({tensor.at(0), tensor.dtype()}, 0);
      if (fresh) place->second = program_.add_constant(tensor);
      return place->second;
    }
    std::vector<int> in;
    for (const Value& value : node.inputs) in.push_back(number(value));
    return program_.add_node(node.op, std::move(in), node.scope);
  }

  void add_update(const Update& update) {
    if (update.value.shape() != update.parameter.shape() || update.value.dtype() != update.parameter.dtype())
      throw Error("compile: the update of \"" + update.parameter.name() + "\" is " +
                  to_string(update.value.type()) + ", but the parameter is " +
                  to_string(TensorType{update.parameter.shape(), update.parameter.dtype()}));
    for (const auto& other : program_.updates)
      if (other.first == update.parameter)
        throw Error("compile: parameter \"" + update.parameter.name() +
                    "\" is updated twice; add the changes up first");
    program_.updates.emplace_back(update.parameter, number(update.value));
  }

  Program program_;
  std::unordered_map<const Node*, int> first_;  ///< node -> its first output
  std::map<const void*, int> parameters_;
  std::map<std::pair<double, DType>, int> scalars_;
};

}  // namespace

Program import(const Graph& graph) { return Importer().run(graph); }

}  // namespace folio
