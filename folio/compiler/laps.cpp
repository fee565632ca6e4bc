// Some pictures at a time through many stages. When cells are rows, a stage over the whole batch writes more
// than caches hold, for the next to read it back; so a few pictures go all the way through the stages whose
// values are large before the next few begin, in the same memory.
#include <algorithm>

#include "folio/compiler/passes.h"
#include "folio/ops/cell_convolution.h"

namespace folio {
namespace {

constexpr int64_t kLapBytes = 4 << 20;  // what a stage may touch for the pictures of a lap

class FindingLaps {
 public:
  FindingLaps(const Program& program, const Steps& steps, const Order& order)
      : program_(program), steps_(steps), order_(order), given_(program.values.size(), 0) {
    for (const ProgramNode& node : program.nodes) {
      if (const auto* op = dynamic_cast<const CellConvolution2DOp*>(node.op.get())) {
        const int64_t n = op->geometry(node.node).n;
        pictures_ = pictures_ == 0 || pictures_ == n ? n : 1;
      }
      for (int id : node.in)
        for (int made : node.out)
          given_[made] |= given_[id] || program.values[id].kind == ProgramValue::Kind::input;
    }
  }

  std::vector<Laps> run() {
    std::vector<Laps> all;
    if (pictures_ < 2) return all;
    const int stages = order_.chains.empty() ? 0 : order_.chains.back().stage + 1;
    for (int first = 0, last; first < stages; first = std::max(last, first + 1)) {
      int64_t most = 1;
      for (last = first; last < stages; ++last) {
        const int64_t bytes = touched(last, first);
        if (bytes == 0) break;
        most = std::max(most, bytes);
      }
      int64_t together = 1;
      for (int64_t n = 2; n <= pictures_; ++n)
        if (pictures_ % n == 0 && n * most <= kLapBytes) together = n;
      if (last - first > 1 && together < pictures_) all.push_back({first, last, pictures_ / together});
    }
    return all;
  }

  /// Whether a chain depends on what the plan is given; others run once, in the first lap.
  bool takes_part(const PlannedChain& chain) const {
    return std::any_of(chain.members.begin(), chain.members.end(), [&](int n) {
      return !program_.nodes[n].out.empty() && given_[program_.nodes[n].out[0]];
    });
  }

 private:
  // Bytes that a stage of laps from `first` on touches for a picture, weights aside; 0 when it cannot be part
  // of them, or reads more weights than that: these are better read once for all pictures.
  int64_t touched(int stage, int first) const {
    int64_t bytes = 0, weights = 0;
    for (const PlannedChain& chain : order_.chains) {
      if (chain.stage != stage || !takes_part(chain)) continue;
      if (chain.carried || chain.rows == 0 || chain.rows % pictures_ != 0) return 0;
      for (int at : chain.members) {
        const auto n = static_cast<size_t>(at);
        const ProgramNode& node = program_.nodes[n];
        if (node.rows.grain != 0) return 0;
        for (int id : node.out) {
          if (!steps_.writes_rows(program_, n, id) || program_.values[id].layout != Layout::plain) return 0;
          bytes += value_bytes(program_.values[id]) / pictures_;
        }
        for (size_t i = 0; i < node.in.size(); ++i) {
          const ProgramValue& root = program_.values[steps_.roots[node.in[i]]];
          if (root.kind == ProgramValue::Kind::parameter) weights += value_bytes(root);
          const bool rows = steps_.reads_rows(program_, n, i),
                     pictures = i == 0 && dynamic_cast<const CellConvolution2DOp*>(node.op.get());
          if (pictures) bytes += value_bytes(root) / pictures_;
          // All of what an earlier lap or a later one makes.
          if (!rows && !pictures && given_[steps_.roots[node.in[i]]] && root.producer >= 0 &&
              order_.stage(static_cast<size_t>(root.producer)) >= first)
            return 0;
        }
      }
    }
    return weights <= bytes ? bytes : 0;
  }

  const Program& program_;
  const Steps& steps_;
  const Order& order_;
  std::vector<char> given_;  ///< by value: whether it depends on an input
  int64_t pictures_ = 0;
};

}  // namespace

void find_laps(const Program& program, const Steps& steps, const Order& order, Division& division) {
  FindingLaps finding(program, steps, order);
  division.laps = finding.run();
  for (const PlannedChain& chain : order.chains) {
    division.rows.push_back(chain.rows);
    const Laps* laps = division.laps_of(chain.stage);
    if (laps && finding.takes_part(chain)) division.rows.back() /= laps->count;
  }
}

}  // namespace folio
