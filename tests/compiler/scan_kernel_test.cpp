// Scans as inner loops, against the definition and against cells written as plain loops of numbers.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "folio/compiler/compile.h"
#include "folio/ops/gradients.h"
#include "tests/ops/scan_samples.h"

namespace folio {
namespace {

using Tensors = std::vector<Tensor>;

struct Sizes {
  int cell;
  int64_t batch, time, inputs, units;
  bool parameters;  ///< weights are parameters, which are read packed
  bool reverse;
  int mask;  ///< none, one with gaps, one that gives zeros where it is 0

  std::string text() const {
    return "cell " + std::to_string(cell) + ", batch " + std::to_string(batch) + ", time " +
           std::to_string(time) + ", inputs " + std::to_string(inputs) + ", units " + std::to_string(units) +
           (parameters ? ", parameters" : "") + (reverse ? ", backward" : "") + ", mask " +
           std::to_string(mask);
  }
};

/// A cell's sequence and last states, and the gradients of everything that goes into it, in float32.
struct ScanTrial {
  ScanTrial(const Sizes& s, RandomNumbers& random) {
    const auto number = [&](const Shape& shape) { return random.tensor(shape, -1, 1, DType::float32); };
    const auto data = [&](const Tensor& tensor) {
      graph.inputs.push_back(input(tensor.shape(), tensor.dtype(), "x"));
      tensors.push_back(tensor);
      return graph.inputs.back();
    };
    // So small that gradients neither grow nor vanish over the steps: differences of rounding would grow too.
    const double most = 1.5 / std::sqrt(static_cast<double>(s.units));
    const auto weight = [&](const Shape& shape) {
      const Tensor first = random.tensor(shape, -most, most, DType::float32);
      return s.parameters ? Value(Parameter("w", first)) : data(first);
    };
    const int64_t gates = s.cell == 0 ? 1 : s.cell == 1 ? 4 : 3;
    Values of = {data(number({s.batch, s.time, s.inputs})), weight({s.inputs, gates * s.units}),
                 weight({s.units, gates * s.units}),
                 weight(s.cell == 2 ? Shape{2, gates * s.units} : Shape{gates * s.units})};
    Values states = {data(number({s.batch, s.units}))};
    if (s.cell == 1) states.push_back(data(number({s.batch, s.units})));
    ScanOptions options{s.reverse, {}, s.mask == 2};
    if (s.mask > 0) options.mask = data(random_mask({s.batch, s.time}, s.batch > 1, random));
    const auto cell = s.cell == 0 ? simple_cell : s.cell == 1 ? lstm_cell : gru_cell;
    const ScanValues results = scan(cell(of[1], of[2], of[3]), states, {of[0]}, options);
    graph.outputs = results.outputs;
    graph.outputs.insert(graph.outputs.end(), results.states.begin(), results.states.end());
    Value loss = constant(0, DType::float32);
    for (const Value& value : graph.outputs) loss = loss + sum(value * data(number(value.shape())));
    of.insert(of.end(), states.begin(), states.end());
    for (const Value& slope : gradients(loss, of)) graph.outputs.push_back(slope);
  }

  Tensors run(const PlanOptions& options) const { return compile(graph, options)(tensors); }

