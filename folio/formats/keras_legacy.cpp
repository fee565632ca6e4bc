// Weights and optimizer state in legacy `.h5` files, and the file as a whole.
#include "folio/formats/keras_legacy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/checked.h"
#include "folio/base/error.h"
#include "folio/base/zip.h"
#include "folio/formats/keras_weights.h"
#include "folio/formats/python_json.h"

namespace folio {
namespace {

constexpr const char *kWeights = "model_weights", *kOptimizer = "optimizer_weights",
                     *kTopLevel = "top_level_model_weights", *kAssets = "folio_assets";
/// Keras splits lists of names whose array is larger than this.
constexpr size_t kLargestList = 64'512;

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

// "layer_names", or in pieces "layer_names0", "layer_names1", …; nothing when there is neither.
std::optional<std::vector<std::string>> find_list(const H5Reader& file, const std::string& path,
                                                  const std::string& name) {
  if (auto whole = file.attribute_list(path, name)) return whole;
  std::optional<std::vector<std::string>> all;
  for (int i = 0;; ++i) {
    const auto piece = file.attribute_list(path, name + std::to_string(i));
    if (!piece) return all;
    if (!all) all.emplace();
    all->insert(all->end(), piece->begin(), piece->end());
  }
}

std::vector<std::string> list(const H5Reader& file, const std::string& path, const std::string& name) {
  const auto found = find_list(file, path, name);
  if (!found)
    throw Error(
        fmt::format("{}: {}: expected the list of texts \"{}\" among its attributes, got none; the "
                    "file is damaged, save the model again",
                    file.name(), path.empty() ? "the root" : path, name));
  return *found;
}

// Where the layers' groups are: at the root when the file holds weights alone.
std::string root_of(const H5Reader& file) { return find_list(file, "", "layer_names") ? "" : kWeights; }

/// A layer of the file.
struct Stored {
  std::string name;
  std::vector<std::string> paths;  ///< of its weights
};

/// A layer of the model; the file has all trainable weights first, also those of a model inside the model.
struct Wanted {
  std::string name, label;
  std::vector<Parameter> weights;
};

std::vector<Stored> stored_layers(const H5Reader& file, const std::string& root) {
  std::vector<Stored> layers;
  for (const std::string& name : list(file, root, "layer_names")) {
    Stored layer{name, {}};
    for (const std::string& weight : list(file, joined(root, name), "weight_names"))
      layer.paths.push_back(joined(root, name) + "/" + weight);
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::vector<Wanted> wanted_layers(const std::vector<Layer>& layers) {
  std::vector<Wanted> all;
  for (const Layer& layer : layers) {
    Wanted wanted{layer.name(), layer.body().label(), {}};
    for (const auto& part : {layer.body().trainable_weights(), layer.body().non_trainable_weights()})
      for (const Parameter& weight : part)
        if (std::find(wanted.weights.begin(), wanted.weights.end(), weight) == wanted.weights.end())
          wanted.weights.push_back(weight);
    all.push_back(std::move(wanted));
  }
  return all;
}

// Kernel, recurrent kernel and bias of CuDNNLSTM and CuDNNGRU in the form of LSTM and GRU: the kernels of
// every gate were transposed, the input's in memory alone; of the biases there were two, which LSTM adds up.
// (Keras 2, _convert_rnn_weights)
void turn_cudnn(Tensor* values, int64_t gates, const Parameter& bias) {
  for (const bool recurrent : {false, true}) {
    const Tensor old = values[recurrent].clone();
    const int64_t rows = old.shape()[0], width = old.shape()[1], units = width / gates;
    for (int64_t g = 0; g < gates; ++g)
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < units; ++j) {
          const int64_t at = recurrent ? j * units + i : i + j * rows;
          values[recurrent].set(i * width + g * units + j,
                                old.at(at / units * width + g * units + at % units));
        }
  }
  const Tensor old = values[2];
  values[2] = Tensor(bias.shape(), old.dtype());
  const int64_t half = old.count() / 2;
  for (int64_t i = 0; i < bias.shape().count(); ++i)
    values[2].set(i, bias.shape().rank() == 2 ? old.at(i) : old.at(i) + old.at(i + half));
}

class Loader {
 public:
  explicit Loader(const H5Reader& file) : file_(file), root_(root_of(file)) {}

  // Pairs layers and compares counts and shapes; reads nothing.
  void plan(const std::vector<Layer>& layers, LegacyMatch match) {
    auto stored = stored_layers(file_, root_);
    std::erase_if(stored, [](const Stored& layer) { return layer.paths.empty(); });
    auto wanted = wanted_layers(layers);
    std::erase_if(wanted, [](const Wanted& layer) { return layer.weights.empty(); });
    if (stored.size() != wanted.size())
      fail(root_, fmt::format("{} layers with weights", wanted.size()), fmt::format("{}", stored.size()));
    std::map<std::string, const Stored*> by_name;
    for (const Stored& layer : stored)
      if (!by_name.emplace(layer.name, &layer).second)
        fail(root_, "different names of layers", fmt::format("\"{}\" twice", layer.name.substr(0, 80)));
    for (size_t i = 0; i < wanted.size(); ++i) {
      const auto named = by_name.find(wanted[i].name);
      if (match == LegacyMatch::by_name && named == by_name.end())
        fail(root_, "weights of " + wanted[i].label, "none");
      plan_layer(match == LegacyMatch::by_name ? *named->second : stored[i], wanted[i]);
    }
    check_top_level();
  }

  void load() {
    int64_t wanted = 0;
    for (const auto& source : sources_) wanted = checked_add(wanted, source.second.shape().count());
    check_holds(file_, wanted);
    std::vector<Tensor> values;
    for (const auto& [path, parameter] : sources_)
      values.push_back(file_.read(path, file_.shape(path)).cast(parameter.dtype()));
    for (const auto& [first, gates] : cudnn_) turn_cudnn(&values[first], gates, sources_[first + 2].second);
    for (size_t i = 0; i < sources_.size(); ++i) sources_[i].second.set(values[i]);
  }

 private:
  // A bias of a recurrent layer with numbers for the input and the state in one row, as CuDNNLSTM and
  // CuDNNGRU had.
  bool is_cudnn(const std::string& path, const Parameter& bias) const {
    const Shape& shape = bias.shape();
    if (!bias.name().ends_with("lstm_cell/bias") && !bias.name().ends_with("gru_cell/bias")) return false;
    const int64_t both = shape.rank() == 1 ? 2 * shape[0] : shape.count();
    return file_.shape(path) == Shape{both};
  }

  [[noreturn]] void fail(const std::string& place, const std::string& expected,
                         const std::string& got) const {
    throw Error(fmt::format("{}: {}: expected {}, got {}; check that the file belongs to this model",
                            file_.name(), place.empty() ? "the root" : place, expected, got));
  }

  void plan_layer(const Stored& stored, const Wanted& wanted) {
    if (stored.paths.size() != wanted.weights.size())
      fail(joined(root_, stored.name), fmt::format("{} weights of {}", wanted.weights.size(), wanted.label),
           fmt::format("{}", stored.paths.size()));
    for (size_t i = 0; i < stored.paths.size(); ++i) {
      const std::string& path = stored.paths[i];
      const Parameter& parameter = wanted.weights[i];
      if (i + 2 < stored.paths.size() && parameter.shape().rank() == 2 &&
          is_cudnn(stored.paths[i + 2], wanted.weights[i + 2]))
        cudnn_.emplace_back(sources_.size(), parameter.shape()[1] / wanted.weights[i + 1].shape()[0]);
      const bool turned_bias = !cudnn_.empty() && cudnn_.back().first + 2 == sources_.size();
      if (file_.shape(path) != parameter.shape() && !turned_bias)
        fail(path,
             fmt::format("shape {} for \"{}\" of {}", to_string(parameter.shape()), parameter.name(),
                         wanted.label),
             to_string(file_.shape(path)));
      sources_.emplace_back(path, parameter);
    }
  }

  // Weights that belong to no layer: only models that are Python code have them.
  void check_top_level() const {
    const std::string path = joined(root_, kTopLevel);
    if (!file_.has(path)) return;
    if (const size_t count = list(file_, path, "weight_names").size(); count > 0)
      fail(path, "no weights outside of layers", fmt::format("{}", count));
  }

  const H5Reader& file_;
  std::string root_;
  std::vector<std::pair<std::string, Parameter>> sources_;
  std::vector<std::pair<size_t, int64_t>> cudnn_;  // the first of three sources, and the number of gates
};

// Reading the optimizer
// ------------------------------------------------------------------------------------------------------------

// "Adam/dense/kernel/m:0" -> "m"
std::string last_part(const std::string& name) {
  const std::string path = name.substr(0, name.find(':'));
  return path.substr(path.rfind('/') + 1);
}

// The Adam of Keras before 2.11 kept all means before all squares, and named slots after their weight, role
// last. Today's keeps both of a weight together, largest squares behind as ever.
std::vector<size_t> order_of_slots(const std::vector<std::string>& names) {
  static const std::vector<std::vector<std::string>> lines = {
      {"m", "v"}, {"accum_grad", "accum_var"}, {"vhat"}};
  std::map<std::string, std::vector<size_t>> roles;
  for (size_t i = 0; i < names.size(); ++i) roles[last_part(names[i])].push_back(i);
  std::vector<size_t> order;
  for (const auto& line : lines)
    for (size_t weight = 0; weight < names.size(); ++weight)
      for (const std::string& role : line)
        if (const auto found = roles.find(role); found != roles.end() && weight < found->second.size())
          order.push_back(found->second[weight]);
  if (order.size() == names.size()) return order;
  order.clear();
  for (size_t i = 0; i < names.size(); ++i) order.push_back(i);
  return order;
}

// Writing
// ------------------------------------------------------------------------------------------------------------

// In as many pieces as it takes; every text takes as much room as the longest.
void add_list(H5Group& group, const std::string& name, const std::vector<std::string>& texts) {
  size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  const size_t most = std::max<size_t>(kLargestList / longest, 1);
  if (texts.size() <= most) return void(group.lists.emplace_back(name, texts));
  for (size_t first = 0, piece = 0; first < texts.size(); first += most, ++piece) {
    const auto from = texts.begin() + static_cast<std::ptrdiff_t>(first);
    const auto to = texts.begin() + static_cast<std::ptrdiff_t>(std::min(first + most, texts.size()));
    group.lists.emplace_back(name + std::to_string(piece), std::vector<std::string>(from, to));
  }
}

// Datasets at paths like "dense/kernel", and the list of their names.
void add_weights(H5Group& group, const std::vector<std::pair<std::string, Tensor>>& weights) {
  std::vector<std::string> names;
  std::set<std::string> used;
  for (const auto& [given, tensor] : weights) {
    std::string name = given;
    // Layers of different models inside a model may share a name.
    for (int again = 1; !used.insert(name).second; ++again) name = fmt::format("{}_{}", given, again);
    names.push_back(name);
    const size_t slash = name.rfind('/');
    H5Group& place = slash == std::string::npos ? group : group.at(name.substr(0, slash));
    place.datasets.emplace_back(name.substr(slash + 1), tensor);
  }
  add_list(group, "weight_names", names);
}

H5Group weights_group(const std::vector<Layer>& layers, const WrittenNames& written) {
  H5Group group;
  std::vector<std::string> names;
  for (const Wanted& layer : wanted_layers(layers)) {
    names.push_back(written.of(layer.name));
    std::vector<std::pair<std::string, Tensor>> weights;
    for (const Parameter& weight : layer.weights) weights.emplace_back(weight.name(), weight.value());
    add_weights(group.at(names.back()), weights);
  }
  add_weights(group.at(kTopLevel), {});
  add_list(group, "layer_names", names);
  return group;
}

H5Group optimizer_group(const std::string& name, const std::vector<Parameter>& variables) {
  std::vector<std::pair<std::string, Tensor>> weights;
  for (const Parameter& variable : variables) {
    std::string own = variable.name();
    std::replace(own.begin(), own.end(), '/', '_');
    weights.emplace_back(name + "/" + own, variable.value());
  }
  H5Group group;
  add_weights(group, weights);
  return group;
}

Json parse_attribute(const H5Reader& file, const std::string& name, const std::string& text) {
  return parse_python_json(text, file.name() + ": " + name);
}

}  // namespace

bool is_legacy(const H5Reader& file) { return find_list(file, "", "layer_names") || file.has(kWeights); }

LoadedModel read_legacy_model(const H5Reader& file, const NestedModel& nested) {
  const auto config = file.attribute("", "model_config");
  if (!config)
    throw Error(file.name() +
                ": expected a model, got weights without architecture; load the model they belong to and put "
                "these weights on top (load_weights, or --weights at the command)");
  const KerasWriter writer(file.attribute("", "keras_version").value_or(""),
                           file.attribute("", kPenalties).value_or(""));
  Json json = parse_attribute(file, "model_config", *config);
  if (writer.is_keras2()) translate_keras2(json);
  LoadedModel model =
      read_keras_config(modern_config(std::move(json)), file.name() + ": model_config", nested);
  model.mean_activity_penalties = writer.mean_activity_penalties();
  model.compile_place = "training_config";
  if (const auto text = file.attribute("", kAssets)) {
    const Json assets = parse_attribute(file, kAssets, *text);
    for (const auto& [name, asset] : assets.items())
      if (asset.is_string() && fault_of_zip_name(name).empty()) model.assets[name] = asset;
  }
  if (const auto training = file.attribute("", "training_config"))
    model.compile_config =
        std::make_shared<const Json>(modern_training(parse_attribute(file, "training_config", *training)));
  return model;
}

void load_legacy_weights(const H5Reader& file, const std::vector<Layer>& layers, LegacyMatch match) {
  Loader loader(file);
  loader.plan(layers, match);
  loader.load();
}

std::vector<Tensor> read_legacy_optimizer(const H5Reader& file, const OptimizerBody& optimizer) {
  std::vector<Tensor> state;
  if (!file.has(kOptimizer)) return state;
  std::vector<std::string> names = list(file, kOptimizer, "weight_names");
  if (names.empty()) return state;
  const auto read = [&](const std::string& name) {
    return file.read(fmt::format("{}/{}", kOptimizer, name));
  };
  state.push_back(read(names[0]));
  const bool has_rate = names.size() > 1 && names[1].find("learning_rate") != std::string::npos;
  if (has_rate)
    state.push_back(read(names[1]));
  else if (!optimizer.config()["learning_rate"].is_object())  // no schedule gives it
    state.push_back(Tensor::scalar(optimizer.learning_rate(), floatx()));
  names.erase(names.begin(), names.begin() + (has_rate ? 2 : 1));
  for (const size_t i : order_of_slots(names)) state.push_back(read(names[i]));
  return state;
}

H5Group legacy_file(const SavedModel& model, const std::vector<Layer>& layers,
                    const std::vector<Parameter>& optimizer) {
  H5Group root;
  // Keras reads nothing from the version; this is the oldest that opens the file.
  root.attributes = {{"keras_version", "3.0.0"},
                     {"backend", "folio"},
                     {kPenalties, penalties_text(model)},
                     {"model_config", python_json(legacy_config(keras_config(model)))}};
  if (!model.assets.empty()) root.attributes.emplace_back(kAssets, Json(model.assets).dump());
  if (model.compile_config) {
    const Json training = legacy_training(*model.compile_config);
    root.attributes.emplace_back("training_config", python_json(training));
    if (!optimizer.empty())
      root.groups.push_back(
          {kOptimizer, optimizer_group(snake_case(training["optimizer_config"]["class_name"]), optimizer)});
  }
  root.groups.push_back({kWeights, weights_group(layers, WrittenNames(model))});
  return root;
}

}  // namespace folio
