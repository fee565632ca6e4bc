// C6: batch normalization between the layers of a deep net of sigmoids, which learns little without it.
#include "data_for_examples.h"

using namespace folio;

namespace {

Model deep_net(bool normalized) {
  set_random_seed(1);
  Sequential model({Input({784})});
  for (int layer = 0; layer < 5; ++layer) {
    model.add(Dense(32));
    if (normalized) model.add(BatchNormalization());
    model.add(Activation("sigmoid"));
  }
  model.add(Dense(10, {.activation = "softmax"}));
  model.compile(
      {.optimizer = SGD(0.05, 0.9), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

}  // namespace

int main() {
  const auto data = clothes(4000, 1000);
  if (!data) return 0;
  double accuracy[2] = {};
  Plot plot("Five layers of sigmoids");
  for (bool normalized : {false, true}) {
    const Model model = deep_net(normalized);
    const History history = model.fit(data->train, {.batch_size = 50, .epochs = 4, .verbose = 0});
    plot.per_epoch(normalized ? "batch normalization" : "plain", history["loss"]);
    accuracy[normalized] = log_of(model.evaluate(data->test), "accuracy");
    std::printf("%s batch normalization: test accuracy %.3f\n", normalized ? "with" : "without",
                accuracy[normalized]);
  }
  write_file_atomically("batch_normalization.svg",
                        plot.x_axis({.label = "epoch"}).y_axis({.label = "training loss"}).svg());
  return accuracy[true] > 0.7 && accuracy[true] > accuracy[false] + 0.2 ? 0 : 1;
}
