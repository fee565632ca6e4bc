#include "folio/formats/keras_texts.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/formats/keras_calls.h"
#include "folio/formats/keras_layers.h"
#include "folio/layers/catalog.h"
#include "folio/layers/preprocessing/text_input.h"

namespace folio {
namespace {

bool is_class(const Json& entry, const char* name) { return entry_of(entry, "class_name") == name; }
bool is_input(const Json& entry) { return is_class(entry, "InputLayer"); }
bool takes_texts(const Json& entry) {
  return is_class(entry, "TextVectorization") || is_class(entry, "StringLookup");
}

const Json& config_of(const Json& entry) { return entry_of(entry, "config"); }

// What calls refer to the layer as.
std::string name_of(const Json& entry) {
  for (const Json* name : {&entry_of(entry, "name"), &entry_of(config_of(entry), "name")})
    if (name->is_string()) return name->get<std::string>();
  return "";
}

// The lines of a vocabulary, as numbers for a layer that looks numbers up. Keras ends no line after the last.
Json tokens_in(const std::string& text, bool numbers, const std::string& place) {
  Json tokens = Json::array();
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.pop_back();
    at = end + 1;
    if (!numbers) {
      tokens.push_back(std::move(line));
      continue;
    }
    if (line.empty() && at > text.size()) break;
    int64_t number = 0;
    const char* last = line.data() + line.size();
    if (const auto [stop, error] = std::from_chars(line.data(), last, number);
        error != std::errc() || stop != last)
      throw Error(fmt::format("{}: expected a whole number in each line, got \"{}\"; the file is damaged",
                              place, line.substr(0, 60)));
    tokens.push_back(number);
  }
  while (!numbers && !tokens.empty() && tokens.back() == "") tokens.erase(tokens.size() - 1);
  return tokens;
}

// The layers that calls refer to: [name, call, output, …] anywhere in them.
void collect_makers(const Json& json, std::set<std::string>& names) {
  if (json.is_array() && json.size() >= 3 && json[0].is_string() && json[1].is_number_integer() &&
      json[2].is_number_integer())
    names.insert(json[0].get<std::string>());
  else if (json.is_structured())
    for (const Json& item : json) collect_makers(item, names);
}

// The shape of an input of texts, any number of rows.
Json shape_of_texts(const Json& input) {
  const Json* shape = &entry_of(config_of(input), "batch_shape");
  if (!shape->is_array()) shape = &entry_of(config_of(input), "batch_input_shape");
  if (!shape->is_array()) return Json::array({kUnknown, 1});
  Json sizes = Json::array();
  for (const Json& size : *shape) sizes.push_back(sizes.empty() || size.is_null() ? Json(kUnknown) : size);
  return sizes;
}

// Turns an input of texts and the layer that takes them into what stands for them.
void join(Json& input, Json& layer, const std::string& place) {
  const KerasObject object = open_keras_object(layer, place);
  layer["config"][kTextShape] = shape_of_texts(input);
  const Layer made =
      layer_row(object.class_name, object.place).from_config(layer["config"], object.name, object.place);
  const auto& body = dynamic_cast<const TextInputBody&>(made.body());
  TensorType type;
  try {
    type = body.numbers();
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", object.place, error.what()));
  }
  input["config"].erase("batch_input_shape");
  input["config"]["batch_shape"] = keras_shape(type.shape);
  input["config"]["dtype"] = to_string(type.dtype);
}

Error misplaced(const std::string& place, const Json& layer) {
  return Error(fmt::format(
      "{} ({} \"{}\"): expected a layer of numbers, or one TextVectorization or StringLookup behind an input "
      "of texts (dtype string); no tensor of Folio holds texts, look them up before the model",
      place,
      entry_of(layer, "class_name").is_string() ? layer["class_name"].get<std::string>().substr(0, 80) : "",
      name_of(layer).substr(0, 80)));
}

bool is_of_texts(const Json& entry) {
  return is_input(entry) && entry_of(config_of(entry), "dtype") == "string";
}

Json joined_sequential(Json layers, const std::string& place) {
  const auto at = [&](size_t i) { return fmt::format("{}: layers[{}]", place, i); };
  if (takes_texts(layers[0]))
    layers.insert(layers.begin(),
                  Json{{"class_name", "InputLayer"}, {"config", {{"name", name_of(layers[0]) + "_input"}}}});
  const bool texts = is_input(layers[0]) && layers.size() > 1 && takes_texts(layers[1]);
  for (size_t i = texts ? 2 : 0; i < layers.size(); ++i)
    if (takes_texts(layers[i]) || is_of_texts(layers[i])) throw misplaced(at(i), layers[i]);
  if (texts) join(layers[0], layers[1], at(1));
  return layers;
}

Json joined_functional(Json layers, const std::string& place) {
  const auto at = [&](size_t i) { return fmt::format("{}: layers[{}]", place, i); };
  std::vector<std::set<std::string>> makers;
  for (const Json& layer : layers) collect_makers(entry_of(layer, "inbound_nodes"), makers.emplace_back());
  std::set<size_t> done;
  for (size_t i = 0; i < layers.size(); ++i) {
    if (!is_of_texts(layers[i])) continue;
    for (size_t user = 0; user < layers.size(); ++user) {
      if (!makers[user].count(name_of(layers[i]))) continue;
      if (!takes_texts(layers[user]) || makers[user].size() != 1 ||
          entry_of(layers[user], "inbound_nodes").size() != 1 || done.count(i))
        throw misplaced(at(user), layers[user]);
      join(layers[i], layers[user], at(user));
      done.insert({i, user});
    }
    if (!done.count(i)) throw misplaced(at(i), layers[i]);
  }
  for (size_t i = 0; i < layers.size(); ++i)
    if (takes_texts(layers[i]) && !done.count(i)) throw misplaced(at(i), layers[i]);
  return layers;
}

// The shapes of inputs of texts, by their names as they are written.
std::map<std::string, Json> texts_of(const SavedModel& model) {
  std::map<std::string, Json> texts;
  const WrittenNames names(model);
  const bool sequential = model.class_name == "Sequential";
  std::set<std::string> inputs;
  for (const SavedLayer& saved : model.layers)
    if (saved.layer.class_name() == "InputLayer") inputs.insert(saved.layer.name());
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const SavedLayer& saved = model.layers[i];
    const auto* body = dynamic_cast<const TextInputBody*>(&saved.layer.body());
    if (!body) continue;
    std::string input = sequential && i <= inputs.size() ? model.input_name : "";
    if (sequential && i == 1 && !inputs.empty()) input = *inputs.begin();
    if (!sequential && saved.calls.size() == 1 && saved.calls[0].inputs.size() == 1)
      if (const auto* from = std::get_if<OutputReference>(&saved.calls[0].inputs[0]);
          from && inputs.count(from->layer))
        input = from->layer;
    if (input.empty())
      throw Error(
          body->label() +
          ": cannot be saved, because it takes texts and does not stand behind an input of the model; "
          "begin the model with it");
    texts[names.of(WrittenNames::without_slashes(input))] = keras_shape(body->texts());
  }
  return texts;
}

