// Masks that calls no longer see.
#pragma once
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "folio/graph/value.h"

namespace folio {

/// Keras' MultiHeadAttention takes the masks off the values that it is called on: layers that come after it
/// and take the same values see none. A body that does so too has this as a base.
class ForgetsMasks {
 public:
  virtual ~ForgetsMasks() = default;
};

/// Which calls no longer see the mask of a value, because a layer that forgets masks was called on it before.
/// What comes before what is as in Keras: calls further from the outputs first, and of those at one distance
/// the one that is met first on the way back from the last output.
class ForgottenMasks {
 public:
  /// Nodes of a model, inputs before users.
  explicit ForgottenMasks(const std::vector<const Node*>& nodes);
  bool hides(const Value& value, const Node& user) const;

 private:
  struct Place {
    int64_t depth = 0;
    size_t number = 0;
    bool before(const Place& other) const {
      return depth != other.depth ? depth > other.depth : number < other.number;
    }
  };
  std::unordered_map<const Node*, Place> places_;
  std::map<std::pair<const Node*, int>, std::vector<const Node*>> by_;
};

}  // namespace folio
