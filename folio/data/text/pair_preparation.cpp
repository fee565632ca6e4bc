#include "folio/data/text/pair_preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"

namespace folio {
namespace {

// Longer texts would not fit into memory as rows of one length.
constexpr int64_t kMostSteps = 100'000;
constexpr FieldRules kSteps = {.required = true, .least = 1, .most = kMostSteps};

// The longest text of those given, with one token more for its begin or end.
int64_t steps_of(const Pieces& pieces, const std::vector<std::string>& texts, int64_t most) {
  size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, pieces.numbers(text).size() + 1);
  return std::min(static_cast<int64_t>(longest), most > 0 ? most : kMostSteps);
}

// The numbers with their begin or end, which stay when the rest is cut.
void set_row(Tensor& rows, int64_t row, std::vector<int32_t> numbers, bool begins, bool ends) {
  const int64_t steps = rows.shape()[1], most = steps - (begins || ends ? 1 : 0);
  if (static_cast<int64_t>(numbers.size()) > most) numbers.resize(static_cast<size_t>(most));
  if (begins) numbers.insert(numbers.begin(), Pieces::kBegin);
  if (ends) numbers.push_back(Pieces::kEnd);
  std::copy(numbers.begin(), numbers.end(), rows.data<int32_t>() + row * steps);
}

Tensor zeros(size_t rows, int64_t steps) {
  return Tensor::filled({static_cast<int64_t>(rows), steps}, Pieces::kPadding, DType::int32);
}

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
  if (options.length < 0 || options.length > kMostSteps)
    throw Error(fmt::format("length: expected 0 to {}, got {}", kMostSteps, options.length));
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
  made.source_steps_ = steps_of(made.source_, pairs.sources, options.length);
  made.target_steps_ = steps_of(made.target_pieces(), pairs.targets, options.length);
  return made;
}

Tensor PairPreparation::sources(const std::vector<std::string>& texts) const {
  Tensor rows = zeros(texts.size(), source_steps_);
  for (size_t i = 0; i < texts.size(); ++i)
    set_row(rows, static_cast<int64_t>(i), source_.numbers(texts[i]), false, true);
  return rows;
}

Data PairPreparation::data(const TextPairs& pairs) const {
  Tensor given = zeros(pairs.targets.size(), target_steps_), wanted = given.clone();
  for (size_t i = 0; i < pairs.targets.size(); ++i) {
    const std::vector<int32_t> numbers = target_pieces().numbers(pairs.targets[i]);
    set_row(given, static_cast<int64_t>(i), numbers, true, false);
    set_row(wanted, static_cast<int64_t>(i), numbers, false, true);
  }
  return {{sources(pairs.sources), given}, {wanted}};
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
