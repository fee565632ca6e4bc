#include "folio/formats/checkpoint.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>

#include "folio/base/clock.h"
#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/base/zip.h"
#include "folio/data/npy.h"
#include "folio/data/npy_header.h"
#include "folio/formats/keras_file.h"
#include "folio/formats/keras_model.h"
#include "folio/formats/python_json.h"
#include "folio/layers/recurrent/rnn.h"

namespace folio {
namespace {

constexpr const char* kMember = "training.json";
constexpr int kVersion = 2;

std::array<std::string, 2> names_in(const std::string& folder) {
  return {folder + "/checkpoint-1.keras", folder + "/checkpoint-2.keras"};
}

std::string tensor_name(size_t callback, size_t tensor) {
  return fmt::format("training/{}/{}.npy", callback, tensor);
}

std::string state_name(size_t layer, size_t state) {
  return fmt::format("training/states/{}/{}.npy", layer, state);
}

std::vector<std::byte> npy_bytes(const Tensor& tensor) {
  std::vector<std::byte> bytes = npy_header_of(tensor);
  const auto* first = static_cast<const std::byte*>(tensor.raw());
  bytes.insert(bytes.end(), first, first + tensor.bytes());
  return bytes;
}

Json history_to_json(const History& history) {
  Json series = Json::array();
  for (const auto& [name, values] : history.series) series.push_back({name, values});
  return {{"series", series}, {"epochs", history.epochs}};
}

History history_from_json(const Json& json) {
  History history;
  for (const Json& entry : json.at("series"))
    history.series.emplace_back(entry.at(0).get<std::string>(), entry.at(1).get<std::vector<double>>());
  history.epochs = json.at("epochs").get<std::vector<int>>();
  return history;
}

Json to_json(const FitState& state) {
  const FitSetting& setting = state.setting;
  Json callbacks = Json::array();
  for (const CallbackState& callback : state.callbacks)
    callbacks.push_back({{"numbers", callback.numbers}, {"tensors", callback.tensors.size()}});
  return {{"version", kVersion},
          {"seed", setting.seed},
          {"rows", setting.rows},
          {"batch_size", setting.batch_size},
          {"steps_per_epoch", setting.steps_per_epoch},
          {"shuffle", setting.shuffle},
          {"data", setting.data},
          {"epoch", state.epoch},
          {"step", state.step},
          {"stopped", state.stopped},
          {"sums", state.sums},
          {"history", history_to_json(state.history)},
          {"callbacks", callbacks}};
}

FitState from_json(const Json& json, const ZipReader& zip, const std::string& path) {
  if (json.at("version") != kVersion)
    throw Error(
        fmt::format("{}: expected a checkpoint of version {}, got {}; go on with the Folio that wrote "
                    "it",
                    path, kVersion, json.at("version").dump()));
  FitState state;
  state.setting = {json.at("seed").get<uint64_t>(),      json.at("rows").get<int64_t>(),
                   json.at("batch_size").get<int64_t>(), json.at("steps_per_epoch").get<int64_t>(),
                   json.at("shuffle").get<bool>(),       json.at("data").get<uint32_t>()};
  state.epoch = json.at("epoch").get<int>();
  state.step = json.at("step").get<int64_t>();
  state.stopped = json.at("stopped").get<bool>();
  state.sums = json.at("sums").get<std::vector<double>>();
  state.history = history_from_json(json.at("history"));
  for (const Json& entry : json.at("callbacks")) {
    CallbackState callback;
    callback.numbers = entry.at("numbers").get<std::map<std::string, double>>();
    for (size_t i = 0; i < entry.at("tensors").get<size_t>(); ++i) {
      const std::string name = tensor_name(state.callbacks.size(), i);
      callback.tensors.push_back(parse_npy(zip.read(name, default_load_limit()), path + ": " + name));
    }
    state.callbacks.push_back(std::move(callback));
  }
  return state;
}

// What stateful layers remember from batch to batch: Keras' part of the file has no place for it.
void restore_states_of(const Model& model, const std::string& path) {
  const ZipReader zip(std::make_unique<FileSource>(path));
  const auto bytes = zip.read(kMember, kMostJsonBytes);
  const Json json = parse_python_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  std::vector<std::vector<Tensor>> states;
  for (const Json& count : json.value("states", Json::array())) {
    states.emplace_back();
    for (size_t i = 0; i < count.get<size_t>(); ++i) {
      const std::string name = state_name(states.size() - 1, i);
      states.back().push_back(parse_npy(zip.read(name, default_load_limit()), path + ": " + name));
    }
  }
  restore_states(model, states);
}

class BackupAndRestoreBody final : public CallbackBody {
 public:
  BackupAndRestoreBody(std::string folder, BackupAndRestoreOptions options)
      : folder_(std::move(folder)), options_(options) {}

