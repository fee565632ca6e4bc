#include "workloads.h"

#include <cmath>
#include <set>

#include "folio/base/random.h"
#include "folio/ops/cast.h"
#include "folio/ops/convolution.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gather.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/pooling.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/scan.h"
#include "folio/ops/slice.h"
#include "folio/ops/softmax.h"
#include "workload_sizes.h"

namespace benchmarks {
namespace {

using namespace folio;

Tensor uniform(const Shape& shape, double low, double high, uint32_t site) {
  Tensor tensor(shape);
  const RandomStream random{1, site, 0};
  float* values = tensor.data<float>();
  for (int64_t i = 0; i < tensor.count(); ++i)
    values[i] = static_cast<float>(low + (high - low) * random.uniform(0, static_cast<uint32_t>(i)));
  return tensor;
}

Tensor random_labels(const Shape& shape, int64_t classes) {
  Tensor tensor(shape, DType::int32);
  const RandomStream random{1, 0, 1};
  for (int64_t i = 0; i < tensor.count(); ++i)
    tensor.data<int32_t>()[i] =
        static_cast<int32_t>(random.below(0, static_cast<uint32_t>(i), static_cast<uint32_t>(classes)));
  return tensor;
}

/// A network under construction: layers add their weights, a loss and an optimizer complete it.
class Network {
 public:
  explicit Network(bool train) : train_(train) {}

  Value weight(const std::string& name, const Shape& shape, double fan_in, double fan_out) {
    const double limit = std::sqrt(6.0 / (fan_in + fan_out));
    return add(Parameter(name, uniform(shape, -limit, limit, static_cast<uint32_t>(weights_.size() + 1))));
  }
  Value bias(int64_t units) { return add(Parameter("bias", Tensor({units}))); }

  Value dense(const Value& x, int64_t units) {
    const Scope scope("dense" + std::to_string(++layers_));
    const int64_t inputs = x.shape()[-1];
    const Value kernel =
        weight("kernel", {inputs, units}, static_cast<double>(inputs), static_cast<double>(units));
    return matmul(x, kernel) + bias(units);
  }

  Value convolve(const Value& x, int64_t filters, int64_t size, Padding padding = Padding::valid) {
    const Scope scope("convolution" + std::to_string(++layers_));
    const int64_t channels = x.shape()[-1];
    const auto window = static_cast<double>(size * size);
    const Value kernel =
        weight("kernel", {size, size, channels, filters}, window * static_cast<double>(channels),
               window * static_cast<double>(filters));
    ConvolutionOptions options;
    options.padding = padding;
    return convolution_2d(x, kernel, options) + bias(filters);
  }

  Value drop(const Value& x, double rate) {
    return train_ ? dropout(x, Value(step_), rate, 1, static_cast<uint32_t>(++dropouts_)) : x;
  }

  /// Updates of all weights that make `loss` smaller.
  std::vector<Update> momentum(const Value& loss) const {
    const Scope scope("momentum");
    const Values values = weight_values(), slopes = gradients(loss, values);
    std::vector<Update> updates{{step_, Value(step_) + constant(1, DType::int64)}};
    for (size_t i = 0; i < weights_.size(); ++i) {
      const Parameter velocity("velocity", Tensor(weights_[i].shape()), false);
      const Value next = 0.9 * Value(velocity) - 0.01 * slopes[i];
      updates.push_back({velocity, next});
      updates.push_back({weights_[i], values[i] + next});
    }
    return updates;
  }

  std::vector<Update> adam(const Value& loss) const {
    const Scope scope("adam");
    const Values values = weight_values(), slopes = gradients(loss, values);
    const Value step = Value(step_) + constant(1, DType::int64), time = cast(step, DType::float32);
    // Both corrections of the start from zero, as one factor.
    const Value rate = 1e-3 * sqrt(1.0 - pow(constant(0.999, DType::float32), time)) /
                       (1.0 - pow(constant(0.9, DType::float32), time));
    std::vector<Update> updates{{step_, step}};
    for (size_t i = 0; i < weights_.size(); ++i) {
      const Parameter mean("mean", Tensor(weights_[i].shape()), false),
          spread("spread", Tensor(weights_[i].shape()), false);
      const Value next_mean = Value(mean) + (slopes[i] - Value(mean)) * 0.1;
      const Value next_spread = Value(spread) + (square(slopes[i]) - Value(spread)) * 0.001;
      updates.push_back({mean, next_mean});
      updates.push_back({spread, next_spread});
      updates.push_back({weights_[i], values[i] - rate * next_mean / (sqrt(next_spread) + 1e-7)});
    }
    return updates;
  }

