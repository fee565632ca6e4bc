#include "folio/layers/preprocessing/string_lookup.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/core/input_layer.h"

namespace folio {

void count_tokens(const Vocabulary<std::string>& vocabulary, const std::vector<int64_t>& numbers,
                  float* row) {
  const std::string& mode = vocabulary.options.output_mode;
  const int64_t depth = vocabulary.depth();
  for (const int64_t number : numbers)
    if (number >= 0 && number < depth) row[number] = mode == "multi_hot" ? 1 : row[number] + 1;
  if (mode == "tf_idf")
    for (int64_t i = 0; i < depth; ++i) row[i] *= static_cast<float>(vocabulary.idf().value().at(i));
}

StringLookupBody::StringLookupBody(StringLookupOptions options) { vocabulary_.options = std::move(options); }

void StringLookupBody::fields(Fields& f) {
  vocabulary_.fields(f);
  text_fields(f);
  f.ignore("vocabulary_dtype", "\"string\"");
  f.ignore("encoding", "\"utf-8\"");
}

void StringLookupBody::configured() {
  check_texts();
  vocabulary_.configure(name().empty() ? class_name() : name());
}

TensorType StringLookupBody::numbers() const {
  const StringLookupOptions& o = vocabulary_.options;
  const Shape shape = texts();
  if (o.invert)
    throw Error("gives texts (invert), which no tensor holds; turn numbers into words outside of the model");
  if (o.output_mode == "int") return {shape, DType::int32};
  if (o.output_mode == "one_hot") {
    const Shape lead = shape.rank() > 1 && shape[1] == 1 ? Shape{shape[0]} : shape;
    return {lead.joined({vocabulary_.depth()}), floatx()};
  }
  if (shape.rank() < 2)
    throw Error("output_mode: expected rows of texts, (batch, n), to count in, got texts of " +
                to_string(shape));
  return {Shape{shape[0], vocabulary_.depth()}, floatx()};
}

Values StringLookupBody::call(const LayerCall& call, Effects& effects) {
  return TextInputBody::call(call, effects);
}

Tensor StringLookupBody::transform(const std::vector<std::string>& texts) const {
  const TensorType type = numbers();
  vocabulary_.need();
  const int64_t rows = rows_of(texts.size()), width = this->width();
  Tensor result(type.shape.with(0, rows), type.dtype == DType::int32 ? DType::int32 : DType::float32);
  const std::string& mode = vocabulary_.options.output_mode;
  const int64_t depth = mode == "int" ? 0 : vocabulary_.depth();
  for (int64_t r = 0; r < rows; ++r) {
    std::vector<int64_t> found;
    for (int64_t i = 0; i < width; ++i)
      found.push_back(vocabulary_.number_of(texts[static_cast<size_t>(r * width + i)]));
    if (mode == "int")
      for (int64_t i = 0; i < width; ++i)
        result.data<int32_t>()[r * width + i] = static_cast<int32_t>(found[static_cast<size_t>(i)]);
    else if (mode == "one_hot")
      for (int64_t i = 0; i < width; ++i)
        count_tokens(vocabulary_, {found[static_cast<size_t>(i)]},
                     result.data<float>() + (r * width + i) * depth);
    else
      count_tokens(vocabulary_, found, result.data<float>() + r * depth);
  }
  return type.dtype == DType::int32 ? result : result.cast(type.dtype);
}

namespace {

StringLookupBody& body_in(const Layer& layer) { return static_cast<StringLookupBody&>(layer.body()); }

}  // namespace

StringLookup::StringLookup(StringLookupOptions options)
    : Layer(std::make_shared<StringLookupBody>(options), options) {}

std::shared_ptr<LayerBody> StringLookup::blank() { return std::make_shared<StringLookupBody>(); }

void StringLookup::adapt(const std::vector<std::string>& texts) const {
  naming(*body_, [&] {
    Vocabulary<std::string>::Documents documents;
    for (const std::string& text : texts) documents.push_back({text});
    body_in(*this).vocabulary_of_texts().adapt(documents, name());
  });
}

Tensor StringLookup::transform(const std::vector<std::string>& texts) const {
  return naming(*body_, [&] { return body_in(*this).transform(texts); });
}

std::vector<std::string> StringLookup::words(const Tensor& numbers) const {
  return naming(*body_, [&] {
    const Vocabulary<std::string>& vocabulary = body_in(*this).vocabulary_of_texts();
    vocabulary.need();
    std::vector<std::string> words;
    for (int64_t i = 0; i < numbers.count(); ++i)
      words.push_back(vocabulary.token_of(static_cast<int64_t>(numbers.at(i))));
    return words;
  });
}

std::vector<std::string> StringLookup::get_vocabulary() const {
  return body_in(*this).vocabulary_of_texts().listed();
}

Value StringLookup::begin(int64_t width, const std::string& name) const {
  return naming(*body_, [&] {
    body_in(*this).set_width(width);
    const TensorType type = body_in(*this).numbers();
    return Input(type.shape.from(1), {.dtype = type.dtype, .name = name});
  });
}

}  // namespace folio
