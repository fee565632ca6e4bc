// Named arguments of calls, in files and back: with layers of this test's own that take what Keras' recurrent
// and attention layers take.
#include "folio/formats/keras_calls.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/base/zip.h"
#include "folio/folio.h"
#include "folio/formats/keras_legacy.h"
#include "folio/layers/catalog.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

/// x + 10 · the first state + 100 · the second at every step, and twice the last of its states.
class CellBody final : public LayerBody {
 public:
  std::string class_name() const override { return "LSTM"; }
  CallArgumentList arguments() const override {
    return {CallArgument::values("initial_state"), CallArgument::mask(), CallArgument::training(false)};
  }
  Values call(const LayerCall& call, Effects&) override {
    Value y = call.input(), state = max(call.input(), {1});
    if (call.mask().defined()) y = y * reshape(call.mask(), call.mask().shape().joined({1}));
    double weight = 10;
    for (const Value& initial : call.values("initial_state")) {
      y = y + reshape(initial, initial.shape().inserted(1, 1)) * weight;
      state = initial;
      weight *= 10;
    }
    return {y, state * 2.0};
  }
};

/// The query, doubled under a causal mask, and halved where its mask hides it; plus the attention mask. With
/// the scores, which are the value's mask.
class HeadsBody final : public LayerBody {
 public:
  std::string class_name() const override { return "MultiHeadAttention"; }
  CallArgumentList arguments() const override {
    using Kind = CallArgument::Kind;
    return {{"query", Kind::input},
            {"value", Kind::input},
            {"key", Kind::input},
            {"query_mask", Kind::mask, {}, 0},
            {"value_mask", Kind::mask, {}, 1},
            {"key_mask", Kind::mask, {}, 2},
            CallArgument::value("attention_mask"),
            CallArgument::flag("return_attention_scores"),
            CallArgument::training(false),
            CallArgument::flag("use_causal_mask")};
  }
  Values call(const LayerCall& call, Effects&) override {
    Value y = call.input();
    if (call.flag("use_causal_mask")) y = y * 2.0;
    if (const Value mask = call.mask(); mask.defined())
      y = y * (0.5 * reshape(mask, mask.shape().joined({1})) + 0.5);
    if (const Value allowed = call.value("attention_mask"); allowed.defined()) y = y + allowed;
    if (!call.flag("return_attention_scores")) return {y};
    return {y, call.mask(1).defined() ? call.mask(1) : call.input(1)};
  }
};

const std::vector<LayerRow> kLayers = {
    {"LSTM", "for tests", []() -> std::shared_ptr<LayerBody> { return std::make_shared<CellBody>(); }},
    {"MultiHeadAttention", "for tests",
     []() -> std::shared_ptr<LayerBody> { return std::make_shared<HeadsBody>(); }}};

Layer cell(const std::string& name) { return Layer(make_body<CellBody>(name, true)); }
Layer heads(const std::string& name) { return Layer(make_body<HeadsBody>(name, true)); }

Tensor numbers(const Shape& shape, double first = 1) {
  Tensor tensor(shape);
  for (int64_t i = 0; i < tensor.count(); ++i) tensor.set(i, first + static_cast<double>(i));
  return tensor;
}
std::vector<double> list(const Tensor& tensor) {
  std::vector<double> result;
  for (int64_t i = 0; i < tensor.count(); ++i) result.push_back(tensor.at(i));
  return result;
}

