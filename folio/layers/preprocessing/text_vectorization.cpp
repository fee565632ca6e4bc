#include "folio/layers/preprocessing/text_vectorization.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "folio/base/error.h"
#include "folio/base/utf8.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/core/input_layer.h"

namespace folio {
namespace {

constexpr int64_t kLongestRun = 100;

// A word, or null for "nothing is done".
struct WordOrNull {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    auto& word = *static_cast<std::optional<std::string>*>(value);
    if (json.is_null()) {
      word.reset();
      return;
    }
    if (json.is_object())
      throw Error(
          "expected a name or nothing, got a function of Python; Folio runs none, do it to the texts before");
    read_value(json, word.emplace(), rules);
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    const auto& word = *static_cast<const std::optional<std::string>*>(value);
    json = word ? Json(*word) : Json();
  }
  static void check(void* value, const FieldRules& rules) {
    auto& word = *static_cast<std::optional<std::string>*>(value);
    if (word) check_value(*word, rules);
  }
};
constexpr FieldType kWordOrNull = {WordOrNull::read, WordOrNull::write, WordOrNull::check};

// A number n stands for runs of 1 to n.
struct Runs {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    auto& runs = *static_cast<std::vector<int64_t>*>(value);
    read_value(json, runs, rules);
    if (json.is_array()) return;
    check(value, rules);
    runs.resize(static_cast<size_t>(runs[0]));
    std::iota(runs.begin(), runs.end(), 1);
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    const auto& runs = *static_cast<const std::vector<int64_t>*>(value);
    if (runs.empty()) return;
    json = runs;
    for (size_t i = 0; i < runs.size(); ++i)
      if (runs[i] != static_cast<int64_t>(i) + 1) return;
    json = runs.size();
  }
  static void check(void* value, const FieldRules& rules) {
    check_value(*static_cast<std::vector<int64_t>*>(value), rules);
  }
};
constexpr FieldType kRuns = {Runs::read, Runs::write, Runs::check};

