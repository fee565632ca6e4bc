// C2: the sheet's two cost functions, through a sigmoid, and their gradients; and why cross-entropy is the
// one for classes: where the model is sure and wrong, the slope of the squared error vanishes and that of
// cross-entropy not.
#include "data_for_examples.h"

using namespace folio;

namespace {

// dJ/dz of one example, by the graph.
double slope(const Loss& loss, double z, double y) {
  const Value in = input({1, 1}), target = input({1, 1});
  const Plan plan = compile({{in, target}, {gradients(loss(target, sigmoid(in)), {in})[0]}, {}});
  return plan({Tensor::filled({1, 1}, z), Tensor::filled({1, 1}, y)})[0].at(0);
}

// Epochs of logistic regression from weights that are sure and wrong, until the accuracy is 80 %.
int epochs_needed(const Loss& loss, const Data& data) {
  const Model model = Sequential({Input({data.x[0].shape()[1]}), Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = SGD(0.1), .loss = loss, .metrics = {"accuracy"}});
  model.fit(data, {.batch_size = 16, .epochs = 100, .verbose = 0});
  std::vector<Tensor> weights = model.get_weights();  // what is right, times -5
  for (Tensor& weight : weights)
    for (int64_t i = 0; i < weight.count(); ++i) weight.set(i, -5 * weight.at(i));
  model.set_weights(weights);
  for (int epoch = 1; epoch < 300; ++epoch)
    if (model.fit(data, {.batch_size = 16, .verbose = 0})["accuracy"][0] >= 0.8) return epoch;
  return 300;
}

}  // namespace

int main() {
  bool good = true;
  std::vector<double> places, of_squares, of_entropy;
  for (double z = -8; z <= 8; z += 0.5) {
    places.push_back(z);
    of_squares.push_back(slope("mse", z, 1)), of_entropy.push_back(slope("binary_crossentropy", z, 1));
  }
  write_file_atomically("losses.svg", Plot("Slopes at y = 1")
                                          .line("squared error", places, of_squares)
                                          .line("cross-entropy", places, of_entropy)
                                          .x_axis({.label = "z"})
                                          .y_axis({.label = "∂J/∂z"})
                                          .svg());
  std::printf("slopes at y = 1:     z   squared error   cross-entropy\n");
  for (double z : {-8.0, -2.0, 0.0, 2.0, 8.0}) {
    const double a = 1 / (1 + std::exp(-z)), mse = slope("mse", z, 1),
                 bce = slope("binary_crossentropy", z, 1);
    std::printf("                  %4.0f %15.6f %15.6f\n", z, mse, bce);
    // The sheet's formulas; Keras' squared error is without the ½ (errata 13).
    good = good && std::abs(mse - 2 * (a - 1) * a * (1 - a)) < 1e-6 && std::abs(bce - (a - 1)) < 1e-6;
  }
  const auto data = table("ionosphere.csv", true);
  if (!data) return good ? 0 : 1;
  const int squared = epochs_needed("mse", data->train),
            entropy = epochs_needed("binary_crossentropy", data->train);
  std::printf("epochs from sure and wrong to 80 %% right: squared error %d, cross-entropy %d\n", squared,
              entropy);
  return good && entropy < squared ? 0 : 1;
}
