#include "folio/formats/keras_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "folio/base/checked.h"
#include "folio/base/error.h"
#include "folio/layers/preprocessing/vocabulary.h"

namespace folio {
namespace {

/// What TensorFlow 2.13 called the list of layers.
constexpr const char* kOldLayers = "_layer_checkpoint_dependencies";

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

class Planner {
 public:
  explicit Planner(const LayersOfNested& nested) : nested_(nested) {}

  WeightGroup list(const std::vector<Layer>& layers) {
    WeightGroup group;
    group.name = "layers";
    group.label = "layers";
    group.has_vars = false;
    std::map<std::string, int> used;
    for (const Layer& layer : layers) {
      std::string name = snake_case(layer.class_name());
      // Counted even when the layer is not stored here again.
      if (const int number = used[name]++; number > 0) name += "_" + std::to_string(number);
      if (seen_.insert(&layer.body()).second) group.groups.push_back(single(layer.body(), name));
    }
    return group;
  }

 private:
  WeightGroup single(const LayerBody& layer, const std::string& name) {
    WeightGroup group;
    group.name = name;
    group.label = layer.label();
    if (const auto layers = nested_ ? nested_(layer) : std::nullopt) {
      group.groups.push_back(list(*layers));
      return group;
    }
    // Weights of the layers inside are stored with those.
    std::set<const void*> inside;
    for (const auto& [place, child] : layer.children()) {
      for (const Parameter& parameter : child->weights()) inside.insert(parameter.id());
      if (seen_.insert(child.get()).second) group.groups.push_back(single(*child, place));
    }
    for (const Parameter& parameter : layer.weights())
      if (!inside.count(parameter.id())) group.weights.push_back(parameter);
    if (const auto* lookup = dynamic_cast<const IdfLayer*>(&layer); lookup && lookup->idf().defined())
      group.named = {{"idf_weights", lookup->idf()}};
    return group;
  }

  const LayersOfNested& nested_;
  std::set<const LayerBody*> seen_;
};

void fill(const WeightGroup& from, H5Group& to) {
  if (from.has_vars) {
    H5Group vars;
    for (size_t i = 0; i < from.weights.size(); ++i)
      vars.datasets.emplace_back(std::to_string(i), from.weights[i].value());
    for (const auto& [name, parameter] : from.named) vars.datasets.emplace_back(name, parameter.value());
    to.groups.push_back({"vars", std::move(vars)});
  }
  for (const WeightGroup& group : from.groups) {
    // A place inside a layer may lie deeper: "cell/cells".
    H5Group& below = to.at(group.name);
    fill(group, below);
  }
}

/// A weight and where its values are.
struct Source {
  Parameter parameter;
  std::string path;
};

class Loader {
 public:
  explicit Loader(const H5Reader& file) : file_(file) {}

  // Finds every weight and compares counts and shapes; reads nothing.
  void plan(const WeightGroup& group, const std::string& path) {
    if (group.has_vars) plan_vars(group, joined(path, "vars"));
    for (const WeightGroup& below : group.groups) {
      std::string next = joined(path, below.name);
      if (!below.has_vars && !file_.has(next) && file_.has(joined(path, kOldLayers)))
        next = joined(path, kOldLayers);
      plan(below, next);
      if (!below.has_vars) check_nothing_left(next);
    }
  }

  void load() {
    int64_t wanted = 0;
    for (const Source& source : sources_) wanted = checked_add(wanted, source.parameter.shape().count());
    check_holds(file_, wanted);
    std::vector<Tensor> values;
    for (const Source& source : sources_)
      values.push_back(file_.read(source.path, source.parameter.shape()).cast(source.parameter.dtype()));
    for (size_t i = 0; i < sources_.size(); ++i) sources_[i].parameter.set(values[i]);
  }

 private:
  void plan_vars(const WeightGroup& group, const std::string& vars) {
    const auto fail = [&](const std::string& expected, const std::string& got) {
      throw Error(fmt::format("{}: {}: expected {}, got {}; check that the file belongs to this model",
                              file_.name(), vars, expected, got));
    };
    std::vector<std::pair<std::string, Parameter>> weights;
    for (const Parameter& parameter : group.weights)
      weights.emplace_back(std::to_string(weights.size()), parameter);
    weights.insert(weights.end(), group.named.begin(), group.named.end());
    const size_t count = weights.size();
    const size_t found = file_.has(vars) && !file_.is_dataset(vars) ? file_.children(vars).size() : 0;
    if (count > 0 && !file_.has(vars))
      fail(fmt::format("{} weights of {}", count, group.label), "no such group");
    if (count != found) fail(fmt::format("{} weights of {}", count, group.label), fmt::format("{}", found));
    for (const auto& [name, parameter] : weights) {
      const std::string path = joined(vars, name);
      if (!file_.is_dataset(path)) fail(fmt::format("weight {} of {}", name, group.label), "none");
      if (file_.shape(path) != parameter.shape())
        throw Error(fmt::format(
            "{}: {}: expected shape {} for \"{}\" of {}, got {}; check that the file belongs to this model",
            file_.name(), path, to_string(parameter.shape()), parameter.name(), group.label,
            to_string(file_.shape(path))));
      planned_.insert(path);
      sources_.push_back({parameter, path});
    }
  }

  // A file with more weights than the model is another model's.
  void check_nothing_left(const std::string& path) const {
    if (!file_.has(path)) return;
    if (file_.is_dataset(path)) {
      if (!planned_.count(path))
        throw Error(fmt::format(
            "{}: {}: expected no weights here, got some of {}; check that the file belongs to this model",
            file_.name(), path, to_string(file_.shape(path))));
      return;
    }
    for (const std::string& name : file_.children(path)) check_nothing_left(path + "/" + name);
  }

  const H5Reader& file_;
  std::vector<Source> sources_;
  std::set<std::string> planned_;
};

}  // namespace

WeightGroup weight_tree(const std::vector<Layer>& layers, const LayersOfNested& nested) {
  WeightGroup root;
  root.label = "the model";
  root.groups.push_back(Planner(nested).list(layers));
  return root;
}

H5Group weights_to_h5(const WeightGroup& tree, const std::vector<Tensor>& optimizer) {
  H5Group root;
  fill(tree, root);
  if (!optimizer.empty()) {
    H5Group& vars = root.at("optimizer/vars");
    for (size_t i = 0; i < optimizer.size(); ++i) vars.datasets.emplace_back(std::to_string(i), optimizer[i]);
  }
  return root;
}

void check_holds(const H5Reader& file, int64_t elements) {
  if (elements > file.elements())
    throw Error(fmt::format("{}: expected {} numbers for the weights, found {}; the file is damaged",
                            file.name(), elements, file.elements()));
}

void load_weights(const H5Reader& file, const WeightGroup& tree) {
  Loader loader(file);
  loader.plan(tree, "");
  loader.load();
}

std::vector<Tensor> read_optimizer(const H5Reader& file) {
  std::vector<Tensor> values;
  const std::string path = "optimizer/vars";
  if (!file.has(path)) return values;
  const size_t count = file.children(path).size();
  for (size_t i = 0; i < count; ++i) values.push_back(file.read(fmt::format("{}/{}", path, i)));
  return values;
}

}  // namespace folio
