#include <fmt/args.h>
#include <fmt/format.h>

#include <optional>

#include "folio/base/error.h"
#include "folio/base/range.h"
#include "folio/base/tell.h"
#include "folio/formats/keras_model.h"

namespace folio {
namespace {

class ModelCheckpointBody final : public CallbackBody {
 public:
  ModelCheckpointBody(std::string path, ModelCheckpointOptions options)
      : path_(std::move(path)),
        options_(std::move(options)),
        improvement_(options_.monitor, options_.mode, 0) {
    const bool weights = path_.ends_with(".weights.h5"),
               model = path_.ends_with(".keras") || path_.ends_with(".h5");
    if (options_.save_weights_only ? !weights : weights || !model)
      throw Error(fmt::format("ModelCheckpoint: {}: expected a name that ends in {}", path_,
                              options_.save_weights_only ? ".weights.h5" : ".keras or .h5"));
    kCountsOrNone.check(static_cast<double>(options_.save_freq), "ModelCheckpoint: save_freq");
  }
  void on_train_begin(Training& training) override {
    steps_ = 0;
    if (!options_.save_best_only) return;
    improvement_.begin(training);
    if (!best_) best_ = options_.initial_value_threshold.value_or(improvement_.worst());
  }
  CallbackState state() const override {
    return {{{"best", best_.value_or(0)}, {"steps", static_cast<double>(steps_)}}, {}};
  }
  void restore(const CallbackState& state) override {
    if (best_) best_ = state.numbers.at("best");
    steps_ = static_cast<int64_t>(state.numbers.at("steps"));
  }
  void on_batch_end(Training& training, int64_t batch, const Logs& logs) override {
    if (options_.save_freq == 0 || ++steps_ % options_.save_freq != 0) return;
    Logs named = logs;
    named.emplace_back("batch", static_cast<double>(batch + 1));
    save(training, training.epoch(), named);
  }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    if (options_.save_freq == 0) save(training, epoch, logs);
  }

 private:
  void save(Training& training, int epoch, const Logs& logs) {
    auto* with_model = dynamic_cast<ModelFit*>(&training);
    if (!with_model) throw InternalError("ModelCheckpoint was used outside of Model::fit");
    if (options_.save_best_only) {
      const double* value = find_log(logs, options_.monitor);
      if (!value && !warned_)
        warn(fmt::format(
            "ModelCheckpoint watches \"{}\", which is not reported; the model is saved every time",
            options_.monitor));
      warned_ = warned_ || !value;
      if (value && !improvement_.better(*value, *best_)) return;
      if (value) best_ = *value;
    }
    with_model->model().save(formatted(epoch, logs));
  }
  std::string formatted(int epoch, const Logs& logs) const {
    if (path_.find('{') == std::string::npos) return path_;
    fmt::dynamic_format_arg_store<fmt::format_context> arguments;
    arguments.push_back(fmt::arg("epoch", epoch + 1));
    for (const auto& [name, value] : logs) {
      if (name == "batch")
        arguments.push_back(fmt::arg("batch", static_cast<int64_t>(value)));
      else
        arguments.push_back(fmt::arg(name.c_str(), value));
    }
    try {
      return fmt::vformat(path_, arguments);
    } catch (const fmt::format_error& error) {
      throw Error(fmt::format("ModelCheckpoint: {}: {}; known are epoch and the reported values", path_,
                              error.what()));
    }
  }

  std::string path_;
  ModelCheckpointOptions options_;
  Improvement improvement_;
  std::optional<double> best_;
  int64_t steps_ = 0;  // of the training
  bool warned_ = false;
};

}  // namespace

ModelCheckpoint::ModelCheckpoint(std::string path, ModelCheckpointOptions options)
    : Callback(std::make_shared<ModelCheckpointBody>(std::move(path), std::move(options))) {}

}  // namespace folio
