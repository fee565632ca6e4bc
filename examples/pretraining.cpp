// E5: pre-training without labels, then fine-tuning with 200. A net of four layers of sigmoids learns next to
// nothing from so few labels; its first three layers can be had from autoencoders before, one after the other
// (Hinton 2006, Bengio 2007) or all at once, on pictures without labels. Needs Fashion-MNIST; without it it
// says so and does nothing.
#include <folio/base/file.h>
#include <folio/report/plot.h>

#include "pictures_for_examples.h"

using namespace folio;

namespace {

constexpr int64_t kPixels = 784, kLabels = 200;
const std::vector<int64_t> kUnits = {256, 128, 64};

std::vector<Layer> hidden_layers() {
  std::vector<Layer> layers;
  for (const int64_t units : kUnits) layers.push_back(Dense(units, {.activation = "sigmoid"}));
  return layers;
}

// Each layer learns to give back what comes into it, behind those that have learnt before.
void train_one_by_one(const std::vector<Layer>& layers, Tensor x) {
  for (const Layer& layer : layers) {
    const int64_t width = x.shape()[1];
    const Value in = Input({width}), both = Input({width});
    const Model encoder(in, layer(in));
    const Model autoencoder(both, Dense(width, {.activation = "sigmoid"})(encoder(GaussianNoise(0.2)(both))));
    autoencoder.compile({.optimizer = Adam(0.002), .loss = "mse"});
    autoencoder.fit({x, x}, {.batch_size = 100, .epochs = 10, .verbose = 0});
    x = encoder.predict(x);
  }
}

// All layers at once, and as many behind them the other way.
void train_together(const std::vector<Layer>& layers, const Tensor& x) {
  const Value in = Input({kPixels});
  Value y = GaussianNoise(0.2)(in);
  for (const Layer& layer : layers) y = layer(y);
  for (const int64_t units : {128, 256}) y = Dense(units, {.activation = "sigmoid"})(y);
  const Model autoencoder(in, Dense(kPixels, {.activation = "sigmoid"})(y));
  autoencoder.compile({.optimizer = Adam(0.002), .loss = "mse"});
  autoencoder.fit({x, x}, {.batch_size = 100, .epochs = 15, .verbose = 0});
}

// With a new last layer; `frozen`: that alone learns.
double fine_tuned(const std::vector<Layer>& layers, const Data& train, const Data& test, bool frozen) {
  const Value in = Input({kPixels});
  Value y = in;
  for (const Layer& layer : layers) layer.set_trainable(!frozen), y = layer(y);
  const Model classifier(in, Dense(10, {.activation = "softmax"})(y));
  classifier.compile(
      {.optimizer = Adam(0.002), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  classifier.fit(train, {.batch_size = 20, .epochs = frozen ? 100 : 40, .verbose = 0});
  return *find_log(classifier.evaluate(test), "accuracy");
}

}  // namespace

int main() {
  const auto clothes = pictures_of_clothes(10'000, 2'000);
  if (!clothes) return 0;
  set_random_seed(1);
  const Tensor x = clothes->train.reshaped({10'000, kPixels});
  const Data train(x.rows(0, kLabels), clothes->train_labels.rows(0, kLabels));
  const Data test(clothes->test.reshaped({2'000, kPixels}), clothes->test_labels);

  const double without = fine_tuned(hidden_layers(), train, test, false);
  const std::vector<Layer> stacked = hidden_layers(), together = hidden_layers();
  train_one_by_one(stacked, x);
  train_together(together, x);
  // First with the layers as they are, which leaves them unchanged, then all of it.
  const double stacked_frozen = fine_tuned(stacked, train, test, true);
  const double stacked_tuned = fine_tuned(stacked, train, test, false);
  const double together_frozen = fine_tuned(together, train, test, true);
  const double together_tuned = fine_tuned(together, train, test, false);
  std::printf("accuracy on 2,000 pictures after %d labels:\n", static_cast<int>(kLabels));
  std::printf("  without pre-training             %.1f %%\n", 100 * without);
  std::printf("  layer by layer, then frozen      %.1f %%, fine-tuned %.1f %%\n", 100 * stacked_frozen,
              100 * stacked_tuned);
  std::printf("  all layers at once, then frozen  %.1f %%, fine-tuned %.1f %%\n", 100 * together_frozen,
              100 * together_tuned);
  Plot plot("Accuracy after 200 labels");
  plot.bars("frozen", {"none", "layer by layer", "all at once"}, {0, stacked_frozen, together_frozen});
  plot.bars("fine-tuned", {"none", "layer by layer", "all at once"},
            {without, stacked_tuned, together_tuned});
  write_file_atomically("pretraining.svg", plot.y_axis({.label = "accuracy"}).svg());
  return stacked_tuned > without && stacked_frozen > together_frozen ? 0 : 1;
}