// What TensorFlow's regular expression has.
bool is_stripped(char c) {
  return std::string_view("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'").find(c) != std::string_view::npos;
}
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class TextVectorizationBody final : public TextInputBody, public IdfLayer {
 public:
  explicit TextVectorizationBody(TextVectorizationOptions options = {})
      : options_(std::move(options)), lookup_(std::make_shared<StringLookupBody>()) {}
  std::string class_name() const override { return "TextVectorization"; }

  void fields(Fields& f) override {
    TextVectorizationOptions& o = options_;
    if (idf().defined()) take_vocabulary();
    f("max_tokens", o.max_tokens, {.least = 0, .most = kLargestSize, .empty_as_null = true});
    f.visit({"standardize",
             &o.standardize,
             kWordOrNull,
             {.words = "lower_and_strip_punctuation lower strip_punctuation", .null = true}});
    f.visit({"split", &o.split, kWordOrNull, {.words = "whitespace character", .null = true}});
    f.visit({"ngrams", &o.ngrams, kRuns, {.least = 1, .most = kLongestRun}});
    f("output_mode", o.output_mode, {.words = "int multi_hot count tf_idf"});
    f("output_sequence_length", o.output_sequence_length,
      {.least = 0, .most = kLargestSize, .empty_as_null = true});
    f("pad_to_max_tokens", o.pad_to_max_tokens);
    f("vocabulary", o.vocabulary, {.empty_as_null = true});
    f("idf_weights", o.idf_weights, {.finite = true, .empty_as_null = true});
    for (const char* flag : {"sparse", "ragged"}) f.constant(flag, "false");
    f.constant("encoding", "\"utf-8\"");
    f.ignore_any("vocabulary_size");
    f.ignore_any("has_input_vocabulary");
    text_fields(f);
  }

  void configured() override {
    TextVectorizationOptions& o = options_;
    check_texts();
    if (o.split && width() != 1)
      throw Error(fmt::format("expected rows of one text to split, got rows of {}", width()));
    if (o.output_mode != "int" && o.output_sequence_length > 0)
      throw Error("output_sequence_length: expected none unless output_mode is int, got " +
                  std::to_string(o.output_sequence_length));
    lookup().options = {.max_tokens = o.max_tokens,
                        .mask_token = "",
                        .vocabulary = o.vocabulary,
                        .idf_weights = o.idf_weights,
                        .output_mode = o.output_mode,
                        .pad_to_max_tokens = o.pad_to_max_tokens};
    lookup().configure(name().empty() ? class_name() : name());
    take_vocabulary();
  }

  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    return {{"_lookup_layer", lookup_}};
  }
  Parameter idf() const override { return lookup_->idf(); }
  Vocabulary<std::string>& lookup() { return lookup_->vocabulary_of_texts(); }
  const Vocabulary<std::string>& lookup() const { return lookup_->vocabulary_of_texts(); }

  TensorType numbers() const override {
    const int64_t length = options_.output_sequence_length, batch = texts()[0];
    if (options_.output_mode == "int") return {Shape{batch, length > 0 ? length : kUnknown}, DType::int32};
    return {Shape{batch, lookup().depth()}, floatx()};
  }

  Tensor transform(const std::vector<std::string>& texts) const override {
    lookup().need();
    const int64_t rows = rows_of(texts.size());
    std::vector<std::vector<int64_t>> found(static_cast<size_t>(rows));
    size_t longest = 1;
    for (size_t r = 0; r < found.size(); ++r) {
      for (const std::string& token : tokens(texts, r)) found[r].push_back(lookup().number_of(token));
      longest = std::max(longest, found[r].size());
    }
    if (options_.output_mode != "int") {
      const int64_t depth = lookup().depth();
      Tensor counts({rows, depth});
      for (int64_t r = 0; r < rows; ++r)
        count_tokens(lookup(), found[static_cast<size_t>(r)], counts.data<float>() + r * depth);
      return counts.cast(floatx());
    }
    const int64_t wanted = options_.output_sequence_length;
    const int64_t length = wanted > 0 ? wanted : static_cast<int64_t>(longest);
    Tensor result({rows, length}, DType::int32);
    for (int64_t r = 0; r < rows; ++r) {
      const std::vector<int64_t>& row = found[static_cast<size_t>(r)];
      for (int64_t i = 0; i < std::min(length, static_cast<int64_t>(row.size())); ++i)
        result.data<int32_t>()[r * length + i] = static_cast<int32_t>(row[static_cast<size_t>(i)]);
    }
    return result;
  }

  void adapt(const std::vector<std::string>& texts) {
    Vocabulary<std::string>::Documents documents(static_cast<size_t>(rows_of(texts.size())));
    for (size_t r = 0; r < documents.size(); ++r) documents[r] = tokens(texts, r);
    lookup().adapt(documents, name());
    take_vocabulary();
  }

 private:
  // Files show what was learnt.
  void take_vocabulary() {
    lookup().note_idf();
    options_.vocabulary = lookup().options.vocabulary;
    options_.idf_weights = lookup().options.idf_weights;
  }

  std::string standardized(const std::string& text) const {
    std::string result = repaired_utf8(text);
    if (!options_.standardize) return result;
    if (options_.standardize != "strip_punctuation")
      for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (options_.standardize != "lower") std::erase_if(result, is_stripped);
    return result;
  }

  void split(const std::string& text, std::vector<std::string>& tokens) const {
    if (!options_.split) {
      tokens.push_back(text);
    } else if (options_.split == "character") {
      for (size_t at = 0; at < text.size();) append_utf8(tokens.emplace_back(), next_code_point(text, at));
    } else {
      for (size_t at = 0; at < text.size();) {
        const size_t first = at;
        while (at < text.size() && !is_blank(text[at])) ++at;
        if (at > first) tokens.push_back(text.substr(first, at - first));
        ++at;
      }
    }
  }

  // Those of row r.
  std::vector<std::string> tokens(const std::vector<std::string>& texts, size_t r) const {
    std::vector<std::string> tokens;
    const auto width = static_cast<size_t>(this->width());
    for (size_t i = 0; i < width; ++i) split(standardized(texts[r * width + i]), tokens);
    if (options_.ngrams.empty()) return tokens;
    std::vector<std::string> runs;
    for (const int64_t run : options_.ngrams) {
      const auto n = static_cast<size_t>(run);
      for (size_t i = 0; i + n <= tokens.size(); ++i) {
        std::string& joined = runs.emplace_back(tokens[i]);
        for (size_t k = 1; k < n; ++k) joined += " " + tokens[i + k];
      }
    }
    return runs;
  }

  TextVectorizationOptions options_;
  std::shared_ptr<StringLookupBody> lookup_;
};

TextVectorizationBody& body_in(const Layer& layer) {
  return static_cast<TextVectorizationBody&>(layer.body());
}

}  // namespace

TextVectorization::TextVectorization(TextVectorizationOptions options)
    : Layer(std::make_shared<TextVectorizationBody>(options), options) {}

std::shared_ptr<LayerBody> TextVectorization::blank() { return std::make_shared<TextVectorizationBody>(); }

void TextVectorization::adapt(const std::vector<std::string>& texts) const {
  naming(*body_, [&] { body_in(*this).adapt(texts); });
}

Tensor TextVectorization::transform(const std::vector<std::string>& texts) const {
  return naming(*body_, [&] { return body_in(*this).transform(texts); });
}

std::vector<std::string> TextVectorization::get_vocabulary() const {
  return body_in(*this).lookup().listed();
}

Value TextVectorization::begin(const std::string& name) const {
  return naming(*body_, [&] {
    const TensorType type = body_in(*this).numbers();
    return Input(type.shape.from(1), {.dtype = type.dtype, .name = name});
  });
}

}  // namespace folio
