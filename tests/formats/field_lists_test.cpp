// Every list of fields that a catalogue leads to: each field takes a value other than the one it has, keeps
// it through writing and reading, and changes no other. A field that no sample can change fails here.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/fields.h"
#include "folio/folio.h"
#include "folio/layers/catalog.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_samples.h"

namespace folio {
namespace {

/// The keys of a list, without those that files may have and members do not.
std::vector<std::string> keys_of(const FieldList& list) {
  struct Keys final : Fields {
    std::vector<std::string> keys;
    void visit(const Field& field) override {
      if (!field.constant && !field.rules.hidden) keys.emplace_back(field.key);
    }
  } visitor;
  list(visitor);
  return visitor.keys;
}

const std::vector<Json>& candidates() {
  static const std::vector<Json> values = [] {
    const std::vector<const char*> texts = {
        "true",
        "false",
        "2",
        "3",
        "1",
        "4",
        "7",
        "-0.25",
        "0.25",
        "0.5",
        "0.125",
        "2.5",
        "-0.5",
        "[1]",
        "[2]",
        "[1,2]",
        "[2,1]",
        "[1,2,3]",
        "[2,2,1]",
        "[0,1]",
        "[[1,2],[0,1]]",
        "[null,3]",
        "[0.25,0.5]",
        "[0.25]",
        "null",
        R"({"class_name":"Identity","config":{"name":"inside"}})",
        R"({"class_name":"GRUCell","config":{"name":"cell","units":3}})",
        R"([{"class_name":"GRUCell","config":{"name":"cell","units":3}}])",
        R"({"class_name":"SimpleRNN","config":{"name":"forward_one","units":3,"return_sequences":true}})",
        R"({"class_name":"SimpleRNN","config":{"name":"back","units":3,"return_sequences":true,"go_backwards":true}})",
        R"(["x","y"])",
        R"({"class_name":"CosineDecay","config":{"initial_learning_rate":0.5,"decay_steps":9}})"};
    std::vector<Json> all;
    for (const char* text : texts) all.push_back(Json::parse(text));
    for (const char* word : {"same",
                             "valid",
                             "tanh",
                             "relu",
                             "bilinear",
                             "nearest",
                             "wrap",
                             "horizontal",
                             "float64",
                             "float32",
                             "ones",
                             "l1",
                             "non_neg",
                             "sheet",
                             "mine",
                             "sum",
                             "fan_out",
                             "uniform",
                             "PR",
                             "minoring",
                             "macro",
                             "variance_weighted_average",
                             "xbc,cde->xbde",
                             "multi_hot",
                             "lower",
                             "character"})
      all.emplace_back(word);
    return all;
  }();
  return values;
}

using Again = std::function<Json(const Json&)>;  ///< reads a config and writes it

/// The same number, or list of numbers, a little larger.
Json moved(const Json& value) {
  if (value.is_number_integer()) return value.get<int64_t>() + 1;
  if (value.is_number()) return value.get<double>() + 0.5;
  Json list = value;
  if (value.is_array())
    for (Json& item : list) item = moved(item);
  return list;
}

/// Tries every key with every candidate; adds those that kept a new value to `changed`.
void change_each(const Json& config, const std::vector<std::string>& keys, const Again& again,
                 std::set<std::string>& changed) {
  ASSERT_EQ(again(config), config);
  for (const std::string& key : keys) {
    std::vector<Json> tried = candidates();
    if (config.contains(key)) tried.push_back(moved(config[key]));
    for (const Json& candidate : tried) {
      Json given = config, got;
      given[key] = candidate;
      if (!error_of([&] { got = again(given); }).empty() || !got.contains(key)) continue;
      if (config.contains(key) && got[key] == config[key]) continue;
      EXPECT_EQ(again(got), got) << key << " = " << candidate;
      Json others = got, before = config;
      others.erase(key), before.erase(key);
      if (others == before) changed.insert(key);
    }
  }
}

TEST(FieldLists, OfLayers) {
  std::map<std::string, std::set<std::string>> changed;
  for (const LayerSample& sample : layer_samples()) {
    const Layer layer = sample.make();
    SCOPED_TRACE(sample.name);
    const LayerRow& row = layer_row(layer.class_name(), "test");
    const auto keys = keys_of([&](Fields& f) { layer.body().fields(f); });
    const Again again = [&](const Json& config) {
      return row.from_config(config, "again", "test").body().config();
    };
    Json config = layer.body().config();
    change_each(config, keys, again, changed[layer.class_name()]);
    // Strides and dilation exclude each other.
    config.erase("output_padding");
    if (config.erase("strides")) change_each(again(config), keys, again, changed[layer.class_name()]);
  }
  // Whose outputs are whole numbers, of which the other contracts know nothing.
  for (const Layer& layer : {Layer(TextVectorization()), Layer(StringLookup()), Layer(IntegerLookup())}) {
    const LayerRow& row = layer_row(layer.class_name(), "test");
    const Again again = [&](const Json& config) {
      return row.from_config(config, "again", "test").body().config();
    };
    change_each(layer.body().config(), keys_of([&](Fields& f) { layer.body().fields(f); }), again,
                changed[layer.class_name()]);
  }
  for (const LayerRow& row : layer_catalog())
    for (const std::string& key : keys_of([blank = row.blank()](Fields& f) { blank->fields(f); }))
      // Of orders of dimensions there is one.
      EXPECT_TRUE(key == "data_format" || changed[row.class_name].count(key)) << row.class_name << " " << key;
}

TEST(FieldLists, OfLayersBeginWithTheOptionsOfTheConstructors) {
  // A layer made from nothing but what is required is the layer that its constructor makes.
  const std::vector<Layer> plain = {Dense(3),
                                    Conv2D(4, 3),
                                    DepthwiseConv1D(2),
                                    SeparableConv2D(2, 3),
                                    Conv1DTranspose(2, 3),
                                    MaxPooling2D(),
                                    GlobalMaxPooling1D(),
                                    BatchNormalization(),
                                    LayerNormalization(),
                                    GroupNormalization(),
                                    PReLU(),
                                    ReLU(),
                                    LeakyReLU(),
                                    ELU(),
                                    Softmax(),
                                    Embedding(3, 2),
                                    Dropout(0.5),
                                    ZeroPadding2D(),
                                    Cropping2D(),
                                    UpSampling2D(),
                                    Normalization(),
                                    Dot(1)};
  for (const Layer& layer : plain) {
    const LayerRow& row = layer_row(layer.class_name(), "test");
    const Json config = layer.body().config();
    Json required = Json::object();
    struct Required final : Fields {
      const Json& from;
      Json& to;
      Required(const Json& from, Json& to) : from(from), to(to) {}
      void visit(const Field& field) override {
        if (field.rules.required) to[field.key] = from[field.key];
      }
    } visitor(config, required);
    layer.body().fields(visitor);
    EXPECT_EQ(row.from_config(required, "", "test").body().config(), config) << row.class_name;
  }
}

TEST(FieldLists, OfOptimizers) {
  for (const OptimizerRow& row : optimizer_catalog()) {
    const Optimizer optimizer = row.make();
    SCOPED_TRACE(row.name);
    const auto keys = keys_of([&](Fields& f) { optimizer->fields(f); });
    std::set<std::string> changed;
    change_each(
        optimizer->settings(), keys,
        [&](const Json& config) { return row.from_config(config, "test")->settings(); }, changed);
    for (const std::string& key : keys) EXPECT_TRUE(changed.count(key)) << key;
  }
}

TEST(FieldLists, OfSchedules) {
  const Json golden = Json::parse(read_text_file(tests_folder() + "/models/golden/schedules.json"));
  std::map<std::string, std::set<std::string>> changed;
  for (const Json& entry : golden) {
    const std::string name = entry["config"]["class_name"];
    SCOPED_TRACE(name);
    const Again again = [&](const Json& config) {
      return Schedule::from_config({{"class_name", name}, {"config", config}}, "test").config()["config"];
    };
    const Json config = again(entry["config"]["config"]);
    std::vector<std::string> keys;
    for (const auto& [key, value] : config.items()) keys.push_back(key);
    change_each(config, keys, again, changed[name]);
    for (const std::string& key : keys) EXPECT_TRUE(key == "name" || changed[name].count(key)) << key;
  }
  for (const ScheduleRow& row : schedule_catalog())
    EXPECT_TRUE(changed.count(row.class_name)) << row.class_name;
}

TEST(FieldLists, OfLosses) {
  for (const LossRow& row : loss_catalog()) {
    SCOPED_TRACE(row.name);
    const Again again = [&](const Json& config) {
      Loss loss = Loss::from_config({{"class_name", row.class_name}, {"config", config}}, "test");
      return written_fields([&](Fields& f) { loss.fields(f); });
    };
    Loss loss(row.name);
    const auto keys = keys_of([&](Fields& f) { loss.fields(f); });
    std::set<std::string> changed;
    change_each(again(Json::object()), keys, again, changed);
    for (const std::string& key : keys) EXPECT_TRUE(changed.count(key)) << key;
  }
}

TEST(FieldLists, OfMetrics) {
  const Json golden = Json::parse(read_text_file(tests_folder() + "/training/golden/metrics.json"));
  std::map<std::string, std::set<std::string>> changed;
  for (const Json& entry : golden["cases"]) {
    const std::string name = entry[0];
    SCOPED_TRACE(name);
    const Again again = [&](const Json& config) {
      const Json metric = Metric::from_config({{"class_name", name}, {"config", config}}, "test").config();
      return metric["class_name"] == name ? metric["config"] : Json::object();
    };
    const Json config = again(entry[1]);
    std::vector<std::string> keys;
    for (const MetricRow& row : metric_catalog())
      if (row.class_name == name) keys = keys_of([blank = row.blank()](Fields& f) { blank->fields(f); });
    change_each(config, keys, again, changed[name]);
  }
  for (const MetricRow& row : metric_catalog())
    for (const std::string& key : keys_of([blank = row.blank()](Fields& f) { blank->fields(f); }))
      if (changed.count(row.class_name))
        EXPECT_TRUE(changed[row.class_name].count(key)) << row.class_name << " " << key;
}

TEST(FieldLists, OfInitializersRegularizersAndConstraints) {
  const auto all_change = [](const std::string& name, const Json& config, const Again& again) {
    SCOPED_TRACE(name);
    std::vector<std::string> keys;
    for (const auto& [key, value] : config.items()) keys.push_back(key);
    std::set<std::string> changed;
    change_each(config, keys, again, changed);
    for (const std::string& key : keys) EXPECT_TRUE(changed.count(key)) << key;
  };
  for (const InitializerRow& row : initializer_catalog())
    all_change(row.name, Initializer(row.name).config()["config"], [&](const Json& config) {
      return Initializer::from_config({{"class_name", row.class_name}, {"config", config}})
          .config()["config"];
    });
  for (const char* name : {"L1", "L2", "L1L2"})
    all_change(name, Regularizer(name).config()["config"], [&](const Json& config) {
      return Regularizer::from_config({{"class_name", name}, {"config", config}}).config()["config"];
    });
  for (const std::string& name : constraint_names())
    all_change(name, Constraint(name).config()["config"], [&](const Json& config) {
      return Constraint::from_config({{"class_name", name}, {"config", config}}).config()["config"];
    });
}

}  // namespace
}  // namespace folio