  Graph graph;
  Tensors tensors;
};

/// Sizes around those at which loops change: one, tails of vectors and tiles, grains of rows, blocks of
/// steps.
template <class Body>
void for_each_size(Body&& body) {
  RandomNumbers random(7);
  const std::pair<int64_t, int64_t> batch_and_time[] = {{1, 1},  {1, 9},  {3, 131}, {11, 2}, {12, 17},
                                                        {16, 8}, {17, 7}, {33, 1},  {40, 9}, {5, 128}};
  const std::pair<int64_t, int64_t> inputs_and_units[] = {{1, 1}, {3, 5}, {9, 8}, {17, 16}, {4, 33}};
  int number = 0;
  for (const auto& [batch, time] : batch_and_time)
    for (const auto& [inputs, units] : inputs_and_units)
      for (int cell = 0; cell < 3; ++cell, ++number) {
        const Sizes sizes{cell, batch, time, inputs, units, number % 4 != 3, number % 5 == 2, number % 3};
        body(ScanTrial(sizes, random), sizes.text());
        if (testing::Test::HasFatalFailure()) return;
      }
}

void expect_same_bits(const Tensors& a, const Tensors& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(std::memcmp(a[i].raw(), b[i].raw(), static_cast<size_t>(a[i].count()) * 4), 0)
        << what << ", result " << i;
}

TEST(ScanKernel, IsTheDefinition) {
  for_each_size([](const ScanTrial& trial, const std::string& what) {
    const Tensors exact = trial.run(definitions_only()), fast = trial.run({"fast", 1, {}});
    ASSERT_EQ(exact.size(), fast.size());
    for (size_t i = 0; i < exact.size(); ++i) {
      double largest = 1;
      for (int64_t e = 0; e < exact[i].count(); ++e) largest = std::max(largest, std::abs(exact[i].at(e)));
      for (int64_t e = 0; e < exact[i].count(); ++e)
        ASSERT_NEAR(fast[i].at(e), exact[i].at(e), 2e-5 * largest) << what << ", result " << i << ", " << e;
    }
  });
}

TEST(ScanKernel, BitsDependOnNoThreadAndNoChunk) {
  for_each_size([](const ScanTrial& trial, const std::string& what) {
    const Tensors one = trial.run({"one", 1, {}});
    for (const int threads : {2, 3}) expect_same_bits(one, trial.run({"more", threads, {}}), what);
    expect_same_bits(one, trial.run({"whole", 1, {"pipelines"}}), what + ", without pipelines");
    expect_same_bits(one, trial.run({"whole", 2, {"pipelines"}}), what + ", two threads without pipelines");
  });
}

// Nothing of a run is left for the next one, nor of what was in memory before.
TEST(ScanKernel, RemembersNothing) {
  for_each_size([](const ScanTrial& trial, const std::string& what) {
    const Plan plan = compile(trial.graph, {"twice", 2, {}});
    const auto run = [&](Frame& frame, bool poison) {
      Tensors results;
      for (size_t i = 0; i < trial.tensors.size(); ++i) {
        Tensor tensor = trial.tensors[i].clone();
        if (poison && tensor.dtype() == DType::float32)
          for (int64_t e = 0; e < tensor.count(); ++e) tensor.set(e, NAN);
        frame.set_input(static_cast<int>(i), tensor);
      }
      plan.run(frame);
      for (const Tensor& output : frame.outputs()) results.push_back(output.clone());
      return results;
    };
    Frame frame(plan);
    const Tensors first = run(frame, false);
    run(frame, true);
    expect_same_bits(first, run(frame, false), what);
  });
}

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

// Keras' LSTM in numbers: gates in the order i, f, c, o.
TEST(ScanKernel, LstmInNumbers) {
  constexpr int64_t kBatch = 18, kTime = 5, kInputs = 2, kUnits = 9, kGates = 4 * kUnits;
  RandomNumbers random(3);
  const auto number = [&](const Shape& shape) { return random.tensor(shape, -1, 1, DType::float32); };
  const Tensor x = number({kBatch, kTime, kInputs}), w = number({kInputs, kGates}),
               u = number({kUnits, kGates}), b = number({kGates}), h0 = number({kBatch, kUnits}),
               c0 = number({kBatch, kUnits});
  const Value in = input(x.shape(), DType::float32, "x");
  const ScanValues results = scan(lstm_cell(Parameter("w", w), Parameter("u", u), Parameter("b", b)),
                                  {constant(h0), constant(c0)}, {in});
  const Tensors got = compile({{in}, {results.outputs[0], results.states[0], results.states[1]}, {}})({x});
  for (int64_t r = 0; r < kBatch; ++r) {
    std::vector<double> h, c;
    for (int64_t j = 0; j < kUnits; ++j)
      h.push_back(h0.at(r * kUnits + j)), c.push_back(c0.at(r * kUnits + j));
    for (int64_t t = 0; t < kTime; ++t) {
      std::vector<double> z;
      for (int64_t j = 0; j < kGates; ++j) {
        z.push_back(b.at(j));
        for (int64_t i = 0; i < kInputs; ++i)
          z.back() += x.at((r * kTime + t) * kInputs + i) * w.at(i * kGates + j);
        for (int64_t i = 0; i < kUnits; ++i) z.back() += h[static_cast<size_t>(i)] * u.at(i * kGates + j);
      }
      for (size_t j = 0; j < kUnits; ++j) {
        c[j] = sigmoid_of(z[kUnits + j]) * c[j] + sigmoid_of(z[j]) * std::tanh(z[2 * kUnits + j]);
        h[j] = sigmoid_of(z[3 * kUnits + j]) * std::tanh(c[j]);
        ASSERT_NEAR(got[0].at((r * kTime + t) * kUnits + static_cast<int64_t>(j)), h[j], 2e-6)
            << r << " " << t;
      }
    }
    for (size_t j = 0; j < kUnits; ++j) {
      ASSERT_NEAR(got[1].at(r * kUnits + static_cast<int64_t>(j)), h[j], 2e-6);
      ASSERT_NEAR(got[2].at(r * kUnits + static_cast<int64_t>(j)), c[j], 2e-6);
    }
  }
}

}  // namespace
}  // namespace folio
