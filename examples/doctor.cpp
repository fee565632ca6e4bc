// The doctor at a sick training: what it finds, the cure it names, and the training that follows. With a path
// as its argument it draws both there.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>

using namespace folio;

namespace {

// Houses: rooms (1 to 9) and size in square metres; is the price above the median? The size alone would do,
// but its numbers are a hundred times larger.
Data houses(int64_t rows, uint32_t site) {
  Tensor x({rows, 2}), y({rows}, DType::int32);
  const RandomStream stream{2, site, 0};
  for (int64_t r = 0; r < rows; ++r) {
    const auto row = static_cast<uint32_t>(r);
    const double rooms = 1 + std::floor(9 * stream.uniform(row, 0));
    const double size = 40 * rooms * std::exp(0.5 * stream.normal(row, 1)) + 300;
    x.set(2 * r, rooms);
    x.set(2 * r + 1, size);
    y.set(r, size - 300 - 30 * rooms > 40 ? 1 : 0);
  }
  return {x, y};
}

Sequential network(const Data& train, bool scaled) {
  set_random_seed(4);
  Sequential model({Input({2})});
  if (scaled) {
    const Normalization z_norm;
    z_norm.adapt(train.x[0]);
    model.add(z_norm);
  }
  model.add(Dense(16, {.activation = "relu", .kernel_initializer = "he_normal", .name = "first"}));
  model.add(Dense(16, {.activation = "relu", .kernel_initializer = "he_normal", .name = "second"}));
  model.add(Dense(2, {.activation = "softmax"}));
  model.compile({.optimizer = SGD(0.1), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

}  // namespace

int main(int argc, char** argv) {
  const Data train = houses(1000, 1), test = houses(500, 2);
  double accuracy[2];
  Plot plot("Training loss");
  plot.x_axis({.label = "epoch"}).y_axis({.label = "cross-entropy", .log = true});
  std::vector<Finding> findings[2];
  for (const bool scaled : {false, true}) {
    const Sequential model = network(train, scaled);
    const Doctor doctor({.print = false});
    const History history =
        model.fit(train, {.batch_size = 32, .epochs = 12, .verbose = 0, .callbacks = {doctor}});
    plot.per_epoch(scaled ? "scaled (B2)" : "as it is", history["loss"], {.points = true});
    accuracy[scaled] = model.evaluate(test)[1].second;
    findings[scaled] = doctor.findings();
    std::printf("%s\n  loss:", scaled ? "With the cure (B2):" : "As it is:");
    for (double loss : history["loss"]) std::printf(" %.3g", loss);
    std::printf("\n  test accuracy %.3f\n", accuracy[scaled]);
    for (const Finding& finding : findings[scaled]) std::printf("  %s\n", to_string(finding).c_str());
    std::printf("%s\n", doctor.latest().table().c_str());
  }
  if (argc > 1) write_file_atomically(argv[1], plot.svg());
  bool found = false;
  for (const Finding& finding : findings[0]) found = found || finding.kind == "unscaled_inputs";
  bool healthy = true;
  for (const Finding& finding : findings[1]) healthy = healthy && finding.severity == Severity::note;
  return found && healthy && accuracy[1] > 0.9 && accuracy[1] > accuracy[0] + 0.1 ? 0 : 1;
}
