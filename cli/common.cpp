#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/compiler/compile.h"
#include "folio/data/dataset.h"
#include "folio/data/npy.h"
#include "folio/formats/keras_model.h"
#include "folio/models/model_body.h"
#include "folio/models/trainer.h"
#include "folio/recipes/run.h"

namespace folio::cli {
namespace {

void on_interrupt(int) {
  if (stop_requested()) std::_Exit(130);
  request_stop();
}

const Tensor* find(const NamedTensors& arrays, const std::string& name) {
  for (const auto& entry : arrays)
    if (entry.first == name) return &entry.second;
  return nullptr;
}

std::string names_of(const NamedTensors& arrays) {
  std::string names;
  for (const auto& entry : arrays) names += (names.empty() ? "" : ", ") + entry.first;
  return names.empty() ? "none" : names;
}

// One array per name; a single one may go by a general name instead.
std::vector<Tensor> pick(const NamedTensors& arrays, const std::vector<std::string>& names,
                         const std::string& general, const std::string& path) {
  std::vector<Tensor> found;
  for (const std::string& name : names)
    if (const Tensor* tensor = find(arrays, name)) found.push_back(*tensor);
  if (found.size() == names.size()) return found;
  if (names.size() == 1)
    if (const Tensor* tensor = find(arrays, general)) return {*tensor};
  throw Error(fmt::format("{}: expected {} {}, got the arrays {}; name one array after each", path,
                          names.size() == 1 ? "an array \"" + general + "\" or" : "the arrays",
                          fmt::join(names, ", "), names_of(arrays)));
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

void apply_common(const Options& options) {
  if (options.threads > 0) set_default_threads(options.threads);
  set_random_seed(options.seed);
}

Data read_data(const Model& model, const std::string& path, bool targets, const std::string& split) {
  for (const DatasetInfo& info : folio::datasets()) {
    if (info.name != path) continue;
    const Loss* loss = model.compiled() ? model.model().loss_of(0) : nullptr;
    return picture_data(path, split, "", targets && loss && !loss->sparse());
  }
  Data data;
  if (path.ends_with(".npy")) {
    if (targets)
      throw Error(
          path +
          ": expected an .npz with inputs and targets, got a single array; save both with numpy.savez");
    data.x = {read_npy(path)};
    return data;
  }
  if (!path.ends_with(".npz")) throw Error(path + ": expected a known data set, an .npz or an .npy file");
  const NamedTensors arrays = read_npz(path);
  if (model.model().has_graph()) {
    data.x = pick(arrays, model.model().input_names(), "x", path);
    if (targets) data.y = pick(arrays, model.model().output_names(), "y", path);
  } else {
    data.x = pick(arrays, {"x"}, "x", path);
    if (targets) data.y = pick(arrays, {"y"}, "y", path);
  }
  if (const Tensor* weights = find(arrays, "sample_weight"); weights && targets)
    data.sample_weight = *weights;
  return data;
}

std::map<int, double> parse_class_weight(const std::vector<std::string>& entries) {
  std::map<int, double> weights;
  for (const std::string& entry : entries) {
    int label = 0;
    double weight = 0;
    const size_t equals = entry.find('=');
    const char* end = entry.data() + entry.size();
    const bool good =
        equals != std::string::npos &&
        std::from_chars(entry.data(), entry.data() + equals, label).ptr == entry.data() + equals &&
        std::from_chars(entry.data() + equals + 1, end, weight).ptr == end && std::isfinite(weight) &&
        weight >= 0;
    if (!good) throw Error("--class-weight: expected CLASS=WEIGHT such as 0=1,1=5, got \"" + entry + "\"");
    weights[label] = weight;
  }
  return weights;
}

std::string logs_json(const Logs& logs) {
  Json json = Json::object();
  for (const auto& [name, value] : logs) json[name] = value;
  return json.dump();
}

std::string logs_text(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs)
    text += fmt::format("{}{}: {:.6g}", text.empty() ? "" : "  ", name, value);
  return text;
}

Model load_model(const Options& options) {
  if (options.weights.empty()) return Model::load(options.subject);
  const Model model = load_architecture(options.subject);
  model.load_weights(options.weights);
  return model;
}

}  // namespace folio::cli
