// A recurrent cell of one's own: the minimal gated unit (Zhou 2016), one gate that decides both what of the
// state is used and how much of it is kept. `scan` takes one step of it along the sequences; the gradient
// follows. The task is to add the two numbers of a sequence that are marked, which needs a memory of many
// steps.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cstdio>

using namespace folio;

namespace {

constexpr int64_t kRows = 3000, kTime = 30;

class MinimalGatedUnitBody final : public LayerBody {
 public:
  explicit MinimalGatedUnitBody(int64_t units) : units_(units) {}
  std::string class_name() const override { return "MinimalGatedUnit"; }
  void build(const std::vector<Shape>& inputs) override {
    const int64_t n = inputs[0][-1];
    kernel_ = add_weight("kernel", {n, 2 * units_}, "glorot_uniform");
    gate_ = add_weight("gate", {units_, units_}, "orthogonal");
    candidate_ = add_weight("candidate", {units_, units_}, "orthogonal");
    bias_ = add_weight("bias", {2 * units_}, "zeros");
  }
  // (batch, time, features) -> (batch, units), the state behind the last step.
  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    const Value start = broadcast_to(constant(0, x.dtype()), {x.shape()[0], units_});
    const auto step = [&](const Values& states, const Values& now) {
      const Value& h = states[0];
      const Values parts = split(matmul(now[0], kernel_) + Value(bias_), 2);
      const Value forget = sigmoid(parts[0] + matmul(h, gate_));
      const Value candidate = tanh(parts[1] + matmul(forget * h, candidate_));
      return ScanValues{{(1.0 - forget) * h + forget * candidate}, {}};
    };
    return scan(step, {start}, {x}).states;
  }

 private:
  int64_t units_;
  Parameter kernel_, gate_, candidate_, bias_;
};

class MinimalGatedUnit final : public Layer {
 public:
  explicit MinimalGatedUnit(int64_t units, const std::string& name = "")
      : Layer(make_body<MinimalGatedUnitBody>(name, true, units)) {}
};

// Random numbers, of which two are marked by a 1 beside them, and their sum.
Data marked_sums() {
  Tensor x({kRows, kTime, 2}), y({kRows, 1});
  const RandomStream stream{5, 0, 0};
  for (int64_t r = 0; r < kRows; ++r) {
    const auto row = static_cast<uint32_t>(r);
    for (int64_t t = 0; t < kTime; ++t)
      x.set((r * kTime + t) * 2, stream.uniform(row, static_cast<uint32_t>(t)));
    double sum = 0;
    for (const uint32_t half : {0u, 1u}) {
      const int64_t t = half * kTime / 2 + stream.below(row, 1000 + half, kTime / 2);
      x.set((r * kTime + t) * 2 + 1, 1);
      sum += x.at((r * kTime + t) * 2);
    }
    y.set(r, sum);
  }
  return {x, y};
}

}  // namespace

int main() {
  set_random_seed(1);
  const Value x = Input({kTime, 2});
  const Model model(x, Dense(1)(MinimalGatedUnit(32)(x)), "marked_sums");
  model.compile({.optimizer = Adam(0.01), .loss = "mse"});
  std::printf("%s", model.summary().c_str());
  const History history = model.fit(marked_sums(), {.epochs = 20, .verbose = 0, .validation_split = 0.2});
  // Whoever always says 1 is off by the variance of a sum of two uniform numbers.
  constexpr double kByGuessing = 1.0 / 6;
  const double error = history["val_loss"].back();
  std::printf("mean squared error %.4f on new sequences; %.4f by always guessing 1\n", error, kByGuessing);
  Plot plot("Adding two marked numbers of thirty");
  plot.per_epoch("training", history["loss"]).per_epoch("validation", history["val_loss"]);
  write_file_atomically("own_recurrent_cell.svg",
                        plot.x_axis({.label = "epoch"}).y_axis({.label = "mean squared error"}).svg());
  return error < 0.1 * kByGuessing ? 0 : 1;
}