Json config_of(const Model& model) {
  const TemporaryFolder folder;
  model.save(folder / "m.keras");
  const auto bytes = ZipReader(folder / "m.keras").read("config.json", 1 << 20);
  return Json::parse(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// The calls of the layer of this name, as the file has them.
Json nodes_of(const Json& config, const std::string& name) {
  for (const Json& layer : config["config"]["layers"])
    if (layer["name"] == name) return layer["inbound_nodes"];
  return {};
}

/// The kwargs of a layer's only call, with the layer's name in place of each tensor.
Json named_of(const Json& config, const std::string& name) {
  const std::function<Json(const Json&)> short_form = [&](const Json& json) {
    if (json.is_object() && json.contains("class_name")) return json["config"]["keras_history"][0];
    Json result = json;
    if (json.is_structured())
      for (Json& item : result) item = short_form(item);
    return result;
  };
  return short_form(nodes_of(config, name)[0]["kwargs"]);
}

/// The layers of the file by name: functions that make masks stand elsewhere once they are layers.
std::map<std::string, Json> layers_of(const Model& model) {
  std::map<std::string, Json> layers;
  for (const Json& layer : config_of(model)["config"]["layers"]) layers[layer["name"]] = layer;
  return layers;
}

/// Through a file, which stays the same; with the same answers.
Model through_file(const Model& model, const std::vector<Tensor>& inputs) {
  const CustomObjectScope scope(kLayers);
  const TemporaryFolder folder;
  model.save(folder / "m.keras");
  const Model again = Model::load(folder / "m.keras");
  EXPECT_EQ(layers_of(again), layers_of(model));
  const auto before = model.predict(inputs), after = again.predict(inputs);
  for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(list(after[i]), list(before[i])) << i;
  return again;
}

TEST(KerasCalls, CarryInitialStates) {
  const Value x = Input({2, 1}, {.name = "x"});
  const Values first = cell("encoder").call({x});
  const Values second =
      cell("decoder").call({x}, {.initial_state = {first[1], Dense(1, {.name = "h"})(first[1])}});
  const Model model({x}, {second[0]}, "seq2seq");
  model.layer("h").set_weights({Tensor::of<float>({1, 1}, {1}), Tensor::of<float>({1}, {1})});
  // The encoder's state is 2 · 2, the other one 4 + 1.
  const std::vector<Tensor> inputs = {numbers({1, 2, 1})};
  EXPECT_EQ(list(model.predict(inputs)[0]), (std::vector<double>{1 + 40 + 500, 2 + 40 + 500}));
  EXPECT_EQ(named_of(config_of(model), "decoder"), Json::parse(R"({"initial_state": ["encoder", "h"]})"));
  EXPECT_EQ(named_of(config_of(model), "encoder"), Json::object());
  through_file(model, inputs);
}

TEST(KerasCalls, CarryFlagsAndMasksOfSeveralInputs) {
  const Value ids = Input({2}, {.name = "ids"}), keys = Input({2}, {.name = "keys"}),
              allowed = Input({2, 1}, {.name = "allowed"});
  const Value query = Embedding(5, 1, {.mask_zero = true, .name = "q"})(ids);
  const Value value = Embedding(5, 1, {.mask_zero = true, .name = "v"})(keys);
  const Value causal = heads("causal")({query, query}, {.use_causal_mask = true});
  const Values scored =
      heads("scored").call({query, value}, {.attention_mask = allowed, .return_attention_scores = true});
  const Model model({ids, keys, allowed}, {causal, scored[0], scored[1]}, "attention");
  model.layer("q").set_weights({Tensor::of<float>({5, 1}, {1, 2, 3, 4, 5})});
  const std::vector<Tensor> inputs = {Tensor::of<float>({1, 2}, {3, 0}), Tensor::of<float>({1, 2}, {0, 2}),
                                      numbers({1, 2, 1}, 10)};
  const auto y = model.predict(inputs);
  EXPECT_EQ(list(y[0]), (std::vector<double>{8, 1}));  // doubled, and halved where the id is 0
  EXPECT_EQ(list(y[1]), (std::vector<double>{4 + 10, 0.5 + 11}));
  EXPECT_EQ(list(y[2]), (std::vector<double>{0, 1}));
  const Json config = config_of(model);
  const Json flags = named_of(config, "causal"), others = named_of(config, "scored");
  EXPECT_EQ(flags["use_causal_mask"], true);
  EXPECT_EQ(flags["query_mask"], flags["value_mask"]);
  EXPECT_FALSE(flags.contains("key_mask") || flags.contains("return_attention_scores"));
  EXPECT_EQ(others["attention_mask"], "allowed");
  EXPECT_EQ(others["return_attention_scores"], true);
  EXPECT_NE(others["query_mask"], others["value_mask"]);
  // Keras takes the inputs of attention one by one.
  EXPECT_EQ(nodes_of(config, "scored")[0]["args"].size(), 2u);
  through_file(model, inputs);
}

TEST(KerasCalls, MasksOfOnesOwnGoFirst) {
  const Value ids = Input({2}, {.name = "ids"}), mask = Input({2}, {.name = "mask"});
  const Value x = Embedding(5, 1, {.embeddings_initializer = "ones", .mask_zero = true})(ids);
  const Model model({ids, mask},
                    {GlobalAveragePooling1D()(x, {.mask = mask}), cell("c").call({x}, {.mask = mask})[0]});
  const std::vector<Tensor> inputs = {Tensor::of<float>({1, 2}, {3, 0}), Tensor::of<float>({1, 2}, {0, 1})};
  EXPECT_EQ(list(model.predict(inputs)[1]), (std::vector<double>{0, 1}));
  EXPECT_EQ(named_of(config_of(model), "c"), Json::parse(R"({"mask": "mask"})"));
  through_file(model, inputs);
}

// What a file may hold
// ------------------------------------------------------------------------------------------------------------

Json tensor(const std::string& name, int output = 0) {
  return {{"class_name", "__keras_tensor__"}, {"config", {{"keras_history", {name, 0, output}}}}};
}
Json many(const std::vector<Json>& items) { return Json(items); }
Json call(const std::vector<Json>& args, const Json& kwargs = Json::object()) {
  return {{"args", args}, {"kwargs", kwargs}};
}
Json layer(const std::string& class_name, const std::string& name, const Json& node,
           const char* module = "keras.layers") {
  return {{"module", module},
          {"class_name", class_name},
          {"config", {{"name", name}}},
          {"name", name},
          {"inbound_nodes", many({node})}};
}
/// A model of x (2, 1) and these layers; the first output of the last comes out.
Json functional(const std::vector<Json>& layers) {
  Json all = {{{"module", "keras.layers"},
               {"class_name", "InputLayer"},
               {"config", {{"batch_shape", {nullptr, 2, 1}}, {"name", "x"}}},
               {"name", "x"},
               {"inbound_nodes", Json::array()}}};
  for (const Json& one : layers) all.push_back(one);
  return {{"module", "keras"},
          {"class_name", "Functional"},
          {"config",
           {{"name", "f"},
            {"layers", all},
            {"input_layers", {"x", 0, 0}},
            {"output_layers", {layers.back()["name"], 0, 0}}}}};
}
Model read(const std::vector<Json>& layers) {
  const CustomObjectScope scope(kLayers);
  const LoadedModel loaded = read_keras_config(functional(layers), "m", [](LoadedModel) { return Layer(); });
  return Model(loaded.inputs, loaded.outputs);
}
std::vector<double> answer(const std::vector<Json>& layers) {
  return list(read(layers).predict(numbers({1, 2, 1})));
}
std::string complaint(const Json& node, const char* class_name = "LSTM") {
  return error_of([&] { read({layer(class_name, "a", node)}); });
}

TEST(KerasCalls, ReadAllFormsOfStates) {
  const Json encoder = layer("LSTM", "e", call({tensor("x")}, {{"training", false}, {"mask", nullptr}}));
  const std::vector<double> expected = {1 + 40, 2 + 40};
  for (const Json& node : {call({tensor("x")}, {{"initial_state", many({tensor("e", 1)})}}),
                           call({tensor("x")}, {{"initial_state", tensor("e", 1)}}),
                           call({tensor("x"), many({tensor("e", 1)})}),  // by position
                           call({many({tensor("x"), tensor("e", 1)})}),  // as Keras 2 did
                           call({}, {{"sequences", tensor("x")}, {"initial_state", many({tensor("e", 1)})}})})
    EXPECT_EQ(answer({encoder, layer("LSTM", "d", node)}), expected) << node;
  // States may be constants.
  const Json constant = {{"class_name", "__numpy__"}, {"config", {{"value", {{4}}}, {"dtype", "float32"}}}};
  EXPECT_EQ(answer({layer("LSTM", "d", call({tensor("x")}, {{"initial_state", many({constant})}}))}),
            expected);
}

TEST(KerasCalls, ReadCallsOfKeras2) {
  // [layer, call, output, {named}], with references in named arguments too.
  const Json source = Json::parse(R"({"class_name": "Model", "config": {"name": "f", "layers": [
    {"class_name": "InputLayer", "name": "x", "config": {"batch_input_shape": [null, 2, 1], "name": "x"}, "inbound_nodes": []},
    {"class_name": "LSTM", "name": "e", "config": {"name": "e"}, "inbound_nodes": [[["x", 0, 0, {}]]]},
    {"class_name": "LSTM", "name": "d", "config": {"name": "d"}, "inbound_nodes": [[["x", 0, 0, {"constants": null}],
      ["e", 0, 1, {"constants": null}]]]},
    {"class_name": "MultiHeadAttention", "name": "m", "config": {"name": "m"}, "inbound_nodes":
      [[["d", 0, 0, {"value": ["x", 0, 0], "attention_mask": ["x", 0, 0], "use_causal_mask": true}]]]}],
    "input_layers": [["x", 0, 0]], "output_layers": [["m", 0, 0]]}})");
  const CustomObjectScope scope(kLayers);
  const LoadedModel loaded =
      read_keras_config(modern_config(source), "m", [](LoadedModel) { return Layer(); });
  const Model model(loaded.inputs, loaded.outputs);
  EXPECT_EQ(list(model.predict(numbers({1, 2, 1}))), (std::vector<double>{2 * 41 + 1, 2 * 42 + 2}));
}

