// Frames: where parameters are when a plan runs, state of a frame's own, several callers at once; and running
// a part of a plan in memory of one's own.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <thread>

#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"
#include "folio/runtime/run.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

constexpr int64_t kRows = 20, kUnits = 24;

/// A cell whose state outlives the call: s <- tanh(x·W + s·U). W and U are weights, so that packed copies are
/// read.
struct Cell {
  RandomNumbers random{3};
  Parameter w{"w", random.tensor({kUnits, kUnits}, -0.5, 0.5, DType::float32)};
  Parameter u{"u", random.tensor({kUnits, kUnits}, -0.5, 0.5, DType::float32)};
  Parameter state{"state", random.tensor({kRows, kUnits}, -1, 1, DType::float32)};
  Plan plan = make(2);

  Plan make(int threads) {
    const Value x = input({kRows, kUnits});
    const Value next = tanh(matmul(x, w) + matmul(state, u));
    return compile({{x}, {next * 2.0}, {{state, next}}}, {"cell", threads, {}});
  }
  std::vector<Tensor> inputs(int count) {
    std::vector<Tensor> list;
    for (int i = 0; i < count; ++i) list.push_back(random.tensor({kRows, kUnits}, -1, 1, DType::float32));
    return list;
  }
};

std::vector<Tensor> run_all(const Plan& plan, Frame& frame, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> outputs;
  for (const Tensor& x : inputs) {
    frame.set_input(0, x);
    plan.run(frame);
    outputs.push_back(frame.output(0).clone());
  }
  return outputs;
}

void expect_same_bits(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.shape(), b.shape());
  EXPECT_EQ(std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.bytes())), 0);
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Frame, StatesOfTheirOwnRunAtOnceAsTheyRunInTurn) {
  Cell cell;
  const Tensor start = cell.state.value().clone();
  const std::vector<std::vector<Tensor>> inputs = {cell.inputs(40), cell.inputs(40)};
  std::vector<std::vector<Tensor>> in_turn;
  for (const auto& list : inputs) {
    cell.state.set(start);
    Frame shared(cell.plan);
    in_turn.push_back(run_all(cell.plan, shared, list));
  }
  cell.state.set(start);
  const uint64_t version = cell.state.version();
  std::vector<std::vector<Tensor>> at_once(2);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 2; ++i)
    threads.emplace_back([&, i] {
      Frame own(cell.plan, {.own_state = {cell.state}});
      at_once[i] = run_all(cell.plan, own, inputs[i]);
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < 2; ++i)
    for (size_t run = 0; run < in_turn[i].size(); ++run) expect_same_bits(at_once[i][run], in_turn[i][run]);
  expect_same_bits(cell.state.value(), start);
  EXPECT_EQ(cell.state.version(), version);
}

TEST(Frame, StateOfItsOwnCanBeReadAndSet) {
  Cell cell;
  Frame own(cell.plan, {.own_state = {cell.state}}), shared(cell.plan);
  const std::vector<Tensor> inputs = cell.inputs(2);
  const Tensor start = cell.state.value().clone();
  const std::vector<Tensor> first = run_all(cell.plan, own, inputs);
  Parameter state = own.state(cell.state);
  for (int64_t i = 0; i < state.value().count(); ++i)
    ASSERT_EQ(first[1].at(i), 2 * state.value().at(i));  // what the last run left behind
  state.set(start);
  expect_same_bits(run_all(cell.plan, own, inputs)[1], first[1]);
  EXPECT_GT(own.bytes(), shared.bytes());
  EXPECT_NE(message_of([&] { shared.state(cell.state); }).find("\"state\""), std::string::npos);
  EXPECT_NE(message_of([&] { own.state(cell.w); }).find("\"w\""), std::string::npos);
  EXPECT_NE(message_of([&] {
              Frame(cell.plan, {.own_state = {Parameter("stranger", Tensor({2}))}});
            }).find("\"stranger\""),
            std::string::npos);
}

// A weight that a frame trains for itself: its packed copy is the frame's own too, and everybody else's
// stays.
TEST(Frame, OwnWeightsHaveOwnPackedCopies) {
  RandomNumbers random(5);
  const Tensor start = random.tensor({kUnits, kUnits}, -0.5, 0.5, DType::float32);
  Parameter shared("w", start.clone()), alone("w", start.clone());
  const auto training = [&](const Parameter& w) {
    const Value x = input({kRows, kUnits});
    const Value loss = mean(square(tanh(matmul(x, w)) - 0.5));
    return Graph{{x}, {loss}, {{w, Value(w) - 0.5 * gradients(loss, {w})[0]}}};
  };
  const Plan plan = compile(training(shared), {"train", 1, {}}),
             expected = compile(training(alone), {"train", 1, {}});
  ASSERT_FALSE(plan.contents().repacked.empty());
  const Value y = input({kRows, kUnits});
  const Plan predict = compile({{y}, {matmul(y, shared)}, {}}, {"predict", 1, {}});
  ASSERT_FALSE(predict.contents().packed.empty());
  const Tensor x = random.tensor({kRows, kUnits}, -1, 1, DType::float32);
  const Tensor before = predict({x})[0];
  Frame own(plan, {.own_state = {shared}}), other(expected);
  const std::vector<Tensor> inputs(5, x);
  const std::vector<Tensor> got = run_all(plan, own, inputs), right = run_all(expected, other, inputs);
  for (size_t i = 0; i < got.size(); ++i) expect_same_bits(got[i], right[i]);
  expect_same_bits(own.state(shared).value(), alone.value());
  expect_same_bits(shared.value(), start);
  expect_same_bits(predict({x})[0], before);
}

