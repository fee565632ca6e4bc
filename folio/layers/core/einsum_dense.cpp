#include "folio/layers/core/einsum_dense.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/einsum.h"
#include "folio/ops/elementwise.h"

namespace folio {
namespace {

constexpr size_t kMostLetters = 20;

// Sizes with null for those that the input tells.
struct PartialShape {
  static void read(const Json& json, void* value, const FieldRules&) {
    const char* expected = "a whole number or a list of whole numbers and nulls";
    auto& sizes = *static_cast<std::vector<int64_t>*>(value);
    sizes.clear();
    for (const Json& size : json.is_array() ? json : Json::array({json})) {
      if (!size.is_null() && !size.is_number_integer()) unexpected(expected, json);
      sizes.push_back(size.is_null() ? kUnknown : size.get<int64_t>());
    }
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    json = Json::array();
    for (int64_t size : *static_cast<const std::vector<int64_t>*>(value))
      json.push_back(size == kUnknown ? Json() : Json(size));
  }
  static void check(void* value, const FieldRules&) {
    for (int64_t size : *static_cast<const std::vector<int64_t>*>(value))
      if (size != kUnknown && (size < 1 || size > static_cast<int64_t>(kLargestSize)))
        throw Error(fmt::format("expected sizes of at least 1, or unknown ones, got {}", size));
  }
};
constexpr FieldType kPartialShape = {PartialShape::read, PartialShape::write, PartialShape::check};

struct Equation {
  enum class Dots { none, front, behind };
  EinsumLetters letters;
  Dots dots = Dots::none;

  explicit Equation(const std::string& text) {
    const size_t comma = text.find(','), arrow = text.find("->");
    if (comma == std::string::npos || arrow == std::string::npos || arrow < comma) throw wrong(text);
    letters = {text.substr(0, comma), text.substr(comma + 1, arrow - comma - 1), text.substr(arrow + 2)};
    if (letters.a.starts_with("...") && letters.result.starts_with("...")) {
      dots = Dots::front;
      letters.a.erase(0, 3);
      letters.result.erase(0, 3);
    } else if (letters.a.ends_with("...") && letters.result.ends_with("...")) {
      dots = Dots::behind;
      letters.a.resize(letters.a.size() - 3);
      letters.result.resize(letters.result.size() - 3);
    }
    for (const std::string* part : {&letters.a, &letters.b, &letters.result})
      if (part->empty() || part->size() > kMostLetters ||
          !std::all_of(part->begin(), part->end(),
                       [](char c) { return std::isalpha(static_cast<unsigned char>(c)); }))
        throw wrong(text);
    for (char letter : letters.b)
      if (letters.a.find(letter) == std::string::npos && letters.result.find(letter) == std::string::npos)
        throw Error(
            fmt::format("equation: expected every letter of the kernel in the input or the output, got "
                        "\"{}\"",
                        text));
  }

  static Error wrong(const std::string& text) {
    return Error(
        fmt::format("equation: expected \"ab,bc->ac\", \"...b,bc->...c\" or \"ab...,bc->ac...\", got \"{}\"",
                    text.substr(0, 80)));
  }

  /// The letters for an input of so many dimensions: the dots become figures.
  EinsumLetters of_rank(int rank) const {
    std::string dotted;
    for (size_t i = letters.a.size(); i < static_cast<size_t>(rank); ++i)
      dotted += static_cast<char>('0' + dotted.size());
    if (dots == Dots::front) return {dotted + letters.a, letters.b, dotted + letters.result};
    if (dots == Dots::behind) return {letters.a + dotted, letters.b, letters.result + dotted};
    return letters;
  }
};

class EinsumDenseBody final : public LayerBody {
 public:
  EinsumDenseBody() = default;
  EinsumDenseBody(std::string equation, std::vector<int64_t> output_shape, EinsumDenseOptions options)
      : equation_(std::move(equation)),
        output_shape_(std::move(output_shape)),
        options_(std::move(options)) {}
  std::string class_name() const override { return "EinsumDense"; }

  void build(const std::vector<Shape>& inputs) override {
    const EinsumDenseOptions& o = options_;
    const Sizes sizes = sizes_of(inputs[0]);
    Shape kernel;
    for (char letter : sizes.letters.b) kernel = kernel.joined({sizes.of(letter)});
    kernel_ = add_weight("kernel", kernel, {o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint});
    if (o.bias_axes.empty()) return;
    // From the first of the letters on, 1 for those along which all biases are equal.
    Shape bias;
    for (char letter : sizes.letters.result) {
      const bool along = o.bias_axes.find(letter) != std::string::npos;
      if (along || bias.rank() > 0) bias = bias.joined({along ? sizes.of(letter) : 1});
    }
    bias_ = add_weight("bias", bias, {o.bias_initializer, o.bias_regularizer, o.bias_constraint});
  }

