// D2: which learning rate a net wants, and the schedules of the sheet: by performance, exponential, power;
// and one-cycle.
#include "data_for_examples.h"

using namespace folio;

namespace {

constexpr int kEpochs = 6;

Model net(const LearningRate& rate) {
  set_random_seed(1);
  const Model model =
      Sequential({Input({784}), Dense(64, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
  model.compile(
      {.optimizer = SGD(rate, 0.9), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

}  // namespace

int main() {
  const auto data = clothes(4000, 1000);
  if (!data) return 0;
  const LearningRateCurve curve =
      find_learning_rate(net(0.1), data->train, {.lowest = 1e-4, .highest = 10, .batch_size = 50});
  std::printf("the loss falls fastest at a rate of %.3g (of %zu tried)\n", curve.suggestion,
              curve.rates.size());
  const double rate = curve.suggestion;
  const double steps = kEpochs * 80;  // of all training
  struct Case {
    const char* name;
    LearningRate rate;
    std::vector<Callback> callbacks;
  };
  const Case cases[] = {
      {"constant", rate, {}},
      {"exponential", ExponentialScheduling(rate, steps), {}},
      {"power", PowerScheduling(rate, steps / 4), {}},
      {"one cycle", OneCycle(2 * rate, steps), {}},
      {"exponential, by epochs", rate, {LearningRateScheduler(ExponentialScheduling(rate, kEpochs))}},
      {"performance", rate, {ReduceLROnPlateau({.factor = 0.3, .patience = 1, .min_delta = 0.01})}}};
  Plot rates("Learning rates"), losses("The range test");
  losses.line("running mean of losses", curve.rates, curve.losses)
      .x_axis({.label = "learning rate", .log = true})
      .y_axis({.label = "loss"});
  bool good = rate > 1e-3 && rate < 1;
  for (const Case& each : cases) {
    const Model model = net(each.rate);
    std::vector<double> used;
    std::vector<Callback> callbacks = each.callbacks;
    callbacks.push_back(LambdaCallback(
        {.on_batch_begin = [&](Training& training, int64_t) { used.push_back(training.learning_rate()); }}));
    const History history = model.fit(data->train, {.batch_size = 50,
                                                    .epochs = kEpochs,
                                                    .verbose = 0,
                                                    .callbacks = callbacks,
                                                    .validation_data = data->test});
    std::printf("%-23s last rate %.2g, test accuracy %.3f\n", each.name, model.optimizer()->learning_rate(),
                history["val_accuracy"].back());
    rates.per_epoch(each.name, used);
    good = good && history["val_accuracy"].back() > 0.75;
    if (std::string(each.name) == "exponential, by epochs")
      for (int epoch = 0; epoch < kEpochs; ++epoch)
        good = good && std::abs(history["learning_rate"][static_cast<size_t>(epoch)] / rate -
                                std::pow(10, -epoch / double{kEpochs})) < 1e-5;
  }
  rates.x_axis({.label = "step"}).y_axis({.label = "learning rate"});
  write_file_atomically("schedules.svg", side_by_side({losses, rates}));
  return good ? 0 : 1;
}
