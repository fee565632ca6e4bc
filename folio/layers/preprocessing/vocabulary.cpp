#include "folio/layers/preprocessing/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "folio/base/error.h"
#include "folio/base/fingerprint.h"
#include "folio/layers/common/layer_fields.h"

namespace folio {
namespace {

constexpr double kMostUnknown = 1e6;

// The number of an unknown token among so many.
int64_t bucket(const std::string& token, int64_t count) {
  return static_cast<int64_t>(fingerprint(token) % static_cast<uint64_t>(count));
}
int64_t bucket(int64_t token, int64_t count) { return (token % count + count) % count; }

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

template <class Token>
void Vocabulary<Token>::fields(Fields& f) {
  LookupOptions<Token>& o = options;
  note_idf();
  f("max_tokens", o.max_tokens, {.least = 0, .most = kLargestSize, .empty_as_null = true});
  f("num_oov_indices", o.num_oov_indices, {.least = 0, .most = kMostUnknown});
  f("mask_token", o.mask_token);
  f("oov_token", o.oov_token);
  f("vocabulary", o.vocabulary, {.empty_as_null = true});
  f("idf_weights", o.idf_weights, {.finite = true, .empty_as_null = true});
  f("invert", o.invert);
  f("output_mode", o.output_mode, {.words = "int one_hot multi_hot count tf_idf"});
  f("pad_to_max_tokens", o.pad_to_max_tokens);
  f.constant("sparse", "false");
  f.ignore_any("vocabulary_size");
  f.ignore_any("has_input_vocabulary");
  f.ignore("oov_method", "\"floormod\"");
  f.ignore("salt");
}

template <class Token>
void Vocabulary<Token>::note_idf() {
  if (!idf_.defined()) return;
  options.idf_weights.clear();
  for (size_t i = 0; i < tokens().size(); ++i)
    options.idf_weights.push_back(idf_.value().at(first_token() + static_cast<int64_t>(i)));
}

template <class Token>
void Vocabulary<Token>::configure(const std::string& layer_name) {
  const LookupOptions<Token>& o = options;
  if (o.pad_to_max_tokens && o.max_tokens == 0)
    throw Error("pad_to_max_tokens: expected max_tokens too, got none; give it");
  if (o.max_tokens > 0 && o.max_tokens <= first_token())
    throw Error(fmt::format("max_tokens: expected more than the {} numbers of mask and unknown, got {}",
                            first_token(), o.max_tokens));
  if (o.invert && o.output_mode != "int")
    throw Error("output_mode: expected int where tokens are looked up by number (invert), got " +
                o.output_mode);
  if (!o.idf_weights.empty() && o.output_mode != "tf_idf")
    throw Error("idf_weights: expected none unless output_mode is tf_idf, got some");
  given_ = !o.vocabulary.empty();
  if (!given_) {
    if (!o.idf_weights.empty()) throw Error("idf_weights: expected a vocabulary too, got none; give both");
    return;
  }
  // Keras knows a list that begins with the tokens of its own by these.
  std::vector<Token> special;
  if (first_unknown() == 1) special.push_back(*o.mask_token);
  const auto unknown = std::min<size_t>(static_cast<size_t>(o.num_oov_indices), o.vocabulary.size() + 1);
  special.insert(special.end(), unknown, o.oov_token);
  std::vector<double> weights = o.idf_weights;
  const bool listed = special.size() <= o.vocabulary.size() &&
                      std::equal(special.begin(), special.end(), o.vocabulary.begin());
  const size_t entries = o.vocabulary.size();
  if (o.output_mode == "tf_idf" && !weights.empty() && weights.size() != entries)
    throw Error(fmt::format("idf_weights: expected one for each of the {} entries of the vocabulary, got {}",
                            entries, weights.size()));
  if (listed) {
    options.vocabulary.erase(options.vocabulary.begin(),
                             options.vocabulary.begin() + static_cast<std::ptrdiff_t>(special.size()));
    if (!weights.empty())
      options.idf_weights.erase(options.idf_weights.begin(),
                                options.idf_weights.begin() + static_cast<std::ptrdiff_t>(special.size()));
  } else if (!weights.empty()) {
    weights.insert(weights.begin(), static_cast<size_t>(first_token()), mean_of(weights));
  }
  number_tokens();
  if (o.output_mode == "tf_idf") set_idf(weights, layer_name);
}

template <class Token>
void Vocabulary<Token>::number_tokens() {
  numbers_.clear();
  const std::vector<Token>& tokens = options.vocabulary;
  if (options.max_tokens > 0 && static_cast<int64_t>(tokens.size()) > options.max_tokens - first_token())
    throw Error(fmt::format("vocabulary: expected at most {} tokens, as max_tokens has it, got {}",
                            options.max_tokens - first_token(), tokens.size()));
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (options.mask_token && tokens[i] == *options.mask_token)
      throw Error(
          fmt::format("vocabulary: expected the mask token \"{}\" in front or not at all", tokens[i]));
    if (!numbers_.emplace(tokens[i], first_token() + static_cast<int64_t>(i)).second)
      throw Error(fmt::format("vocabulary: expected every token once, got \"{}\" again", tokens[i]));
  }
}

template <class Token>
void Vocabulary<Token>::set_idf(const std::vector<double>& weights, const std::string& layer_name) {
  const Shape shape{depth()};
  // What the file says number by number is paid for.
  WeightLimit::spend("idf_weights", {std::max<int64_t>(0, shape[0] - static_cast<int64_t>(weights.size()))});
  Tensor values(shape, floatx());
  for (size_t i = 0; i < std::min(weights.size(), static_cast<size_t>(shape[0])); ++i)
    values.set(static_cast<int64_t>(i), weights[i]);
  if (idf_.defined() && idf_.shape() == shape)
    idf_.set(values);
  else
    idf_ = Parameter(layer_name + "/idf_weights", values, false);
}

template <class Token>
void Vocabulary<Token>::adapt(const Documents& documents, const std::string& layer_name) {
  if (given_) throw Error("was given a vocabulary; make it without one to adapt it");
  struct Count {
    int64_t tokens = 0, documents = 0, last = -1;
  };
  std::map<Token, Count> counts;
  for (size_t d = 0; d < documents.size(); ++d)
    for (const Token& token : documents[d]) {
      if ((options.mask_token && token == *options.mask_token) || token == options.oov_token) continue;
      Count& count = counts[token];
      ++count.tokens;
      if (count.last != static_cast<int64_t>(d)) ++count.documents;
      count.last = static_cast<int64_t>(d);
    }
  if (counts.empty())
    throw Error(
        fmt::format("adapt: expected tokens to learn from, got none in {} documents", documents.size()));
  std::vector<std::pair<Token, Count>> order(counts.rbegin(), counts.rend());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second.tokens > b.second.tokens; });
  if (options.max_tokens > 0)
    order.resize(std::min(order.size(), static_cast<size_t>(options.max_tokens - first_token())));
  options.vocabulary.clear();
  options.idf_weights.clear();
  for (const auto& [token, count] : order) {
    options.vocabulary.push_back(token);
    if (options.output_mode == "tf_idf")
      options.idf_weights.push_back(
          std::log(1 + static_cast<double>(documents.size()) / static_cast<double>(1 + count.documents)));
  }
  number_tokens();
  if (options.output_mode != "tf_idf") return;
  std::vector<double> weights = options.idf_weights;
  weights.insert(weights.begin(), static_cast<size_t>(first_token()), mean_of(weights));
  set_idf(weights, layer_name);
}

