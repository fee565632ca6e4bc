#include <fmt/format.h>

#include <cstdio>

#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/training/callback.h"

namespace folio {
namespace {

class EarlyStoppingBody final : public CallbackBody {
 public:
  explicit EarlyStoppingBody(EarlyStoppingOptions options)
      : options_(std::move(options)), improvement_(options_.monitor, options_.mode, options_.min_delta) {}
  void on_train_begin(Training& training) override {
    improvement_.begin(training);
    wait_ = 0;
    best_ = improvement_.worst();
    best_weights_.clear();
    warned_ = false;
  }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    const double* value = find_log(logs, options_.monitor);
    if (!value) {
      if (!warned_)
        warn(
            fmt::format("early stopping watches \"{}\", which is not reported; give validation "
                        "data or another monitor",
                        options_.monitor));
      warned_ = true;
      return;
    }
    if (epoch < options_.start_from_epoch) return;
    if (options_.restore_best_weights && best_weights_.empty()) best_weights_ = training.get_weights();
    ++wait_;
    if (improvement_.better(*value, best_)) {
      best_ = *value;
      if (options_.restore_best_weights) best_weights_ = training.get_weights();
      // As in Keras, better than before is not enough where a baseline is given.
      if (!options_.baseline || improvement_.better(*value, *options_.baseline)) wait_ = 0;
      return;
    }
    if (wait_ >= options_.patience && epoch > 0) training.stop();
  }
  void on_train_end(Training& training) override {
    if (options_.restore_best_weights && !best_weights_.empty()) training.set_weights(best_weights_);
  }
  CallbackState state() const override { return {{{"wait", wait_}, {"best", best_}}, best_weights_}; }
  void restore(const CallbackState& state) override {
    wait_ = static_cast<int>(state.numbers.at("wait"));
    best_ = state.numbers.at("best");
    best_weights_ = state.tensors;
  }

 private:
  EarlyStoppingOptions options_;
  Improvement improvement_;
  int wait_ = 0;
  double best_ = 0;
  bool warned_ = false;
  std::vector<Tensor> best_weights_;
};

}  // namespace

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : Callback(std::make_shared<EarlyStoppingBody>(std::move(options))) {}

}  // namespace folio