TEST(Frame, UpdatesOfSharedParametersFromSeveralCallersAreAllMade) {
  constexpr int kRuns = 300;
  const Parameter a("a", Tensor({30000})), b("b", Tensor({30000}));
  // Each updates both, but names them in another order.
  const std::vector<Plan> plans = {
      compile({{}, {}, {{a, Value(a) + 1.0}, {b, Value(b) + 2.0}}}, {"ab", 1, {}}),
      compile({{}, {}, {{b, Value(b) + 1.0}, {a, Value(a) + 2.0}}}, {"ba", 1, {}})};
  std::vector<std::thread> threads;
  for (const Plan& plan : plans)
    threads.emplace_back([&] {
      Frame frame(plan);
      for (int run = 0; run < kRuns; ++run) plan.run(frame);
    });
  for (std::thread& thread : threads) thread.join();
  for (const Parameter& parameter : {a, b})
    for (int64_t i = 0; i < parameter.value().count(); ++i) ASSERT_EQ(parameter.value().at(i), 3 * kRuns);
}

// Frames know where parameters are, so that these may not move.
TEST(Frame, ParametersStayWhereTheyAre) {
  Parameter p("p", Tensor::filled({4}, 1));
  const Plan plan = compile({{}, {Value(p) * 2.0}, {}}, {"reader", 1, {}});
  Frame frame(plan);
  const void* address = p.value().raw();
  p.storage() = Tensor::filled({4}, 9);  // another tensor under the name of a copy
  EXPECT_EQ(p.value().raw(), address);
  p.set(Tensor::filled({4}, 3));
  EXPECT_EQ(p.value().raw(), address);
  plan.run(frame);
  EXPECT_EQ(frame.output(0).at(3), 6);
  p.storage().set(3, 5);
  p.changed();
  plan.run(frame);
  EXPECT_EQ(frame.output(0).at(3), 10);
}

TEST(Frame, PlansKeepNoAddressOfParameters) {
  Cell cell;
  const PlanContents& plan = cell.plan.contents();
  EXPECT_EQ(plan.parameters.size(), 3u);
  EXPECT_EQ(plan.packed.size(), 2u);
  for (const Step& step : plan.steps)
    for (const Operand& operand : step.operands) {
      EXPECT_GE(operand.space, 0);
      EXPECT_LT(operand.space, plan.spaces());
      EXPECT_LT(operand.offset, 1 << 20);
    }
}

// What a kernel does that contains a plan: rows [first, last) of inputs and outputs lie in memory of its own.
TEST(RunChain, RunsRangesOfRowsInMemoryOfOnesOwn) {
  RandomNumbers random(7);
  constexpr int64_t kBatch = 100;
  const Parameter w("w", random.tensor({6, kUnits}, -1, 1, DType::float32));
  const Parameter bias("bias", random.tensor({kUnits}, -1, 1, DType::float32));
  const Value x = input({kBatch, 6});
  const Value h = tanh(matmul(x, w) + bias);
  const Plan plan = compile({{x}, {h * h + 1.0, sum(h, {1})}, {}}, {"body", 1, {}});
  const PlanContents& contents = plan.contents();
  ASSERT_TRUE(contents.stages.size() == 1 && contents.stages[0].chains.size() == 1) << plan.print();
  const Chain& chain = contents.stages[0].chains[0];
  EXPECT_EQ(chain.rows, kBatch);
  constexpr int64_t kSome = 48;
  const Tensor values = random.tensor({kBatch, 6}, -1, 1, DType::float32);
  Frame frame(plan);
  frame.set_input(0, values);
  plan.run(frame);
  for (int64_t first = 0; first < kBatch; first += kSome) {
    const int64_t last = std::min(first + kSome, kBatch);
    const Tensor some = values.rows(first, last).clone();
    Tensor squares({last - first, kUnits}), sums({last - first}), local({contents.local_bytes}, DType::uint8);
    std::vector<uintptr_t> bases(frame.bases(), frame.bases() + contents.spaces());
    const auto row_zero = [&](const Tensor& rows, int64_t row_bytes) {
      return reinterpret_cast<uintptr_t>(rows.raw()) - static_cast<uintptr_t>(first * row_bytes);
    };
    bases[kLocal] = reinterpret_cast<uintptr_t>(local.raw());
    bases[static_cast<size_t>(contents.first_input())] = row_zero(some, 6 * 4);
    bases[static_cast<size_t>(contents.first_output())] = row_zero(squares, kUnits * 4);
    bases[static_cast<size_t>(contents.first_output()) + 1] = row_zero(sums, 4);
    run_chain(contents, chain, bases.data(), first, last);
    expect_same_bits(squares, frame.output(0).rows(first, last).clone());
    expect_same_bits(sums, frame.output(1).rows(first, last).clone());
  }
}

}  // namespace
}  // namespace folio
