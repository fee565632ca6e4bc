#include "folio/analysis/entity_scores.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"

namespace folio {
namespace {

double share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

bool is_entity_tag(const std::string& tag) {
  return tag == "O" ||
         (tag.size() > 2 && tag[1] == '-' && std::string_view("BIES").find(tag[0]) != std::string_view::npos);
}

std::vector<Entity> entities_of(const Tags& tags, EntityScheme scheme) {
  std::vector<Entity> entities;
  bool open = false;  // whether the last entity may go on
  for (size_t i = 0; i < tags.size(); ++i) {
    const std::string& tag = tags[i];
    if (!is_entity_tag(tag))
      throw Error(fmt::format("tag {}: expected O, or B, I, E or S with a kind such as B-person, got \"{}\"",
                              i + 1, tag));
    if (tag == "O") {
      open = false;
      continue;
    }
    const auto at = static_cast<int64_t>(i);
    const std::string kind = tag.substr(2);
    const bool begins = tag[0] == 'B' || tag[0] == 'S';
    if (!begins && open && entities.back().kind == kind)
      entities.back().last = at + 1;
    else if (begins || scheme == EntityScheme::conlleval)
      entities.push_back({kind, at, at + 1});
    else {
      open = false;
      continue;
    }
    open = tag[0] == 'B' || tag[0] == 'I';
  }
  return entities;
}

double EntityScores::precision() const { return share(right, found); }
double EntityScores::recall() const { return share(right, expected); }
double EntityScores::f1() const { return share(2 * right, found + expected); }

EntityScores entity_scores(const std::vector<Tags>& expected, const std::vector<Tags>& predicted,
                           EntityScheme scheme) {
  if (expected.size() != predicted.size())
    throw Error(fmt::format("entity_scores: expected tags of {} sentences, got those of {}", expected.size(),
                            predicted.size()));
  EntityScores scores;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].size() != predicted[i].size())
      throw Error(fmt::format("entity_scores: sentence {}: expected {} tags, got {}", i + 1,
                              expected[i].size(), predicted[i].size()));
    const std::vector<Entity> wanted = entities_of(expected[i], scheme),
                              found = entities_of(predicted[i], scheme);
    scores.expected += static_cast<int64_t>(wanted.size());
    scores.found += static_cast<int64_t>(found.size());
    for (const Entity& entity : found)
      scores.right += std::find(wanted.begin(), wanted.end(), entity) != wanted.end();
  }
  return scores;
}

}  // namespace folio
