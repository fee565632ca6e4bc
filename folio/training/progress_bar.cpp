#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "folio/base/tell.h"
#include "folio/training/callback.h"

#include "folio/base/clock.h"

namespace folio {
namespace {

std::string number(double value) {
  if (value == 0 || (std::abs(value) >= 1e-3 && std::abs(value) < 1e5)) return fmt::format("{:.4f}", value);
  return fmt::format("{:.3e}", value);
}

std::string listed(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs) text += fmt::format(" - {}: {}", name, number(value));
  return text;
}

class ProgressBarBody final : public CallbackBody {
 public:
  void on_train_begin(Training&) override { epoch_ = -1; }
  void on_epoch_begin(Training& training, int epoch) override { begin(training, epoch, 0); }
  void on_batch_end(Training& training, int64_t batch, const Logs& logs) override {
    if (training.epoch() != epoch_) begin(training, training.epoch(), batch);  // goes on within an epoch
    done_ = batch + 1;
    const double now = seconds_now();
    if (!terminal_ || (now - last_ < 0.1 && done_ != training.steps())) return;
    last_ = now;
    draw(training, logs, now);
  }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    const double seconds = seconds_now() - start_;
    if (terminal_)
      tell(fmt::format("\r\033[K{}/{} {:.1f}s {:.2f}ms/step{}\n", done_, done_, seconds,
                       1e3 * seconds / static_cast<double>(std::max<int64_t>(done_ - first_, 1)),
                       listed(logs)));
    else
      tell(fmt::format("epoch {}/{} - {:.1f}s{}\n", epoch + 1, training.epochs(), seconds, listed(logs)));
  }

 private:
  void begin(Training& training, int epoch, int64_t batch) {
    terminal_ = isatty(STDERR_FILENO);
    epoch_ = epoch;
    done_ = first_ = batch;
    start_ = last_ = seconds_now();
    if (terminal_) tell(fmt::format("Epoch {}/{}\n", epoch + 1, training.epochs()));
  }
  void draw(Training& training, const Logs& logs, double now) {
    const int64_t steps = training.steps();
    const double per_step = (now - start_) / static_cast<double>(done_ - first_);
    std::string line = fmt::format("\r\033[K{}", done_);
    if (steps > 0) {
      constexpr int64_t kWidth = 24;
      const int64_t filled = std::min(done_ * kWidth / steps, kWidth);
      line += fmt::format("/{} [", steps);
      for (int64_t i = 0; i < kWidth; ++i) line += i < filled ? "━" : "─";
      line += fmt::format("] {:.0f}s left", per_step * static_cast<double>(steps - done_));
    }
    line += fmt::format(" {:.0f} samples/s{}", static_cast<double>(training.batch_size()) / per_step,
                        listed(logs));
    tell(line);
  }
  bool terminal_ = false;
  int epoch_ = -1;
  int64_t first_ = 0, done_ = 0;  // batches of the epoch, before this process and so far
  double start_ = 0, last_ = 0;
};

}  // namespace

ProgressBar::ProgressBar() : Callback(std::make_shared<ProgressBarBody>()) {}

}  // namespace folio
