// A function as a graph: inputs, outputs and declared state updates; it can be printed and drawn.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "folio/graph/op.h"

namespace folio {

/// After the outputs are computed, `parameter` takes the value. All updates read the old values.
struct Update {
  Parameter parameter;
  Value value;
};

struct Graph {
  Values inputs;
  Values outputs;
  std::vector<Update> updates;

  /// Every node that outputs and updates need, inputs before users. Throws `Error` when an input is missing
  /// from `inputs`.
  std::vector<const Node*> nodes() const;
};

/// A text of one line per node: `%3 = MatMul(%1, dense/kernel) float32 (32, 10)   # model/dense`.
std::string print(const Graph& graph);
/// The graph in Graphviz' language: `dot -Tsvg`.
std::string draw(const Graph& graph);

}  // namespace folio
