// First pass: numbers the graph, shares equal computations and drops what changes nothing.
#include <algorithm>
#include <map>

#include "folio/compiler/program.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class Importer {
 public:
  Importer(Program& program, bool simplify, bool common)
      : program_(program), simplify_(simplify), common_(common) {}

  int operator()(const std::shared_ptr<const Op>& op, std::vector<int> in, const std::string& scope) {
    if (simplify_)
      if (const int same = simplified(*op, in, scope); same >= 0) return same;
    if (!common_) return program_.add_node(op, std::move(in), scope);
    const auto key = std::make_pair(op->name() + "|" + op->attributes(), in);
    const auto [place, fresh] = known_.try_emplace(key, 0);
    if (fresh) place->second = program_.add_node(op, std::move(in), scope);
    return place->second;
  }

 private:
  const ProgramNode* producer(int id) const {
    return program_.values[id].producer < 0 ? nullptr : &program_.nodes[program_.values[id].producer];
  }
  const Shape& shape(int id) const { return program_.values[id].type.shape; }

  // The value that the op would give, when one exists already or is a constant; -1 otherwise. May improve
  // `in`.
  int simplified(const Op& op, std::vector<int>& in, const std::string& scope) {
    const std::string name = op.name();
    if (name == "StopGradient") return in[0];
    if (const auto* reshape = dynamic_cast<const ReshapeOp*>(&op)) {
      const Shape to = reshape->infer({program_.values[in[0]].type})[0].shape;
      if (to == shape(in[0])) return in[0];
      // Only the last of several reshapes matters.
      if (const ProgramNode* before = producer(in[0]);
          before && dynamic_cast<const ReshapeOp*>(before->op.get())) {
        in[0] = before->in[0];
        if (to == shape(in[0])) return in[0];
      }
      return -1;
    }
    const auto* elementwise = dynamic_cast<const ElementwiseOp*>(&op);
    if (!elementwise) return -1;
    Types types;
    for (int id : in) types.push_back(program_.values[id].type);
    const TensorType result = op.infer(types)[0];

    // Element by element ops stretch their operands themselves.
    for (size_t i = 0; i < in.size(); ++i) {
      const ProgramNode* stretched = producer(in[i]);
      if (!stretched) continue;
      Types smaller = types;
      if (const auto value = program_.uniform(in[i])) {
        smaller[i].shape = {};
        if (op.infer(smaller)[0].shape != result.shape) continue;
        in[i] = scalar(*value, smaller[i].dtype);
      } else {
        if (!dynamic_cast<const BroadcastOp*>(stretched->op.get())) continue;
        smaller[i] = program_.values[stretched->in[0]].type;
        if (op.infer(smaller)[0].shape != result.shape) continue;
        in[i] = stretched->in[0];
      }
      types = smaller;
    }

    std::vector<double> constants;
    for (int id : in)
      if (const auto value = program_.uniform(id)) constants.push_back(*value);
    if (constants.size() == in.size() && is_floating(result.dtype)) {
      int folded = scalar(elementwise->evaluate(constants.data()), result.dtype);
      if (result.shape.rank() > 0)
        folded = program_.add_node(std::make_shared<BroadcastOp>(result.shape), {folded}, scope);
      return folded;
    }
    if (name == "Multiply")
      for (size_t side : {0, 1})
        if (const int mask = dropout_mask(in[side], in[1 - side], scope); mask >= 0) {
          in = {producer(in[side])->in[0], mask};
          break;
        }
    if (name == "Multiply")
      for (size_t side : {0, 1})
        if (const int spread = masked_before_spreading(in[side], in[1 - side], scope); spread >= 0)
          return spread;
    const auto is = [&](size_t i, double value) {
      return program_.uniform(in[i]) == value && shape(in[1 - i]) == result.shape;
    };
    if (name == "Multiply" && is(0, 1)) return in[1];
    if ((name == "Multiply" || name == "Divide") && is(1, 1)) return in[0];
    if (name == "Add" && is(0, 0)) return in[1];
    if ((name == "Add" || name == "Subtract") && is(1, 0)) return in[0];
    return -1;
  }

  // dropout(dy) * (h > 0) with h = relu(…) is dy * mask, where the mask can be read off d = dropout(h), which
  // was made before: an element of d is positive where h is and where it was kept. That spares the random
  // numbers. Returns (d > 0) / (1 - rate), or -1 when this is not such a product.
  int dropout_mask(int dropped, int positive, const std::string& scope) {
    const ProgramNode *outer = producer(dropped), *greater = producer(positive);
    if (!outer || !greater || greater->op->name() != "Greater" || program_.uniform(greater->in[1]) != 0.0)
      return -1;
    const auto* op = dynamic_cast<const DropoutOp*>(outer->op.get());
    const ProgramNode* rectified = producer(greater->in[0]);
    if (!op || !rectified || rectified->op->name() != "Relu") return -1;
    const auto found = known_.find({op->name() + "|" + op->attributes(), {greater->in[0], outer->in[1]}});
    if (found == known_.end()) return -1;
    const DType type = program_.values[dropped].type.dtype;
    const int kept = (*this)(greater->op, {found->second, scalar(0, type)}, scope);
    return (*this)(elementwise_named("Multiply"), {kept, scalar(1 / (1 - op->rate()), type)}, scope);
  }

  // A maximum's gradient goes only to cells that hold the maximum p of their window. So a mask (y > c) of the
  // pooled y, or a constant factor, can be applied to the windows' gradients, which are fewer, with (p > c)
  // for the mask. Returns the spread product, or -1 when this is not such a product.
  int masked_before_spreading(int gradient, int factor, const std::string& scope) {
    const ProgramNode* spread = producer(gradient);
    if (!spread || spread->op->name() != "MaxPoolGradient") return -1;
    const int dy = spread->in[0], places = spread->in[1];
    const ProgramNode* pool = producer(places);
    if (!pool || pool->op->name() != "MaxPool") return -1;
    const std::shared_ptr<const Op> op = spread->op;
    const int pooled = pool->out[0], y = pool->in[0];
    if (!program_.uniform(factor)) {
      const ProgramNode* times = producer(factor);
      if (!times) return -1;
      if (times->op->name() == "Multiply") {  // a mask with a factor
        const std::vector<int> parts = times->in;
        for (size_t side : {0, 1})
          if (program_.uniform(parts[side])) {
            const int once = masked_before_spreading(gradient, parts[1 - side], scope);
            return once < 0 ? -1 : masked_before_spreading(once, parts[side], scope);
          }
        return -1;
      }
      if (times->op->name() != "Greater" || times->in[0] != y || !program_.uniform(times->in[1])) return -1;
      factor = (*this)(times->op, {pooled, times->in[1]}, scope);
    }
    const int masked = (*this)(elementwise_named("Multiply"), {dy, factor}, scope);
    return (*this)(op, {masked, places}, scope);
  }

  static std::shared_ptr<const Op> elementwise_named(const std::string& name) {
    for (const auto& op : elementwise_ops())
      if (op->name() == name) return op;
    throw InternalError("there is no op " + name);
  }

  int scalar(double value, DType type) {
    const auto [place, fresh] = scalars_.try_emplace({value, type}, 0);
    if (fresh) place->second = program_.add_constant(Tensor::scalar(value, type));
    return place->second;
  }

  Program& program_;
  bool simplify_, common_;
  std::map<std::pair<std::string, std::vector<int>>, int> known_;
  std::map<std::pair<double, DType>, int> scalars_;
};

}  // namespace