TEST(KerasCalls, AcceptWhatSaysNothing) {
  const Json plain = layer("LSTM", "a", call({tensor("x")}));
  const Json same =
      layer("LSTM", "a",
            call({tensor("x"), nullptr, nullptr, false}, {{"training", false}, {"constants", nullptr}}));
  const Json flags =
      layer("MultiHeadAttention", "a",
            call({tensor("x"), tensor("x")}, {{"use_causal_mask", false}, {"key_mask", nullptr}}));
  EXPECT_EQ(answer({same}), answer({plain}));
  EXPECT_EQ(answer({flags}), (std::vector<double>{1, 2}));
  EXPECT_EQ(named_of(config_of(read({flags})), "a"), Json::object());
}

TEST(KerasCalls, RefuseWhatTheLayerDoesNotTake) {
  EXPECT_EQ(complaint(call({tensor("x")}, {{"use_causal_mask", true}})),
            "m: layers[1] (LSTM \"a\"): inbound_nodes[0]: use_causal_mask: expected no such argument, got "
            "true; a call "
            "of LSTM takes initial_state, mask, training, save the model without it");
  EXPECT_NE(complaint(call({tensor("x")}, {{"initial_state", many({tensor("x")})}}), "Flatten")
                .find("a call of Flatten takes its inputs alone"),
            std::string::npos);
  EXPECT_NE(complaint(call({tensor("x"), nullptr, nullptr, nullptr, tensor("x")}))
                .find("args[4]: expected no more arguments"),
            std::string::npos);
  const auto of_heads = [](const Json& kwargs) {
    return complaint(call({tensor("x"), tensor("x")}, kwargs), "MultiHeadAttention");
  };
  EXPECT_NE(of_heads({{"use_causal_mask", 1}}).find("use_causal_mask: expected true or false, got 1"),
            std::string::npos);
  EXPECT_NE(of_heads({{"attention_mask", many({tensor("x"), tensor("x")})}})
                .find("attention_mask: expected one output"),
            std::string::npos);
  EXPECT_NE(of_heads({{"key_mask", tensor("x")}}).find("at most a mask for each of 2 inputs, got 3"),
            std::string::npos);
  EXPECT_NE(of_heads({{"attention_mask", "x"}}).find("expected outputs of layers or numbers"),
            std::string::npos);
  EXPECT_NE(complaint(call({3.0})).find("at least one output of a layer"), std::string::npos);
}

