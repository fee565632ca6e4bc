#include "folio/formats/keras_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/formats/python_json.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

/// Models inside models are not the subject here.
Layer no_nested(LoadedModel model) { throw Error("nested " + model.name); }

LoadedModel read(const Json& config) { return read_keras_config(config, "m.keras", no_nested); }
std::string complaint(const Json& config) {
  return error_of([&] { read(config); });
}

Json object(const std::string& class_name, const Json& config) {
  return {{"module", "keras.layers"},
          {"class_name", class_name},
          {"config", config},
          {"registered_name", nullptr}};
}
Json input_layer(const std::string& name) {
  return object("InputLayer", {{"batch_shape", {nullptr, 3}}, {"dtype", "float32"}, {"name", name}});
}
Json dense(const std::string& name, int units = 3) {
  return object("Dense", {{"name", name}, {"units", units}});
}
Json history(const std::string& name, int call = 0, int output = 0) {
  return {
      {"class_name", "__keras_tensor__"},
      {"config", {{"shape", {nullptr, 3}}, {"dtype", "float32"}, {"keras_history", {name, call, output}}}}};
}
Json call(const Json& arguments) { return {{"args", Json::array({arguments})}, {"kwargs", Json::object()}}; }
/// An entry of a Functional.
Json entry(Json layer, const std::vector<Json>& calls) {
  layer["name"] = layer["config"]["name"];
  layer["inbound_nodes"] = Json::array();
  for (const Json& one : calls) layer["inbound_nodes"].push_back(one);
  return layer;
}
Json functional(const std::vector<Json>& layers, const Json& outputs,
                const Json& inputs = Json::array({"in", 0, 0})) {
  return {
      {"module", "keras.src.models.functional"},
      {"class_name", "Functional"},
      {"registered_name", "Functional"},
      {"config", {{"name", "f"}, {"layers", layers}, {"input_layers", inputs}, {"output_layers", outputs}}}};
}
Json sequential(const std::vector<Json>& layers) {
  return {{"module", "keras"}, {"class_name", "Sequential"}, {"config", {{"name", "s"}, {"layers", layers}}}};
}
Json end(const std::string& name, int number = 0, int output = 0) {
  return Json::array({name, number, output});
}

const Json kIn = entry(input_layer("in"), {});
const Json kA = entry(dense("a"), {call(history("in"))});

TEST(KerasConfig, ReadsASequential) {
  const LoadedModel model = read(sequential({input_layer("x"), dense("a", 4), dense("b", 5)}));
  EXPECT_EQ(model.class_name, "Sequential");
  EXPECT_EQ(model.name, "s");
  ASSERT_EQ(model.layers.size(), 2u);
  EXPECT_EQ(model.input_names, std::vector<std::string>{"x"});
  EXPECT_EQ(model.output_names, std::vector<std::string>{"b"});
  EXPECT_EQ(model.outputs[0].shape(), (Shape{kUnknown, 5}));
  EXPECT_EQ(model.compile_config, nullptr);
}

TEST(KerasConfig, ReadsASequentialWithoutInput) {
  Json config = sequential({dense("a", 4)});
  EXPECT_TRUE(read(config).outputs.empty());
  config["config"]["build_input_shape"] = {nullptr, 7};
  EXPECT_EQ(read(config).layers[0].weights()[0].shape(), (Shape{7, 4}));
}

TEST(KerasConfig, ReadsSharedLayersInAnyOrder) {
  // "b" stands before what it needs, as Keras never writes but may read.
  const LoadedModel model =
      read(functional({kIn, entry(dense("b"), {call(history("a", 1)), call(history("b", 0))}),
                       entry(dense("a"), {call(history("in")), call(history("in"))})},
                      end("b", 1)));
  ASSERT_EQ(model.layers.size(), 3u);
  EXPECT_EQ(model.layers[0].class_name(), "InputLayer");
  EXPECT_EQ(model.layers[1].name(), "b");
  EXPECT_EQ(model.layers[1].weights().size(), 2u);
  EXPECT_EQ(model.output_names, std::vector<std::string>{"b"});
}

TEST(KerasConfig, ReadsAllFormsOfInputsAndOutputs) {
  for (const Json& outputs : {end("a"), Json(Json::array({end("a")})), Json{{"answer", end("a")}}})
    for (const Json& inputs : {end("in"), Json(Json::array({end("in")})), Json{{"question", end("in")}}}) {
      const LoadedModel model = read(functional({kIn, kA}, outputs, inputs));
      EXPECT_EQ(model.outputs.size(), 1u);
      EXPECT_EQ(model.input_names, std::vector<std::string>{"in"});
    }
  // Keras takes dictionaries in the order of their keys.
  const LoadedModel two = read(
      functional({kIn, kA, entry(dense("b"), {call(history("in"))})}, {{"z", end("a")}, {"y", end("b")}}));
  EXPECT_EQ(two.output_names, (std::vector<std::string>{"b", "a"}));
}

