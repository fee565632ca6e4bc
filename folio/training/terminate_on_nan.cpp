#include <fmt/format.h>

#include <cmath>

#include "folio/base/error.h"
#include "folio/training/callback.h"

namespace folio {
namespace {

class TerminateOnNaNBody final : public CallbackBody {
 public:
  void on_batch_end(Training& training, int64_t batch, const Logs& logs) override {
    const double* loss = find_log(logs, "loss");
    if (!loss || std::isfinite(*loss)) return;
    const std::string found = training.find_non_finite();
    throw NonFiniteError(
        fmt::format("training: the loss became {} in epoch {}, batch {}{}; try a smaller learning rate, clip "
                    "gradients, and check the data",
                    *loss, training.epoch() + 1, batch + 1, found.empty() ? "" : " (" + found + ")"));
  }
};

}  // namespace

TerminateOnNaN::TerminateOnNaN() : Callback(std::make_shared<TerminateOnNaNBody>()) {}

}  // namespace folio
