// The check after every pass must notice what it is there for.
#include <gtest/gtest.h>

#include <functional>

#include "folio/compiler/passes.h"
#include "tests/compiler/canonical_networks.h"

namespace folio {
namespace {

/// A compilation that has come as far as `last`.
struct Half {
  Case c;
  Compilation compilation;

  explicit Half(const std::string& last, void (*build)(Case&, int64_t) = lenet)
      : compilation{.graph = (build(c, 64), c.graph)} {
    compilation.plan.threads = 2;
    for (const Value& value : c.graph.inputs) compilation.plan.inputs.push_back(value.type());
    for (const Value& value : c.graph.outputs) compilation.plan.outputs.push_back(value.type());
    for (const Pass& pass : passes()) {
      pass.run(compilation);
      if (pass.name == last) return;
    }
  }
  std::string complaint() const {
    try {
      verify(compilation, "a test");
    } catch (const InternalError& error) {
      return error.what();
    }
    return "none";
  }
};

void expect_complaint(const std::string& after, const std::string& part,
                      const std::function<void(Compilation&)>& damage) {
  Half half(after);
  EXPECT_EQ(half.complaint(), "none");
  damage(half.compilation);
  const std::string complaint = half.complaint();
  EXPECT_NE(complaint.find(part), std::string::npos) << part << ": " << complaint;
  EXPECT_NE(complaint.find("a test"), std::string::npos) << complaint;
}

size_t first_with_inputs(const Program& program, size_t count) {
  size_t n = 0;
  while (program.nodes[n].in.size() != count) ++n;
  return n;
}

TEST(Verify, NoticesBadPrograms) {
  expect_complaint("fuse", "stands before",
                   [](Compilation& c) { std::swap(c.program.nodes.front(), c.program.nodes.back()); });
  expect_complaint("fuse", "nobody makes", [](Compilation& c) {
    c.program.nodes.back().in[0] = static_cast<int>(c.program.values.size());
  });
  expect_complaint("simplify", "its op makes", [](Compilation& c) {
    c.program.values[c.program.nodes[3].out[0]].type.dtype = DType::float64;
  });
  expect_complaint("simplify", "without being refreshed", [](Compilation& c) {
    ProgramNode& node = c.program.nodes[first_with_inputs(c.program, 2)];
    node.node.inputs.pop_back();
  });
  expect_complaint("layouts", "layouts", [](Compilation& c) {
    for (ProgramNode& node : c.program.nodes)
      if (dynamic_cast<const LayoutChangeOp*>(node.op.get())) {
        ProgramValue& value = c.program.values[node.out[0]];
        value.layout = value.layout == Layout::lanes ? Layout::plain : Layout::lanes;
        return;
      }
  });
  expect_complaint("results", "the update of",
                   [](Compilation& c) { c.program.updates[0].second = c.program.updates[1].second; });
}

TEST(Verify, NoticesBadOrdersAndDivisions) {
  expect_complaint("pipelines", "stand in no chain",
                   [](Compilation& c) { c.order.chains.back().members.pop_back(); });
  expect_complaint("pipelines", "which it needs", [](Compilation& c) {
    // Two members of one chain change places: the later one made what the other needs.
    for (PlannedChain& chain : c.order.chains)
      if (chain.members.size() > 3 && chain.carried) {
        const size_t last = chain.members.size() - 1;
        std::swap(chain.members[0], chain.members[last]);
        c.order.position[chain.members[0]] = 0;
        c.order.position[chain.members[last]] = static_cast<int>(last);
        return;
      }
  });
  expect_complaint("divide", "makes no progress", [](Compilation& c) {
    for (size_t i = 0; i < c.order.chains.size(); ++i)
      if (c.order.chains[i].rows > 0) c.division.chunk[i] = 0;
  });
  expect_complaint("divide", "dealt out wrongly", [](Compilation& c) {
    for (auto& stage : c.division.shares)
      if (!stage.empty() && !stage[1].empty()) return void(stage[1][0].first -= 1);
  });
}

TEST(Verify, NoticesBadPlaces) {
  expect_complaint("write", "share memory", [](Compilation& c) {
    for (Operand& operand : c.places.operands)
      if (operand.space == kLocal || operand.space == kShared) operand.offset = 0;
  });
  expect_complaint("write", "in no space", [](Compilation& c) { c.plan.steps[0].operands[0].space = 1000; });
  expect_complaint("write", "without a place",
                   [](Compilation& c) { c.places.placed[c.steps.roots[c.program.nodes.back().in[0]]] = 0; });
}

// Every pass has a reason, and those that can be left out have a name that is theirs.
TEST(Verify, PassesAreNamedOnceAndSayWhy) {
  std::set<std::string> names;
  for (const Pass& pass : passes()) {
    EXPECT_TRUE(names.insert(pass.name).second) << pass.name;
    EXPECT_FALSE(std::string(pass.reason).empty()) << pass.name;
  }
  for (const std::string& name : pass_names()) EXPECT_TRUE(names.count(name)) << name;
  EXPECT_EQ(pass_names().size(), 12u);
}

}  // namespace
}  // namespace folio
