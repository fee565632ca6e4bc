#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "folio/base/error.h"
#include "folio/training/callback.h"

namespace folio {
namespace {

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

}  // namespace

CSVLogger::CSVLogger(std::string path, bool append)
    : Callback(std::make_shared<CSVLoggerBody>(std::move(path), append)) {}

}  // namespace folio
