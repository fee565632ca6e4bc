// Scans that compute the same become one, and nobody computes what nobody reads.
#include <numeric>

#include "folio/compiler/passes.h"
#include "folio/ops/scan.h"

namespace folio {
namespace {

const ScanOp* scan_of(const ProgramNode& node) { return dynamic_cast<const ScanOp*>(node.op.get()); }

// The node that computes what `extended` computes and less, or -1.
int base_of(const Program& program, size_t extended) {
  const ScanOp* base = scan_of(program.nodes[extended])->base();
  for (size_t n = 0; base && n < program.nodes.size(); ++n) {
    const ScanOp* op = scan_of(program.nodes[n]);
    if (op && n != extended && program.nodes[n].in == program.nodes[extended].in &&
        op->attributes() == base->attributes())
      return static_cast<int>(n);
  }
  return -1;
}

void keep_read_outputs(Program& program) {
  std::vector<char> read = program.results();
  for (const ProgramNode& node : program.nodes)
    for (int id : node.in) read[id] = 1;
  for (ProgramNode& node : program.nodes) {
    const ScanOp* op = scan_of(node);
    if (!op) continue;
    const size_t states = op->body().states.size(), last = states + op->body().outputs.size();
    std::vector<bool> wanted;
    std::vector<int> out;
    for (size_t i = 0; i < node.out.size(); ++i) {
      const bool sequence = i >= states && i < last;
      if (sequence) wanted.push_back(read[node.out[i]]);
      if (sequence && !read[node.out[i]]) continue;
      program.values[node.out[i]].output = static_cast<int>(out.size());
      out.push_back(node.out[i]);
    }
    if (out.size() == node.out.size()) continue;
    node.op = op->keeping(wanted);
    node.out = std::move(out);
    program.refresh(node);
  }
}

}  // namespace

void share_scans(Program& program) {
  bool shared = false;
  for (size_t n = 0; n < program.nodes.size(); ++n) {
    if (!scan_of(program.nodes[n])) continue;
    const int base = base_of(program, n);
    if (base < 0) continue;
    // Everybody reads the outputs of the node that has more of them.
    std::vector<int> renamed(program.values.size());
    std::iota(renamed.begin(), renamed.end(), 0);
    const std::vector<int>&from = program.nodes[base].out, &to = program.nodes[n].out;
    const size_t sums = scan_of(program.nodes[base])->body().sums.size();
    for (size_t i = 0; i < from.size(); ++i)  // sums stand at the end of either
      renamed[from[i]] = to[i + sums < from.size() ? i : i + to.size() - from.size()];
    program.rename(renamed);
    shared = true;
  }
  if (shared) program.tidy();
  keep_read_outputs(program);
}

}  // namespace folio
