#include "folio/recipes/characters.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/base/utf8.h"

namespace folio {
namespace {

void check_utf8(std::string_view text) {
  if (const size_t at = find_invalid_utf8(text); at != std::string_view::npos)
    throw Error(fmt::format("expected a text in UTF-8, got another byte at {}; save it as UTF-8", at));
}

// Calls body for each character of a text in UTF-8.
template <class Body>
void for_each_character(std::string_view text, Body&& body) {
  for (size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    body(text.substr(at, length));
    at += length;
  }
}

}  // namespace

Characters Characters::of(std::string_view text) {
  check_utf8(text);
  std::set<std::string, std::less<>> found;  // UTF-8 sorts as its code points do
  for_each_character(text, [&](std::string_view c) {
    if (found.find(c) == found.end()) found.emplace(c);
  });
  return {{found.begin(), found.end()}};
}

std::vector<int32_t> Characters::numbers(std::string_view text) const {
  check_utf8(text);
  std::map<std::string_view, int32_t> known;
  for (size_t i = 0; i < list.size(); ++i) known[list[i]] = static_cast<int32_t>(i);
  std::vector<int32_t> result;
  result.reserve(text.size());
  for_each_character(text, [&](std::string_view c) {
    const auto place = known.find(c);
    if (place == known.end())
      throw Error(fmt::format(
          "expected characters of the text that the model has learnt from, got \"{}\"; leave it out", c));
    result.push_back(place->second);
  });
  return result;
}

std::string Characters::text(const std::vector<int64_t>& numbers) const {
  std::string result;
  for (int64_t number : numbers) result += list.at(static_cast<size_t>(number));
  return result;
}

Json Characters::to_json() const { return list; }

Characters Characters::from_json(const Json& json, const std::string& place) {
  const auto wrong = [&] {
    return Error(place + ": expected a list of characters, each once; the file is damaged");
  };
  if (!json.is_array() || json.empty()) throw wrong();
  Characters characters;
  std::set<std::string> seen;
  for (const Json& entry : json) {
    if (!entry.is_string()) throw wrong();
    const auto c = entry.get<std::string>();
    size_t count = 0;
    check_utf8(c);
    for_each_character(c, [&](std::string_view) { ++count; });
    if (count != 1 || !seen.insert(c).second) throw wrong();
    characters.list.push_back(c);
  }
  return characters;
}

}  // namespace folio
