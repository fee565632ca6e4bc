#include "folio/graph/value.h"

#include <cstring>

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

Parameter::Parameter(std::string name, Tensor value, bool trainable) : state_(std::make_shared<State>()) {
  state_->name = std::move(name);
  state_->value = std::move(value);
  state_->trainable = trainable;
}

void Parameter::set(const Tensor& value) {
  if (value.shape() != shape())
    throw Error("parameter \"" + name() + "\": expected shape " + to_string(shape()) + ", got " +
                to_string(value.shape()));
  if (value.dtype() != dtype())
    throw Error("parameter \"" + name() + "\": expected " + to_string(dtype()) + ", got " +
                to_string(value.dtype()));
  state_->value.assign(value);
  changed();
}

Values Op::gradient(const GradientContext&) const {
  throw Error("op " + name() + " has no gradient; wrap its result in stop_gradient if none is wanted");
}

void InputOp::define(const Views&, const Views&) const {
  throw InternalError("an input is supplied, not computed");
}
void ParameterOp::define(const Views&, const Views&) const {
  throw InternalError("a parameter is read, not computed");
}

std::string ConstantOp::attributes() const { return to_string(tensor_); }

void ConstantOp::define(const Views&, const Views& outputs) const {
  if (tensor_.bytes()) std::memcpy(outputs[0].data, tensor_.raw(), static_cast<size_t>(tensor_.bytes()));
}

}  // namespace folio
