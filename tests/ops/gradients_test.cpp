// Gradients against central differences, for every op of the catalogue and for small networks.
#include "folio/ops/gradients.h"

#include <gtest/gtest.h>

#include <set>

#include "folio/base/error.h"
#include "folio/ops/activations.h"
#include "folio/ops/catalog.h"
#include "folio/ops/grain_sum.h"
#include "tests/ops/array_samples.h"

namespace folio {
namespace {

constexpr double kTolerance = 1e-7;
constexpr int kConfigurations = 100, kSecondOrderConfigurations = 50;

/// Constant wherever they are smooth, or said to be constant: their gradients are zeros.
const std::set<std::string> kWithoutGradient = {
    "Sign",  "Floor",    "Round",  "Less",   "LessEqual",    "Greater",       "GreaterEqual",
    "Equal", "NotEqual", "ArgMax", "OneHot", "RandomNormal", "RandomUniform", "StopGradient"};
/// The compiler makes them after gradients have been taken.
const std::set<std::string> kMadeByTheCompiler = {
    "Fused", "GrainSum", "GrainKernelGradient", "TransposedMatMul", "AddedMatMul", "CellConvolution2D"};

const SampleTable& samples() {
  static const SampleTable table = [] {
    SampleTable all = elementwise_samples();
    all.merge(array_samples());
    return all;
  }();
  return table;
}

bool uses(const Sample& sample, const std::string& op) {
  for (const Node* node : Graph{sample.inputs, sample.outputs, {}}.nodes())
    if (node->op->name() == op) return true;
  return false;
}

std::string described(const Sample& sample) { return print({sample.inputs, sample.outputs, {}}); }

TEST(Gradients, EveryOpOfTheCatalogueHasASample) {
  for (const OpEntry& entry : op_catalog()) {
    EXPECT_TRUE(samples().count(entry.name) || kMadeByTheCompiler.count(entry.name))
        << entry.name << " has no sample; add one under tests/ops";
    EXPECT_FALSE(entry.meaning.empty()) << entry.name;
  }
  std::set<std::string> known;
  for (const OpEntry& entry : op_catalog())
    EXPECT_TRUE(known.insert(entry.name).second) << entry.name << " is listed twice";
  for (const auto& [name, maker] : samples())
    EXPECT_TRUE(known.count(name)) << name << " is not in the catalogue";
  for (const auto& op : elementwise_ops())
    EXPECT_TRUE(known.count(op->name())) << op->name() << " is not in the catalogue";
}

TEST(Gradients, MatchCentralDifferences) {
  for (const auto& [name, maker] : samples()) {
    if (kWithoutGradient.count(name)) continue;
    RandomNumbers random(1);
    for (int i = 0; i < kConfigurations; ++i) {
      const Sample sample = maker(random);
      ASSERT_TRUE(uses(sample, name)) << name;
      ASSERT_LE(gradient_error(sample, random), kTolerance) << name << "\n" << described(sample);
    }
  }
}

TEST(Gradients, OfGradientsMatchCentralDifferences) {
  for (const auto& [name, maker] : samples()) {
    if (kWithoutGradient.count(name)) continue;
    RandomNumbers random(2);
    for (int i = 0; i < kSecondOrderConfigurations; ++i) {
      const Sample sample = gradient_of(maker(random), random);
      ASSERT_LE(gradient_error(sample, random), kTolerance) << name << "\n" << described(sample);
    }
  }
}

// Both the rule itself and what `gradients` makes of it.
TEST(Gradients, AreZeroWhereThereIsNone) {
  for (const std::string& name : kWithoutGradient) {
    RandomNumbers random(3);
    for (int i = 0; i < kConfigurations; ++i) {
      const Sample sample = samples().at(name)(random);
      ASSERT_TRUE(uses(sample, name)) << name;
      const Value& y = sample.outputs[0];
      const Values dy = {constant(Tensor::filled(y.shape(), 1, DType::float64))};
      for (const Value& dx : y.node().op->gradient({y.node(), y.node().inputs, {y}, dy}))
        EXPECT_FALSE(dx.defined()) << name;
      const Value scalar = sum(cast(y, DType::float64));
      for (const Tensor& dx :
           compile({sample.inputs, gradients(scalar, sample.inputs), {}}, definitions_only())(sample.tensors))
        for (int64_t e = 0; e < dx.count(); ++e) ASSERT_EQ(dx.at(e), 0) << name;
      // Those that are truly constant between their steps: differences agree.
      if (name != "StopGradient" && is_floating(y.dtype())) {
        EXPECT_LE(gradient_error(sample, random), kTolerance) << name;
      }
    }
  }
}

TEST(Gradients, OfOpsThatTheCompilerMakesDoNotExist) {
  const Value x = input({32, 3}, DType::float64, "x");
  const Value partial = apply_one(std::make_shared<GrainSumOp>(16, 1), {x});
  EXPECT_THROW(gradients(partial, {x}), Error);
  // Their definitions are the op they stand for, in parts.
  RandomNumbers random(4);
  const Tensor values = random.tensor(x.shape(), -1, 1);
  const auto results = compile({{x}, {sum(partial, {0}), sum(x, {0})}, {}}, definitions_only())({values});
  for (int64_t i = 0; i < 3; ++i) EXPECT_NEAR(results[0].at(i), results[1].at(i), 1e-14);
}

TEST(Gradients, PassThroughFloat32) {
  RandomNumbers random(5);
  const Value x = input({3, 4}, DType::float64, "x");
  const Tensor weights = random.tensor({3, 4}, -1, 1);
  const Value y = sum(cast(cast(x, DType::float32), DType::float64) * constant(weights));
  const Tensor dx =
      compile({{x}, gradients(y, {x}), {}}, definitions_only())({random.tensor({3, 4}, -1, 1)})[0];
  for (int64_t i = 0; i < dx.count(); ++i)
    EXPECT_EQ(dx.at(i), static_cast<double>(static_cast<float>(weights.at(i))));
  // Whole numbers have no gradient.
  const Value whole = sum(cast(cast(x, DType::int32), DType::float64));
  const Tensor none = compile({{x}, gradients(whole, {x}), {}}, definitions_only())({weights})[0];
  for (double d : none.values<double>()) EXPECT_EQ(d, 0);
}

TEST(Gradients, OfUnusedAndRepeatedValues) {
  const Value x = input({2}, DType::float64, "x"), unused = input({3}, DType::float64, "unused");
  const Parameter shared("shared", Tensor::of<double>({2}, {2, 3}));
  // The parameter is written twice: two nodes, one quantity.
  const Value y = sum(Value(shared) * x + Value(shared) * Value(shared));
  const Values wanted = {x, unused, shared, x, y};
  const auto d = compile({{x, unused}, gradients(y, wanted), {}},
                         definitions_only())({Tensor::of<double>({2}, {5, 7}), Tensor({3}, DType::float64)});
  EXPECT_EQ(d[0].at(0), 2);
  EXPECT_EQ(d[0].at(1), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(d[1].at(i), 0);
  EXPECT_EQ(d[2].at(0), 5 + 4);
  EXPECT_EQ(d[2].at(1), 7 + 6);
  EXPECT_EQ(d[3].at(0), 2);
  EXPECT_EQ(d[4].at(0), 1);
}

// Many slices of one value cost one op, not a sum of full size each.
TEST(Gradients, OfSlicesAreGatheredOnce) {
  constexpr int64_t kSteps = 50;
  const Value x = input({2, kSteps, 3}, DType::float64, "x");
  Value total = sum(square(x));
  for (int64_t t = 0; t < kSteps; ++t) total = total + double(t) * sum(slice(x, 1, t, 1));
  const Values d = gradients(total, {x});
  int gathered = 0, padded = 0;
  for (const Node* node : Graph{{x}, d, {}}.nodes()) {
    gathered += node->op->name() == "SliceGradient";
    padded += node->op->name() == "Add" && node->outputs[0].shape == x.shape();
  }
  EXPECT_EQ(gathered, 1);
  EXPECT_EQ(padded, 1);
  const Tensor slopes =
      compile({{x}, d, {}}, definitions_only())({Tensor::filled(x.shape(), 0.5, x.dtype())})[0];
  for (int64_t e = 0; e < slopes.count(); ++e) EXPECT_EQ(slopes.at(e), 1 + double(e / 3 % kSteps));
}

TEST(Gradients, OfEqualElementsAreShared) {
  const Value a = input({3}, DType::float64, "a"), b = input({3}, DType::float64, "b");
  const auto of = [&](const Value& y, const Value& x) {
    return compile({{a, b}, gradients(y, {x}), {}}, definitions_only())(
        {Tensor::of<double>({3}, {1, 2, 2}), Tensor::of<double>({3}, {1, 1, 3})})[0];
  };
  EXPECT_EQ(to_string(of(sum(maximum(a, b)), a)), "Tensor (3,) float64 [0.5, 1, 0]");
  EXPECT_EQ(to_string(of(sum(minimum(a, b)), b)), "Tensor (3,) float64 [0.5, 1, 0]");
  EXPECT_EQ(to_string(of(max(a), a)), "Tensor (3,) float64 [0, 0.5, 0.5]");
}

TEST(Gradients, OfActivations) {
  for (const ActivationFunction& activation : activations()) {
    RandomNumbers random(6);
    for (int i = 0; i < 10; ++i) {
      Sample sample;
      Shape shape = random.shape(2);
      shape[-1] = random.whole(2, 5) * (activation.name == "glu" ? 2 : 1);
      const Value x = sample.add(random.distinct({shape})[0]);
      // The numbers lie on a grid, on which the ends of sparsemax' support would lie too.
      sample.outputs = {activation.apply(activation.name == "sparsemax" ? 0.37 * x : x)};
      ASSERT_LE(gradient_error(sample, random), kTolerance) << activation.name;
    }
  }
}

// Martins 2016: the nearest point of sum 1 without negative values, found there by sorting.
TEST(Activations, SparsemaxIsTheNearestDistribution) {
  const Value x = input({4, 3}, DType::float64, "x");
  const Plan plan = compile({{x}, {sparsemax(x)}, {}}, definitions_only());
  const Tensor y =
      plan({Tensor::of<double>({4, 3}, {0.5, 0.5, 0.5, 2, 0, -1, 1.5, 1.25, -1, 0.25, 0.5, 0})})[0];
  const std::vector<double> expected = {1.0 / 3, 1.0 / 3, 1.0 / 3, 1,       0,        0,
                                        0.625,   0.375,   0,       1.0 / 3, 7.0 / 12, 1.0 / 12};
  for (int64_t i = 0; i < 12; ++i) EXPECT_NEAR(y.at(i), expected[static_cast<size_t>(i)], 1e-12) << i;
}

TEST(Gradients, OfActivationsStayFiniteFarOut) {
  for (const ActivationFunction& activation : activations()) {
    if (activation.name == "exponential") continue;
    const Value x = input({4}, DType::float64, "x");
    const Plan plan = compile({{x}, gradients(sum(activation.apply(x)), {x}), {}}, definitions_only());
    const Tensor slopes = plan({Tensor::of<double>({4}, {-1e4, -800, 800, 1e4})})[0];
    for (double slope : slopes.values<double>()) EXPECT_TRUE(std::isfinite(slope)) << activation.name;
  }
}

Value cross_entropy(const Value& logits, const Tensor& labels) {
  return -mean(
      sum(one_hot(constant(labels), logits.shape()[-1], DType::float64) * log_softmax(logits), {-1}));
}

TEST(Gradients, OfAPerceptron) {
  RandomNumbers random(7);
  for (int64_t batch : {1, 5}) {
    Sample sample;
    Value x = sample.add(random.tensor({batch, 4}, -1, 1));
    for (const auto& [from, to] : {std::pair<int64_t, int64_t>{4, 6}, {6, 5}, {5, 3}}) {
      const Value kernel = sample.add(random.tensor({from, to}, -1, 1)),
                  bias = sample.add(random.tensor({to}, -1, 1));
      x = matmul(x, kernel) + bias;
      if (to != 3) x = to == 6 ? tanh(x) : gelu(x);
    }
    Tensor labels({batch}, DType::int32);
    for (int64_t i = 0; i < batch; ++i) labels.set(i, static_cast<double>(i % 3));
    sample.outputs = {cross_entropy(x, labels)};
    EXPECT_LE(gradient_error(sample, random), kTolerance);
    EXPECT_LE(gradient_error(gradient_of(sample, random), random), kTolerance);
  }
}

TEST(Gradients, OfAConvolutionalNet) {
  RandomNumbers random(8);
  Sample sample;
  Value x = sample.add(random.tensor({2, 7, 6, 2}, -1, 1));
  const Value kernel = sample.add(random.tensor({3, 3, 2, 3}, -1, 1)),
              bias = sample.add(random.tensor({3}, -1, 1));
  x = max_pool(softplus(convolution_2d(x, kernel, {1, 1, Padding::same}) + bias),
               {2, 2, 2, 2, Padding::valid});
  const Value strided = sample.add(random.tensor({2, 2, 3, 4}, -1, 1));
  x = average_pool(tanh(convolution_2d(x, strided, {2, 1, Padding::same})), {2, 2, 1, 1, Padding::same});
  x = dropout(flatten(x), constant(3, DType::int64), 0.4, 11, 2);
  const Value dense = sample.add(random.tensor({x.shape()[1], 3}, -1, 1));
  sample.outputs = {cross_entropy(matmul(x, dense), Tensor::of<int32_t>({2}, {2, 0}))};
  EXPECT_LE(gradient_error(sample, random), kTolerance);
}

TEST(Gradients, OfBatchNormalization) {
  RandomNumbers random(9);
  for (const Shape& shape : {Shape{6, 3}, Shape{2, 3, 2, 4}, Shape{1, 2, 2, 1}}) {
    Sample sample;
    const Value x = sample.add(random.tensor(shape, -1, 1));
    const Value gamma = sample.add(random.tensor({shape[-1]}, 0.5, 1.5)),
                beta = sample.add(random.tensor({shape[-1]}, -1, 1));
    std::vector<int> axes(static_cast<size_t>(shape.rank() - 1));
    std::iota(axes.begin(), axes.end(), 0);
    const Value centred = x - mean(x, axes, true);
    sample.outputs = {centred * rsqrt(mean(square(centred), axes, true) + 1e-3) * gamma + beta};
    EXPECT_LE(gradient_error(sample, random), kTolerance);
    EXPECT_LE(gradient_error(gradient_of(sample, random), random), kTolerance);
  }
}

// A recurrent cell over time: the same weights at each step.
TEST(Gradients, OfARecurrentCell) {
  RandomNumbers random(10);
  Sample sample;
  const Value x = sample.add(random.tensor({2, 8, 3}, -1, 1)),
              kernel = sample.add(random.tensor({3, 4}, -1, 1));
  const Value recurrent = sample.add(random.tensor({4, 4}, -1, 1));
  Value state = constant(Tensor({2, 4}, DType::float64));
  for (int t = 0; t < 8; ++t)
    state = tanh(matmul(reshape(slice(x, 1, t, 1), {2, 3}), kernel) + matmul(state, recurrent));
  sample.outputs = {state};
  EXPECT_LE(gradient_error(sample, random), kTolerance);
}

}  // namespace
}  // namespace folio
