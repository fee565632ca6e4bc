// D4: dropout. In training each output is left out with the rate's probability and the others grow to make up
// for it, so that nothing needs to be scaled afterwards (errata 9). A net that may not lean on any one unit
// overfits less.
#include "data_for_examples.h"

using namespace folio;

namespace {

// The mean of a thousand ones after dropout, and how many were left out.
std::pair<double, double> of_ones(bool training) {
  const Value x = Input({1000});
  const Model model(x, Dropout(0.4)(x));
  const Tensor ones = Tensor::filled({1, 1000}, 1);
  Tensor out = model.predict(ones);
  if (training) {
    const Value in = input({1, 1000});
    Effects effects;
    const Value y =
        model.trace(in, effects, {.training = true, .step = constant(0, DType::int64), .seed = 1});
    out = compile({{in}, {y}, {}})({ones})[0];
  }
  double mean = 0, zeros = 0;
  for (int64_t i = 0; i < 1000; ++i) mean += out.at(i) / 1000, zeros += out.at(i) == 0;
  return {mean, zeros / 1000};
}

// How much higher the loss is on pictures that were not trained on.
double gap(const TrainAndTest& data, double rate, Plot& plot) {
  set_random_seed(1);
  const Model model =
      Sequential({Input({784}), Dense(128, {.activation = "relu"}), Dropout(rate),
                  Dense(64, {.activation = "relu"}), Dropout(rate), Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = Adam(0.001), .loss = "sparse_categorical_crossentropy"});
  const History history =
      model.fit(data.train, {.batch_size = 50, .epochs = 30, .verbose = 0, .validation_data = data.test});
  plot.per_epoch(rate > 0 ? "others, dropout" : "others", history["val_loss"]);
  return log_of(model.evaluate(data.test), "loss") - log_of(model.evaluate(data.train), "loss");
}

}  // namespace

int main() {
  const auto [mean, zeros] = of_ones(true);
  const auto [plain_mean, plain_zeros] = of_ones(false);
  std::printf(
      "ones through Dropout(0.4): in training mean %.3f, %.1f %% zeros; otherwise mean %.0f, %.0f %% zeros\n",
      mean, 100 * zeros, plain_mean, 100 * plain_zeros);
  const bool good = std::abs(mean - 1) < 0.1 && std::abs(zeros - 0.4) < 0.06 &&
                    std::abs(plain_mean - 1) < 1e-9 && plain_zeros == 0;
  const auto data = clothes(1000, 1000);
  if (!data) return good ? 0 : 1;
  Plot plot("Loss on pictures that were not trained on");
  const double without = gap(*data, 0, plot), with = gap(*data, 0.4, plot);
  write_file_atomically("dropout.svg", plot.x_axis({.label = "epoch"}).y_axis({.label = "loss"}).svg());
  std::printf("loss on others higher by %.3f without dropout, %.3f with it\n", without, with);
  return good && with < without ? 0 : 1;
}