  void on_train_begin(Training& training) override {
    make_folders(folder_);
    check_writable_folder(folder_);
    names_ = names_in(folder_);
    next_ = 0;
    epoch_ = -1;
    auto& fit = fit_of(training);
    if (std::optional<FoundCheckpoint> found = find_checkpoint(folder_)) {
      if (!found->damage.empty())
        warn(fmt::format("{}; going on from the one before it, {}", found->damage, found->path));
      next_ = found->path == names_[0] ? 1 : 0;
      // The state is checked first: on an error the model is as it was.
      fit.go_on(std::move(found->state));
      restore_training(fit.model(), found->path);
      restore_states_of(fit.model(), found->path);
      epoch_ = training.epoch();
      step_ = training.step();
    }
    last_ = seconds_now();
  }
  void on_settled(Training& training) override {
    const int64_t step = training.step();
    const bool by_time = options_.seconds > 0, by_steps = options_.save_freq > 0;
    const bool due = training.interrupted() || training.stopped() || training.epoch() >= training.epochs() ||
                     (by_steps ? step % options_.save_freq == 0 : step == 0 && !by_time) ||
                     (by_time && seconds_now() - last_ >= options_.seconds);
    if (due && (training.epoch() != epoch_ || step != step_)) save(training);
  }
  void on_train_end(Training& training) override {
    if (!options_.delete_checkpoint || training.interrupted()) return;
    std::error_code ignored;
    for (const std::string& name : names_) std::filesystem::remove(name, ignored);
  }

 private:
  static ModelFit& fit_of(Training& training) {
    auto* fit = dynamic_cast<ModelFit*>(&training);
    if (!fit) throw InternalError("BackupAndRestore was used outside of Model::fit");
    return *fit;
  }
  void save(Training& training) {
    ModelFit& fit = fit_of(training);
    try {
      write_checkpoint(names_[next_], fit.model(), fit.state());
      next_ = 1 - next_;
      failing_ = false;
    } catch (const Error& error) {
      if (training.interrupted()) throw;
      if (!failing_)
        warn(fmt::format("{}; the training goes on without this checkpoint, and tries again", error.what()));
      failing_ = true;
    }
    epoch_ = training.epoch();
    step_ = training.step();
    last_ = seconds_now();
  }

  std::string folder_;
  BackupAndRestoreOptions options_;
  std::array<std::string, 2> names_;
  size_t next_ = 0;
  int epoch_ = -1;  // where the training stood when it was saved last
  int64_t step_ = -1;
  double last_ = 0;
  bool failing_ = false;
};

}  // namespace

void write_checkpoint(const std::string& path, const Model& model, const FitState& state) {
  const auto states = saved_states(model);
  Json json = to_json(state);
  for (const auto& layer : states) json["states"].push_back(layer.size());
  const std::string text = python_json(json);
  const auto bytes = bytes_of(text);
  std::vector<AddedMember> added{{kMember, {bytes.begin(), bytes.end()}}};
  for (size_t c = 0; c < state.callbacks.size(); ++c)
    for (size_t t = 0; t < state.callbacks[c].tensors.size(); ++t)
      added.push_back({tensor_name(c, t), npy_bytes(state.callbacks[c].tensors[t])});
  for (size_t l = 0; l < states.size(); ++l)
    for (size_t t = 0; t < states[l].size(); ++t)
      added.push_back({state_name(l, t), npy_bytes(states[l][t])});
  save_with(model, path, added);
}

FitState read_checkpoint(const std::string& path) {
  auto file = std::make_unique<FileSource>(path);
  check_seal(*file);
  const ZipReader zip(std::move(file));
  const auto bytes = zip.read(kMember, kMostJsonBytes);
  const std::string place = path + ": " + kMember;
  try {
    return from_json(parse_python_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, place),
                     zip, path);
  } catch (const Json::exception& error) {
    throw Error(place + ": expected the state of a training, got something else: " + error.what());
  }
}

std::optional<FoundCheckpoint> find_checkpoint(const std::string& folder) {
  std::optional<FoundCheckpoint> found;
  std::string damage;
  for (const std::string& path : names_in(folder)) {
    if (!file_exists(path)) continue;
    try {
      FitState state = read_checkpoint(path);
      if (found && std::tie(state.epoch, state.step) < std::tie(found->state.epoch, found->state.step))
        continue;
      found = FoundCheckpoint{path, std::move(state), {}};
    } catch (const Error& error) {
      damage = error.what();
    }
  }
  if (!found && !damage.empty())
    throw Error(damage + "; no other checkpoint is left to go on from, so begin anew in another folder");
  if (found) found->damage = damage;
  return found;
}

BackupAndRestore::BackupAndRestore(std::string folder, BackupAndRestoreOptions options)
    : Callback(std::make_shared<BackupAndRestoreBody>(std::move(folder), options)) {}

}  // namespace folio
