// How captions become the words that a model is given and is to say, and how what it says becomes a caption.
#pragma once
#include <string>
#include <vector>

#include "folio/data/text/pieces.h"
#include "folio/tensor/tensor.h"

namespace folio {

struct CaptionOptions {
  PiecesOptions pieces = {.unit = "word"};
  int64_t length = 0;    ///< tokens of a caption at most, with its end; 0: those of the longest
  double penalty = 0.6;  ///< of short captions in the search: the exponent of Wu's penalty of lengths
};

/// The model is given the begin and a caption's pieces, and is to say the pieces and the end, each behind the
/// one before. Longer captions are cut; padding is 0.
class CaptionPreparation {
 public:
  static constexpr const char* kAsset = "captions.json";  ///< its name in a model file
  CaptionPreparation() = default;
  /// Learns from captions. Throws `Error` when there are none, or an option is wrong.
  static CaptionPreparation fit(const std::vector<std::string>& captions, const CaptionOptions& options);

  /// int32 (captions, steps) with their begin, as the model is given them
  Tensor given(const std::vector<std::string>& captions) const;
  /// The same with their end, as it is to say them.
  Tensor wanted(const std::vector<std::string>& captions) const;
  /// Whether a caption fits without being cut.
  bool fits(const std::string& caption) const;

  const CaptionOptions& options() const { return options_; }
  const Pieces& pieces() const { return pieces_; }
  int64_t steps() const { return steps_; }

  Json to_json() const;
  /// Throws `Error` naming `place` for what is damaged.
  static CaptionPreparation from_json(const Json& json, const std::string& place);

 private:
  CaptionOptions options_;
  Pieces pieces_;
  int64_t steps_ = 0;
};

}  // namespace folio
