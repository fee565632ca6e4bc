// Replays what Keras' layers gave: the scripts in golden/ wrote it down, one file for each family of layers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/layers/catalog.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

const Json& cases() {
  static const Json all = [] {
    Json list = Json::array();
    std::set<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(golden_path(__FILE__, "")))
      if (file.path().extension() == ".json") files.insert(file.path().string());
    for (const std::string& file : files) {
      const auto bytes = read_file(file);
      const auto* text = reinterpret_cast<const char*>(bytes.data());
      for (Json& entry : Json::parse(text, text + bytes.size())) list.push_back(std::move(entry));
    }
    return list;
  }();
  return all;
}

Tensor tensor_of(const Json& packed) {
  return floats(Shape(packed["shape"].get<std::vector<int64_t>>()),
                packed["values"].get<std::vector<float>>());
}

std::vector<Tensor> tensors_of(const Json& list) {
  std::vector<Tensor> tensors;
  for (const Json& packed : list) tensors.push_back(tensor_of(packed));
  return tensors;
}

void expect_near(const Tensor& got, const Json& packed, const std::string& what) {
  const Tensor expected = tensor_of(packed);
  ASSERT_EQ(got.shape(), expected.shape()) << what;
  double largest = 1;
  for (int64_t i = 0; i < expected.count(); ++i) largest = std::max(largest, std::abs(expected.at(i)));
  for (int64_t i = 0; i < expected.count(); ++i)
    ASSERT_NEAR(got.at(i), expected.at(i), 1e-5 * largest) << what << ", element " << i;
}

/// True when the call is told something beside its inputs.
bool has_arguments(const Json& entry) {
  for (const char* key : {"mask", "masks", "initial_state", "attention_mask", "flags"})
    if (entry.contains(key)) return true;
  return false;
}

/// Calls the layer with masks, states to begin with and what else the entry tells; gives all outputs.
std::vector<Tensor> outputs_of(const Layer& layer, const Json& entry, const PlanOptions& options) {
  std::vector<Tensor> tensors = tensors_of(entry["inputs"]);
  const size_t inputs = tensors.size();
  if (entry.contains("mask")) tensors.push_back(tensor_of(entry["mask"]));
  if (entry.contains("masks"))
    for (const Json& mask : entry["masks"])
      if (!mask.is_null()) tensors.push_back(tensor_of(mask));
  if (entry.contains("attention_mask")) tensors.push_back(tensor_of(entry["attention_mask"]));
  if (entry.contains("initial_state"))
    for (const Tensor& state : tensors_of(entry["initial_state"])) tensors.push_back(state);
  Values symbols, values;
  for (const Tensor& tensor : tensors) {
    symbols.push_back(input(tensor.shape().with(0, kUnknown)));
    values.push_back(input(tensor.shape()));
  }
  auto next = symbols.begin() + static_cast<std::ptrdiff_t>(inputs);
  CallOptions call;
  if (entry.contains("mask")) call.mask = *next++;
  if (entry.contains("masks"))
    for (const Json& mask : entry["masks"]) call.mask.push_back(mask.is_null() ? Value() : *next++);
  if (entry.contains("attention_mask")) call.attention_mask = *next++;
  if (entry.contains("flags"))
    for (const auto& [name, flag] : entry["flags"].items()) call.others.emplace(name, flag.get<bool>());
  call.initial_state = Values(next, symbols.end());
  const Values given(symbols.begin(), symbols.begin() + static_cast<std::ptrdiff_t>(inputs));
  Effects effects;
  const Values results = retrace(layer.call(given, call), symbols,
                                 {.inputs = values, .step = constant(0, DType::int64)}, effects)
                             .values;
  return compile({values, results, effects.updates}, options)(tensors);
}

void replay(const Json& entry, const PlanOptions& options) {
  const Layer layer =
      layer_row(entry["class_name"], "golden").from_config(entry["config"], "layer", "golden");
  layer.set_trainable(entry.value("trainable", true));
  const auto inputs = tensors_of(entry["inputs"]);
  trace_layer(layer, types_of(inputs));  // builds
  layer.set_weights(tensors_of(entry["weights"]));
  const Tensor y = run_layer(layer, inputs, {.training = entry["training"], .compile = options});
  if (!has_arguments(entry)) expect_near(y, entry["output"], "output");
  if (!entry["training"]) {
    const auto all = outputs_of(layer, entry, options);
    const Json expected = entry.value("outputs", Json::array({entry["output"]}));
    ASSERT_EQ(all.size(), expected.size());
    for (size_t i = 0; i < all.size(); ++i) expect_near(all[i], expected[i], "output " + std::to_string(i));
  }
  if (!entry.contains("weights_after")) return;
  const auto weights = layer.get_weights();
  for (size_t i = 0; i < weights.size(); ++i)
    expect_near(weights[i], entry["weights_after"][i], layer.weights()[i].name() + " after the step");
}

TEST(KerasLayers, GiveTheSameNumbers) {
  for (const Json& entry : cases()) {
    SCOPED_TRACE(entry["class_name"].get<std::string>() + " " + entry["config"].dump());
    replay(entry, definitions_only());
    replay(entry, {});
  }
}

// The order of keys means nothing.
nlohmann::json sorted(const Json& json) { return nlohmann::json::parse(json.dump()); }

TEST(KerasLayers, HaveTheSameConfigs) {
  // Entries that came after Keras 3.0 or say nothing; an older Keras would refuse them.
  const std::set<std::string> left_out = {"synchronized", "ragged", "optional", "rms_scaling"};
  for (const Json& entry : cases()) {
    const Json& theirs = entry["config"];
    SCOPED_TRACE(entry["class_name"].get<std::string>() + " " + theirs.dump());
    const Json ours =
        layer_row(entry["class_name"], "golden").from_config(theirs, "layer", "golden").body().config();
    for (const auto& [key, value] : ours.items()) {
      ASSERT_TRUE(theirs.contains(key)) << key;
      EXPECT_EQ(sorted(value), sorted(theirs[key])) << key;
    }
    for (const auto& [key, value] : theirs.items())
      EXPECT_TRUE(ours.contains(key) || left_out.count(key)) << key;
  }
}

TEST(KerasLayers, CoverTheCatalogue) {
  // TensorFlow alone runs these: formats/golden/make_texts.py.
  std::set<std::string> covered = {"IntegerLookup", "StringLookup", "TextVectorization"};
  for (const Json& entry : cases()) covered.insert(entry["class_name"].get<std::string>());
  for (const LayerRow& row : layer_catalog())
    EXPECT_TRUE(covered.count(row.class_name)) << row.class_name << ": add a case to a script in golden/";
}

}  // namespace
}  // namespace folio
