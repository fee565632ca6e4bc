// The graph while it is being compiled: numbered values and nodes that passes rewrite.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folio/compiler/compile.h"
#include "folio/kernels/request.h"

namespace folio {

struct ProgramValue {
  enum class Kind { computed, input, parameter, constant } kind = Kind::computed;
  TensorType type;
  Layout layout = Layout::plain;
  int producer = -1;  ///< node
  int output = 0;     ///< which of its outputs
  int input = -1;     ///< which input of the graph
  Parameter parameter;
  Tensor constant;
  Value symbol;  ///< stands for the value in the nodes that ops look at
};

struct ProgramNode {
  std::shared_ptr<const Op> op;
  std::vector<int> in, out;
  std::string scope;
  bool carried = false;  ///< its rows are rows of the batch
  Node node;             ///< op and types, as ops and kernels want to see them
  RowMap rows;           ///< what the op says about its rows
};

/// Passes add nodes at the end and let others read what these make; `tidy` drops what is then needed by
/// nobody.
struct Program {
  std::vector<ProgramValue> values;
  std::vector<ProgramNode> nodes;
  std::vector<int> inputs, outputs;
  std::vector<std::pair<Parameter, int>> updates;

  int add_value(ProgramValue value);
  /// Adds a node and its outputs; returns the first output. Layouts are plain until set.
  int add_node(std::shared_ptr<const Op> op, std::vector<int> in, const std::string& scope);
  /// Renews what ops and kernels see of the node after its inputs have changed.
  void refresh(ProgramNode& node);
  int add_constant(Tensor tensor);
  /// The value of a constant of one element, also when stretched.
  std::optional<double> uniform(int value) const;
  /// Users of each value.
  std::vector<std::vector<int>> users() const;
  /// For each value whether it is an output or an update.
  std::vector<char> results() const;
  /// Lets everybody who reads value v read renamed[v] instead; values beyond the list keep their names.
  void rename(const std::vector<int>& renamed);
  /// Drops nodes nobody needs and orders the others, producers first.
  void tidy();
  /// Tells the nodes whose rows are rows of the batch.
  void mark_carried();
  bool is_alias(const ProgramNode& node) const;
};

/// Rows whose sums over the batch are kept apart: a function of the batch alone, and of whether its rows lie
/// in lanes, where 16 are always together.
int64_t grain_of(int64_t rows, bool lanes);
/// True when convolutions of the program run in lanes.
bool uses_lanes(const Program& program);

}  // namespace folio