void set_tensors(Json& json, const std::map<std::string, Json>& texts) {
  if (!json.is_structured()) return;
  if (is_class(json, "__keras_tensor__")) {
    Json& config = json["config"];
    const auto found = texts.find(config["keras_history"][0].get<std::string>());
    if (found == texts.end()) return;
    config["shape"] = found->second;
    config["dtype"] = "string";
    return;
  }
  for (Json& item : json) set_tensors(item, texts);
}

}  // namespace

bool looks_tokens_up(const std::string& class_name) {
  return class_name == "TextVectorization" || class_name == "StringLookup" || class_name == "IntegerLookup";
}

void fill_in_vocabularies(Json& object, const std::map<std::string, std::string>& vocabularies,
                          const std::string& place) {
  struct Filler {
    const std::map<std::string, std::string>& vocabularies;
    const std::string& place;
    void model(Json& config, const std::string& path) const {
      const auto layers = config.find("layers");
      if (!config.is_object() || layers == config.end() || !layers->is_array()) return;
      std::map<std::string, int> used;
      for (Json& entry : *layers) {
        if (!entry_of(entry, "class_name").is_string() || !config_of(entry).is_object()) continue;
        const auto class_name = entry["class_name"].get<std::string>();
        std::string name = snake_case(class_name);
        if (const int number = used[name]++; number > 0) name += "_" + std::to_string(number);
        const std::string below = path + "layers/" + name + "/";
        Json& inner = entry["config"];
        model(inner, below);
        if (!looks_tokens_up(class_name) || !entry_of(inner, "vocabulary").is_null()) continue;
        if (const auto found = vocabularies.find(below + "vocabulary.txt"); found != vocabularies.end())
          inner["vocabulary"] =
              tokens_in(found->second, class_name == "IntegerLookup", place + ": " + found->first);
      }
    }
  };
  if (vocabularies.empty() || !config_of(object).is_object()) return;
  Filler{vocabularies, place}.model(object["config"], "assets/");
}

std::optional<Json> without_texts(const Json& layers, bool sequential, const std::string& place) {
  const auto any = [&](auto is) { return std::any_of(layers.begin(), layers.end(), is); };
  if (layers.empty() || (!any(takes_texts) && !any(is_of_texts))) return std::nullopt;
  return sequential ? joined_sequential(layers, place) : joined_functional(layers, place);
}

void with_texts(Json& config, const SavedModel& model) {
  const std::map<std::string, Json> texts = texts_of(model);
  if (texts.empty()) return;
  for (Json& layer : config["layers"]) {
    if (is_input(layer))
      if (const auto found = texts.find(name_of(layer)); found != texts.end()) {
        layer["config"]["batch_shape"] = found->second;
        layer["config"]["dtype"] = "string";
      }
    if (layer.contains("inbound_nodes")) set_tensors(layer["inbound_nodes"], texts);
  }
}

}  // namespace folio