 private:
  Value add(Parameter parameter) {
    weights_.push_back(parameter);
    return Value(parameter);
  }
  Values weight_values() const { return {weights_.begin(), weights_.end()}; }

  bool train_;
  int layers_ = 0, dropouts_ = 0;
  std::vector<Parameter> weights_;
  Parameter step_{"step", Tensor::scalar(0, DType::int64), false};
};

Value lenet(Network& network, const Value& x) {
  Value h = average_pool(tanh(network.convolve(x, 6, 5, Padding::same)));
  h = average_pool(tanh(network.convolve(h, 16, 5)));
  h = tanh(network.dense(flatten(h), 120));
  return network.dense(tanh(network.dense(h, 84)), 10);
}

Value two_branches(Network& network, const Value& x) {
  const auto branch = [&](int64_t size) {
    return flatten(max_pool(network.drop(relu(network.convolve(x, 32, size)), 0.2)));
  };
  const Value small = branch(3), large = branch(6);
  return network.dense(relu(network.dense(concatenate({small, large}), 100)), 10);
}

Value autoencoder(Network& network, const Value& x) {
  const Value code = relu(network.dense(relu(network.dense(x, 128)), 32));
  return sigmoid(network.dense(relu(network.dense(code, 128)), 784));
}

/// Written out step by step, as the formula says: what the compiler makes of that is the question.
Value recurrent_cell(Network& network, const Value& x) {
  const int64_t batch = x.shape()[0];
  const Value input_kernel =
      network.weight("input_kernel", {kCellInputs, kCellUnits}, kCellInputs, kCellUnits);
  const Value state_kernel = network.weight("state_kernel", {kCellUnits, kCellUnits}, kCellUnits, kCellUnits);
  const Value bias = network.bias(kCellUnits);
  Value state;
  for (int64_t t = 0; t < kCellSteps; ++t) {
    const Scope scope("cell");
    Value sum = matmul(reshape(slice(x, 1, t, 1), {batch, kCellInputs}), input_kernel);
    if (t > 0) sum = sum + matmul(state, state_kernel);
    state = tanh(sum + bias);
  }
  return network.dense(state, kCellClasses);
}

/// The weights of a recurrent layer of `gates` gates; the same at every step.
struct RecurrentWeights {
  RecurrentWeights(Network& network, int64_t inputs, int64_t units, int64_t gates) : units(units) {
    const auto from = static_cast<double>(units), to = static_cast<double>(gates * units);
    input_kernel = network.weight("input_kernel", {inputs, gates * units}, static_cast<double>(inputs), to);
    state_kernel = network.weight("state_kernel", {units, gates * units}, from, to);
    bias = network.bias(gates * units);
  }
  Value sum(const Value& x, const Value& h) const {
    return matmul(x, input_kernel) + matmul(h, state_kernel) + bias;
  }
  Value first_state(const Value& x) const {
    return broadcast_to(constant(0, DType::float32), {x.shape()[0], units});
  }

