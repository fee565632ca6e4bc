#include "folio/training/callback.h"

namespace folio {
namespace {

class LearningRateSchedulerBody final : public CallbackBody {
 public:
  explicit LearningRateSchedulerBody(std::function<double(int, double)> schedule)
      : schedule_(std::move(schedule)) {}
  void on_epoch_begin(Training& training, int epoch) override {
    training.set_learning_rate(schedule_(epoch, training.learning_rate()));
  }
  void on_epoch_end(Training& training, int, Logs& logs) override {
    set_log(logs, "learning_rate", training.learning_rate());
  }

 private:
  std::function<double(int, double)> schedule_;
};

}  // namespace

LearningRateScheduler::LearningRateScheduler(std::function<double(int, double)> schedule)
    : Callback(std::make_shared<LearningRateSchedulerBody>(std::move(schedule))) {}
LearningRateScheduler::LearningRateScheduler(std::function<double(int)> schedule)
    : LearningRateScheduler([schedule](int epoch, double) { return schedule(epoch); }) {}
LearningRateScheduler::LearningRateScheduler(const Schedule& schedule)
    : LearningRateScheduler([schedule](int epoch, double) { return schedule(epoch); }) {}

}  // namespace folio
