// Recurrence: against the same steps written out, against differences, and what it costs.
#include "folio/ops/scan.h"

#include <gtest/gtest.h>

#include <cstring>

#include "folio/base/error.h"
#include "folio/ops/gradients.h"
#include "tests/ops/scan_samples.h"

namespace folio {
namespace {

using Tensors = std::vector<Tensor>;

/// The steps one by one, as ops of the graph.
ScanValues written_out(const ScanStep& step, Values states, const Values& sequences,
                       const ScanOptions& options = {}) {
  const int64_t time = sequences[0].shape()[1];
  std::vector<Values> outputs(static_cast<size_t>(time));
  const auto step_of = [](const Value& sequence, int64_t t) {
    return reshape(slice(sequence, 1, t, 1), sequence.shape().without(1));
  };
  Values before;
  for (int64_t s = 0; s < time; ++s) {
    const int64_t t = options.reverse ? time - 1 - s : s;
    Values inputs;
    for (const Value& sequence : sequences) inputs.push_back(step_of(sequence, t));
    ScanValues next = step(states, inputs);
    if (options.mask.defined()) {
      const Value kept = cast(reshape(step_of(options.mask, t), {-1, 1}), DType::float64);
      const auto choose = [&](const Value& a, const Value& b) {
        return a.rank() == 1 ? reshape(select(kept, reshape(a, {-1, 1}), reshape(b, {-1, 1})), a.shape())
                             : select(kept, a, b);
      };
      for (size_t i = 0; i < states.size(); ++i) next.states[i] = choose(next.states[i], states[i]);
      for (size_t i = 0; i < next.outputs.size(); ++i) {
        const Value zeros = broadcast_to(constant(0, DType::float64), next.outputs[i].shape());
        next.outputs[i] = choose(next.outputs[i], options.zero_output_for_mask || s == 0 ? zeros : before[i]);
      }
      before = next.outputs;
    }
    states = next.states;
    outputs[static_cast<size_t>(t)] = next.outputs;
  }
  ScanValues result{states, {}};
  for (size_t i = 0; i < outputs[0].size(); ++i) {
    Values parts;
    for (const Values& at : outputs) {
      const Shape& shape = at[i].shape();
      parts.push_back(reshape(at[i], shape.inserted(1, 1)));
    }
    result.outputs.push_back(concatenate(parts, 1));
  }
  return result;
}

void expect_equal(const Tensors& a, const Tensors& b, double tolerance, const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(to_string(a[i].shape()), to_string(b[i].shape())) << what;
    for (int64_t e = 0; e < a[i].count(); ++e)
      ASSERT_NEAR(a[i].at(e), b[i].at(e), tolerance) << what << ", result " << i << ", element " << e;
  }
}

/// Every cell, both ways, without a mask, with gaps, and with a row that is masked altogether.
template <class Body>
void for_each_case(Body&& body) {
  RandomNumbers random(1);
  for (int cell = 0; cell < 4; ++cell)
    for (const bool reverse : {false, true})
      for (int mask = 0; mask < 4; ++mask)
        for (const auto& [batch, time] : {std::pair<int64_t, int64_t>{1, 1}, {3, 1}, {1, 5}, {3, 4}}) {
          ScanCase c = make_cell(cell, batch, time, 2, 3, random);
          ScanOptions options{reverse, {}, mask == 3};
          if (mask > 0) options.mask = c.sample.add_fixed(random_mask({batch, time}, mask > 1, random));
          body(c, options,
               "cell " + std::to_string(cell) + (reverse ? " backward" : " forward") + ", mask " +
                   std::to_string(mask) + ", batch " + std::to_string(batch) + ", time " +
                   std::to_string(time),
               random);
          if (testing::Test::HasFatalFailure()) return;
        }
}

Values all_of(const ScanValues& values) {
  Values all = values.outputs;
  all.insert(all.end(), values.states.begin(), values.states.end());
  return all;
}

TEST(Scan, IsItsStepsWrittenOut) {
  for_each_case([](ScanCase& c, const ScanOptions& options, const std::string& what, RandomNumbers& random) {
    Sample scanned = c.sample, written = c.sample;
    scanned.outputs = all_of(scan(c.step, c.states, c.sequences, options));
    written.outputs = all_of(written_out(c.step, c.states, c.sequences, options));
    const auto run = [](const Sample& sample, const Values& outputs) {
      return compile({sample.inputs, outputs, {}}, definitions_only())(sample.tensors);
    };
    // The same numbers in the same order, so the same bits.
    expect_equal(run(scanned, scanned.outputs), run(written, written.outputs), 0, what);
    RandomNumbers same = random;
    const Sample a = gradient_of(scanned, random), b = gradient_of(written, same);
    expect_equal(run(a, a.outputs), run(b, b.outputs), 1e-12, what + ", gradients");
  });
}

TEST(Scan, GradientsMatchCentralDifferences) {
  for_each_case([](ScanCase& c, const ScanOptions& options, const std::string& what, RandomNumbers& random) {
    const ScanValues results = scan(c.step, c.states, c.sequences, options);
    c.sample.outputs = results.outputs;
    ASSERT_LE(gradient_error(c.sample, random), 1e-7) << what << ", outputs";
    c.sample.outputs = results.states;
    ASSERT_LE(gradient_error(c.sample, random), 1e-7) << what << ", states";
    c.sample.outputs = all_of(results);
    ASSERT_LE(gradient_error(c.sample, random), 1e-7) << what << ", all";
  });
}

// What a masked step gives, in numbers: a running sum.
TEST(Scan, MaskedStepsKeepStateAndOutput) {
  const Value x = input({2, 5}, DType::float32, "x"), mask = input({2, 5}, DType::uint8, "mask");
  const ScanStep running_sum = [](const Values& states, const Values& inputs) {
    const Value sum = states[0] + inputs[0];
    return ScanValues{{sum}, {sum * 10.0}};
  };
  const auto run = [&](ScanOptions options) {
    options.mask = mask;
    const ScanValues results =
        scan(running_sum, {constant(Tensor::of<float>({2}, {100, 200}))}, {x}, options);
    return compile({{x, mask}, {results.outputs[0], results.states[0]}, {}})(
        {Tensor::of<float>({2, 5}, {1, 2, 3, 4, 5, 1, 2, 3, 4, 5}),
         Tensor::of<uint8_t>({2, 5}, {0, 1, 0, 1, 0, 0, 0, 0, 0, 0})});
  };
  const auto held = run({});
  EXPECT_EQ(to_string(held[0]), "Tensor (2, 5) float32 [[0, 1020, 1020, 1060, 1060], [0, 0, 0, 0, 0]]");
  EXPECT_EQ(to_string(held[1]), "Tensor (2,) float32 [106, 200]");
  EXPECT_EQ(to_string(run({.zero_output_for_mask = true})[0]),
            "Tensor (2, 5) float32 [[0, 1020, 0, 1060, 0], [0, 0, 0, 0, 0]]");
  EXPECT_EQ(to_string(run({.reverse = true})[0]),
            "Tensor (2, 5) float32 [[1060, 1060, 1040, 1040, 0], [0, 0, 0, 0, 0]]");
}

TEST(Scan, BodiesThatDifferAreTold) {
  const Value x = input({2, 3, 1}, DType::float64, "x"), s = constant(Tensor({2, 1}, DType::float64));
  const auto of = [&](double factor, bool twice) {
    return scan(
               [&](const Values& states, const Values& inputs) {
                 const Value next = twice ? exp(states[0]) : tanh(states[0]);
                 return ScanValues{{next + factor * inputs[0]}, {next}};
               },
               {s}, {x})
        .states[0];
  };
  const Values results = {of(1, false), of(1 + 1e-15, false), of(1, true), of(1, false)};
  std::set<std::string> attributes;
  for (const Value& value : results) attributes.insert(value.node().op->attributes());
  EXPECT_EQ(attributes.size(), 3u);
}

TEST(Scan, UnknownBatchAndTime) {
  const Value x = input({kUnknown, kUnknown, 4}, DType::float32, "x"),
              state = input({kUnknown, 3}, DType::float32, "state"),
              mask = input({kUnknown, kUnknown}, DType::boolean, "mask");
  const Parameter w("w", Tensor({4, 3})), u("u", Tensor({3, 3})), b("b", Tensor({3}));
  for (const bool zeros : {false, true}) {
    const ScanValues results = scan(simple_cell(w, u, b), {state}, {x}, {false, mask, zeros});
    EXPECT_EQ(to_string(results.outputs[0].shape()), "(None, None, 3)");
    EXPECT_EQ(to_string(results.states[0].shape()), "(None, 3)");
    const Values d = gradients(sum(square(results.outputs[0])), {x, w, state});
    EXPECT_EQ(to_string(d[0].shape()), "(None, None, 4)");
    EXPECT_EQ(to_string(d[1].shape()), "(4, 3)");
    EXPECT_EQ(to_string(d[2].shape()), "(None, 3)");
  }
}

TEST(Scan, MisfitsAreTold) {
  const auto floats = [](const Shape& shape) { return input(shape, DType::float32, "x"); };
  const auto message = [](const std::function<void()>& build) -> std::string {
    try {
      build();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  const ScanStep keep = [](const Values& states, const Values& inputs) { return ScanValues{states, inputs}; };
  const auto expect_parts = [](const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
  };
  expect_parts(message([&] { scan(keep, {floats({2, 3})}, {}); }), {"scan", "sequence"});
  expect_parts(message([&] { scan(keep, {}, {floats({2})}); }), {"scan", "(2,)", "(batch, time"});
  expect_parts(message([&] {
                 scan(keep, {}, {floats({2, 3, 1}), floats({2, 4})});
               }),
               {"scan", "(2, 3, 1)", "(2, 4)"});
  expect_parts(message([&] {
                 scan(keep, {}, {floats({2, 3})}, {.mask = floats({2, 3, 1})});
               }),
               {"mask", "(2, 3, 1)"});
  expect_parts(message([&] { scan(keep, {}, {floats({2, 3})}, {.mask = floats({2, 4})}); }), {"(2, 4)"});
  const ScanStep grows = [](const Values& states, const Values&) {
    return ScanValues{{concatenate({states[0], states[0]})}, {}};
  };
  expect_parts(message([&] {
                 scan(grows, {floats({2, 3})}, {floats({2, 3})});
               }),
               {"state 0", "(2, 3)", "(2, 6)"});
  const ScanStep forgets = [](const Values&, const Values&) { return ScanValues{}; };
  expect_parts(message([&] { scan(forgets, {floats({2, 3})}, {floats({2, 3})}); }), {"1 states", "0"});
  const ScanStep sums = [](const Values& states, const Values& inputs) {
    return ScanValues{states, {sum(inputs[0])}};
  };
  expect_parts(message([&] { scan(sums, {}, {floats({2, 3})}); }), {"outputs", "()"});
}

/// The loss of an LSTM over `time` steps, and updates of its weights.
Graph training_graph(int64_t batch, int64_t time, int64_t units) {
  const Value x = input({batch, time, 5}, DType::float32, "x"),
              zeros = broadcast_to(constant(0, DType::float32), {batch, units});
  RandomNumbers random(3);
  const auto weights = [&](const Shape& shape) {
    return Parameter("w", random.tensor(shape, -0.3, 0.3, DType::float32));
  };
  const std::vector<Parameter> parameters = {weights({5, 4 * units}), weights({units, 4 * units}),
                                             weights({4 * units})};
  const Value last =
      scan(lstm_cell(parameters[0], parameters[1], parameters[2]), {zeros, zeros}, {x}).states[0];
  const Value loss = mean(square(last - 0.3));
  Graph graph{{x}, {loss}, {}};
  const Values d = gradients(loss, {parameters.begin(), parameters.end()});
  for (size_t i = 0; i < parameters.size(); ++i)
    graph.updates.push_back({parameters[i], Value(parameters[i]) - 0.1 * d[i]});
  return graph;
}

int scans_of(const Plan& plan) {
  int count = 0;
  for (const Step& step : plan.contents().steps) count += step.kernel->name().rfind("Scan", 0) == 0;
  return count;
}

// Once forward, once backward; what the forward scan keeps is not computed by a second one.
TEST(Scan, RunsForwardOnceInTraining) {
  EXPECT_EQ(scans_of(compile(training_graph(4, 6, 3))), 2);
  EXPECT_EQ(scans_of(compile(training_graph(4, 6, 3), {"twice", 1, {"scans"}})), 3);
}

// Nodes, and memory by steps: what is kept of each step, and a few values of a step besides.
TEST(Scan, CostsGrowWithTheStepsOnly) {
  constexpr int64_t kBatch = 32, kUnits = 64;
  std::vector<int64_t> bytes;
  const size_t nodes = training_graph(kBatch, 50, kUnits).nodes().size();
  for (const int64_t time : {50, 100, 200, 400}) {
    const Graph graph = training_graph(kBatch, time, kUnits);
    EXPECT_EQ(graph.nodes().size(), nodes);
    const Plan plan = compile(graph, {"lstm", 2, {}});
    bytes.push_back(Frame(plan).bytes());
    // Four gates, tanh of the cell, both states before the step.
    const int64_t kept = kBatch * time * 7 * kUnits * 4;
    EXPECT_LT(bytes.back(), 3 * kept) << time << " steps";
  }
  EXPECT_NEAR(double(bytes[2] - bytes[1]) / double(bytes[1] - bytes[0]), 2, 0.1);
  EXPECT_NEAR(double(bytes[3] - bytes[2]) / double(bytes[2] - bytes[1]), 2, 0.1);
}

}  // namespace
}  // namespace folio
