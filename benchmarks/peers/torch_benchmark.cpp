// The workloads in libtorch, measured and reported as folio_benchmark does.
#include <torch/torch.h>

#include <fstream>

#include "../measure.h"
#include "../workload_sizes.h"

namespace benchmarks {
namespace {

using torch::Tensor;
namespace nn = torch::nn;

constexpr const char* kUsage =
    R"(usage: torch_benchmark WORKLOAD train|infer [--threads N] [--seconds S] [--batch B]
                       [--layout nchw|channels-last]
ATEN_CPU_CAPABILITY=avx512 in the environment lets libtorch use AVX-512; by itself it stays with AVX2.
)";

struct Network : nn::Module {
  virtual Tensor forward(Tensor x) = 0;
};

struct Perceptron final : Network {
  explicit Perceptron(std::vector<int64_t> widths, bool sigmoid_at_end = false)
      : sigmoid_at_end(sigmoid_at_end) {
    for (size_t i = 1; i < widths.size(); ++i)
      layers.push_back(register_module("dense" + std::to_string(i), nn::Linear(widths[i - 1], widths[i])));
  }
  Tensor forward(Tensor x) override {
    for (size_t i = 0; i < layers.size(); ++i) {
      x = layers[i](x);
      if (i + 1 < layers.size()) x = torch::relu(x);
    }
    return sigmoid_at_end ? torch::sigmoid(x) : x;
  }
  std::vector<nn::Linear> layers;
  bool sigmoid_at_end;
};

struct Lenet final : Network {
  Lenet() {
    register_module("convolution1", convolution1);
    register_module("convolution2", convolution2);
    register_module("dense1", dense1);
    register_module("dense2", dense2);
    register_module("dense3", dense3);
  }
  Tensor forward(Tensor x) override {
    x = torch::avg_pool2d(torch::tanh(convolution1(x)), 2);
    x = torch::avg_pool2d(torch::tanh(convolution2(x)), 2);
    x = torch::tanh(dense1(x.flatten(1)));
    return dense3(torch::tanh(dense2(x)));
  }
  nn::Conv2d convolution1{nn::Conv2dOptions(1, 6, 5).padding(2)}, convolution2{nn::Conv2dOptions(6, 16, 5)};
  nn::Linear dense1{400, 120}, dense2{120, 84}, dense3{84, 10};
};

struct TwoBranches final : Network {
  TwoBranches() {
    register_module("small", small);
    register_module("large", large);
    register_module("dense1", dense1);
    register_module("dense2", dense2);
  }
  Tensor branch(nn::Conv2d& convolution, const Tensor& x) {
    // In place where that saves a pass: relu's gradient needs only its result.
    const Tensor h = torch::dropout(convolution(x).relu_(), 0.2, is_training());
    return torch::max_pool2d(h, 2).flatten(1);
  }
  Tensor forward(Tensor x) override {
    const Tensor both = torch::cat({branch(small, x), branch(large, x)}, 1);
    return dense2(torch::relu(dense1(both)));
  }
  nn::Conv2d small{nn::Conv2dOptions(3, 32, 3)}, large{nn::Conv2dOptions(3, 32, 6)};
  nn::Linear dense1{(15 * 15 + 13 * 13) * 32, 100}, dense2{100, 10};
};

struct Cell final : Network {
  Cell() {
    register_module("recurrent", recurrent);
    register_module("dense", dense);
  }
  Tensor forward(Tensor x) override { return dense(std::get<0>(recurrent(x)).select(1, kCellSteps - 1)); }
  nn::RNN recurrent{nn::RNNOptions(kCellInputs, kCellUnits).batch_first(true)};
  nn::Linear dense{kCellUnits, kCellClasses};
};

struct Lstm final : Network {
  Lstm() {
    register_module("recurrent", recurrent);
    register_module("dense", dense);
  }
  Tensor forward(Tensor x) override { return dense(std::get<0>(recurrent(x)).select(1, x.size(1) - 1)); }
  nn::LSTM recurrent{nn::LSTMOptions(kCellInputs, kCellUnits).batch_first(true)};
  nn::Linear dense{kCellUnits, kCellClasses};
};

std::shared_ptr<Network> make_network(const std::string& name) {
  if (name == "W1") return std::make_shared<Perceptron>(std::vector<int64_t>{784, 512, 256, 10});
  if (name == "W2") return std::make_shared<Lenet>();
  if (name == "W3") return std::make_shared<TwoBranches>();
  if (name == "W12") return std::make_shared<Perceptron>(std::vector<int64_t>{784, 128, 32, 128, 784}, true);
  if (name == "tiny") return std::make_shared<Perceptron>(std::vector<int64_t>{784, 32, 10});
  if (name == "cell") return std::make_shared<Cell>();
  if (name == "lstm32" || name == "lstm400") return std::make_shared<Lstm>();
  throw OptionError("libtorch has no workload \"" + name + "\" here");
}

Tensor make_samples(const std::string& name, int64_t batch) {
  if (name == "W2") return torch::rand({batch, 1, 28, 28});
  if (name == "W3") return torch::rand({batch, 3, 32, 32});
  if (name == "cell") return torch::rand({batch, kCellSteps, kCellInputs});
  if (name == "lstm32") return torch::rand({batch, 32, kCellInputs});
  if (name == "lstm400") return torch::rand({batch, 400, kCellInputs});
  return torch::rand({batch, 784});
}

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const std::string& name, Network& network) {
  using namespace torch::optim;
  if (name == "W2" || name == "tiny")
    return std::make_unique<SGD>(network.parameters(), SGDOptions(0.01).momentum(0.9));
  return std::make_unique<Adam>(network.parameters(), AdamOptions(1e-3));
}

