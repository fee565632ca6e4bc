// Vanishing and exploding gradients, and the sheet's remedies (C8): ten hidden layers, five ways. The table
// shows the norm of the gradient at each layer's output before training; then each network is trained. With a
// path as its argument it draws the table there.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>

using namespace folio;

namespace {

constexpr int kLayers = 10;
constexpr int64_t kRows = 1000, kUnits = 24;

// Two rings: whether a point lies in the inner one.
Data rings() {
  Tensor x({kRows, 2}), y({kRows}, DType::int32);
  const RandomStream stream{1, 1, 1};
  for (int64_t r = 0; r < kRows; ++r) {
    const auto row = static_cast<uint32_t>(r);
    const double angle = 2 * 3.14159265 * r * 0.618,
                 radius = (r % 2 ? 0.7 : 1.7) + 0.15 * stream.normal(row, 0);
    x.set(2 * r, radius * std::cos(angle));
    x.set(2 * r + 1, radius * std::sin(angle));
    y.set(r, static_cast<double>(r % 2));
  }
  return {x, y};
}

struct Way {
  const char *name, *activation;
  Initializer initializer;
  bool normalized;
  double clipnorm;
};

Sequential network(const Way& way) {
  Sequential model({Input({2})});
  for (int i = 0; i < kLayers; ++i) {
    model.add(Dense(kUnits, {.kernel_initializer = way.initializer, .name = "hidden_" + std::to_string(i)}));
    if (way.normalized) model.add(BatchNormalization());
    model.add(Activation(way.activation));
  }
  model.add(Dense(2, {.activation = "softmax", .kernel_initializer = way.initializer}));
  model.compile({.optimizer = SGD(0.05, 0.9, false, {.clipnorm = way.clipnorm}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  return model;
}

}  // namespace

int main(int argc, char** argv) {
  const Data data = rings();
  const Initializer wild = Initializer::random_normal(0, 1);
  const Way ways[] = {{"sigmoid", "sigmoid", "glorot_uniform", false, 0},
                      {"sigmoid, batch norm", "sigmoid", "glorot_uniform", true, 0},
                      {"ReLU, He", "relu", "he_normal", false, 0},
                      {"ReLU, N(0, 1)", "relu", wild, false, 0},
                      {"ReLU, N(0, 1), clipped", "relu", wild, false, 0.05}};
  double ratios[5], accuracies[5];
  Plot plot("Gradients of ten layers before training");
  plot.x_axis({.label = "hidden layer"}).y_axis({.label = "norm of the gradient", .log = true});
  for (int w = 0; w < 5; ++w) {
    set_random_seed(1);
    const Sequential model = network(ways[w]);
    std::printf("%-24s", ways[w].name);
    std::vector<double> norms;
    for (const LayerReport& layer : inspect(model, data).layers) {
      if (!layer.layer.starts_with("hidden_") || !layer.has_kernel) continue;
      norms.push_back(layer.output_gradient);
      std::printf(" %7.0e", layer.output_gradient);
    }
    ratios[w] = norms.front() / norms.back();
    if (ways[w].clipnorm == 0) plot.per_epoch(ways[w].name, norms, {.points = true});
    const History history = model.fit(data, {.batch_size = 50, .epochs = 20, .verbose = 0});
    accuracies[w] = history["accuracy"].back();
    std::printf("   first / last %.0e, accuracy %.3f\n", ratios[w], accuracies[w]);
  }
  if (argc > 1) write_file_atomically(argv[1], plot.svg());
  // Sigmoids lose the gradient, and batch norm or ReLU with He's initialization keep it; a wild
  // initialization makes it grow, and clipping makes steps of a bearable size of it.
  const bool shown =
      ratios[0] < 1e-3 && ratios[1] > 1e-3 && ratios[2] > 1e-2 && ratios[2] < 1e2 && ratios[3] > 1e3;
  const bool cured = accuracies[0] < 0.6 && accuracies[1] > 0.95 && accuracies[2] > 0.95 &&
                     accuracies[3] < 0.6 && accuracies[4] > 0.9;
  return shown && cured ? 0 : 1;
}
