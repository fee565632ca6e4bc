#include "folio/data/text/pair_preparation.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/data/text/token_rows.h"

namespace folio {
namespace {

constexpr FieldRules kSteps = {.required = true, .least = 1, .most = kMostTokens};

}  // namespace

static void fields(Fields& f, PairOptions& o, int64_t& source_steps, int64_t& target_steps) {
  f("shared", o.shared);
  f("source", o.source);
  f("target", o.target);
  f("source_steps", source_steps, kSteps);
  f("target_steps", target_steps, kSteps);
}

PairPreparation PairPreparation::fit(const TextPairs& pairs, const PairOptions& options) {
  if (pairs.empty()) throw Error("pairs: expected pairs of texts to learn from, got none");
  if (options.length < 0 || options.length > kMostTokens)
    throw Error(fmt::format("length: expected 0 to {}, got {}", kMostTokens, options.length));
  PairPreparation made;
  made.options_ = options;
  if (options.shared) {
    std::vector<std::string> both = pairs.sources;
    both.insert(both.end(), pairs.targets.begin(), pairs.targets.end());
    made.source_ = Pieces::fit(both, options.pieces);
  } else {
    made.source_ = Pieces::fit(pairs.sources, options.pieces);
    made.target_ = Pieces::fit(pairs.targets, options.pieces);
  }
  made.source_steps_ = steps_for(made.source_, pairs.sources, options.length);
  made.target_steps_ = steps_for(made.target_pieces(), pairs.targets, options.length);
  return made;
}

Tensor PairPreparation::sources(const std::vector<std::string>& texts) const {
  return token_rows(source_, texts, source_steps_, RowEnds::end);
}

Data PairPreparation::data(const TextPairs& pairs) const {
  const auto rows = [&](RowEnds ends) {
    return token_rows(target_pieces(), pairs.targets, target_steps_, ends);
  };
  return {{sources(pairs.sources), rows(RowEnds::begin)}, {rows(RowEnds::end)}};
}

TextPairs PairPreparation::fitting(const TextPairs& pairs) const {
  TextPairs kept;
  for (size_t i = 0; i < pairs.sources.size(); ++i) {
    if (static_cast<int64_t>(source_.numbers(pairs.sources[i]).size()) >= source_steps_) continue;
    if (static_cast<int64_t>(target_pieces().numbers(pairs.targets[i]).size()) >= target_steps_) continue;
    kept.sources.push_back(pairs.sources[i]);
    kept.targets.push_back(pairs.targets[i]);
  }
  return kept;
}

Json PairPreparation::to_json() const {
  PairPreparation copy = *this;
  Json json =
      written_fields([&](Fields& f) { fields(f, copy.options_, copy.source_steps_, copy.target_steps_); });
  json["source_pieces"] = source_.to_json();
  if (!options_.shared) json["target_pieces"] = target_.to_json();
  return json;
}

PairPreparation PairPreparation::from_json(const Json& json, const std::string& place) {
  PairPreparation made;
  read_fields(json, place,
              [&](Fields& f) { fields(f, made.options_, made.source_steps_, made.target_steps_); },
              {"source_pieces", "target_pieces"});
  const auto pieces = [&](const char* key) {
    return Pieces::from_json(json.contains(key) ? json[key] : Json(), place + ": " + key);
  };
  made.source_ = pieces("source_pieces");
  if (!made.options_.shared) made.target_ = pieces("target_pieces");
  made.options_.pieces = made.source_.options();
  return made;
}

}  // namespace folio
