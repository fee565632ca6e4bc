#include <fmt/format.h>

#include <cmath>

#include "folio/base/error.h"
#include "folio/training/callback.h"

namespace folio {
namespace {

class StopWhenConvergedBody final : public CallbackBody {
 public:
  explicit StopWhenConvergedBody(double tolerance) : tolerance_(tolerance) {
    if (!(tolerance >= 0))
      throw Error(fmt::format("StopWhenConverged: tolerance: expected at least 0, got {}", tolerance));
  }
  void on_train_begin(Training& training) override { before_ = training.get_weights(); }
  void on_batch_end(Training& training, int64_t, const Logs&) override {
    std::vector<Tensor> now = training.get_weights();
    double squares = 0;
    for (size_t w = 0; w < now.size(); ++w)
      for (int64_t i = 0; i < now[w].count(); ++i) {
        const double change = now[w].at(i) - before_[w].at(i);
        squares += change * change;
      }
    if (std::sqrt(squares) < tolerance_) training.stop();
    before_ = std::move(now);
  }
  CallbackState state() const override { return {{}, before_}; }
  void restore(const CallbackState& state) override { before_ = state.tensors; }

 private:
  double tolerance_;
  std::vector<Tensor> before_;
};

}  // namespace

StopWhenConverged::StopWhenConverged(double tolerance)
    : Callback(std::make_shared<StopWhenConvergedBody>(tolerance)) {}

}  // namespace folio
