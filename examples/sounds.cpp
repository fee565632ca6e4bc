// G8: sounds to classes. Whistles that rise, fall or stay level, at any pitch and in noise: what a network
// sees of them, and how it tells them apart.
#include <cmath>
#include <cstdio>
#include <numbers>

#include "folio/base/random.h"
#include "folio/folio.h"

using namespace folio;

namespace {

constexpr int64_t kRate = 8000;

// From one pitch to another within half a second.
Sound whistle(int64_t kind, uint32_t number) {
  const RandomStream random{1, 0, 0};
  const double low = 400 + 1200 * random.uniform(number, 0), high = 2 * low;
  const double from = kind == 1 ? high : low, to = kind == 0 ? high : kind == 1 ? low : from;
  constexpr int64_t kSamples = kRate / 2;
  Sound sound{{}, kRate};
  double phase = 0;
  for (int64_t i = 0; i < kSamples; ++i) {
    const double pitch = from + (to - from) * static_cast<double>(i) / kSamples;
    phase += 2 * std::numbers::pi * pitch / kRate;
    const double noise = random.uniform(number, static_cast<uint32_t>(i + 1)) - 0.5;
    sound.samples.push_back(static_cast<float>(0.5 * std::sin(phase) + 0.8 * noise));
  }
  return sound;
}

// What the network sees, as a picture: time to the right, frequency up, dark is loud.
Tensor drawn(const Tensor& features, int64_t row) {
  const int64_t frames = features.shape()[1], bands = features.shape()[2];
  Tensor picture({bands, frames, 1});
  constexpr double kLow = -16, kHigh = -3;
  for (int64_t b = 0; b < bands; ++b)
    for (int64_t t = 0; t < frames; ++t)
      picture.set((bands - 1 - b) * frames + t, (kHigh - features.at(row, t, b)) / (kHigh - kLow));
  return as_bytes(picture);
}

}  // namespace

int main() {
  const SoundPreparation preparation{.rate = kRate, .seconds = 0.6, .bands = 32};
  const SoundFeatures features(preparation);
  const auto rows_of = [&](uint32_t first, int64_t count) {
    Data data(Tensor({count, preparation.frames(), preparation.width()}), Tensor({count}, DType::int32));
    for (int64_t i = 0; i < count; ++i) {
      const std::vector<float> samples =
          preparation.brought(whistle(i % 3, first + static_cast<uint32_t>(i)));
      features.write(samples, 0, data.x[0].data<float>() + i * preparation.frames() * preparation.width());
      data.y[0].set(i, static_cast<double>(i % 3));
    }
    return data;
  };
  const Data train = rows_of(0, 300), test = rows_of(1000, 300);

  set_random_seed(1);
  const Normalization scaling;
  scaling.adapt(train.x[0]);
  const Sequential model({Input({preparation.frames(), preparation.width()}), scaling,
                          Bidirectional(GRU(16, {.return_sequences = true})), GlobalMaxPooling1D(),
                          Dense(3, {.activation = "softmax"})});
  model.compile(
      {.optimizer = Adam(0.01), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(train, {.batch_size = 30, .epochs = 8, .verbose = 0});
  const double accuracy = model.evaluate(test)[1].second;
  std::printf("%lld whistles that were not trained on: %.1f %% right\n", static_cast<long long>(test.rows()),
              100 * accuracy);

  std::vector<std::vector<Tensor>> lines(3);
  for (int64_t row = 0; row < 12; ++row) lines[static_cast<size_t>(row % 3)].push_back(drawn(test.x[0], row));
  write_png("sounds.png", contact_sheet(lines, 120));
  return accuracy > 0.95 ? 0 : 1;
}
