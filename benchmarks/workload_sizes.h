// The workloads in numbers, the same for Folio and its peers: usual batch, and multiply-adds per sample.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "measure.h"

namespace benchmarks {

struct WorkloadSize {
  std::string name, description;
  int64_t batch;
  /// Multiply-adds of matrix products and convolutions, of one sample, forward. The first layer is counted
  /// apart: nobody asks for the gradient of its input.
  int64_t first_layer, others;

  /// Training: forward, gradient of the weights, and behind the first layer gradient of the input.
  double flops(bool train, int64_t of_batch) const {
    return 2.0 * static_cast<double>(of_batch) *
           static_cast<double>(first_layer * (train ? 2 : 1) + others * (train ? 3 : 1));
  }
};

inline constexpr int64_t kCellSteps = 100, kCellInputs = 9, kCellUnits = 64, kCellClasses = 6;

/// An LSTM's products over `steps`: all are computed, also that of the first state.
inline WorkloadSize lstm_size(int64_t steps) {
  return {"lstm" + std::to_string(steps),
          "LSTM over " + std::to_string(steps) + " steps, 9 inputs, 64 units, cross entropy, Adam", 32,
          steps * kCellInputs * 4 * kCellUnits,
          steps * kCellUnits * 4 * kCellUnits + kCellUnits * kCellClasses};
}

inline const std::vector<WorkloadSize>& workload_sizes() {
  static const std::vector<WorkloadSize> sizes = {
      {"W1", "784-512-256-10, relu, cross entropy, Adam", 128, 784 * 512, 512 * 256 + 256 * 10},
      {"W2", "LeNet-5 with tanh and average pooling, cross entropy, SGD with momentum", 128, 28 * 28 * 25 * 6,
       10 * 10 * 25 * 6 * 16 + 400 * 120 + 120 * 84 + 84 * 10},
      {"W3", "two branches of 32 filters, 3x3 and 6x6, on 32x32x3, dropout, max pooling, cross entropy, Adam",
       128, 30 * 30 * 27 * 32 + 27 * 27 * 108 * 32, (15 * 15 * 32 + 13 * 13 * 32) * 100 + 100 * 10},
      {"W12", "autoencoder 784-128-32-128-784, relu, sigmoid, squared error, Adam", 128, 784 * 128,
       128 * 32 + 32 * 128 + 128 * 784},
      {"tiny", "784-32-10, relu, cross entropy, SGD with momentum", 32, 784 * 32, 32 * 10},
      // The first state is zero, so that its product need not be computed.
      {"cell", "h = tanh(x W + h U + b) over 100 steps, 9 inputs, 64 units, cross entropy, Adam", 32,
       kCellSteps * kCellInputs * kCellUnits,
       (kCellSteps - 1) * kCellUnits * kCellUnits + kCellUnits * kCellClasses},
      {"W4", "simple cells of 64 and 32 units over 128 steps of 9 inputs, 6 classes, Adam", 128, 128 * 9 * 64,
       128 * (64 * 64 + 64 * 32 + 32 * 32) + 32 * 6},
      {"W5", "simple cells of 64 and 32 units over 18 steps of 58 inputs, 18 classes, Adam", 32, 18 * 58 * 64,
       18 * (64 * 64 + 64 * 32 + 32 * 32) + 32 * 18},
      {"W6", "10,000 words in 128 numbers, LSTM of 128 units over 100 steps, yes or no, Adam", 64, 0,
       100 * (128 + 128) * 4 * 128 + 128},
      {"W7", "65 letters in 256 numbers, two LSTMs of 256 units over 100 steps, the next letter, Adam", 64, 0,
       100 * (2 * (256 + 256) * 4 * 256 + 256 * 65)},
      lstm_size(32),
      lstm_size(400),
  };
  return sizes;
}

/// The workload of that name; throws `OptionError` that lists them.
inline const WorkloadSize& workload_size(const std::string& name) {
  std::string names;
  for (const WorkloadSize& size : workload_sizes()) {
    if (size.name == name) return size;
    names += (names.empty() ? "" : ", ") + size.name;
  }
  throw OptionError("there is no workload \"" + name + "\"; there are " + names);
}

}  // namespace benchmarks
