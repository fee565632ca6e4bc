// E2: what an encoder has learnt from pictures without labels, as features of a classifier that has few. The
// same logistic regression is fitted to raw pixels and to the codes of a denoising autoencoder, with 100 and
// with 1,000 labels. Needs Fashion-MNIST; without it it says so and does nothing.
#include <folio/analysis/logistic_regression.h>

#include "pictures_for_examples.h"

using namespace folio;

namespace {

constexpr int64_t kPixels = 784;

SparseRows sparse(const Tensor& x) {
  const int64_t width = x.shape()[1];
  SparseRows rows{width, {}};
  for (int64_t r = 0; r < x.shape()[0]; ++r) {
    auto& row = rows.rows.emplace_back();
    for (int64_t f = 0; f < width; ++f)
      if (x.at(r, f) != 0) row.push_back({f, x.at(r, f)});
  }
  return rows;
}

// The mean accuracy on the test pictures over five draws of so many labels.
double accuracy(const Tensor& train, const Tensor& labels, const Tensor& test, const Tensor& truth,
                int64_t count, double C) {
  constexpr int kDraws = 5;
  double sum = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto order = shuffled_order(train.shape()[0], 1, draw);
    const std::span<const int64_t> some(order.data(), static_cast<size_t>(count));
    LogisticRegression classifier({.C = C, .iterations = 300});
    classifier.fit(sparse(take_rows(train, some)), take_rows(labels, some), 10);
    sum += classifier.score(sparse(test), truth) / kDraws;
  }
  return sum;
}

}  // namespace

int main() {
  const auto clothes = pictures_of_clothes(20'000, 2'000);
  if (!clothes) return 0;
  set_random_seed(1);
  const Tensor x = clothes->train.reshaped({20'000, kPixels}),
               test = clothes->test.reshaped({2'000, kPixels});
  const Value pixels = Input({kPixels}), whole = Input({kPixels});
  const Model encoder(pixels, Dense(256, {.activation = "relu"})(GaussianNoise(0.3)(pixels)), "encoder");
  const Model autoencoder(whole, Dense(kPixels, {.activation = "sigmoid"})(encoder(whole)));
  autoencoder.compile({.optimizer = Adam(0.001), .loss = "mse"});
  autoencoder.fit({x, x}, {.batch_size = 100, .epochs = 10, .verbose = 0});

  const Tensor features = encoder.predict(x), test_features = encoder.predict(test);
  bool holds = true;
  for (const int64_t labels : {100, 1'000}) {
    double raw = 0, coded = 0;
    for (const double C : {0.01, 0.1, 1.0}) {  // each with the penalty that suits it
      raw = std::max(raw, accuracy(x, clothes->train_labels, test, clothes->test_labels, labels, C));
      coded = std::max(
          coded, accuracy(features, clothes->train_labels, test_features, clothes->test_labels, labels, C));
    }
    std::printf("%5d labels: accuracy %.1f %% from pixels, %.1f %% from the encoder's features\n",
                static_cast<int>(labels), 100 * raw, 100 * coded);
    holds = holds && coded > raw - 0.02;
  }
  write_sheet("autoencoder_features.png", {clothes->test, autoencoder.predict(test)});
  return holds ? 0 : 1;
}
