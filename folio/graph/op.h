// An op: one kind of computation. Everything about it stands in one file under ops/.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/graph/parameter.h"
#include "folio/graph/value.h"

namespace folio {

/// Memory seen through a type and a shape, handed to definitions. Row-major.
struct View {
  TensorType type;
  void* data = nullptr;
  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
  const Shape& shape() const { return type.shape; }
  int64_t count() const { return type.shape.count(); }
};
using Views = std::vector<View>;
using Types = std::vector<TensorType>;

/// What a gradient rule sees: the node's inputs and outputs, and the gradients of its outputs (undefined when
/// zero).
struct GradientContext {
  const Node& node;
  Values inputs;
  Values outputs;
  Values output_gradients;
  std::vector<char> wanted = {};  ///< by input, whether anybody asks for its gradient; empty: all are wanted
};

/// How the rows of an op's outputs (its places along the first dimension) depend on the rows of its inputs.
/// By default every row may need everything.
struct RowMap {
  /// Rows of the outputs can be computed apart from each other.
  bool apart = false;
  /// Per input: row r of the outputs needs row r of it and no other. Otherwise it needs all of that input.
  std::vector<bool> aligned;
  /// When not 0, every `grain` rows of the aligned inputs are summed into one row of the outputs.
  int64_t grain = 0;
  /// The definition depends on which row a row is, so that it must see all of them.
  bool numbered = false;

  /// Row r of the outputs needs row r of each input.
  static RowMap each(const Node& node) {
    return {.apart = true, .aligned = std::vector<bool>(node.inputs.size(), true)};
  }
  /// The same, but inputs with fewer rows are stretched over all rows, as in broadcasting.
  static RowMap stretched(const Node& node);
};

class Op {
 public:
  virtual ~Op() = default;
  virtual std::string name() const = 0;
  /// The op's settings, for printing and for telling equal ops: two ops with equal name and attributes are
  /// the same.
  virtual std::string attributes() const { return {}; }
  /// Checks the inputs and gives the outputs' types; unknown dimensions stay unknown. Throws `Error` on a
  /// misfit.
  virtual Types infer(const Types& inputs) const = 0;
  /// Gradients of the inputs (undefined where there is none), written with ops. Throws when there is no such
  /// thing.
  virtual Values gradient(const GradientContext& context) const;
  /// The definition: plain loops in the element type, slow and obviously right. Outputs are uninitialised.
  virtual void define(const Views& inputs, const Views& outputs) const = 0;
  /// How the rows of its outputs depend on those of its inputs. Shapes are known.
  virtual RowMap rows(const Node&) const { return {}; }
  /// Floating-point operations of one application, for profiles: a multiply-add is two.
  virtual double flops(const Node&) const { return 0; }
};

/// Leaves of a graph.
class InputOp final : public Op {
 public:
  InputOp(TensorType type, std::string label) : type_(std::move(type)), label_(std::move(label)) {}
  std::string name() const override { return "Input"; }
  std::string attributes() const override { return label_; }
  Types infer(const Types&) const override { return {type_}; }
  void define(const Views&, const Views&) const override;
  const std::string& label() const { return label_; }

 private:
  TensorType type_;
  std::string label_;
};

class ParameterOp final : public Op {
 public:
  explicit ParameterOp(Parameter parameter) : parameter_(std::move(parameter)) {}
  std::string name() const override { return "Parameter"; }
  std::string attributes() const override { return parameter_.name(); }
  Types infer(const Types&) const override { return {{parameter_.shape(), parameter_.dtype()}}; }
  void define(const Views&, const Views&) const override;
  const Parameter& parameter() const { return parameter_; }

 private:
  Parameter parameter_;
};

class ConstantOp final : public Op {
 public:
  explicit ConstantOp(Tensor tensor) : tensor_(std::move(tensor)) {}
  std::string name() const override { return "Constant"; }
  std::string attributes() const override;
  Types infer(const Types&) const override { return {{tensor_.shape(), tensor_.dtype()}}; }
  void define(const Views&, const Views& outputs) const override;
  const Tensor& tensor() const { return tensor_; }

 private:
  Tensor tensor_;
};

/// The op of a value's node as `T`, or null when it is another op.
template <class T>
const T* op_cast(const Value& value) {
  return dynamic_cast<const T*>(value.node().op.get());
}

}  // namespace folio
