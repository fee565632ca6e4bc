// The workloads as graphs of Folio's ops.
#pragma once
#include <string>
#include <vector>

#include "folio/graph/graph.h"

namespace benchmarks {

struct Workload {
  folio::Graph graph;
  std::vector<folio::Tensor> inputs;  ///< random samples, and their labels when training
};

/// Training graphs return the loss and update the weights; others return the network's result.
Workload make_workload(const std::string& name, bool train, int64_t batch);
/// Operations of all matrix products and convolutions in the graph.
double graph_flops(const folio::Graph& graph);

}  // namespace benchmarks
