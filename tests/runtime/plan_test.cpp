// Running plans: what is refused, what is seen, what is told, and that nothing is allocated.
#include "folio/runtime/plan.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>

#include "folio/base/error.h"
#include "tests/compiler/canonical_networks.h"
#include "tests/graph/dot_check.h"

namespace {
// Every container and every tensor of C++ passes through operator new (a tensor for the counter of its
// owners).
std::atomic<int64_t> allocations{0};

void* counted(size_t bytes, size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const size_t rounded = (std::max<size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, rounded)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<size_t>(alignment));
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return counted(bytes, alignof(std::max_align_t));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

namespace folio {
namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << "\"" << part << "\" is missing in: " << message;
}

Plan sum_of_two() {
  const Value left = input({2, 3}, DType::float32, "left"), right = input({2, 3}, DType::float32, "right");
  return compile({{left, right}, {left + right}, {}}, {"adder", 1, {}});
}

TEST(Plan, WrongInputsAreRefusedByName) {
  const Plan plan = sum_of_two();
  const Tensor good({2, 3});
  Frame frame(plan);
  expect_parts(message_of([&] {
                 frame.set_input(1, Tensor({3, 2}));
               }),
               {"plan adder", "\"right\"", "expected float32 (2, 3)", "got float32 (3, 2)"});
  expect_parts(message_of([&] {
                 frame.set_input(0, Tensor({2, 3}, DType::int32));
               }),
               {"plan adder", "\"left\"", "expected float32 (2, 3)", "got int32 (2, 3)"});
  expect_parts(message_of([&] { frame.set_input(2, good); }), {"plan adder", "2 inputs"});
  expect_parts(message_of([&] { frame.set_input(-1, good); }), {"plan adder"});
  frame.set_input(0, good);
  expect_parts(message_of([&] { plan.run(frame); }), {"plan adder", "\"right\"", "not supplied"});
  expect_parts(message_of([&] { plan({good}); }), {"plan adder", "expected 2 inputs", "got 1"});
  expect_parts(message_of([&] { plan({good, good, good}); }), {"plan adder", "expected 2 inputs", "got 3"});
  frame.set_input(1, good);
  EXPECT_NO_THROW(plan.run(frame));
}

TEST(Plan, FramesOfOtherPlansAreRefused) {
  const Plan plan = sum_of_two(), other = sum_of_two();
  Frame frame(other);
  EXPECT_THROW(plan.run(frame), InternalError);
  const Plan copy = other;  // handles are cheap: the same plan
  frame.set_input(0, Tensor({2, 3}));
  frame.set_input(1, Tensor({2, 3}));
  EXPECT_NO_THROW(copy.run(frame));
}

TEST(Plan, ReadsItsInputsWhenItRuns) {
  const Plan plan = sum_of_two();
  Frame frame(plan);
  Tensor left = Tensor::filled({2, 3}, 1), right = Tensor::filled({2, 3}, 2);
  frame.set_input(0, left);
  frame.set_input(1, right);
  left.fill(5);
  plan.run(frame);
  EXPECT_EQ(frame.output(0).at(0), 7);
  frame.set_input(1, left);
  plan.run(frame);
  EXPECT_EQ(frame.output(0).at(5), 10);
}

TEST(Plan, UnknownShapesAreRefused) {
  const Value x = input({kUnknown, 3}, DType::float32, "x");
  expect_parts(message_of([&] { compile({{x}, {x * 2.0}, {}}, {"open", 1, {}}); }), {"\"x\"", "(None, 3)"});
}

TEST(Plan, EmptyBatchesAreNoTrouble) {
  const Value x = input({0, 3}, DType::float32, "x");
  const Parameter kernel("kernel", Tensor::filled({3, 2}, 1));
  for (const PlanOptions& options : {PlanOptions{"fast", 2, {}}, definitions_only()}) {
    const auto results =
        compile({{x}, {softmax(matmul(x, kernel)), sum(x, {0}), x}, {}}, options)({Tensor({0, 3})});
    EXPECT_EQ(results[0].shape(), (Shape{0, 2}));
    for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(results[1].at(i), 0);
    EXPECT_EQ(results[2].count(), 0);
  }
}

/// The weights of a small network, and its graphs.
struct SmallNetwork {
  Case c;
  std::vector<Parameter> weights = {c.weights({4, 40}), c.weights({3, 3, 1, 4}), c.weights({40 + 36, 2})};

