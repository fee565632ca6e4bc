#include "folio/graph/value.h"

#include "folio/base/error.h"
#include "folio/graph/op.h"

namespace folio {
namespace {

std::string& scope_path() {
  thread_local std::string path;
  return path;
}

std::shared_ptr<const Node> make_node(std::shared_ptr<const Op> op, Values inputs) {
  Types types;
  for (const Value& value : inputs) {
    ensure(value.defined(), "an op was applied to an undefined value");
    types.push_back(value.type());
  }
  auto node = std::make_shared<Node>();
  node->outputs = op->infer(types);
  node->op = std::move(op);
  node->inputs = std::move(inputs);
  node->scope = scope_path();
  return node;
}

}  // namespace

Node::~Node() {
  // The list of the destructor that came first; those that it sets off only add to it.
  thread_local std::vector<Values>* waiting = nullptr;
  if (inputs.empty()) return;
  if (waiting) {
    waiting->push_back(std::move(inputs));
    return;
  }
  std::vector<Values> list;
  list.push_back(std::move(inputs));
  waiting = &list;
  while (!list.empty()) {
    const Values last = std::move(list.back());
    list.pop_back();
  }
  waiting = nullptr;
}

std::string to_string(const TensorType& type) { return to_string(type.dtype) + " " + to_string(type.shape); }

Value::Value(const Parameter& parameter) : Value(apply_one(std::make_shared<ParameterOp>(parameter), {})) {}

const TensorType& Value::type() const { return node_->outputs[static_cast<size_t>(output_)]; }

Values apply(std::shared_ptr<const Op> op, Values inputs) {
  auto node = make_node(std::move(op), std::move(inputs));
  Values outputs;
  for (size_t i = 0; i < node->outputs.size(); ++i) outputs.emplace_back(node, static_cast<int>(i));
  return outputs;
}

Value apply_one(std::shared_ptr<const Op> op, Values inputs) {
  return {make_node(std::move(op), std::move(inputs)), 0};
}

Value input(Shape shape, DType type, const std::string& name) {
  return apply_one(std::make_shared<InputOp>(TensorType{std::move(shape), type}, name), {});
}

Value constant(Tensor tensor) { return apply_one(std::make_shared<ConstantOp>(std::move(tensor)), {}); }

Value constant(double value, DType type) { return constant(Tensor::scalar(value, type)); }

Scope::Scope(const std::string& name) : length_(scope_path().size()) {
  if (length_) scope_path() += '/';
  scope_path() += name;
}

Scope::~Scope() { scope_path().resize(length_); }

const std::string& Scope::path() { return scope_path(); }

}  // namespace folio
