// Vanishing and exploding gradients of recurrent networks, and the sheet's remedies (G10). The class of a
// sequence of 60 noisy steps is told by its first step alone. The table shows by how much the loss depends on
// the first step and on the last, before training; then each network is trained. With a path as its argument
// it draws the dependence over the steps there.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>
#include <functional>

using namespace folio;

namespace {

constexpr int64_t kRows = 640, kSteps = 60, kUnits = 24;

// Noise, and in the first step's second feature the class, as -1 or 1.
Data sequences() {
  Tensor x({kRows, kSteps, 2}), y({kRows}, DType::int32);
  const RandomStream stream{1, 1, 1};
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t t = 0; t < kSteps; ++t)
      x.set((r * kSteps + t) * 2, 0.5 * stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(t)));
    x.set(r * kSteps * 2 + 1, r % 2 ? 1 : -1);
    y.set(r, static_cast<double>(r % 2));
  }
  return {x, y};
}

// The norm of the loss's gradient by each step's input.
std::vector<double> dependence(const Model& model, const Data& data) {
  Effects effects;
  const Value x = input({kRows, kSteps, 2});
  Tensor wanted({kRows, 2});
  for (int64_t r = 0; r < kRows; ++r) wanted.set(2 * r + (r % 2), 1);
  const Value loss = -mean(sum(constant(wanted) * log(model.trace(x, effects)), {1}));
  const Tensor slopes = compile({{x}, gradients(loss, {x}), {}})({data.x[0]})[0];
  std::vector<double> norms(kSteps);
  for (int64_t i = 0; i < slopes.count(); ++i)
    norms[static_cast<size_t>(i / 2 % kSteps)] += slopes.at(i) * slopes.at(i);
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

struct Way {
  const char* name;
  std::function<Sequential()> network;
  std::function<Optimizer()> optimizer = [] { return Adam(0.003); };
};

Sequential network(const std::vector<Layer>& layers) {
  Sequential model({Input({kSteps, 2})});
  for (const Layer& layer : layers) model.add(layer);
  model.add(Dense(2, {.activation = "softmax"}));
  return model;
}

Sequential simple(const char* activation, const Initializer& recurrent) {
  return network({SimpleRNN(kUnits, {.activation = activation, .recurrent_initializer = recurrent})});
}

Optimizer descent(double clipnorm) { return SGD(0.03, 0.9, false, {.clipnorm = clipnorm}); }

}  // namespace

int main(int argc, char** argv) {
  const Data data = sequences();
  const Initializer weak = Initializer::random_normal(0, 0.1), wild = Initializer::random_normal(0, 0.31);
  const Way ways[] = {
      {"simple, weak start", [&] { return simple("tanh", weak); }},
      {"simple, orthogonal", [] { return simple("tanh", "orthogonal"); }},
      {"two, batch norm between",
       [] {
         return network(
             {SimpleRNN(kUnits, {.return_sequences = true}), BatchNormalization(), SimpleRNN(kUnits)});
       }},
      {"LSTM", [] { return network({LSTM(kUnits)}); }},
      {"GRU", [] { return network({GRU(kUnits)}); }},
      {"ReLU, wild start", [&] { return simple("relu", wild); }, [] { return descent(0); }},
      {"the same, clipped", [&] { return simple("relu", wild); }, [] { return descent(0.1); }},
  };
  constexpr size_t kWays = std::size(ways);
  double ratios[kWays], accuracies[kWays];
  Plot plot("What the loss knows of each step, before training");
  plot.x_axis({.label = "step"}).y_axis({.label = "norm of the gradient", .log = true});
  for (size_t w = 0; w < kWays; ++w) {
    set_random_seed(1);
    const Sequential model = ways[w].network();
    const std::vector<double> norms = dependence(model, data);
    ratios[w] = norms.front() / norms.back();
    if (w + 1 < kWays) plot.per_epoch(ways[w].name, norms);  // clipping comes later
    model.compile({.optimizer = ways[w].optimizer(),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {"accuracy"}});
    const History history = model.fit(data, {.batch_size = 64, .epochs = 25, .verbose = 0});
    accuracies[w] = history["accuracy"].back();
    std::printf("%-24s first step %7.0e, last %7.0e, first / last %7.0e, accuracy %.3f\n", ways[w].name,
                norms.front(), norms.back(), ratios[w], accuracies[w]);
  }
  if (argc > 1) write_file_atomically(argv[1], plot.svg());
  // A weak start forgets the first step; an orthogonal one, batch norm between layers and an LSTM keep it. A
  // wild one makes steps that destroy, and clipping makes bearable ones of them.
  const bool shown = ratios[0] < 1e-10 && ratios[1] > 1e-6 && ratios[3] > 1e-8 && ratios[5] > 1;
  const bool cured = accuracies[0] < 0.7 && accuracies[1] > 0.95 && accuracies[2] > 0.95 &&
                     accuracies[3] > 0.95 && accuracies[5] < 0.8 && accuracies[6] > 0.95;
  return shown && cured ? 0 : 1;
}