  int64_t units;
  Value input_kernel, state_kernel, bias;
};

/// (batch, time, inputs) -> states: the last, and all in a sequence.
ScanValues simple_rnn(Network& network, const Value& x, int64_t units) {
  const RecurrentWeights weights(network, x.shape()[-1], units, 1);
  const Scope scope("simple_rnn");
  return scan(
      [&](const Values& states, const Values& inputs) {
        const Value h = tanh(weights.sum(inputs[0], states[0]));
        return ScanValues{{h}, {h}};
      },
      {weights.first_state(x)}, {x});
}

ScanValues lstm(Network& network, const Value& x, int64_t units) {
  const RecurrentWeights weights(network, x.shape()[-1], units, 4);
  const Scope scope("lstm");
  return scan(
      [&](const Values& states, const Values& inputs) {
        const Values gates = split(weights.sum(inputs[0], states[0]), 4);
        const Value cell = sigmoid(gates[1]) * states[1] + sigmoid(gates[0]) * tanh(gates[2]);
        const Value h = sigmoid(gates[3]) * tanh(cell);
        return ScanValues{{h, cell}, {h}};
      },
      {weights.first_state(x), weights.first_state(x)}, {x});
}

int64_t lstm_steps(const std::string& name) { return name == "lstm32" ? 32 : name == "lstm400" ? 400 : 0; }

/// Sequences (batch, time, inputs) or (batch, time) of whole numbers -> logits.
Value recurrent_network(Network& network, const std::string& name, const Value& x) {
  if (name == "W4" || name == "W5")
    return network.dense(simple_rnn(network, simple_rnn(network, x, 64).outputs[0], 32).states[0],
                         name == "W4" ? 6 : 18);
  if (name == "W6") {
    const Value words = gather(network.weight("embedding", {10000, 128}, 3, 3), x);
    return network.dense(lstm(network, words, 128).states[0], 1);
  }
  if (name == "W7") {
    const Value letters = gather(network.weight("embedding", {65, 256}, 3, 3), x);
    return network.dense(lstm(network, lstm(network, letters, 256).outputs[0], 256).outputs[0], 65);
  }
  return network.dense(lstm(network, x, kCellUnits).states[0], kCellClasses);
}

// Products of a scan's body and of its sums, at every step.
double scan_flops(const ScanOp& scan, const Node& node) {
  const ScanBody& body = scan.body();
  Values results = body.results();
  for (const RowSum& sum : body.sums) results.push_back(apply_one(sum.op, sum.operands));
  return graph_flops({body.inputs(), results, {}}) * static_cast<double>(scan.steps(node));
}

}  // namespace

Workload make_workload(const std::string& name, bool train, int64_t batch) {
  Shape sample{784};
  if (name == "W2") sample = {28, 28, 1};
  if (name == "W3") sample = {32, 32, 3};
  if (name == "cell") sample = {kCellSteps, kCellInputs};
  if (lstm_steps(name)) sample = {lstm_steps(name), kCellInputs};
  if (name == "W4") sample = {128, 9};
  if (name == "W5") sample = {18, 58};
  const int64_t words = name == "W6" ? 10000 : name == "W7" ? 65 : 0;
  if (words > 0) sample = {100};
  const Value x = input(Shape{batch}.joined(sample), words > 0 ? DType::int32 : DType::float32, "samples");
  Network network(train);
  Value result;
  if (name == "W1") result = network.dense(relu(network.dense(relu(network.dense(x, 512)), 256)), 10);
  if (name == "W2") result = lenet(network, x);
  if (name == "W3") result = two_branches(network, x);
  if (name == "W12") result = autoencoder(network, x);
  if (name == "tiny") result = network.dense(relu(network.dense(x, 32)), 10);
  if (name == "cell") result = recurrent_cell(network, x);
  if (lstm_steps(name) || (name >= "W4" && name <= "W7")) result = recurrent_network(network, name, x);
  if (!result.defined()) throw OptionError("there is no workload \"" + name + "\"");

  Workload workload;
  workload.graph.inputs = {x};
  workload.inputs = {words > 0 ? random_labels(x.shape(), words) : uniform(x.shape(), 0, 1, 0)};
  if (!train) {
    workload.graph.outputs = {result};
    return workload;
  }
  Value loss;
  if (name == "W12") {
    loss = mean(square(result - x));
  } else {
    const int64_t classes = result.shape()[-1];
    const Shape shape = result.shape().without(-1);
    const Value labels = input(shape, DType::int32, "labels");
    workload.graph.inputs.push_back(labels);
    workload.inputs.push_back(random_labels(shape, classes == 1 ? 2 : classes));
    if (classes == 1)
      loss = mean(softplus(result) - reshape(cast(labels, DType::float32), result.shape()) * result);
    else
      loss = mean(-sum(one_hot(labels, classes) * log_softmax(result), {-1}));
  }
  workload.graph.outputs = {loss};
  workload.graph.updates = name == "W2" || name == "tiny" ? network.momentum(loss) : network.adam(loss);
  return workload;
}

double graph_flops(const Graph& graph) {
  double flops = 0;
  // A scan whose gradient is taken has a twin, which the compiler makes one with it.
  std::set<const Op*> bases;
  for (const Node* node : graph.nodes())
    if (const auto* scan = dynamic_cast<const ScanOp*>(node->op.get())) bases.insert(scan->base());
  for (const Node* node : graph.nodes()) {
    const auto* scan = dynamic_cast<const ScanOp*>(node->op.get());
    if (scan && !bases.count(scan)) flops += scan_flops(*scan, *node);
    const std::string name = node->op->name();
    if (name.rfind("MatMul", 0) == 0 || name.rfind("Convolution2D", 0) == 0) flops += node->op->flops(*node);
  }
  return flops;
}

}  // namespace benchmarks
