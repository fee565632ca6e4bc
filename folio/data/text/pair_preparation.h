// How pairs of texts become the inputs and targets of a model, and how what it says becomes a text again.
#pragma once
#include <string>
#include <vector>

#include "folio/data/batches.h"
#include "folio/data/text/pairs.h"
#include "folio/data/text/pieces.h"

namespace folio {

struct PairOptions {
  PiecesOptions pieces = {};
  bool shared = false;  ///< one vocabulary for both sides
  int64_t length = 0;   ///< tokens of a text at most; 0: those of the longest text, on each side
  std::string source = {}, target = {};  ///< the columns of a table, where the pairs stood in one
};

/// The source is its pieces and an end. The model is given the begin and the target's pieces, and is to say
/// the target's pieces and the end, each behind the one before. Longer texts are cut; padding is 0.
class PairPreparation {
 public:
  static constexpr const char* kAsset = "pairs.json";  ///< its name in a model file
  PairPreparation() = default;
  /// Learns from pairs. Throws `Error` when there are none, or an option is wrong.
  static PairPreparation fit(const TextPairs& pairs, const PairOptions& options);

  /// int32 (texts, source_steps)
  Tensor sources(const std::vector<std::string>& texts) const;
  /// x: the sources, and the targets with their begin, int32 (pairs, target_steps); y: those with their end.
  Data data(const TextPairs& pairs) const;
  /// The pairs that fit without being cut.
  TextPairs fitting(const TextPairs& pairs) const;

  const PairOptions& options() const { return options_; }
  const Pieces& source_pieces() const { return source_; }
  const Pieces& target_pieces() const { return options_.shared ? source_ : target_; }
  int64_t source_steps() const { return source_steps_; }
  int64_t target_steps() const { return target_steps_; }

  Json to_json() const;
  /// Throws `Error` naming `place` for what is damaged.
  static PairPreparation from_json(const Json& json, const std::string& place);

 private:
  PairOptions options_;
  Pieces source_, target_;
  int64_t source_steps_ = 0, target_steps_ = 0;
};

}  // namespace folio
