// E1: autoencoders make eight numbers of a picture, and the picture of them again. With linear layers that is
// what principal components do: the decoder's kernel spans the same space, whatever the numbers themselves
// are. With a hidden layer on each side eight numbers hold more. Needs Fashion-MNIST; without it it says so
// and does nothing.
#include <folio/analysis/principal_components.h>

#include "pictures_for_examples.h"

using namespace folio;

namespace {

constexpr int64_t kCode = 8, kPixels = 784;

// An encoder and a decoder, each a model of its own, and both in a row.
struct Autoencoder {
  Model encoder, decoder, whole;
};

Autoencoder autoencoder(int64_t hidden) {
  const Value pixels = Input({kPixels}), code = Input({kCode}), all = Input({kPixels});
  Value x = pixels, y = code;
  if (hidden > 0) x = Dense(hidden, {.activation = "relu"})(x), y = Dense(hidden, {.activation = "relu"})(y);
  const Model encoder(pixels, Dense(kCode)(x), "encoder"), decoder(code, Dense(kPixels)(y), "decoder");
  return {encoder, decoder, Model(all, decoder(encoder(all)))};
}

}  // namespace

int main() {
  const auto clothes = pictures_of_clothes(10'000, 2'000);
  if (!clothes) return 0;
  set_random_seed(1);
  const PrincipalComponents components = principal_components(clothes->train, kCode);
  // Both networks see pictures less their mean, as the components do.
  const auto centered = [&](const Tensor& pictures) {
    Tensor x({pictures.shape()[0], kPixels});
    for (int64_t i = 0; i < x.count(); ++i) x.set(i, pictures.at(i) - components.mean.at(i % kPixels));
    return x;
  };
  const auto pictures = [&](const Tensor& x) {
    Tensor y(x.shape());
    for (int64_t i = 0; i < x.count(); ++i) y.set(i, x.at(i) + components.mean.at(i % kPixels));
    return y;
  };
  const Tensor x = centered(clothes->train), test = centered(clothes->test);
  const Tensor truth = clothes->test.reshaped({clothes->test.shape()[0], kPixels});

  const Autoencoder linear = autoencoder(0), deep = autoencoder(256);
  for (const Autoencoder& each : {linear, deep}) {
    each.whole.compile({.optimizer = Adam(0.002), .loss = "mse"});
    each.whole.fit({x, x}, {.batch_size = 100, .epochs = 20, .verbose = 0});
    each.whole.optimizer()->set_learning_rate(0.0002);
    each.whole.fit({x, x}, {.batch_size = 100, .epochs = 5, .verbose = 0});
  }

  const Tensor by_components = components.inverse_transform(components.transform(clothes->test));
  const Tensor by_linear = pictures(linear.whole.predict(test)), by_deep = pictures(deep.whole.predict(test));
  const double pca = peak_signal_to_noise(truth, by_components),
               line = peak_signal_to_noise(truth, by_linear), network = peak_signal_to_noise(truth, by_deep);
  const double angle = principal_angles(linear.decoder.weights()[0].value(), components.components).back();
  std::printf("eight numbers of 784, signal to noise on 2,000 pictures:\n");
  std::printf("  principal components %.2f dB, linear autoencoder %.2f dB, with hidden layers %.2f dB\n", pca,
              line, network);
  std::printf("largest angle between the spaces of the linear one and of the components: %.2f degrees\n",
              angle * 180 / 3.14159265);
  write_sheet("autoencoder_compression.png", {clothes->test, by_components, by_linear, by_deep});
  return angle < 0.1 && std::abs(line - pca) < 0.1 && network > pca + 0.5 ? 0 : 1;
}