  Values call(const LayerCall& call, Effects&) override {
    const Sizes sizes = sizes_of(call.input().shape());
    Value y = einsum(sizes.letters, call.input(), Value(kernel_));
    if (bias_.defined()) y = y + Value(bias_);
    return {options_.activation.apply(y)};
  }

  void fields(Fields& f) override {
    EinsumDenseOptions& o = options_;
    f.visit({"output_shape", &output_shape_, kPartialShape, {.required = true}});
    f("equation", equation_, {.required = true});
    activation_field(f, o.activation);
    f("bias_axes", o.bias_axes, {.empty_as_null = true});
    weight_fields(f, "kernel", o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint);
    weight_fields(f, "bias", o.bias_initializer, o.bias_regularizer, o.bias_constraint);
    f("activity_regularizer", o.activity_regularizer);
    for (const char* key : {"lora_rank", "lora_alpha", "quantization_config", "gptq_unpacked_column_size"})
      f.ignore(key);
  }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    return options_.activation.children();
  }
  void configured() override {
    const Equation equation(equation_);
    for (char letter : options_.bias_axes)
      if (equation.letters.result.find(letter) == std::string::npos)
        throw Error(fmt::format("bias_axes: expected letters of the output of \"{}\", got \"{}\"", equation_,
                                options_.bias_axes));
    set_activity_regularizer(options_.activity_regularizer);
  }

 private:
  /// The letters of a call and how long each is.
  struct Sizes {
    EinsumLetters letters;
    Shape input, output;
    int64_t of(char letter) const {
      for (const auto& [text, shape] : {std::pair{&letters.a, &input}, {&letters.result, &output}})
        if (const size_t at = text->find(letter);
            at != std::string::npos && (*shape)[static_cast<int>(at)] != kUnknown)
          return (*shape)[static_cast<int>(at)];
      throw Error(fmt::format("needs to know the size of \"{}\", got {}; give Input a complete shape", letter,
                              to_string(input)));
    }
  };

  Sizes sizes_of(const Shape& input) const {
    const Equation equation(equation_);
    const auto fixed = static_cast<int>(equation.letters.a.size());
    if (input.rank() < fixed || (equation.dots == Equation::Dots::none && input.rank() != fixed) ||
        input.rank() > fixed + 9)
      throw Error(fmt::format("expects an input of {} dimensions for \"{}\", got {}", fixed, equation_,
                              to_string(input)));
    Sizes sizes{equation.of_rank(input.rank()), input, {}};
    // The batch, then what was told, then or between what the dots stand for.
    Shape output{input[0]};
    const int dotted = input.rank() - fixed;
    if (equation.dots == Equation::Dots::front)
      for (int i = 1; i < dotted; ++i) output = output.joined({input[i]});
    output = output.joined(Shape(output_shape_));
    if (equation.dots == Equation::Dots::behind) output = output.joined(input.from(input.rank() - dotted));
    if (output.rank() != static_cast<int>(sizes.letters.result.size()))
      throw Error(fmt::format("output_shape: expected {} sizes for \"{}\" and an input of {}, got {}",
                              static_cast<int>(sizes.letters.result.size()) - 1 -
                                  (output.rank() - 1 - static_cast<int>(output_shape_.size())),
                              equation_, to_string(input), output_shape_.size()));
    sizes.output = output;
    for (size_t i = 0; i < sizes.letters.result.size(); ++i) {
      const size_t at = sizes.letters.a.find(sizes.letters.result[i]);
      if (at == std::string::npos) continue;
      const int64_t told = output[static_cast<int>(i)], given = input[static_cast<int>(at)];
      if (told != given && told != kUnknown && given != kUnknown)
        throw Error(fmt::format("output_shape: expected {} for \"{}\", as in the input of {}, got {}", given,
                                sizes.letters.result[i], to_string(input), told));
    }
    return sizes;
  }

  std::string equation_;
  std::vector<int64_t> output_shape_;
  EinsumDenseOptions options_;
  Parameter kernel_, bias_;
};

}  // namespace

EinsumDense::EinsumDense(std::string equation, std::vector<int64_t> output_shape, EinsumDenseOptions options)
    : Layer(std::make_shared<EinsumDenseBody>(std::move(equation), std::move(output_shape), options),
            options) {}

std::shared_ptr<LayerBody> EinsumDense::blank() { return std::make_shared<EinsumDenseBody>(); }

}  // namespace folio