Program import(const Graph& graph, bool simplify, bool common) {
  Program program;
  Importer add(program, simplify, common);
  std::unordered_map<const Node*, int> first;  // node -> its first output
  std::map<const void*, int> parameters;
  std::map<std::pair<double, DType>, int> scalars;
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    if (!graph.inputs[i].shape().known())
      throw Error("compile: input \"" + graph.inputs[i].node().op->attributes() +
                  "\" has unknown dimensions " + to_string(graph.inputs[i].shape()) +
                  "; give every input its shape");
    ProgramValue value;
    value.kind = ProgramValue::Kind::input;
    value.type = graph.inputs[i].type();
    value.input = static_cast<int>(i);
    value.symbol = graph.inputs[i];
    first[&graph.inputs[i].node()] = program.add_value(std::move(value));
    program.inputs.push_back(first[&graph.inputs[i].node()]);
  }
  for (const Node* node : graph.nodes()) {
    if (first.count(node)) continue;
    if (const auto* op = dynamic_cast<const ParameterOp*>(node->op.get())) {
      const auto [place, fresh] = parameters.try_emplace(op->parameter().id(), 0);
      if (fresh) {
        ProgramValue value;
        value.kind = ProgramValue::Kind::parameter;
        value.type = node->outputs[0];
        value.parameter = op->parameter();
        place->second = program.add_value(std::move(value));
      }
      first[node] = place->second;
    } else if (const auto* op = dynamic_cast<const ConstantOp*>(node->op.get())) {
      if (op->tensor().count() == 1 && op->tensor().shape().rank() == 0) {
        const auto [place, fresh] = scalars.try_emplace({op->tensor().at(0), op->tensor().dtype()}, 0);
        if (fresh) place->second = program.add_constant(op->tensor());
        first[node] = place->second;
      } else {
        first[node] = program.add_constant(op->tensor());
      }
    } else {
      std::vector<int> in;
      for (const Value& value : node->inputs) {
        const int id = first.at(&value.node());
        // Outputs of one node are numbered in a row.
        in.push_back(id + value.output());
      }
      first[node] = add(node->op, std::move(in), node->scope);
    }
  }
  for (const Value& value : graph.outputs)
    program.outputs.push_back(first.at(&value.node()) + value.output());
  for (const Update& update : graph.updates) {
    if (update.value.shape() != update.parameter.shape() || update.value.dtype() != update.parameter.dtype())
      throw Error("compile: the update of \"" + update.parameter.name() + "\" is " +
                  to_string(update.value.type()) + ", but the parameter is " +
                  to_string(TensorType{update.parameter.shape(), update.parameter.dtype()}));
    for (const auto& other : program.updates)
      if (other.first == update.parameter)
        throw Error("compile: parameter \"" + update.parameter.name() +
                    "\" is updated twice; add the changes up first");
    program.updates.emplace_back(update.parameter, first.at(&update.value.node()) + update.value.output());
  }
  program.tidy();
  program.mark_carried();
  return program;
}

}  // namespace folio
