// C5: a generative adversarial network (Goodfellow 2014): two plans that share parameters, called from an
// ordinary loop. The generator learns to draw from a normal distribution with mean 3 and deviation 0.5, given
// noise. Both networks are traced as in training: batch normalization takes the batch's statistics and moves
// its own, and dropout draws new numbers in every step.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace folio;

namespace {

constexpr int64_t kBatch = 128, kNoise = 4;
constexpr size_t kBins = 25;  // of the picture

Tensor normal(const Shape& shape, double mean, double deviation, uint32_t site, uint32_t step) {
  Tensor result(shape);
  const RandomStream stream{7, site, step};
  for (int64_t i = 0; i < result.count(); ++i)
    result.set(i, mean + deviation * stream.normal(0, static_cast<uint32_t>(i)));
  return result;
}

// One training step as a plan: the loss goes down by changing the weights of one network only. What the
// layers have left behind while they were traced, the moving statistics, is part of it.
Plan step(const Values& inputs, const Value& loss, const Model& trained, Optimizer& optimizer,
          const Effects& effects) {
  const std::vector<Parameter> weights = trained.trainable_weights();
  const Values slopes = gradients(loss, Values(weights.begin(), weights.end()));
  std::vector<Update> updates = optimizer->updates(weights, slopes);
  updates.insert(updates.end(), effects.updates.begin(), effects.updates.end());
  return compile({inputs, {loss}, updates});
}

}  // namespace

int main() {
  set_random_seed(1);
  const Sequential generator(
      {Input({kNoise}), Dense(32), BatchNormalization({.momentum = 0.9}), Activation("leaky_relu"), Dense(1)},
      "generator");
  const Sequential discriminator({Input({1}), Dense(16, {.activation = "leaky_relu"}),
                                  Dense(16, {.activation = "leaky_relu"}), Dropout(0.1), Dense(1)},
                                 "discriminator");
  Adam generator_steps(5e-4, 0.5), discriminator_steps(2e-3, 0.5);

  const Value real = input({kBatch, 1}), noise = input({kBatch, kNoise});
  // log(1 + exp(-d)) where the sample is real, log(1 + exp(d)) where it is not.
  Effects of_d, of_g;
  const TraceOptions in_d{.training = true, .step = discriminator_steps->iterations()};
  const Value fake = generator.trace(noise, of_d, in_d);
  const Value loss_d = mean(softplus(-discriminator.trace(real, of_d, in_d))) +
                       mean(softplus(discriminator.trace(fake, of_d, in_d)));
  const Plan step_d = step({real, noise}, loss_d, discriminator, discriminator_steps, of_d);

  const TraceOptions in_g{.training = true, .step = generator_steps->iterations()};
  const Value better = generator.trace(noise, of_g, in_g);
  const Value loss_g = mean(softplus(-discriminator.trace(better, of_g, in_g)));
  const Plan step_g = step({noise}, loss_g, generator, generator_steps, of_g);

  Frame frame_d(step_d), frame_g(step_g);
  for (uint32_t i = 0; i < 3000; ++i) {
    frame_d.set_input(0, normal({kBatch, 1}, 3, 0.5, 0, i));
    frame_d.set_input(1, normal({kBatch, kNoise}, 0, 1, 1, i));
    step_d.run(frame_d);
    frame_g.set_input(0, normal({kBatch, kNoise}, 0, 1, 2, i));
    step_g.run(frame_g);
  }
  const Tensor drawn = generator.predict(normal({2000, kNoise}, 0, 1, 3, 0));
  double mean = 0, square = 0;
  for (int64_t i = 0; i < drawn.count(); ++i)
    mean += drawn.at(i) / 2000, square += drawn.at(i) * drawn.at(i) / 2000;
  const double deviation = std::sqrt(square - mean * mean);
  const Tensor wanted = normal({2000, 1}, 3, 0.5, 4, 0);
  Plot plot("Drawn by the generator");
  for (const auto& [name, samples] : {std::pair("real", wanted), std::pair("generated", drawn)}) {
    std::vector<double> at(kBins), share(kBins);
    for (size_t bin = 0; bin < kBins; ++bin) at[bin] = 1 + 4 * (static_cast<double>(bin) + 0.5) / kBins;
    for (int64_t i = 0; i < samples.count(); ++i) {
      const double bin = std::clamp((samples.at(i) - 1) / 4 * kBins, 0.0, kBins - 1.0);
      share[static_cast<size_t>(bin)] += kBins / 4.0 / static_cast<double>(samples.count());
    }
    plot.line(name, at, share);
  }
  write_file_atomically("gan_step.svg", plot.x_axis({.label = "x"}).y_axis({.label = "density"}).svg());
  std::printf("drawn: mean %.3f (wanted 3), deviation %.3f (wanted 0.5)\n", mean, deviation);
  return std::abs(mean - 3) < 0.3 && deviation > 0.2 && deviation < 0.9 ? 0 : 1;
}
