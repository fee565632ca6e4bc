// C5: a layer of one's own: a highway layer (Srivastava 2015), which lets each unit choose between its input
// and something new. It has parameters, is used in a model like any other and is trained with fit; a deep net
// of such layers learns sooner than one of as many dense layers.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cstdio>
#include <numeric>

using namespace folio;

namespace {

constexpr int kLayers = 20;

class HighwayBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Highway"; }
  void build(const std::vector<Shape>& inputs) override {
    const int64_t n = inputs[0][-1];
    change_ = add_weight("change", {n, n}, "glorot_uniform");
    gate_ = add_weight("gate", {n, n}, "glorot_uniform");
    gate_bias_ = add_weight("gate_bias", {n}, Initializer::constant(-1));  // carry the input on at first
  }
  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    const Value gate = sigmoid(matmul(x, gate_) + Value(gate_bias_));
    return {gate * relu(matmul(x, change_)) + (1.0 - gate) * x};
  }

 private:
  Parameter change_, gate_, gate_bias_;
};

class Highway final : public Layer {
 public:
  explicit Highway(const std::string& name = "") : Layer(make_body<HighwayBody>(name, true)) {}
};

History trained(const Data& data, bool highways) {
  set_random_seed(2);
  Value x = Input({8}), y = Dense(32, {.activation = "relu"})(x);
  for (int layer = 0; layer < kLayers; ++layer)
    y = highways ? Highway()(y) : Dense(32, {.activation = "relu"})(y);
  const Model model(x, Dense(1, {.activation = "sigmoid"})(y));
  model.compile({.optimizer = Adam(0.003), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  if (highways) std::printf("%s", model.summary().c_str());
  return model.fit(data, {.epochs = 30, .verbose = 0});
}

// Over all epochs: how soon a net learns, whatever its last epoch happens to be.
double mean_loss(const History& history) {
  const std::vector<double>& losses = history["loss"];
  return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
}

}  // namespace

int main() {
  constexpr int64_t kRows = 512;
  Tensor x({kRows, 8}), y({kRows, 1});
  const RandomStream stream{3, 0, 0};
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t f = 0; f < 8; ++f)
      x.set(r * 8 + f, stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(f)));
    y.set(r, x.at(r * 8) * x.at(r * 8 + 1) > 0 ? 1 : 0);  // not to be had from a linear model
  }
  const History highways = trained({x, y}, true), dense = trained({x, y}, false);
  for (const auto& [name, history] : {std::pair("highway", highways), std::pair("dense", dense)})
    std::printf("%-8s loss %.3f -> %.3f, %.3f on average; accuracy %.3f\n", name, history["loss"].front(),
                history["loss"].back(), mean_loss(history), history["accuracy"].back());
  Plot plot("Twenty hidden layers");
  plot.per_epoch("highway", highways["accuracy"]).per_epoch("dense", dense["accuracy"]);
  write_file_atomically("custom_layer.svg",
                        plot.x_axis({.label = "epoch"}).y_axis({.label = "accuracy"}).svg());
  return highways["accuracy"].back() > 0.95 && mean_loss(highways) < mean_loss(dense) ? 0 : 1;
}
