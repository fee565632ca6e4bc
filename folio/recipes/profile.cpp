// Where the time of a training step goes, against what the machine can do.
#include <fmt/format.h>

#include "folio/base/clock.h"
#include "folio/recipes/run.h"
#include "folio/report/report.h"

namespace folio {
namespace {

template <class F>
double best_seconds(F&& f) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double start = seconds_now();
    f();
    best = std::min(best, seconds_now() - start);
  }
  return best;
}

double peak_bytes() {
  std::vector<float> from(16 << 20, 1), to(16 << 20);
  const double seconds = best_seconds([&] { std::copy(from.begin(), from.end(), to.begin()); });
  return 2.0 * static_cast<double>(from.size()) * 4 / seconds;
}

}  // namespace

std::string profile_training(const Model& model, int64_t batch_size) {
  const Plan plan = model.training_plan(batch_size);
  // A run changes weights and state: those of the frame alone.
  FrameOptions own;
  for (int i : plan.contents().updated)
    own.own_state.push_back(plan.contents().parameters[static_cast<size_t>(i)]);
  Frame frame(plan, own);
  const auto& inputs = plan.contents().inputs;
  for (size_t i = 0; i < inputs.size(); ++i)
    frame.set_input(static_cast<int>(i), Tensor(inputs[i].shape, inputs[i].dtype));
  for (int i = 0; i < 3; ++i) plan.run(frame);
  frame.profile(true);
  constexpr int kRuns = 20;
  for (int i = 0; i < kRuns; ++i) plan.run(frame);

  const double flops = measured_peak_flops(1), bytes = peak_bytes();
  double total = 0;
  for (const StepTime& time : frame.times()) total += time.seconds;
  std::string text = fmt::format(
      "{}: {:.3f} ms a step on one thread; measured peak of one thread {:.1f} GFLOP/s, memory {:.1f} GB/s\n",
      plan.contents().name, total / kRuns * 1e3, flops * 1e-9, bytes * 1e-9);
  text += fmt::format("{:>6} {:>10} {:>9} {:>7} {:>8}  {}\n", "time", "us", "GFLOP/s", "of peak", "GB/s",
                      "kernel, layer and shape");
  for (size_t s = 0; s < plan.contents().steps.size(); ++s) {
    const Step& step = plan.contents().steps[s];
    const double seconds = frame.times()[s].seconds / kRuns;
    if (seconds <= 0) continue;
    text += fmt::format("{:5.1f}% {:>10.2f} {:>9.1f} {:>6.0f}% {:>8.1f}  {}   {}\n",
                        100 * seconds * kRuns / total, seconds * 1e6, step.flops / seconds * 1e-9,
                        100 * step.flops / seconds / flops, step.bytes / seconds * 1e-9, step.kernel->name(),
                        step.label);
  }
  return text;
}

}  // namespace folio