TEST(KerasCalls, HoldConstants) {
  const char* ops = "keras.src.ops.numpy";
  const auto op = [&](const char* name, const std::vector<Json>& args) {
    return answer({layer(name, "a", call(args), ops)});
  };
  const auto array = [](const Json& value) {
    return Json{{"class_name", "__numpy__"}, {"config", {{"value", value}, {"dtype", "float32"}}}};
  };
  EXPECT_EQ(op("Add", {tensor("x"), 1}), (std::vector<double>{2, 3}));
  EXPECT_EQ(op("Subtract", {1, tensor("x")}), (std::vector<double>{0, -1}));
  EXPECT_EQ(op("Multiply", {tensor("x"), array({{3}, {4}})}), (std::vector<double>{3, 8}));
  EXPECT_EQ(op("TrueDivide", {tensor("x"), 2.0}), (std::vector<double>{0.5, 1}));
  EXPECT_EQ(op("Maximum", {tensor("x"), 1.5}), (std::vector<double>{1.5, 2}));
  // They are written as they came.
  const Model model = read({layer("Subtract", "a", call({1.0, tensor("x")}), ops),
                            layer("Multiply", "b", call({tensor("a"), array({{3.0}, {4.0}})}), ops)});
  const Json config = config_of(model);
  EXPECT_EQ(nodes_of(config, "a")[0]["args"][0], 1.0);
  EXPECT_EQ(nodes_of(config, "b")[0]["args"][1], array({{3.0}, {4.0}}));
  EXPECT_EQ(config["config"]["layers"][1]["module"], "keras.src.ops.numpy");
  through_file(model, {numbers({1, 2, 1})});
  for (const Json& value : {Json::parse("[[1], [2, 3]]"), Json::parse("[]"), Json::parse(R"(["a"])"), Json(),
                            Json::parse("[[[[[[[[[[1]]]]]]]]]]")})
    EXPECT_NE(error_of([&] {
                op("Add", {tensor("x"), array(value)});
              }).find("expected a constant of numbers"),
              std::string::npos)
        << value;
}

