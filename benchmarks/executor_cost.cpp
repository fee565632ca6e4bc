#include "executor_cost.h"

#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "folio/ops/elementwise.h"
#include "measure.h"

namespace benchmarks {

using namespace folio;

DirectCalls::DirectCalls(const Plan& plan, const std::vector<Tensor>& inputs) : plan_(plan), frame_(plan) {
  const PlanContents& contents = plan.contents();
  if (!contents.updated.empty()) throw InternalError("direct calls: the plan updates parameters");
  for (size_t i = 0; i < inputs.size(); ++i) frame_.set_input(static_cast<int>(i), inputs[i]);
  for (const Stage& stage : contents.stages)
    for (const Chain& chain : stage.chains) {
      const auto each_step = [&](auto&& call) {
        for (int s = chain.first_step; s < chain.last_step; ++s) call(contents.steps[static_cast<size_t>(s)]);
      };
      if (chain.rows == 0) each_step([&](const Step& step) { add(step, 0, step.units); });
      for (int64_t first = 0; first < chain.rows; first += chain.chunk)
        each_step([&](const Step& step) { add(step, first, std::min(first + chain.chunk, chain.rows)); });
    }
}

void DirectCalls::add(const Step& step, int64_t first, int64_t last) {
  operands_.push_back(std::make_unique<void*[]>(step.operands.size()));
  for (size_t i = 0; i < step.operands.size(); ++i) {
    const Operand& operand = step.operands[i];
    const auto offset = static_cast<uintptr_t>(operand.offset + first * operand.stride);
    operands_.back()[i] = reinterpret_cast<void*>(frame_.bases()[operand.space] + offset);
  }
  const auto scratch_offset = static_cast<uintptr_t>(plan_.contents().scratch_offset);
  void* scratch = reinterpret_cast<void*>(frame_.bases()[kLocal] + scratch_offset);
  calls_.push_back({step.kernel.get(), {operands_.back().get(), first, last, scratch}});
}

ExecutorCost executor_cost(const Plan& plan, const std::vector<Tensor>& inputs, double seconds) {
  Frame frame(plan);
  for (size_t i = 0; i < inputs.size(); ++i) frame.set_input(static_cast<int>(i), inputs[i]);
  plan.run(frame);  // packs the weights that the direct calls read too
  const DirectCalls direct(plan, inputs);
  direct.run();
  for (int64_t i = 0; i < frame.output(0).count(); ++i)
    if (frame.output(0).at(i) != direct.output(0).at(i))
      throw InternalError("direct calls: another result than the plan's");
  // In turn, so that both meet the same disturbances.
  constexpr int kTurns = 20;
  std::vector<double> plan_times, direct_times;
  for (int turn = 0; turn < kTurns; ++turn) {
    plan_times.push_back(measure([&] { plan.run(frame); }, seconds / kTurns / 2.5).p10);
    direct_times.push_back(measure([&] { direct.run(); }, seconds / kTurns / 2.5).p10);
  }
  const double per_call = 1e9 / static_cast<double>(direct.count());
  return {direct.count(), quantile(plan_times, 0.1) * per_call, quantile(direct_times, 0.1) * per_call};
}

Tensor chain_input() { return Tensor::filled({16}, 0.5); }

Plan chain_of_small_steps(int steps, bool pipeline) {
  const Value x = input({16});
  Value y = x;
  // Sums and products by turns: nothing folds, and no step equals another.
  for (int i = 0; i < steps; ++i) y = i % 2 ? y * x : y + x;
  PlanOptions options{"chain", 1, {"fuse"}};
  if (!pipeline) options.without.insert("pipelines");
  return compile({{x}, {y}, {}}, options);
}

}  // namespace benchmarks