/// The BLAS libraries that this process has really loaded.
std::set<std::string> loaded_blas() {
  std::set<std::string> paths;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t path = line.find('/');
    if (path != std::string::npos && line.find("blas", line.rfind('/')) != std::string::npos)
      paths.insert(line.substr(path));
  }
  return paths;
}

void run(const Arguments& arguments) {
  if (arguments.positional(0).empty()) throw OptionError("no workload named");
  const WorkloadSize& size = workload_size(arguments.positional(0));
  const std::string mode = arguments.positional(1), layout = arguments.text("layout", "nchw");
  if (mode != "train" && mode != "infer") throw OptionError("expected train or infer, got \"" + mode + "\"");
  if (layout != "nchw" && layout != "channels-last")
    throw OptionError("there is no layout \"" + layout + "\"");
  const bool train = mode == "train";
  const int threads = static_cast<int>(arguments.number("threads", 1));
  const auto batch = static_cast<int64_t>(arguments.number("batch", static_cast<double>(size.batch)));
  torch::set_num_threads(threads);
  torch::manual_seed(1);
  const std::shared_ptr<Network> network = make_network(size.name);
  network->train(train);
  Tensor x = make_samples(size.name, batch);
  if (layout == "channels-last" && x.dim() == 4) {
    const torch::NoGradGuard no_gradients;
    x = x.contiguous(at::MemoryFormat::ChannelsLast);
    for (Tensor& parameter : network->parameters())
      if (parameter.dim() == 4)
        parameter.set_data(parameter.data().contiguous(at::MemoryFormat::ChannelsLast));
  }
  const int64_t classes = size.name == "cell" ? kCellClasses : 10;
  const Tensor labels = torch::randint(classes, {batch}, torch::kLong);
  const auto optimizer = make_optimizer(size.name, *network);
  Tensor loss;
  const auto train_step = [&] {
    optimizer->zero_grad();
    const Tensor result = network->forward(x);
    loss = size.name == "W12" ? torch::mse_loss(result, x) : torch::cross_entropy_loss(result, labels);
    loss.backward();
    optimizer->step();
  };
  const auto infer_step = [&] {
    const torch::InferenceMode guard;
    network->forward(x);
  };
  const auto step = [&] { train ? train_step() : infer_step(); };
  step();
  const double first_loss = train ? loss.item<double>() : 0;
  const Measurement m = measure(step, arguments.number("seconds", 3));
  // libblas.so.3 may hold the products or hand them on to libopenblas.so.0: both have to be of the right
  // kind.
  std::string blas;
  bool with_openmp = true;
  for (const std::string& path : loaded_blas()) {
    blas += (blas.empty() ? "" : " ") + path;
    with_openmp = with_openmp && path.find("openmp") != std::string::npos;
  }
  const char* capability = std::getenv("ATEN_CPU_CAPABILITY");
  JsonLine line;
  line.text("program", "libtorch " TORCH_VERSION)
      .text("workload", size.name)
      .text("mode", mode)
      .whole("threads", threads)
      .whole("batch", batch)
      .measurement(m, batch, size.flops(train, batch))
      .text("layout", layout)
      .text("instructions", capability ? capability : "default")
      .text("blas", blas)
      .text("blas_threads", with_openmp ? "OpenMP" : "not OpenMP");
  if (train) line.number("first_loss", first_loss).number("last_loss", loss.item<double>());
  line.print();
}

}  // namespace
}  // namespace benchmarks

int main(int count, char** texts) {
  using namespace benchmarks;
  try {
    run(Arguments(count, texts, {"threads", "seconds", "batch", "layout"}, {}));
  } catch (const OptionError& error) {
    std::fprintf(stderr, "torch_benchmark: %s\n%s", error.what(), kUsage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "torch_benchmark: %s\n", error.what());
    return 1;
  }
}