// Keras records a phase that a caller gave; a layer that takes none elsewhere has its default there.
TEST(KerasCalls, KeepThePhaseThatACallWasGiven) {
  const Value x = Input({64}, {.name = "x"});
  const Value noisy = Dropout(0.5, {.name = "always"})(x, {.training = true});
  const Value still = BatchNormalization({.name = "never"})(noisy, {.training = false});
  const Model model({x}, {noisy, still});
  EXPECT_EQ(named_of(config_of(model), "always"), Json::parse(R"({"training": true})"));
  EXPECT_EQ(named_of(config_of(model), "never"), Json::parse(R"({"training": false})"));
  const Model again = through_file(model, {Tensor::filled({4, 64}, 1)});
  const Tensor y = again.predict(std::vector<Tensor>{Tensor::filled({4, 64}, 1)})[0];
  int64_t zeros = 0;
  for (double value : list(y)) zeros += value == 0;
  EXPECT_NEAR(static_cast<double>(zeros), 128, 5 * 8);
  const Json automatic = layer("Dropout", "a", call({tensor("x")}, {{"training", false}}));
  Json with_rate = automatic;
  with_rate["config"]["rate"] = 0.5;
  EXPECT_EQ(named_of(config_of(read({with_rate})), "a"), Json::object());
}

}  // namespace
}  // namespace folio
