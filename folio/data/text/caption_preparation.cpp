#include "folio/data/text/caption_preparation.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/data/text/token_rows.h"

namespace folio {
namespace {

void list(Fields& f, CaptionOptions& o, int64_t& steps) {
  f("steps", steps, {.required = true, .least = 1, .most = kMostTokens});
  f("penalty", o.penalty, {.least = 0, .most = 10});
}

}  // namespace

CaptionPreparation CaptionPreparation::fit(const std::vector<std::string>& captions,
                                           const CaptionOptions& options) {
  if (captions.empty()) throw Error("captions: expected captions to learn from, got none");
  if (options.length < 0 || options.length > kMostTokens)
    throw Error(fmt::format("length: expected 0 to {}, got {}", kMostTokens, options.length));
  CaptionPreparation made;
  made.options_ = options;
  made.pieces_ = Pieces::fit(captions, options.pieces);
  made.steps_ = steps_for(made.pieces_, captions, options.length);
  return made;
}

Tensor CaptionPreparation::given(const std::vector<std::string>& captions) const {
  return token_rows(pieces_, captions, steps_, RowEnds::begin);
}

Tensor CaptionPreparation::wanted(const std::vector<std::string>& captions) const {
  return token_rows(pieces_, captions, steps_, RowEnds::end);
}

bool CaptionPreparation::fits(const std::string& caption) const {
  return static_cast<int64_t>(pieces_.numbers(caption).size()) < steps_;
}

Json CaptionPreparation::to_json() const {
  CaptionPreparation copy = *this;
  Json json = written_fields([&](Fields& f) { list(f, copy.options_, copy.steps_); });
  json["pieces"] = pieces_.to_json();
  return json;
}

CaptionPreparation CaptionPreparation::from_json(const Json& json, const std::string& place) {
  CaptionPreparation made;
  read_fields(json, place, [&](Fields& f) { list(f, made.options_, made.steps_); }, {"pieces"});
  made.pieces_ = Pieces::from_json(json.contains("pieces") ? json["pieces"] : Json(), place + ": pieces");
  made.options_.pieces = made.pieces_.options();
  return made;
}

}  // namespace folio