TEST(KerasConfig, TakesNamedArguments) {
  Json node = {{"args", Json::array()},
               {"kwargs", {{"inputs", history("in")}, {"training", false}, {"mask", nullptr}}}};
  EXPECT_EQ(read(functional({kIn, entry(dense("a"), {node})}, end("a"))).outputs.size(), 1u);
  node["kwargs"]["mask"] = history("in");
  EXPECT_EQ(read(functional({kIn, entry(dense("a"), {node})}, end("a"))).outputs.size(), 1u);
  node["kwargs"]["mask"] = Json::array({nullptr, history("in")});
  EXPECT_NE(complaint(functional({kIn, entry(dense("a"), {node})}, end("a")))
                .find("mask: expected at most a mask for each of 1 inputs, got 2"),
            std::string::npos);
  node["kwargs"] = {{"constants", history("in")}};
  EXPECT_NE(complaint(functional({kIn, entry(dense("a"), {node})}, end("a")))
                .find("constants: expected no such argument"),
            std::string::npos);
}

TEST(KerasConfig, ReadsFunctionsThatAreLayers) {
  Json sum = object("Add", {{"name", "sum"}});
  sum["module"] = "keras.src.ops.numpy";
  sum["registered_name"] = "Add";
  const Json pair = {{"args", {history("a"), history("in")}}, {"kwargs", Json::object()}};
  const LoadedModel model = read(functional({kIn, kA, entry(sum, {pair})}, end("sum")));
  EXPECT_EQ(model.layers[2].class_name(), "Add");
  const Json constant = {{"args", {history("a"), 2.0}}, {"kwargs", Json::object()}};
  EXPECT_EQ(read(functional({kIn, kA, entry(sum, {constant})}, end("sum"))).layers[2].class_name(), "Add");
  sum["class_name"] = "Erfinv";
  EXPECT_NE(complaint(functional({kIn, kA, entry(sum, {pair})}, end("sum"))).find("the function \"Erfinv\""),
            std::string::npos);
}

TEST(KerasConfig, FreezesLayers) {
  Json frozen = dense("a");
  frozen["config"]["trainable"] = false;
  const LoadedModel model = read(sequential({input_layer("x"), frozen, dense("b")}));
  EXPECT_FALSE(model.layers[0].trainable());
  EXPECT_TRUE(model.layers[1].trainable());
}

TEST(KerasConfig, KeepsTrainingSettings) {
  Json config = sequential({dense("a")});
  config["compile_config"] = Json::object();
  EXPECT_EQ(read(config).compile_config, nullptr);
  config["compile_config"] = {{"loss", "mse"}};
  ASSERT_NE(read(config).compile_config, nullptr);
  EXPECT_EQ(*read(config).compile_config, config["compile_config"]);
}

TEST(KerasConfig, NamesPlaceAndNearestLayer) {
  EXPECT_EQ(
      complaint(sequential({input_layer("x"), object("Dence", {{"name", "d"}})})),
      "m.keras: layers[1] (Dence \"d\"): layer \"Dence\" is not known to Folio; the nearest is \"Dense\"");
  EXPECT_EQ(complaint(sequential({input_layer("x"), object("Dense", {{"name", "d"}, {"units", "many"}})})),
            "m.keras: layers[1] (Dense \"d\"): units: expected a whole number, got \"many\"");
}