  Graph graph(int64_t batch, bool train) const {
    const Value x = input({batch, 4}, DType::float32, "x");
    const Value pictures = input({batch, 6, 6, 1}, DType::float32, "pictures");
    const Value of_pictures = flatten(max_pool(convolution_2d(pictures, weights[1], {1, 1, Padding::same})));
    const Value y = matmul(concatenate({relu(matmul(x, weights[0])), of_pictures}), weights[2]);
    Graph result{{x, pictures}, {y}, {}};
    const Values slopes = gradients(mean(square(y - 1.0)), {weights[0], weights[1], weights[2]});
    for (size_t i = 0; train && i < weights.size(); ++i)
      result.updates.push_back({weights[i], Value(weights[i]) - 0.1 * slopes[i]});
    return result;
  }
};

// After every change of the weights, from outside or by a run, each plan must use the new ones: packed copies
// too. A twin network, run by definitions, tells what is right; the weights themselves are only touched as a
// user would.
TEST(Plan, ChangedWeightsAreSeenByAllPlans) {
  SmallNetwork network, twin;
  struct Kind {
    int64_t batch;
    bool train;
    Plan plan, oracle;
  };
  std::vector<Kind> kinds = {{16, true, {}, {}}, {5, true, {}, {}}, {3, false, {}, {}}};
  for (Kind& kind : kinds) {
    kind.plan = compile(network.graph(kind.batch, kind.train), {"fast", 1, {}});
    kind.oracle = compile(twin.graph(kind.batch, kind.train), definitions_only());
  }
  EXPECT_FALSE(kinds[2].plan.contents().packed.empty());
  const auto check = [&](const Kind& kind) {
    const std::vector<Tensor> inputs = {
        network.c.random.tensor({kind.batch, 4}, -1, 1, DType::float32),
        network.c.random.tensor({kind.batch, 6, 6, 1}, -1, 1, DType::float32)};
    for (size_t i = 0; i < twin.weights.size(); ++i) twin.weights[i].set(network.weights[i].value());
    const Tensor y = kind.plan(inputs)[0], expected = kind.oracle(inputs)[0];
    for (int64_t i = 0; i < y.count(); ++i) ASSERT_NEAR(y.at(i), expected.at(i), 1e-5);
    for (size_t w = 0; w < twin.weights.size(); ++w) {
      const Tensor &got = network.weights[w].value(), &right = twin.weights[w].value();
      for (int64_t i = 0; i < got.count(); ++i) ASSERT_NEAR(got.at(i), right.at(i), 1e-5) << "weights " << w;
    }
  };
  for (int round = 0; round < 3; ++round) {
    for (int kind : {0, 2, 1, 2, 0, 0, 1, 2}) check(kinds[static_cast<size_t>(kind)]);
    for (Parameter& parameter : network.weights)
      parameter.set(network.c.random.tensor(parameter.shape(), -0.3, 0.3, DType::float32));
    check(kinds[2]);
    for (Parameter& parameter : network.weights) {
      Tensor values = parameter.storage();
      for (int64_t i = 0; i < values.count(); ++i) values.set(i, -values.at(i));
      parameter.changed();
    }
    check(kinds[2]);
  }
}

TEST(Plan, ParametersRefuseOtherShapesAndTypes) {
  Parameter p("dense/kernel", Tensor({2, 3}));
  expect_parts(message_of([&] {
                 p.set(Tensor({3, 2}));
               }),
               {"\"dense/kernel\"", "expected shape (2, 3)", "got (3, 2)"});
  expect_parts(message_of([&] {
                 p.set(Tensor({2, 3}, DType::float64));
               }),
               {"\"dense/kernel\"", "expected float32", "got float64"});
  const Value wrong = constant(Tensor({3, 2}));
  expect_parts(message_of([&] {
                 compile({{}, {}, {{p, wrong}}});
               }),
               {"\"dense/kernel\"", "(3, 2)", "(2, 3)"});
}

TEST(Plan, ParametersTakeOneUpdateEach) {
  const Parameter p("steps", Tensor::scalar(1));
  expect_parts(message_of([&] {
                 compile({{}, {}, {{p, Value(p) + 1.0}, {p, Value(p) * 2.0}}});
               }),
               {"\"steps\"", "twice"});
}

// A plan keeps what it points into, though nobody else does.
TEST(Plan, KeepsItsParametersAlive) {
  Plan plan;
  {
    const Parameter p("p", Tensor::filled({1000}, 3));
    plan = compile({{}, {Value(p) * 2.0, constant(Tensor::filled({1000}, 4)) + p}, {}}, {"keeper", 1, {}});
  }
  const auto results = plan({});
  EXPECT_EQ(results[0].at(999), 6);
  EXPECT_EQ(results[1].at(999), 7);
}

TEST(Plan, PrintsAndDrawsLayers) {
  Case c;
  perceptron(c, 16);
  const Plan plan = compile(c.graph, {"trainer", 1, {}});
  expect_parts(plan.print(), {"plan trainer", "hidden", "hidden/gradient", "MatMul", "16 rows", "MFLOP"});
  expect_parts(plan.draw(), {"digraph", "hidden", "MatMul", "16 rows"});
  expect_valid_dot(plan.draw());
  expect_parts(compile(c.graph, definitions_only("slow")).print(),
               {"plan slow", "MatMul (definition)", "hidden"});
}

TEST(Plan, ProfilesItsSteps) {
  Case c;
  perceptron(c, 16);
  const Plan plan = compile(c.graph, {"profiled", 2, {}});
  Frame frame(plan);
  for (size_t i = 0; i < c.tensors.size(); ++i) frame.set_input(static_cast<int>(i), c.tensors[i]);
  plan.run(frame);
  for (const StepTime& time : frame.times()) EXPECT_EQ(time.calls, 0);
  frame.profile(true);
  plan.run(frame);
  ASSERT_EQ(frame.times().size(), plan.contents().steps.size());
  for (const StepTime& time : frame.times()) EXPECT_GT(time.calls, 0);
}

// Reductions over middle dimensions run by their definition, which needs memory for its totals: not here.
TEST(Plan, RunsWithoutAllocating) {
  using Build = void (*)(Case&, int64_t);
  std::vector<std::pair<Build, int>> cases = {{wide_perceptron, 3}};
  for (Build build : {perceptron, lenet, two_branches, two_convolutional_branches, batch_norm_network,
                      recurrent_network, tied_weights})
    cases.push_back({build, 1});
  for (const auto& [build, threads] : cases) {
    Case c;
    build(c, 33);
    const Plan plan = compile(c.graph, {"quiet", threads, {}});
    EXPECT_EQ(plan.contents().parallel, threads > 1);
    Frame frame(plan);
    for (size_t i = 0; i < c.tensors.size(); ++i) frame.set_input(static_cast<int>(i), c.tensors[i]);
    plan.run(frame);  // the first run may still grow the memory of its thread
    const int64_t before = allocations.load();
    plan.run(frame);
    EXPECT_EQ(allocations.load() - before, 0) << plan.print();
  }
}

}  // namespace
}  // namespace folio
