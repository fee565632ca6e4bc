// E3: noisy in, clean out. A small convolutional autoencoder learns it from pictures to which a layer adds
// new noise in every step, and is measured against the noisy pictures on others. Needs Fashion-MNIST; without
// it it says so and does nothing.
#include "pictures_for_examples.h"

using namespace folio;

int main() {
  constexpr double kNoise = 0.3;
  const auto clothes = pictures_of_clothes(10'000, 1'000);
  if (!clothes) return 0;
  set_random_seed(1);
  const Value picture = Input({28, 28, 1});
  // Noise while training alone, cut to what a picture can hold.
  Value x = ReLU({.max_value = 1})(GaussianNoise(kNoise)(picture));
  x = Conv2D(16, 3, {.strides = 2, .padding = "same", .activation = "relu"})(x);
  x = Conv2D(32, 3, {.strides = 2, .padding = "same", .activation = "relu"})(x);
  const Model encoder(picture, x, "encoder");
  const Value code = Input({7, 7, 32}), whole = Input({28, 28, 1});
  Value y = UpSampling2D(2)(Conv2D(32, 3, {.padding = "same", .activation = "relu"})(code));
  y = UpSampling2D(2)(Conv2D(16, 3, {.padding = "same", .activation = "relu"})(y));
  const Model decoder(code, Conv2D(1, 3, {.padding = "same", .activation = "sigmoid"})(y), "decoder");
  const Model denoiser(whole, decoder(encoder(whole)));
  denoiser.compile({.optimizer = Adam(0.003), .loss = "mse"});
  denoiser.fit({clothes->train, clothes->train}, {.batch_size = 64, .epochs = 6, .verbose = 0});

  Tensor noisy = clothes->test.clone();
  const RandomStream stream{1, 0, 0};
  for (int64_t i = 0; i < noisy.count(); ++i)
    noisy.set(i, std::clamp(noisy.at(i) + kNoise * stream.normal(static_cast<uint32_t>(i), 0), 0.0, 1.0));
  const Tensor clean = denoiser.predict(noisy);
  const double before = peak_signal_to_noise(clothes->test, noisy),
               after = peak_signal_to_noise(clothes->test, clean);
  std::printf("signal to noise on 1,000 pictures: %.2f dB as they came, %.2f dB behind the autoencoder\n",
              before, after);
  write_sheet("autoencoder_denoising.png", {noisy, clean, clothes->test});
  return after > before + 5 ? 0 : 1;
}
