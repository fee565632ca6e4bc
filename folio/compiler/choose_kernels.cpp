// A kernel for every node, and what follows from that: which values share memory, what the steps cost.
#include <algorithm>

#include "folio/base/checked.h"
#include "folio/compiler/passes.h"
#include "folio/ops/gather.h"
#include "folio/ops/scan.h"

namespace folio {
namespace {

/// Stands for the packing of a parameter's new values; made here, so that nobody else meets it.
class PackOp final : public Op {
 public:
  std::string name() const override { return "Pack"; }
  Types infer(const Types&) const override { return {}; }
  void define(const Views&, const Views&) const override { throw InternalError("packing has no definition"); }
  RowMap rows(const Node& node) const override { return RowMap::each(node); }
};

// New values of a parameter are packed by the chain that makes them, while they are in cache.
void pack_updates(Program& program, Steps& steps) {
  std::vector<Packed> all;
  for (const ChosenKernel& kernel : steps.kernels)
    for (const Resource& resource : kernel.resources)
      if (const auto* packed = std::get_if<Packed>(&resource);
          packed && std::find(all.begin(), all.end(), *packed) == all.end())
        all.push_back(*packed);
  for (const auto& [parameter, id] : program.updates)
    for (const Packed& packed : all) {
      if (!(packed.parameter == parameter)) continue;
      ChosenKernel chosen;
      chosen.kernel = packed.form->row_kernel();
      if (!chosen.kernel) continue;
      chosen.units = parameter.shape()[0];
      chosen.by_rows = true;
      chosen.granule = 16;
      chosen.resources.push_back(packed);
      program.add_node(std::make_shared<PackOp>(), {id}, parameter.name());
      steps.kernels.push_back(std::move(chosen));
      steps.repacked.push_back(packed);
    }
}

void find_roots(const Program& program, Steps& steps) {
  for (size_t id = 0; id < program.values.size(); ++id) {
    int root = static_cast<int>(id);
    while (program.values[root].producer >= 0 &&
           steps.vanishes(static_cast<size_t>(program.values[root].producer)))
      root = program.nodes[program.values[root].producer].in[0];
    steps.roots.push_back(root);
  }
}

void estimate(const Program& program, Steps& steps) {
  for (size_t n = 0; n < program.nodes.size(); ++n) {
    const ProgramNode& node = program.nodes[n];
    int64_t bytes = 0;
    // Of a table only the rows that are picked are read.
    const bool table = dynamic_cast<const GatherOp*>(node.op.get()) != nullptr;
    for (size_t i = 0; i < node.in.size(); ++i)
      bytes += value_bytes(program.values[table && i == 0 ? node.out[0] : node.in[i]]);
    for (int id : node.out) bytes += value_bytes(program.values[id]);
    steps.flops.push_back(steps.vanishes(n) ? 0 : node.op->flops(node.node));
    steps.bytes.push_back(static_cast<double>(bytes));
  }
}

}  // namespace

int64_t row_bytes(const ProgramValue& value) {
  const Shape& shape = value.type.shape;
  return shape.count(1, shape.rank()) * size_of(value.type.dtype);
}

int64_t value_bytes(const ProgramValue& value) {
  if (value.layout == Layout::lanes) return round_up(value.type.shape[0], 16) * row_bytes(value);
  return value.type.shape.count() * size_of(value.type.dtype);
}

bool Steps::reads_rows(const Program& program, size_t node, size_t input) const {
  const RowMap& rows = program.nodes[node].rows;
  return kernels[node].by_rows && rows.apart && rows.aligned[input];
}

bool Steps::writes_rows(const Program& program, size_t node, int value) const {
  const Shape& shape = program.values[value].type.shape;
  return kernels[node].by_rows && program.nodes[node].rows.grain == 0 && shape.rank() > 0 &&
         shape[0] == kernels[node].units;
}

bool Steps::reads_same_rows(const Program& program, size_t node, size_t input) const {
  const int id = program.nodes[node].in[input];
  const Shape &from = program.values[roots[id]].type.shape, &seen = program.values[id].type.shape;
  return reads_rows(program, node, input) && from.rank() > 0 && seen.rank() > 0 && from[0] == seen[0];
}

namespace {

// The parameter that a value is, perhaps in another shape; undefined when it is none.
Parameter parameter_of(const Program& program, int id) {
  const ProgramValue* value = &program.values[id];
  while (value->producer >= 0 && program.is_alias(program.nodes[value->producer]))
    value = &program.values[program.nodes[value->producer].in[0]];
  return value->parameter;
}

}  // namespace

Steps choose_kernels(Compilation& compilation) {
  Program& program = compilation.program;
  std::string& log = compilation.plan.log;
  Steps steps;
  const auto updated = [&](const Parameter& parameter) {
    return parameter.defined() && std::any_of(program.updates.begin(), program.updates.end(),
                                              [&](const auto& update) { return update.first == parameter; });
  };
  for (const ProgramNode& node : program.nodes) {
    if (compilation.fast && program.is_alias(node)) {
      steps.kernels.emplace_back();
      continue;
    }
    KernelRequest request{*node.op, node.node, node.rows, {}, {}, compilation.fast};
    for (int id : node.in) {
      const ProgramValue& value = program.values[id];
      const Parameter parameter = parameter_of(program, id);
      request.inputs.push_back({value.type, value.layout, parameter, updated(parameter)});
    }
    for (int id : node.out) request.output_layouts.push_back(program.values[id].layout);
    const auto* scan = dynamic_cast<const ScanOp*>(node.op.get());
    // Sums over the batch need all rows, unless they are split.
    const bool planned = scan && compilation.fast && (scan->body().sums.empty() || scan->grain() > 0);
    steps.kernels.push_back(planned ? plan_scan(*scan, request, compilation) : choose_kernel(request, log));
  }
  if (compilation.fast) pack_updates(program, steps);
  find_roots(program, steps);
  estimate(program, steps);
  return steps;
}

}  // namespace folio
