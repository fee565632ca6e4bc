#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/entities.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/range.h"
#include "folio/compiler/compile.h"
#include "folio/data/array_files.h"
#include "folio/data/dataset.h"
#include "folio/data/npy.h"
#include "folio/data/text/pair_preparation.h"
#include "folio/formats/keras_model.h"
#include "folio/models/model_body.h"
#include "folio/models/trainer.h"
#include "folio/pictures/picture_folder.h"
#include "folio/recipes/autoencoder.h"
#include "folio/recipes/pictures.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/sound.h"
#include "folio/recipes/table.h"

namespace folio::cli {
namespace {

void on_interrupt(int) {
  if (stop_requested()) std::_Exit(130);
  request_stop();
}

template <class Array>
using Named = std::vector<std::pair<std::string, Array>>;

template <class Array>
const Array* find(const Named<Array>& arrays, const std::string& name) {
  for (const auto& entry : arrays)
    if (entry.first == name) return &entry.second;
  return nullptr;
}

template <class Array>
std::string names_of(const Named<Array>& arrays) {
  std::string names;
  for (const auto& entry : arrays) names += (names.empty() ? "" : ", ") + entry.first;
  return names.empty() ? "none" : names;
}

// One array per name; a single one may go by a general name instead.
template <class Array>
std::vector<Array> pick(const Named<Array>& arrays, const std::vector<std::string>& names,
                        const std::string& general, const std::string& path) {
  std::vector<Array> found;
  for (const std::string& name : names)
    if (const Array* array = find(arrays, name)) found.push_back(*array);
  if (found.size() == names.size()) return found;
  if (names.size() == 1)
    if (const Array* array = find(arrays, general)) return {*array};
  throw Error(fmt::format("{}: expected {} {}, got the arrays {}; name one array after each", path,
                          names.size() == 1 ? "an array \"" + general + "\" or" : "the arrays",
                          fmt::join(names, ", "), names_of(arrays)));
}

// "lstm", "lstm_1", … for several outputs of one layer.
std::vector<std::string> numbered(std::vector<std::string> names) {
  std::map<std::string, int> used;
  for (std::string& name : names)
    if (const int again = used[name]++; again > 0) name += "_" + std::to_string(again);
  return names;
}

// Targets are named as the outputs are; where those have keys, the layers' names will do too.
template <class Array>
std::vector<std::string> target_names(const Model& model, const Named<Array>& arrays) {
  std::vector<std::string> layers;
  for (const Value& value : model.outputs())
    if (const Layer maker = maker_of(value); maker.defined()) layers.push_back(maker.name());
  layers = numbered(std::move(layers));
  const auto is_there = [&](const std::string& name) { return find(arrays, name) != nullptr; };
  const auto names = output_array_names(model);
  if (layers.size() < names.size() || std::all_of(names.begin(), names.end(), is_there)) return names;
  return std::all_of(layers.begin(), layers.end(), is_there) ? layers : names;
}

// The arrays that a model takes, and the weights of rows.
template <class Array>
struct Picked {
  std::vector<Array> x, y;
  Array sample_weight = {};
};

template <class Array>
Picked<Array> pick(const Named<Array>& arrays, const Model& model, bool targets, const std::string& path) {
  const ModelBody& body = model.model();
  using Names = std::vector<std::string>;
  Picked<Array> picked;
  const Names inputs = body.has_graph() ? body.input_names() : Names{"x"};
  // A single array needs no name.
  if (!targets && arrays.size() == 1 && inputs.size() == 1)
    picked.x = {arrays[0].second};
  else
    picked.x = pick(arrays, inputs, "x", path);
  if (!targets) return picked;
  picked.y = pick(arrays, body.has_graph() ? target_names(model, arrays) : Names{"y"}, "y", path);
  if (const Array* weights = find(arrays, "sample_weight")) picked.sample_weight = *weights;
  return picked;
}

// Folders, patterns and files that might not fit into memory are read while they are used.
bool is_read_in_parts(const std::string& path) {
  if (folder_exists(path)) return true;
  if (!file_exists(path)) return path.find_first_of("*?") != std::string::npos;
  return FileSource(path).size() > default_load_limit();
}

}  // namespace

std::vector<std::string> output_array_names(const Model& model) {
  return numbered(model.model().output_names());
}

void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  // A training outlives its terminal, and whoever read its words.
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

void apply_common(const Options& options) {
  if (options.threads > 0) set_default_threads(options.threads);
  set_random_seed(options.training.seed.value_or(1));
}

Data read_data(const Model& model, const Options& options, const std::string& path, bool targets,
               const std::string& split, const std::string& training) {
  if (takes_pairs(model) && targets && !path.ends_with(".npz"))
    return preparation_of<PairPreparation>(model)->data(read_pairs(model, options, path));
  if (targets && !path.ends_with(".npz") && takes_texts(model)) return read_texts(model, options, path);
  if (finds_entities(model) && targets && !path.ends_with(".npz")) return read_entities(model, path);
  if (is_table_file(path)) return read_table(model, options, path, targets, training);
  if (targets && is_for_autoencoder(model, path)) return autoencoder_evaluation(model, path);
  for (const DatasetInfo& info : folio::datasets()) {
    if (info.name != path) continue;
    const Loss* loss = model.compiled() ? model.model().loss_of(0) : nullptr;
    return picture_data(path, split, "", targets && loss && !loss->sparse(),
                        scales_inputs(model) ? 1 : 1.0 / 255);
  }
  if (targets && is_sound_data(path)) return sound_data(model, path);
  if (targets && is_picture_folder(path)) {
    const Loss* loss = model.compiled() ? model.model().loss_of(0) : nullptr;
    return folder_data(model, path, loss && !loss->sparse());
  }
  if (is_read_in_parts(path)) {
    const auto picked = pick(open_rows(path), model, targets, path);
    return Data::streamed(picked.x, picked.y, picked.sample_weight);
  }
  const bool single = path.ends_with(".npy");
  if (single && targets)
    throw Error(path +
                ": expected an .npz with inputs and targets, got a single array; save both with numpy.savez");
  if (!single && !path.ends_with(".npz"))
    throw Error(path +
                ": expected a known data set, an .npz, .npy, .csv or .tsv file, a folder of arrays "
                "or a pattern");
  const auto picked =
      pick(single ? NamedTensors{{"x", read_npy(path)}} : read_npz(path), model, targets, path);
  Data data(picked.x, picked.y);
  data.sample_weight = picked.sample_weight;
  return data;
}

std::string logs_json(const Logs& logs) {
  Json json = Json::object();
  for (const auto& [name, value] : logs) json[name] = value;
  return json_text(json);
}

std::string logs_text(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs)
    text += fmt::format("{}{}: {:.6g}", text.empty() ? "" : "  ", name, value);
  return text;
}

std::map<std::string, std::string> given_settings(const Options& options) {
  std::map<std::string, std::string> settings;
  for (const std::string& entry : options.settings) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos) throw UsageError("--set: expected KEY=VALUE, got \"" + entry + "\"");
    settings[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return settings;
}

Settings recipe_settings(const Recipe& recipe, const Options& options) {
  Settings settings(recipe.settings);
  for (const auto& [key, value] : given_settings(options)) settings.set(key, value);
  return settings;
}

std::string model_file(const std::string& subject) {
  if (!folder_exists(subject)) return subject;
  const std::string best = subject + "/model.keras", last = subject + "/last.keras";
  if (file_exists(best)) return best;
  if (file_exists(last)) return last;
  throw Error(fmt::format("{}: expected a model file or the folder of a run, got a folder without {}",
                          subject, "model.keras"));
}

Model load_model(const Options& options) {
  if (!options.training.weights) return Model::load(options.subject);
  const Model model = load_architecture(options.subject);
  model.load_weights(*options.training.weights);
  return model;
}

}  // namespace folio::cli
