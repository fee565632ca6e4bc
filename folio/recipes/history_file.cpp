#include "folio/recipes/history_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"

namespace folio {

std::string history_json(const History& history) {
  Json json = Json::object();
  for (const auto& [name, values] : history.series) json[name] = values;
  return json_text(json, 1) + "\n";
}

std::string history_csv(const History& history) {
  std::string text = "epoch";
  for (const auto& entry : history.series) text += "," + entry.first;
  text += "\n";
  for (size_t e = 0; e < history.epochs.size(); ++e) {
    text += std::to_string(history.epochs[e]);
    for (const auto& entry : history.series)
      text += e < entry.second.size() ? fmt::format(",{}", entry.second[e]) : ",";
    text += "\n";
  }
  return text;
}

void write_history(const History& history, const std::string& path) {
  write_file_atomically(path, history_json(history));
}

History read_history(const std::string& path) {
  const Json json = Json::parse(read_text_file(path), nullptr, false);
  if (!json.is_object()) throw Error(path + ": expected a history (an object of lists), got something else");
  History history;
  size_t epochs = 0;
  for (const auto& [name, values] : json.items()) {
    if (!values.is_array()) throw Error(path + ": " + name + ": expected a list of numbers");
    std::vector<double> list;
    for (const Json& value : values) {
      if (!value.is_number()) throw Error(path + ": " + name + ": expected a list of numbers");
      list.push_back(value.get<double>());
    }
    epochs = std::max(epochs, list.size());
    history.series.emplace_back(name, std::move(list));
  }
  for (size_t e = 0; e < epochs; ++e) history.epochs.push_back(static_cast<int>(e));
  return history;
}

}  // namespace folio
