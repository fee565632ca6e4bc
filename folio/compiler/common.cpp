// Computes equal things once: nodes of equal ops on the same values are one.
#include <map>
#include <numeric>

#include "folio/compiler/passes.h"

namespace folio {

void share_equal(Program& program) {
  std::map<std::pair<std::string, std::vector<int>>, const ProgramNode*> known;
  std::vector<int> renamed(program.values.size());
  std::iota(renamed.begin(), renamed.end(), 0);
  for (const ProgramNode& node : program.nodes) {
    std::vector<int> in;
    for (int id : node.in) in.push_back(renamed[id]);
    const auto [place, fresh] =
        known.try_emplace({node.op->name() + "|" + node.op->attributes(), std::move(in)}, &node);
    for (size_t i = 0; i < node.out.size() && !fresh; ++i) renamed[node.out[i]] = place->second->out[i];
  }
  program.rename(renamed);
}

}  // namespace folio
