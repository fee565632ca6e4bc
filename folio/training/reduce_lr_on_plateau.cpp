#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/training/callback.h"

namespace folio {
namespace {

class ReduceLROnPlateauBody final : public CallbackBody {
 public:
  explicit ReduceLROnPlateauBody(ReduceLROnPlateauOptions options)
      : options_(std::move(options)), improvement_(options_.monitor, options_.mode, options_.min_delta) {
    if (!(options_.factor >= 0 && options_.factor < 1))
      throw Error(fmt::format("ReduceLROnPlateau: factor: expected a number from 0 to below 1, got {}",
                              options_.factor));
  }
  void on_train_begin(Training& training) override {
    improvement_.begin(training);
    wait_ = cooling_ = 0;
    best_ = improvement_.worst();
    warned_ = false;
  }
  void on_epoch_end(Training& training, int, Logs& logs) override {
    const double rate = training.learning_rate();
    set_log(logs, "learning_rate", rate);
    const double* value = find_log(logs, options_.monitor);
    if (!value) {
      if (!warned_)
        warn(
            fmt::format("the learning rate depends on \"{}\", which is not reported; give "
                        "validation data or another monitor",
                        options_.monitor));
      warned_ = true;
      return;
    }
    if (cooling_ > 0) --cooling_, wait_ = 0;
    if (improvement_.better(*value, best_)) {
      best_ = *value;
      wait_ = 0;
    } else if (cooling_ == 0 && ++wait_ >= options_.patience && rate > options_.min_lr) {
      training.set_learning_rate(std::max(rate * options_.factor, options_.min_lr));
      cooling_ = options_.cooldown;
      wait_ = 0;
    }
  }
  CallbackState state() const override {
    return {{{"wait", wait_}, {"cooling", cooling_}, {"best", best_}}, {}};
  }
  void restore(const CallbackState& state) override {
    wait_ = static_cast<int>(state.numbers.at("wait"));
    cooling_ = static_cast<int>(state.numbers.at("cooling"));
    best_ = state.numbers.at("best");
  }

 private:
  ReduceLROnPlateauOptions options_;
  Improvement improvement_;
  int wait_ = 0, cooling_ = 0;
  double best_ = 0;
  bool warned_ = false;
};

}  // namespace

ReduceLROnPlateau::ReduceLROnPlateau(ReduceLROnPlateauOptions options)
    : Callback(std::make_shared<ReduceLROnPlateauBody>(std::move(options))) {}

}  // namespace folio
