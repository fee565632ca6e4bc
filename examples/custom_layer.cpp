// A layer of one's own: a highway layer (Srivastava 2015), which lets each unit choose between its input and
// something new. It has parameters, is used in a model like any other and is trained with fit.
#include <folio/folio.h>

#include <cstdio>

using namespace folio;

namespace {

class HighwayBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Highway"; }
  void build(const std::vector<Shape>& inputs) override {
    const int64_t n = inputs[0][-1];
    change_ = add_weight("change", {n, n}, "glorot_uniform");
    gate_ = add_weight("gate", {n, n}, "glorot_uniform");
    gate_bias_ = add_weight("gate_bias", {n}, Initializer::constant(-1));  // carry the input on at first
  }
  Values call(const Values& inputs, CallContext&) override {
    const Value& x = inputs[0];
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

}  // namespace

int main() {
  set_random_seed(2);
  constexpr int64_t kRows = 512;
  Tensor x({kRows, 8}), y({kRows, 1});
  const RandomStream stream{3, 0, 0};
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t f = 0; f < 8; ++f)
      x.set(r * 8 + f, stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(f)));
    y.set(r, x.at(r * 8) * x.at(r * 8 + 1) > 0 ? 1 : 0);  // not to be had from a linear model
  }
  const Sequential model({Input({8}), Dense(32, {.activation = "relu"}), Highway(), Highway(),
                          Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = Adam(0.01), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  std::printf("%s", model.summary().c_str());
  const History history = model.fit({x, y}, {.epochs = 30, .verbose = 0});
  std::printf("loss %.3f -> %.3f, accuracy %.3f\n", history["loss"].front(), history["loss"].back(),
              history["accuracy"].back());
  return history["accuracy"].back() > 0.95 ? 0 : 1;
}