TEST(KerasConfig, RefusesBrokenGraphs) {
  const std::pair<Json, const char*> cases[] = {
      {functional({kIn, entry(dense("a"), {call(history("b"))})}, end("a")),
       "expected the name of a layer, got \"b\""},
      {functional({kIn, entry(dense("a"), {call(history("in", 1))})}, end("a")),
       "expected call 0 to 0 of layer \"in\", got 1"},
      {functional({kIn, entry(dense("a"), {call(history("in", -1))})}, end("a")),
       "expected call 0 to 0 of layer \"in\", got -1"},
      {functional({kIn, entry(dense("a"), {call(history("in", 0, 1))})}, end("a")),
       "expected output 0 to 0 of layer \"in\", got 1"},
      {functional({kIn, entry(dense("a"), {call(history("b"))}), entry(dense("b"), {call(history("a"))})},
                  end("a")),
       "got a cycle"},
      {functional({kIn, entry(dense("a"), {call(history("a"))})}, end("a")), "got a cycle"},
      {functional({kIn, kA, kA}, end("a")), "\"a\" twice"},
      {functional({kIn, entry(dense("a"), {})}, end("a")), "at least one call"},
      {functional({kIn, kA}, end("b")), "output_layers: expected the name of a layer, got \"b\""},
      {functional({kIn, kA}, Json::array()), "output_layers: expected at least one layer"},
      {functional({kIn, kA}, "a"), "output_layers: expected [layer, call, output]"},
      {functional({kIn, kA}, end("a"), end("a")), "input_layers[0]: expected an InputLayer"},
      {functional({kIn, entry(dense("a"), {call(Json::array())})}, end("a")),
       "at least one output of a layer"},
      {functional({kIn, entry(dense("a"), {Json::array()})}, end("a")), "expected args and kwargs"},
      {sequential({input_layer("x"), input_layer("y")}), "InputLayer at the front"},
      {sequential({5}), "layers[0]: expected an object with class_name"},
      {Json::array(), "m.keras: expected an object with class_name"},
      {object("MyModel", Json::object()), "expected a Sequential or Functional model, got class \"MyModel\""},
  };
  for (const auto& [config, expected] : cases)
    EXPECT_NE(complaint(config).find(expected), std::string::npos) << complaint(config);
}

TEST(KerasConfig, RefusesCodeOfOthers) {
  Json custom = dense("a");
  custom["registered_name"] = "package>Dense";
  EXPECT_NE(complaint(sequential({custom})).find("Folio runs no code of others"), std::string::npos);
  custom["registered_name"] = nullptr;
  custom["module"] = "os";
  EXPECT_NE(complaint(sequential({custom})).find("module \"os\""), std::string::npos);
  EXPECT_NE(complaint(sequential({object("Lambda", {{"name", "l"}})})).find("never runs code"),
            std::string::npos);
}

TEST(KerasConfig, LongChainsNeedNoStack) {
  std::vector<Json> layers{kIn};
  const int count = 2000;
  for (int i = 0; i < count; ++i)
    layers.push_back(entry(object("Flatten", {{"name", "l" + std::to_string(i)}}),
                           {call(history(i ? "l" + std::to_string(i - 1) : "in"))}));
  EXPECT_EQ(read(functional(layers, end("l" + std::to_string(count - 1)))).layers.size(),
            static_cast<size_t>(count) + 1);
}

TEST(KerasConfig, WritesOnlyWhatKeras30Knows) {
  SavedModel model;
  model.class_name = "Functional";
  model.name = "f";
  const TensorType type{{kUnknown, 3}, DType::float32};
  const OutputReference in{"in", 0, 0, type};
  model.layers.push_back({InputLayer({3}, {.name = "in"}), {}, nullptr, nullptr});
  model.layers.push_back({Dense(2, {.name = "d"}), {{{in}, {}}, {{in}, {}}}, nullptr, nullptr});
  model.inputs = {in};
  model.outputs = {{"d", 1, 0}};
  const Json json = Json::parse(keras_config_text(model));
  EXPECT_EQ(json["module"], "keras");
  EXPECT_EQ(json["class_name"], "Model");
  EXPECT_EQ(json["registered_name"], nullptr);
  EXPECT_EQ(json["compile_config"], Json::object());
  EXPECT_EQ(json["config"]["input_layers"], Json::parse(R"([["in", 0, 0]])"));
  EXPECT_EQ(json["config"]["output_layers"], Json::parse(R"([["d", 1, 0]])"));
  EXPECT_EQ(
      json["config"]["layers"][0],
      Json::parse(
          R"({"module": "keras.layers", "class_name": "InputLayer", "config": {"name": "in", "batch_shape": [null, 3],
    "dtype": "float32", "sparse": false}, "registered_name": null, "name": "in", "inbound_nodes": []})"));
  const Json& layer = json["config"]["layers"][1];
  EXPECT_EQ(layer["config"]["dtype"], "float32");
  EXPECT_EQ(layer["config"]["trainable"], true);
  ASSERT_EQ(layer["inbound_nodes"].size(), 2u);
  EXPECT_EQ(layer["inbound_nodes"][0]["args"][0], history("in"));
  EXPECT_EQ(read(parse_python_json(keras_config_text(model), "")).layers.size(), 2u);
}

}  // namespace
}  // namespace folio
