// How well named entities were found, whole and of the right kind.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace folio {

/// Tags of words: "O", or one of B I E S, a dash and a kind: B-person, I-person.
using Tags = std::vector<std::string>;

/// Words [first, last) of a sentence.
struct Entity {
  std::string kind;
  int64_t first = 0, last = 0;
  bool operator==(const Entity&) const = default;
};

/// How tags become entities. conlleval, as the script of CoNLL-2000: I- without B- begins an entity too, and
/// so does one of another kind. strict: only B- begins one (IOB2); what does not go on with it belongs to
/// none.
enum class EntityScheme { conlleval, strict };

/// Whether it is such a tag.
bool is_entity_tag(const std::string& tag);
/// The entities of a sentence, from left to right. Throws `Error` for what is no tag.
std::vector<Entity> entities_of(const Tags& tags, EntityScheme scheme = EntityScheme::conlleval);

/// Counts of entities; an entity is right when its words and its kind are.
struct EntityScores {
  int64_t expected = 0, found = 0, right = 0;
  double precision() const;  ///< right / found; 0 when nothing was found
  double recall() const;     ///< right / expected; 0 when there is nothing to find
  double f1() const;         ///< 2 right / (found + expected), or 0
};
/// Of sentences, each by itself. Throws `Error` when they do not have the same lengths. (sheet G7; Tjong Kim
/// Sang, Buchholz 2000)
EntityScores entity_scores(const std::vector<Tags>& expected, const std::vector<Tags>& predicted,
                           EntityScheme scheme = EntityScheme::conlleval);

}  // namespace folio
