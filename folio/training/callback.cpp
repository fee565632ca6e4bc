#include "folio/training/callback.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

#include "folio/base/error.h"

namespace folio {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string number(double value) {
  if (value == 0 || (std::abs(value) >= 1e-3 && std::abs(value) < 1e5)) return fmt::format("{:.4f}", value);
  return fmt::format("{:.3e}", value);
}

std::string listed(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs) text += fmt::format(" - {}: {}", name, number(value));
  return text;
}

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

class CSVLoggerBody final : public CallbackBody {
 public:
  CSVLoggerBody(std::string path, bool append) : path_(std::move(path)), append_(append) {}
  void on_train_begin(Training&) override {
    file_.reset(std::fopen(path_.c_str(), "a"));
    if (!file_)
      throw Error(path_ + ": expected a file that can be written; check the folder and its permissions");
    size_ = append_ ? std::ftell(file_.get()) : 0;
  }
  CallbackState state() const override { return {{{"size", static_cast<double>(size_)}}, {}}; }
  void restore(const CallbackState& state) override {
    size_ = static_cast<int64_t>(state.numbers.at("size"));
  }
  void on_epoch_end(Training&, int epoch, Logs& logs) override {
    // Lines of an earlier training, or written after what an interrupted one goes on from, are dropped.
    if (::ftruncate(fileno(file_.get()), size_) != 0)
      throw Error(path_ + ": could not be shortened; choose a regular file");
    std::string line;
    if (size_ == 0) {
      line = "epoch";
      for (const auto& entry : logs) line += "," + entry.first;
      line += "\n";
    }
    line += std::to_string(epoch);
    for (const auto& entry : logs) line += fmt::format(",{}", entry.second);
    line += "\n";
    if (std::fputs(line.c_str(), file_.get()) < 0 || std::fflush(file_.get()) != 0)
      throw Error(path_ + ": could not be written; is the disk full?");
    size_ += static_cast<int64_t>(line.size());
  }
  void on_train_end(Training&) override { file_.reset(); }

 private:
  struct Close {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  bool append_;
  int64_t size_ = 0;  // of the file, as far as it belongs to this training
  std::unique_ptr<FILE, Close> file_;
};

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
      fmt::print(stderr, "\r\033[K{}/{} {:.1f}s {:.2f}ms/step{}\n", done_, done_, seconds,
                 1e3 * seconds / static_cast<double>(std::max<int64_t>(done_ - first_, 1)), listed(logs));
    else
      fmt::print(stderr, "epoch {}/{} - {:.1f}s{}\n", epoch + 1, training.epochs(), seconds, listed(logs));
    std::fflush(stderr);
  }

 private:
  void begin(Training& training, int epoch, int64_t batch) {
    terminal_ = isatty(STDERR_FILENO);
    epoch_ = epoch;
    done_ = first_ = batch;
    start_ = last_ = seconds_now();
    if (terminal_) fmt::print(stderr, "Epoch {}/{}\n", epoch + 1, training.epochs());
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
    fmt::print(stderr, "{}", line);
    std::fflush(stderr);
  }
  bool terminal_ = false;
  int epoch_ = -1;
  int64_t first_ = 0, done_ = 0;  // batches of the epoch, before this process and so far
  double start_ = 0, last_ = 0;
};

}  // namespace

const double* find_log(const Logs& logs, const std::string& name) {
  for (const auto& entry : logs)
    if (entry.first == name) return &entry.second;
  return nullptr;
}

void set_log(Logs& logs, const std::string& name, double value) {
  for (auto& entry : logs)
    if (entry.first == name) {
      entry.second = value;
      return;
    }
  logs.emplace_back(name, value);
}

Improvement::Improvement(std::string monitor, std::string mode, double min_delta)
    : min_delta_(std::abs(min_delta)) {
  if (mode != "auto" && mode != "min" && mode != "max")
    throw Error("mode: expected \"auto\", \"min\" or \"max\", got \"" + mode + "\"");
  const bool loss = monitor == "loss" || monitor.ends_with("_loss");
  bool grows = monitor.ends_with("acc");
  for (const char* word : {"accuracy", "auc", "precision", "recall", "f1", "fbeta", "io_u", "iou", "r2",
                           "specificity", "sensitivity", "cosine_similarity", "correlation"})
    grows = grows || monitor.find(word) != std::string::npos;
  larger_ = mode == "max" || (mode == "auto" && grows && !loss);
}
bool Improvement::better(double value, double than) const {
  return larger_ ? value - min_delta_ > than : value + min_delta_ < than;
}
double Improvement::worst() const {
  return larger_ ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

TerminateOnNaN::TerminateOnNaN() : Callback(std::make_shared<TerminateOnNaNBody>()) {}
CSVLogger::CSVLogger(std::string path, bool append)
    : Callback(std::make_shared<CSVLoggerBody>(std::move(path), append)) {}
ProgressBar::ProgressBar() : Callback(std::make_shared<ProgressBarBody>()) {}

}  // namespace folio
