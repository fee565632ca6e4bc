#include "folio/training/callback.h"

namespace folio {
namespace {

class LambdaCallbackBody final : public CallbackBody {
 public:
  explicit LambdaCallbackBody(LambdaCallbackOptions options) : options_(std::move(options)) {}
  void on_train_begin(Training& training) override { call(options_.on_train_begin, training); }
  void on_train_end(Training& training) override { call(options_.on_train_end, training); }
  void on_epoch_begin(Training& training, int epoch) override {
    call(options_.on_epoch_begin, training, epoch);
  }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    call(options_.on_epoch_end, training, epoch, logs);
  }
  void on_batch_begin(Training& training, int64_t batch) override {
    call(options_.on_batch_begin, training, batch);
  }
  void on_batch_end(Training& training, int64_t batch, const Logs& logs) override {
    call(options_.on_batch_end, training, batch, logs);
  }

 private:
  template <class Function, class... Arguments>
  static void call(const Function& function, Arguments&... arguments) {
    if (function) function(arguments...);
  }
  LambdaCallbackOptions options_;
};

}  // namespace

LambdaCallback::LambdaCallback(LambdaCallbackOptions options)
    : Callback(std::make_shared<LambdaCallbackBody>(std::move(options))) {}

}  // namespace folio
