// E4: pictures with a hole in, whole ones out. The network sees a white square of 10 x 10 pixels in another
// place of every picture, and is measured inside of it, against filling it with the mean of all pictures
// there. Needs Fashion-MNIST; without it it says so and does nothing.
#include "pictures_for_examples.h"

using namespace folio;

namespace {

constexpr int64_t kSide = 28, kHole = 10;

// 1 where the picture of a row has its hole.
Tensor holes(int64_t rows) {
  Tensor mask({rows, kSide, kSide, 1}, DType::uint8);
  const RandomStream stream{1, 0, 0};
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t top = stream.below(static_cast<uint32_t>(r), 0, kSide - kHole + 1);
    const int64_t left = stream.below(static_cast<uint32_t>(r), 1, kSide - kHole + 1);
    for (int64_t y = top; y < top + kHole; ++y)
      for (int64_t x = left; x < left + kHole; ++x) mask.set({r, y, x, 0}, 1);
  }
  return mask;
}

Tensor filled(const Tensor& pictures, const Tensor& mask, auto&& value) {
  Tensor result = pictures.clone();
  for (int64_t i = 0; i < result.count(); ++i)
    if (mask.at(i) != 0) result.set(i, value(i % (kSide * kSide)));
  return result;
}

}  // namespace

int main() {
  const auto clothes = pictures_of_clothes(10'000, 1'000);
  if (!clothes) return 0;
  set_random_seed(1);
  const Tensor mask = holes(1'000);
  const auto white = [](int64_t) { return 1.0; };
  const Tensor x = filled(clothes->train, holes(10'000), white), test = filled(clothes->test, mask, white);

  const Value picture = Input({kSide, kSide, 1});
  Value h = Conv2D(32, 3, {.strides = 2, .padding = "same", .activation = "relu"})(picture);
  h = Conv2D(64, 3, {.strides = 2, .padding = "same", .activation = "relu"})(h);
  h = Dense(256, {.activation = "relu"})(Flatten()(h));  // what sees the whole picture
  h = Reshape({7, 7, 32})(Dense(7 * 7 * 32, {.activation = "relu"})(h));
  h = UpSampling2D(2)(Conv2D(32, 3, {.padding = "same", .activation = "relu"})(h));
  h = UpSampling2D(2)(Conv2D(16, 3, {.padding = "same", .activation = "relu"})(h));
  const Model painter(picture, Conv2D(1, 3, {.padding = "same", .activation = "sigmoid"})(h));
  painter.compile({.optimizer = Adam(0.002), .loss = "mse"});
  painter.fit({x, clothes->train}, {.batch_size = 64, .epochs = 8, .verbose = 0});

  std::vector<double> mean(kSide * kSide);
  for (int64_t i = 0; i < clothes->train.count(); ++i)
    mean[static_cast<size_t>(i % (kSide * kSide))] += clothes->train.at(i) / 10'000;
  const Tensor flat = filled(test, mask, [&](int64_t pixel) { return mean[static_cast<size_t>(pixel)]; });
  const Tensor painted = painter.predict(test);
  const double by_mean = peak_signal_to_noise(clothes->test, flat, 1, mask),
               by_network = peak_signal_to_noise(clothes->test, painted, 1, mask);
  std::printf(
      "signal to noise in the hole: %.2f dB with the mean of all pictures, %.2f dB with the network\n",
      by_mean, by_network);
  write_sheet("autoencoder_inpainting.png", {test, flat, painted, clothes->test});
  return by_network > by_mean + 2 ? 0 : 1;
}
