#include <fmt/args.h>
#include <fmt/format.h>

#include <optional>

#include "folio/base/error.h"
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
  }
  void on_train_begin(Training& training) override {
    if (!options_.save_best_only) return;
    improvement_.begin(training);
    if (!best_) best_ = improvement_.worst();
  }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    auto* with_model = dynamic_cast<ModelFit*>(&training);
    if (!with_model) throw InternalError("ModelCheckpoint was used outside of Model::fit");
    if (options_.save_best_only) {
      const double* value = find_log(logs, options_.monitor);
      if (!value) {
        if (!warned_)
          fmt::print(
              stderr,
              "folio: warning: ModelCheckpoint watches \"{}\", which is not reported; every epoch is saved\n",
              options_.monitor);
        warned_ = true;
      } else if (!improvement_.better(*value, *best_)) {
        return;
      } else {
        best_ = *value;
      }
    }
    with_model->model().save(formatted(epoch, logs));
  }

 private:
  std::string formatted(int epoch, const Logs& logs) const {
    if (path_.find('{') == std::string::npos) return path_;
    fmt::dynamic_format_arg_store<fmt::format_context> arguments;
    arguments.push_back(fmt::arg("epoch", epoch + 1));
    for (const auto& [name, value] : logs) arguments.push_back(fmt::arg(name.c_str(), value));
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
  bool warned_ = false;
};

}  // namespace

ModelCheckpoint::ModelCheckpoint(std::string path, ModelCheckpointOptions options)
    : Callback(std::make_shared<ModelCheckpointBody>(std::move(path), std::move(options))) {}

}  // namespace folio
