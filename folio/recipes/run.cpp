#include "folio/recipes/run.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/data/dataset.h"
#include "folio/formats/keras_model.h"
#include "folio/models/trainer.h"
#include "folio/recipes/history_file.h"

namespace folio {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Choice {
  std::string name, folder;
};

// --data takes a name, or a folder whose name (or content) is one of the sets.
Choice choose_data(const Recipe& recipe, const std::string& given) {
  if (given.empty()) return {recipe.data[0], ""};
  for (const DatasetInfo& info : datasets())
    if (info.name == given) return {given, ""};
  std::string base = given;
  while (base.size() > 1 && base.back() == '/') base.pop_back();
  if (!folder_exists(base)) {
    std::vector<std::string> names;
    for (const DatasetInfo& info : datasets()) names.push_back(info.name);
    const std::string near = nearest(given, names);
    throw UsageError(fmt::format("--data: expected a folder or one of {}, got \"{}\"{}",
                                 fmt::join(names, ", "), given,
                                 near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  const std::string last = base.substr(base.rfind('/') + 1);
  for (const DatasetInfo& info : datasets())
    if (info.name == last) return {last, base};
  return {recipe.data[0], base};
}

/// After each epoch: last.keras, history.json, and the best model so far.
class RunFolderBody final : public CallbackBody {
 public:
  RunFolderBody(std::string folder, History* history, std::string monitor)
      : folder_(std::move(folder)),
        history_(history),
        monitor_(std::move(monitor)),
        improvement_(monitor_, "auto", 0),
        best_(improvement_.worst()) {
    if (history_->contains(monitor_))
      for (double value : (*history_)[monitor_])
        if (improvement_.better(value, best_)) best_ = value;
  }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    const Model& model = dynamic_cast<ModelTraining&>(training).model();
    history_->epochs.push_back(epoch);
    history_->add(logs);
    const double* value = find_log(logs, monitor_);
    if (!value || improvement_.better(*value, best_)) {
      if (value) best_ = *value;
      model.save(folder_ + "/model.keras");
    }
    model.save(folder_ + "/last.keras");
    // Last, because --resume takes the number of epochs from it.
    write_history(*history_, folder_ + "/history.json");
    write_file_atomically(folder_ + "/history.csv", history_csv(*history_));
  }

 private:
  std::string folder_;
  History* history_;
  std::string monitor_;
  Improvement improvement_;
  double best_;
};

std::string new_folder(const std::string& recipe) {
  const std::time_t now = std::time(nullptr);
  std::string folder = fmt::format("runs/{}-{:%Y%m%d-%H%M%S}", recipe, fmt::localtime(now));
  for (int again = 2; file_exists(folder) || folder_exists(folder); ++again)
    folder = fmt::format("runs/{}-{:%Y%m%d-%H%M%S}-{}", recipe, fmt::localtime(now), again);
  return folder;
}

Json settings_json(const RunRequest& request, const Recipe& recipe, const Settings& settings,
                   const Choice& data, const FitOptions& fit, double rate) {
  Json class_weight = Json::object();
  for (const auto& [label, weight] : fit.class_weight) class_weight[std::to_string(label)] = weight;
  return {{"recipe", recipe.name},
          {"class_weight", class_weight},
          {"data", data.name},
          {"data_folder", data.folder},
          {"settings", settings.all()},
          {"epochs", fit.epochs},
          {"batch_size", fit.batch_size},
          {"steps_per_epoch", fit.steps_per_epoch},
          {"learning_rate", rate},
          {"optimizer", request.optimizer.empty() ? "adam" : request.optimizer},
          {"shuffle", fit.shuffle},
          {"seed", request.seed}};
}

// A resumed run takes what it was started with, unless something else is asked for now.
RunRequest completed(RunRequest request) {
  const std::string path = request.folder + "/settings.json";
  if (request.folder.empty() || !file_exists(path))
    throw Error(fmt::format("--resume: expected --run with the folder of an earlier run, got \"{}\"",
                            request.folder));
  const Json json = Json::parse(read_text_file(path), nullptr, false);
  try {
    if (json.at("recipe") != request.recipe)
      throw Error(fmt::format("{}: is a run of {}, not of {}", request.folder,
                              json.at("recipe").get<std::string>(), request.recipe));
    if (request.data.empty())
      request.data = json.at("data_folder").get<std::string>().empty()
                         ? json.at("data").get<std::string>()
                         : json.at("data_folder").get<std::string>();
    if (request.epochs == 0) request.epochs = json.at("epochs").get<int>();
    if (request.batch_size == 0) request.batch_size = json.at("batch_size").get<int64_t>();
    if (request.steps_per_epoch == 0) request.steps_per_epoch = json.at("steps_per_epoch").get<int64_t>();
    if (request.learning_rate == 0) request.learning_rate = json.at("learning_rate").get<double>();
    request.optimizer = json.at("optimizer").get<std::string>();
    request.shuffle = json.at("shuffle").get<bool>();
    request.seed = json.at("seed").get<uint64_t>();
    for (const auto& [key, value] : json.at("settings").items())
      request.settings.try_emplace(key, value.get<std::string>());
    for (const auto& [label, weight] : json.at("class_weight").items())
      request.class_weight.try_emplace(std::stoi(label), weight.get<double>());
  } catch (const Json::exception& error) {
    throw Error(path + ": is damaged: " + error.what());
  }
  return request;
}

}  // namespace

Data picture_data(const std::string& name, const std::string& split, const std::string& folder,
                  bool categorical) {
  Dataset set = load(name, split, folder);
  Data data(set.x, set.y);
  data.scale = 1.0 / 255;
  if (categorical) {
    const auto classes = static_cast<int64_t>(set.class_names.size());
    Tensor vectors({set.y.count(), classes});
    for (int64_t i = 0; i < set.y.count(); ++i)
      vectors.data<float>()[i * classes + set.y.data<int32_t>()[i]] = 1;
    data.y = {vectors};
  }
  return data;
}

RunResult run_recipe(const RunRequest& given) {
  const RunRequest request = given.resume ? completed(given) : given;
  const Recipe& recipe = folio::recipe(request.recipe);
  Settings settings(recipe.settings);
  for (const auto& [key, value] : request.settings) settings.set(key, value);
  const Choice choice = choose_data(recipe, request.data);

  RunResult result;
  result.folder = request.folder.empty() ? new_folder(recipe.name) : request.folder;
  if (request.resume && (request.folder.empty() || !file_exists(request.folder + "/last.keras")))
    throw Error(
        fmt::format("--resume: expected --run with the folder of an earlier run, got \"{}\"; it must hold "
                    "last.keras and history.json",
                    request.folder));
  if (!request.resume && file_exists(result.folder + "/last.keras"))
    throw Error(result.folder + ": holds a run already; give --resume to go on with it, or another --run");

  const Data train = picture_data(choice.name, "train", choice.folder, recipe.categorical);
  const Data validation = picture_data(choice.name, "validation", choice.folder, recipe.categorical);
  const Data test = picture_data(choice.name, "test", choice.folder, recipe.categorical);
  make_folders(result.folder);
  check_writable_folder(result.folder);

  set_random_seed(request.seed);
  FitOptions fit;
  fit.epochs = request.epochs > 0 ? request.epochs : recipe.epochs;
  fit.batch_size = request.batch_size > 0 ? request.batch_size : recipe.batch_size;
  fit.steps_per_epoch = request.steps_per_epoch > 0 ? request.steps_per_epoch : recipe.steps_per_epoch;
  fit.shuffle = request.shuffle;
  fit.class_weight = request.class_weight;
  fit.validation_data = validation;
  fit.verbose = request.quiet ? 0 : 1;
  const double rate = request.learning_rate > 0 ? request.learning_rate : recipe.learning_rate;

  Model model;
  History history;
  if (request.resume) {
    model = Model::load(result.folder + "/last.keras");
    history = read_history(result.folder + "/history.json");
    fit.initial_epoch = static_cast<int>(history.epochs.size());
    if (fit.initial_epoch >= fit.epochs)
      throw Error(fmt::format("{}: {} of {} epochs are done already; give a larger --epochs to go on",
                              result.folder, fit.initial_epoch, fit.epochs));
  } else {
    const Shape& pictures = train.x[0].shape();
    model = recipe.build(pictures.from(1), recipe.classes, settings);
    Optimizer optimizer(request.optimizer.empty() ? "adam" : request.optimizer);
    optimizer->set_learning_rate(rate);
    model.compile(
        {.optimizer = optimizer,
         .loss = recipe.categorical ? "categorical_crossentropy" : "sparse_categorical_crossentropy",
         .metrics = {"accuracy"}});
    if (!request.weights.empty()) model.load_weights(request.weights);
  }
  write_file_atomically(result.folder + "/settings.json",
                        settings_json(request, recipe, settings, choice, fit, rate).dump(2) + "\n");
  result.parameters = model.count_parameters();
  if (recipe.schedule == "cosine") {
    const int epochs = fit.epochs;
    fit.callbacks.push_back(LearningRateScheduler([rate, epochs](int epoch, double) {
      return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * epoch / epochs)));
    }));
  }
  fit.callbacks.push_back(TerminateOnNaN());
  fit.callbacks.push_back(Callback(std::make_shared<RunFolderBody>(result.folder, &history, "val_accuracy")));
  if (request.profile) result.profile = profile_training(model, fit.batch_size);

  const double start = seconds_now();
  const History now = model.fit(train, fit);
  result.seconds = seconds_now() - start;
  result.history = history;
  result.interrupted = now.interrupted;
  if (result.interrupted) return result;
  result.test = Model::load(result.folder + "/model.keras").evaluate(test, 256);
  return result;
}

}  // namespace folio
