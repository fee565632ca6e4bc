// What to compute: values, and the nodes that make them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

class Op;
class Parameter;
struct Node;

/// Type and shape of a value; dimensions may be unknown.
struct TensorType {
  Shape shape;
  DType dtype = DType::float32;
  friend bool operator==(const TensorType&, const TensorType&) = default;
};
std::string to_string(const TensorType& type);

/// A quantity in a graph: one output of a node. A cheap handle; composing values builds the graph, nothing is
/// computed.
class Value {
 public:
  Value() = default;
  Value(std::shared_ptr<const Node> node, int output) : node_(std::move(node)), output_(output) {}
  /// The parameter's current value, as read when a plan runs.
  Value(const Parameter& parameter);  // NOLINT: parameters are written where values are expected

  bool defined() const { return node_ != nullptr; }
  const TensorType& type() const;
  const Shape& shape() const { return type().shape; }
  DType dtype() const { return type().dtype; }
  int rank() const { return shape().rank(); }
  const Node& node() const { return *node_; }
  const std::shared_ptr<const Node>& node_handle() const { return node_; }
  int output() const { return output_; }

  friend bool operator==(const Value& a, const Value& b) {
    return a.node_ == b.node_ && a.output_ == b.output_;
  }

 private:
  std::shared_ptr<const Node> node_;
  int output_ = 0;
};

using Values = std::vector<Value>;

/// One application of an op. Nodes never change once made.
struct Node {
  std::shared_ptr<const Op> op;
  Values inputs;
  std::vector<TensorType> outputs;
  std::string scope;  ///< path of the layer that made it, "model/dense_1"; may be empty

  Node() = default;
  Node(const Node&) = default;
  Node(Node&&) = default;
  Node& operator=(const Node&) = default;
  Node& operator=(Node&&) = default;
  /// Releases the inputs one by one instead of one inside the other: graphs of long sequences are deep.
  ~Node();
};

/// Applies an op: checks the inputs, infers the outputs and records the node.
Values apply(std::shared_ptr<const Op> op, Values inputs);
/// The same for ops with one output.
Value apply_one(std::shared_ptr<const Op> op, Values inputs);

/// A value that the caller supplies when the plan runs.
Value input(Shape shape, DType type = DType::float32, const std::string& name = "input");
/// A value that never changes.
Value constant(Tensor tensor);
/// A scalar constant of the given type.
Value constant(double value, DType type);

/// While it lives, nodes made on this thread carry `name` below the enclosing scopes.
class Scope {
 public:
  explicit Scope(const std::string& name);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  /// The path made of all living scopes of this thread.
  static const std::string& path();

 private:
  size_t length_;
};

}  // namespace folio
