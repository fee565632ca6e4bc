// What the compiler asks the kernels for.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "folio/base/error.h"
#include "folio/graph/op.h"
#include "folio/runtime/kernel.h"
#include "folio/runtime/packed.h"

namespace folio {

/// How a value's elements lie in memory: row-major, or in groups of 16 rows (see kernels/cpu/functions.h).
enum class Layout : uint8_t { plain, lanes };

struct RequestedValue {
  TensorType type;
  Layout layout = Layout::plain;
  Parameter parameter;   ///< defined when the value is a parameter read directly
  bool updated = false;  ///< the plan changes that parameter, so that a packed copy serves one run only
};

/// One node that wants a kernel.
struct KernelRequest {
  const Op& op;
  const Node& node;    ///< types of inputs and outputs; layouts stand beside
  const RowMap& rows;  ///< of the node
  std::vector<RequestedValue> inputs;
  std::vector<Layout> output_layouts;
  bool fast = true;  ///< false: only the definition may answer
  /// Elements from one row to the next, of inputs and outputs in turn, 0 where an operand has no rows of its
  /// own; empty when all rows lie together. Only for nodes of which `reads_apart` is true.
  std::vector<int64_t> strides = {};
};

/// What a step reads beside the values of its node. Plans name it, frames know where it is.
using Resource = std::variant<Parameter, Tensor, Packed>;

/// A kernel and how it wants to be run.
struct ChosenKernel {
  std::shared_ptr<const Kernel> kernel;
  int64_t units = 1;                ///< independent shares; rows when by_rows
  bool by_rows = false;             ///< may run on any range of rows, operands aligned as the op says
  int64_t granule = 1;              ///< ranges should begin at its multiples
  std::vector<Resource> resources;  ///< operands that follow inputs and outputs
};

/// Asks every candidate in order; the definition ends the list and never refuses. Refusals are appended to
/// `log`.
ChosenKernel choose_kernel(const KernelRequest& request, std::string& log);

/// Moves a value from one layout to the other; made by the compiler. x: (rows, …) -> the same.
class LayoutChangeOp final : public Op {
 public:
  explicit LayoutChangeOp(Layout to) : to_(to) {}
  std::string name() const override { return "LayoutChange"; }
  std::string attributes() const override { return to_ == Layout::lanes ? "to lanes" : "to plain"; }
  Types infer(const Types& in) const override { return {in[0]}; }
  void define(const Views&, const Views&) const override {
    throw InternalError("layouts exist in fast plans only");
  }
  RowMap rows(const Node& node) const override { return RowMap::each(node); }
  Layout to() const { return to_; }

 private:
  Layout to_;
};

/// True when some kernel can run the node with its rank-four values in lanes.
bool supports_lanes(const Node& node);
/// True when a convolution (or one of its gradients) gains from the lanes layout.
bool prefers_lanes(const Node& node);

/// True when a kernel runs the node also where there is room between the rows of its operands.
bool reads_apart(const Node& node);
/// The same of a node of the fused kernel.
bool fused_reads_apart(const Node& node);

/// True when the fused kernel has a loop for the op, and when it can read an operand of shape `in` stretched
/// to `shape`.
bool fused_knows(const Op& op);
bool fused_reads(const Shape& in, const Shape& shape, Layout layout);

}  // namespace folio
