// C4: one batch size covers the three: all (batch gradient descent), 1 (stochastic), n (mini-batches). Large
// batches go straight down, small ones wiggle; for the same number of examples seen, small ones get further.
#include "data_for_examples.h"

using namespace folio;

namespace {

struct Curve {
  std::vector<double> costs;  // on all examples, after each step
  double wiggling() const {   // the share of steps that went up
    double up = 0;
    for (size_t i = 1; i < costs.size(); ++i) up += costs[i] > costs[i - 1];
    return up / static_cast<double>(costs.size() - 1);
  }
};

Curve train(const Data& data, int64_t batch_size) {
  set_random_seed(1);
  const Model model = Sequential({Input({data.x[0].shape()[1]}), Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = SGD(0.5), .loss = "binary_crossentropy"});
  Curve curve;
  const Callback watch = LambdaCallback({.on_batch_end = [&](Training&, int64_t, const Logs&) {
    curve.costs.push_back(log_of(model.evaluate(data, data.rows()), "loss"));
  }});
  model.fit(data, {.batch_size = batch_size, .epochs = 3, .verbose = 0, .callbacks = {watch}});
  return curve;
}

}  // namespace

int main() {
  const auto data = table("ionosphere.csv", true);
  if (!data) return 0;
  const Curve all = train(data->train, data->train.rows()), one = train(data->train, 1),
              some = train(data->train, 16);
  const std::pair<const char*, const Curve*> rows[] = {{"all", &all}, {"1", &one}, {"16", &some}};
  Plot plot("Cost on all examples, three epochs");
  for (const auto& [name, curve] : rows) {
    std::vector<double> epochs;
    for (size_t i = 1; i <= curve->costs.size(); ++i)
      epochs.push_back(3 * static_cast<double>(i) / static_cast<double>(curve->costs.size()));
    plot.line(std::string("batch size ") + name, epochs, curve->costs);
    std::printf("batch size %-4s %4zu steps in 3 epochs, %4.1f %% of them upwards, cost %.4f\n", name,
                curve->costs.size(), 100 * curve->wiggling(), curve->costs.back());
  }
  write_file_atomically("batch_sizes.svg",
                        plot.x_axis({.label = "epochs seen"}).y_axis({.label = "cost"}).svg());
  return all.wiggling() == 0 && some.wiggling() > 0 && one.wiggling() > some.wiggling() &&
                 one.costs.back() < all.costs.back() && some.costs.back() < all.costs.back()
             ? 0
             : 1;
}
