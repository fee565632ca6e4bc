// What the compiler's passes and threads may change: nothing but rounding, and threads not even that.
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>

#include "folio/kernels/candidates.h"
#include "tests/compiler/canonical_graphs.h"

namespace folio {
namespace {

using Tensors = std::vector<Tensor>;

/// A canonical graph with its parameters' first values.
struct Trial {
  Case c;
  Tensors start;
  std::string name;

  Trial(const CanonicalGraph& graph, int64_t batch) : name(graph.name + ", batch " + std::to_string(batch)) {
    graph.build(c, batch);
    for (const Parameter& parameter : c.parameters) start.push_back(parameter.value().clone());
  }
  void restore() {
    for (size_t i = 0; i < start.size(); ++i) c.parameters[i].set(start[i]);
  }
  Plan plan(int threads, std::set<std::string> without = {}) {
    return compile(c.graph, {"test", threads, std::move(without)});
  }

  /// Outputs and, behind them, all parameters after one run from the first values.
  Tensors run(const Plan& plan, Frame& frame) {
    restore();
    for (size_t i = 0; i < c.tensors.size(); ++i) frame.set_input(static_cast<int>(i), c.tensors[i]);
    plan.run(frame);
    Tensors results;
    for (const Tensor& output : frame.outputs()) results.push_back(output.clone());
    for (const Parameter& parameter : c.parameters) results.push_back(parameter.value().clone());
    return results;
  }
  Tensors run(const Plan& plan) {
    Frame frame(plan);
    return run(plan, frame);
  }
};

template <class Body>
void for_each_trial(Body&& body) {
  for (const CanonicalGraph& graph : canonical_graphs())
    for (int64_t batch : graph.batches) {
      Trial trial(graph, batch);
      try {
        body(trial);
      } catch (const std::exception& error) {
        ADD_FAILURE() << trial.name << ": " << error.what();
      }
      if (testing::Test::HasFatalFailure()) return;
    }
}

/// How the results of a trial are called in messages.
std::string result_name(const Trial& trial, size_t i) {
  const size_t outputs = trial.c.graph.outputs.size();
  return trial.name + (i < outputs ? ", output " + std::to_string(i)
                                   : ", parameter " + trial.c.parameters[i - outputs].name());
}

void expect_close(const Trial& trial, const Tensors& exact, const Tensors& got, const std::string& how) {
  constexpr double kTolerance = 2e-5;
  for (size_t i = 0; i < exact.size(); ++i) {
    double largest = 1e-6, worst = 0;
    for (int64_t e = 0; e < exact[i].count(); ++e) {
      ASSERT_TRUE(std::isfinite(exact[i].at(e))) << result_name(trial, i);
      largest = std::max(largest, std::abs(exact[i].at(e)));
      const double difference = std::abs(exact[i].at(e) - got[i].at(e));
      if (!(difference <= worst)) worst = difference;
    }
    const double allowed = is_floating(exact[i].dtype()) ? kTolerance * largest : 0;
    EXPECT_TRUE(worst <= allowed) << result_name(trial, i) << ", " << how << ": off by " << worst
                                  << " where the largest is " << largest;
  }
}

void expect_same_bits(const Trial& trial, const Tensors& a, const Tensors& b, const std::string& how) {
  for (size_t i = 0; i < a.size(); ++i)
    EXPECT_TRUE(std::memcmp(a[i].raw(), b[i].raw(), static_cast<size_t>(a[i].bytes())) == 0)
        << result_name(trial, i) << ", " << how << ": other bits";
}

// All passes, and all but one, on 1, 2, 3 and 16 threads.
TEST(Passes, ChangeRoundingOnlyAndThreadsChangeNothing) {
  std::vector<std::set<std::string>> choices = {{}};
  for (const std::string& pass : pass_names()) choices.push_back({pass});
  bool parallel_chain = false, parallel_stage = false;
  for_each_trial([&](Trial& trial) {
    const Tensors exact = trial.run(compile(trial.c.graph, definitions_only()));
    for (const auto& without : choices) {
      const std::string how = without.empty() ? "all passes" : "without " + *without.begin();
      const Tensors alone = trial.run(trial.plan(1, without));
      expect_close(trial, exact, alone, how);
      for (int threads : {2, 3, 16}) {
        const Plan plan = trial.plan(threads, without);
        for (const Stage& stage : plan.contents().stages)
          (stage.chains.size() == 1 ? parallel_chain : parallel_stage) |= stage.parallel;
        expect_same_bits(trial, alone, trial.run(plan), how + " on " + std::to_string(threads) + " threads");
      }
    }
  });
  EXPECT_TRUE(parallel_chain && parallel_stage) << "no graph is large enough for threads";
}

// Frames keep what earlier runs left in their memory. Nothing of it may be seen again, not even NaN in unused
// lanes.
TEST(Passes, RepeatedRunsGiveTheSameBits) {
  for_each_trial([](Trial& trial) {
    for (int threads : {1, 2}) {
      const Plan plan = trial.plan(threads);
      Frame frame(plan);
      const Tensors fresh = trial.run(plan, frame);
      expect_same_bits(trial, fresh, trial.run(plan, frame), "second run");
      const Tensors kept = trial.c.tensors;
      for (Tensor& tensor : trial.c.tensors)
        if (is_floating(tensor.dtype()))
          tensor = Tensor::filled(tensor.shape(), std::nan(""), tensor.dtype());
      trial.run(plan, frame);
      trial.c.tensors = kept;
      expect_same_bits(trial, fresh, trial.run(plan, frame), "run after one with NaN");
      expect_same_bits(trial, fresh, trial.run(trial.plan(threads)), "second plan");
    }
  });
}

// Each on two threads, while there may be one helper for all.
TEST(Passes, PlansRunFromSeveralThreadsAtOnce) {
  for_each_trial([](Trial& trial) {
    // A plan that changes parameters has one runner only; outputs alone are inference.
    trial.c.graph.updates.clear();
    const Tensors expected = trial.run(trial.plan(1));
    const Plan plan = trial.plan(2);
    std::vector<Tensors> got(3);
    std::vector<std::thread> threads;
    for (Tensors& results : got)
      threads.emplace_back([&] {
        Frame frame(plan);
        for (size_t i = 0; i < trial.c.tensors.size(); ++i)
          frame.set_input(static_cast<int>(i), trial.c.tensors[i]);
        for (int run = 0; run < 3; ++run) plan.run(frame);
        for (const Tensor& output : frame.outputs()) results.push_back(output.clone());
      });
    for (std::thread& thread : threads) thread.join();
    for (const Tensors& results : got) expect_same_bits(trial, results, expected, "three callers");
  });
}

// What only lies between stages takes the memory of a few pictures, whatever the batch.
TEST(Passes, LargePicturesGoAFewAtATime) {
  constexpr int64_t kPicture = int64_t{49} * 47 * 24 * 4;  // bytes of the largest value
  for (const int64_t batch : {13, 24}) {
    Case c;
    large_pictures(c, batch);
    const Plan compiled = compile(c.graph, {"test", 2, {}});
    const PlanContents& plan = compiled.contents();
    std::set<int64_t> begins;
    for (const Stage& stage : plan.stages)
      for (const Chain& chain : stage.chains) begins.insert(chain.first);
    EXPECT_GT(begins.size(), 1u) << batch;
    EXPECT_LT(plan.shared_bytes, batch * kPicture) << batch;
  }
}

TEST(Passes, UnknownNamesAreRefused) { EXPECT_THROW(compile({}, {"test", 1, {"no such pass"}}), Error); }

/// What steps are called when a row of the table of kernels has answered; each name must be seen.
struct KernelNames {
  const char* op;
  Candidate candidate;
  std::vector<std::string> names;
};
const std::vector<KernelNames>& kernel_names() {
  static const std::vector<KernelNames> names = {
      {"Fused", fused_kernel, {"Relu", "Dropout"}},
      {"MatMul", matmul_kernel, {"MatMul packed", "MatMul", "MatMul packing"}},
      {"AddedMatMul", matmul_kernel, {}},  // inside of scans only, which are one step
      {"MatMul", batched_matmul_kernel, {"MatMul batched"}},
      {"TransposedMatMul", batched_matmul_kernel, {"MatMul transposed"}},
      {"Convolution2D", lanes_convolution_kernel, {"Convolution2D lanes"}},
      {"Convolution2D", depthwise_convolution_kernel, {"Convolution2D depthwise"}},
      {"Convolution2D", matrix_convolution_kernel, {"Convolution2D matrix", "Convolution2D gathered"}},
      {"CellConvolution2D", depthwise_convolution_kernel, {"Convolution2D depthwise"}},
      {"CellConvolution2D", matrix_convolution_kernel, {"Convolution2D gathered"}},
      {"Convolution2DInputGradient", lanes_convolution_kernel, {"Convolution2DInputGradient lanes"}},
      {"Convolution2DInputGradient", depthwise_convolution_kernel, {"Convolution2DInputGradient depthwise"}},
      {"Convolution2DInputGradient", matrix_convolution_kernel, {"Convolution2DInputGradient gathered"}},
      {"GrainKernelGradient", lanes_convolution_kernel, {"Convolution2DKernelGradient lanes"}},
      {"Convolution2DKernelGradient",
       depthwise_convolution_kernel,
       {"Convolution2DKernelGradient depthwise"}},
      {"Convolution2DKernelGradient", matrix_convolution_kernel, {"Convolution2DKernelGradient gathered"}},
      {"MaxPool", pooling_kernel, {"MaxPool", "MaxPool lanes"}},
      {"MaxPoolGradient", pooling_kernel, {"MaxPoolGradient", "MaxPoolGradient lanes"}},
      {"AveragePool", pooling_kernel, {"AveragePool", "AveragePool lanes"}},
      {"AveragePoolGradient", pooling_kernel, {"AveragePoolGradient", "AveragePoolGradient lanes"}},
      {"Sum", reduce_kernel, {"Sum columns", "Sum rows", "Sum middle"}},
      {"Max", reduce_kernel, {"Max rows", "Max middle"}},
      {"GrainSum", reduce_kernel, {"GrainSum", "GrainSum lanes"}},
      {"Softmax", softmax_kernel, {"Softmax"}},
      {"SoftmaxGradient", softmax_kernel, {"SoftmaxGradient"}},
      {"LogSoftmax", softmax_kernel, {"LogSoftmax"}},
      {"Broadcast", copy_kernel, {"Broadcast"}},
      {"Concatenate", copy_kernel, {"Concatenate", "Concatenate lanes"}},
      {"Slice", copy_kernel, {"Slice", "Slice lanes"}},
      {"SliceGradient", copy_kernel, {"SliceGradient"}},
      {"Split", copy_kernel, {"Split"}},
      {"Pad", copy_kernel, {"Pad"}},
      {"Transpose", transpose_kernel, {"Transpose"}},
      {"LayoutChange", layout_kernel, {"to lanes", "to plain"}},
      {"Cast", labels_kernel, {"Cast"}},
      {"OneHot", labels_kernel, {"OneHot"}},
      {"ArgMax", labels_kernel, {"ArgMax"}},
      {"Gather", gather_kernel, {"Gather"}},
      {"ScatterAdd", scatter_add_kernel, {"ScatterAdd"}},
      {"RandomNormal", random_normal_kernel, {"RandomNormal"}},
      {"Attention", attention_kernel, {"Attention"}},
      {"AttentionGradient", attention_kernel, {"AttentionGradient"}},
  };
  return names;
}

TEST(Passes, EveryKernelIsUsed) {
  std::set<std::string> seen;
  for_each_trial([&](Trial& trial) {
    for (const std::set<std::string>& without : {std::set<std::string>{}, {"fuse"}}) {
      const Plan plan = trial.plan(1, without);
      for (const Step& step : plan.contents().steps) seen.insert(step.kernel->name());
    }
  });
  for (const CandidateRow& row : kCandidates) {
    bool listed = false;
    for (const KernelNames& kernel : kernel_names()) {
      if (std::string(kernel.op) != row.op || kernel.candidate != row.candidate) continue;
      listed = true;
      for (const std::string& name : kernel.names)
        EXPECT_TRUE(seen.count(name)) << row.op << ": no test uses kernel " << name;
    }
    EXPECT_TRUE(listed) << row.op << ": a row of kCandidates is not listed in this test";
  }
  EXPECT_TRUE(seen.count("Add scalar")) << "no test uses scalar_kernel";
}

}  // namespace
}  // namespace folio
