#include "fit_speed.h"

#include "folio/compiler/compile.h"
#include "folio/layers/all.h"
#include "folio/models/model.h"

namespace benchmarks {
namespace {

using namespace folio;

Shape sample_shape(const std::string& name) {
  if (name == "W2") return {28, 28, 1};
  if (name == "W3") return {32, 32, 3};
  return {784};
}

Model two_branches() {
  const Value x = Input({32, 32, 3});
  const auto branch = [&](int64_t size) {
    return Flatten()(MaxPooling2D(2)(Dropout(0.2)(Conv2D(32, size, {.activation = "relu"})(x))));
  };
  return Model(x, Dense(10)(Dense(100, {.activation = "relu"})(Concatenate()({branch(3), branch(6)}))));
}

Model make_model(const std::string& name) {
  if (name == "W1")
    return Sequential(
        {Input({784}), Dense(512, {.activation = "relu"}), Dense(256, {.activation = "relu"}), Dense(10)});
  if (name == "W2")
    return Sequential({Input({28, 28, 1}), Conv2D(6, 5, {.padding = "same", .activation = "tanh"}),
                       AveragePooling2D(2), Conv2D(16, 5, {.activation = "tanh"}), AveragePooling2D(2),
                       Flatten(), Dense(120, {.activation = "tanh"}), Dense(84, {.activation = "tanh"}),
                       Dense(10)});
  if (name == "W3") return two_branches();
  if (name == "W12")
    return Sequential({Input({784}), Dense(128, {.activation = "relu"}), Dense(32, {.activation = "relu"}),
                       Dense(128, {.activation = "relu"}), Dense(784, {.activation = "sigmoid"})});
  throw OptionError("fit: expected W1, W2, W3 or W12, got \"" + name + "\"");
}

Data make_set(const std::string& name, int64_t batch) {
  const Shape sample = sample_shape(name);
  const int64_t batches = std::max<int64_t>(2, 100'000'000 / (sample.count() * 4 * batch));
  Tensor x(Shape{batches * batch}.joined(sample)), labels({batches * batch}, DType::int32);
  float* values = x.data<float>();
  int32_t* classes = labels.data<int32_t>();
  uint32_t word = 1;
  const auto next = [&] { return (word = word * 1664525 + 1013904223) >> 8; };
  for (int64_t i = 0; i < x.count(); ++i) values[i] = static_cast<float>(next()) * 0x1p-24f;
  for (int64_t i = 0; i < labels.count(); ++i) classes[i] = static_cast<int32_t>(next() % 10);
  return Data(x, name == "W12" ? x : labels);
}

/// The time of every step and epoch, and the end when there was time enough.
class Watch final : public CallbackBody {
 public:
  explicit Watch(double seconds) : seconds_(seconds) {}
  void on_epoch_begin(Training&, int) override { begun_ = seconds_now(); }
  void on_batch_end(Training&, int64_t, const Logs&) override {
    const double now = seconds_now();
    if (!losses.empty()) steps.push_back(now - last_);
    last_ = now;
  }
  void on_epoch_end(Training& training, int, Logs& logs) override {
    const double now = seconds_now(), processor = processor_seconds();
    losses.push_back(*find_log(logs, "loss"));
    // The first epoch compiles and warms up.
    if (losses.size() == 1) start_ = now, processor_start_ = processor;
    if (losses.size() > 1) times.push_back(now - begun_);
    if (times.size() >= 5 && now - start_ > seconds_) {
      processor_time = processor - processor_start_;
      training.stop();
    }
  }
  std::vector<double> steps, times, losses;
  double processor_time = 0;

 private:
  double seconds_, begun_ = 0, last_ = 0, start_ = 0, processor_start_ = 0;
};

}  // namespace

FitSpeed fit_speed(const std::string& name, int64_t batch, int threads, double seconds) {
  set_default_threads(threads);
  const Model model = make_model(name);
  model.compile({.optimizer = name == "W2" ? Optimizer(SGD(0.01, 0.9)) : Optimizer(Adam(1e-3)),
                 .loss = name == "W12" ? Loss("mse") : sparse_categorical_crossentropy(true)});
  const Data set = make_set(name, batch);
  const auto watch = std::make_shared<Watch>(seconds);
  model.fit(set, {.batch_size = batch, .epochs = 1'000'000, .verbose = 0, .callbacks = {Callback(watch)}});

  const int64_t steps = set.rows() / batch;
  const auto of_step = [&](double epoch) { return epoch / static_cast<double>(steps); };
  const auto epochs = static_cast<int64_t>(watch->times.size());
  FitSpeed speed;
  // As for the bare plan: of the steps when nothing else disturbs.
  speed.step = {quantile(watch->steps, 0.1), of_step(quantile(watch->times, 0.5)),
                of_step(watch->processor_time) / static_cast<double>(epochs), epochs * steps};
  speed.rows = set.rows();
  speed.set_mb = static_cast<double>(set.x[0].bytes()) / (1 << 20);
  speed.first_loss = watch->losses.front();
  speed.last_loss = watch->losses.back();
  return speed;
}

}  // namespace benchmarks
