// Whether a text is well-formed XML: tags nest, attributes are quoted and stand once, references are known.
#pragma once
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace folio {

/// What is wrong with `text`, or "".
inline std::string xml_mistake(const std::string& text) {
  static const std::regex tag(R"re(<(/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(/?)>)re");
  static const std::regex attribute(R"re(([\w:-]+)=")re");
  static const std::regex loose(R"(&(?!(amp|lt|gt|quot|#\d+);))");
  if (std::smatch found; std::regex_search(text, found, loose)) return "a bare & at " + found.suffix().str();
  std::vector<std::string> open;
  size_t at = 0, roots = 0;
  while ((at = text.find('<', at)) != text.npos) {
    std::smatch found;
    if (!std::regex_search(text.begin() + static_cast<long>(at), text.end(), found, tag,
                           std::regex_constants::match_continuous))
      return "no tag: " + text.substr(at, 60);
    const std::string name = found[2], attributes = found[3];
    std::set<std::string> seen;
    for (std::sregex_iterator i(attributes.begin(), attributes.end(), attribute), end; i != end; ++i)
      if (!seen.insert((*i)[1]).second) return name + " has " + (*i)[1].str() + " twice";
    roots += open.empty();
    if (found[1].length() > 0) {
      if (open.empty() || open.back() != name) return "</" + name + "> closes nothing";
      open.pop_back();
    } else if (found[4].length() == 0) {
      open.push_back(name);
    }
    at += static_cast<size_t>(found.length());
  }
  if (!open.empty()) return open.back() + " stays open";
  return roots == 1 ? "" : "not one root";
}

}  // namespace folio