template <class Token>
std::vector<Token> Vocabulary<Token>::listed() const {
  std::vector<Token> all;
  if (first_unknown() == 1) all.push_back(*options.mask_token);
  all.insert(all.end(), static_cast<size_t>(options.num_oov_indices), options.oov_token);
  all.insert(all.end(), tokens().begin(), tokens().end());
  return all;
}

template <class Token>
void Vocabulary<Token>::need() const {
  if (tokens().empty())
    throw Error(
        "expected a vocabulary, got none; adapt the layer, or save the model of Keras as .keras, because "
        ".h5 leaves it out");
}

template <class Token>
int64_t Vocabulary<Token>::depth() const {
  if (options.pad_to_max_tokens) return options.max_tokens;
  need();
  return first_token() + static_cast<int64_t>(tokens().size());
}

template <class Token>
int64_t Vocabulary<Token>::number_of(const Token& token) const {
  if (options.mask_token && token == *options.mask_token) return options.output_mode == "int" ? 0 : kMasked;
  const auto found = numbers_.find(token);
  if (found != numbers_.end()) return found->second;
  if (options.num_oov_indices == 0)
    throw Error(
        fmt::format("expected tokens of the vocabulary, got \"{}\"; num_oov_indices = 1 has a number "
                    "for all others",
                    token));
  return first_unknown() + bucket(token, options.num_oov_indices);
}

template <class Token>
Token Vocabulary<Token>::token_of(int64_t number) const {
  if (options.mask_token && number == 0) return *options.mask_token;
  const int64_t place = number - first_token();
  return place >= 0 && place < static_cast<int64_t>(tokens().size()) ? tokens()[static_cast<size_t>(place)]
                                                                     : options.oov_token;
}

template class Vocabulary<std::string>;
template class Vocabulary<int64_t>;

}  // namespace folio
