#include "folio/training/warm_up.h"

#include <algorithm>
#include <cmath>

#include "folio/base/fields.h"

namespace folio {
namespace {

class WarmUpBody final : public CallbackBody {
 public:
  explicit WarmUpBody(const WarmUpOptions& options) : options_(options) {}
  void on_batch_begin(Training& training, int64_t batch) override {
    // Before the end of the first epoch nobody may know how many steps there are.
    const int64_t steps = std::max<int64_t>(training.steps(), batch + 1);
    training.set_learning_rate(
        warm_up_rate(options_, training.epoch() * steps + batch + 1, training.epochs() * steps));
  }
  void on_epoch_end(Training& training, int, Logs& logs) override {
    set_log(logs, "learning_rate", training.learning_rate());
  }

 private:
  WarmUpOptions options_;
};

}  // namespace

double warm_up_rate(const WarmUpOptions& options, int64_t n, int64_t all) {
  const auto step = static_cast<double>(n), steps = static_cast<double>(options.steps),
             last = options.cool_down * static_cast<double>(all);
  const double rate = options.learning_rate * std::min(step / steps, std::sqrt(steps / step));
  const double left = static_cast<double>(all - n + 1);
  return left < last ? rate * left / last : rate;
}

WarmUp::WarmUp(const WarmUpOptions& options) : Callback(std::make_shared<WarmUpBody>(options)) {
  WarmUpOptions o = options;
  check_fields("WarmUp", [&](Fields& f) {
    f("learning_rate", o.learning_rate, {.above = 0, .finite = true});
    f("steps", o.steps, {.least = 1});
    f("cool_down", o.cool_down, {.least = 0, .most = 1});
  });
}

}  // namespace folio
