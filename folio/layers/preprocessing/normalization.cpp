#include "folio/layers/preprocessing/normalization.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

constexpr double kSmallestDeviation = 1e-7;  // Keras' epsilon

// A number, or lists of equal length inside each other.
struct Numbers {
  static void read(const Json& json, void* value, const FieldRules&) {
    const char* expected = "a number or lists of numbers";
    std::vector<int64_t> dims;
    for (const Json* level = &json; level->is_array(); level = &(*level)[0]) {
      dims.push_back(static_cast<int64_t>(level->size()));
      if (level->empty() || dims.size() > 8) unexpected(expected, json);
    }
    std::vector<double> numbers;
    const std::function<void(const Json&, size_t)> collect = [&](const Json& item, size_t level) {
      const bool fits = level == dims.size()
                            ? item.is_number()
                            : item.is_array() && static_cast<int64_t>(item.size()) == dims[level];
      if (!fits) unexpected(expected, json);
      if (level == dims.size()) numbers.push_back(item.get<double>());
      if (level < dims.size())
        for (const Json& inner : item) collect(inner, level + 1);
    };
    collect(json, 0);
    *static_cast<Tensor*>(value) = Tensor::of(Shape(std::move(dims)), numbers);
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    const auto& tensor = *static_cast<const Tensor*>(value);
    if (tensor.raw()) json = nested(tensor, 0, 0);
  }
  static void check(void*, const FieldRules&) {}

 private:
  static Json nested(const Tensor& tensor, int dimension, int64_t first) {
    const Shape& shape = tensor.shape();
    if (dimension == shape.rank()) return tensor.at(first);
    const int64_t step = shape.count(dimension + 1, shape.rank());
    Json list = Json::array();
    for (int64_t i = 0; i < shape[dimension]; ++i)
      list.push_back(nested(tensor, dimension + 1, first + i * step));
    return list;
  }
};
constexpr FieldType kNumbers = {Numbers::read, Numbers::write, Numbers::check};

class NormalizationBody final : public LayerBody {
 public:
  explicit NormalizationBody(NormalizationOptions options = {}) : options_(std::move(options)) {}
  std::string class_name() const override { return "Normalization"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    sizes_ = sizes_of(inputs[0], axes_in(inputs[0]));
    if (given()) return;
    mean_ = add_weight("mean", sizes_, "zeros", false);
    variance_ = add_weight("variance", sizes_, "ones", false);
    add_state("count", {}, DType::int32);
  }

  Values call(const LayerCall& call, Effects&) override {
    const Value x = is_floating(call.input().dtype()) ? call.input() : cast(call.input(), floatx());
    const std::vector<int> axes = axes_in(x.shape());
    if (sizes_of(x.shape(), axes) != sizes_)
      throw Error("was built for dimensions of " + to_string(sizes_) + ", got an input of " +
                  to_string(x.shape()));
    const Shape stretched = stretched_shape(x.shape(), axes);
    const Value mean = given() ? stretch(options_.mean, stretched, "mean") : reshape(mean_, stretched);
    const Value variance =
        given() ? stretch(options_.variance, stretched, "variance") : reshape(variance_, stretched);
    const Value deviation = maximum(sqrt(variance), kSmallestDeviation);
    return {options_.invert ? mean + x * deviation : (x - mean) / deviation};
  }

  void fields(Fields& f) override {
    f("axis", options_.axis, {.null = true});
    f("invert", options_.invert);
    f.visit({"mean", &options_.mean, kNumbers, {}});
    f.visit({"variance", &options_.variance, kNumbers, {}});
  }
  void configured() override {
    if ((options_.mean.raw() == nullptr) != (options_.variance.raw() == nullptr))
      throw Error("mean and variance: expected both or none, got one; give the other too");
    for (int64_t i = 0; given() && i < options_.variance.count(); ++i)
      if (!(options_.variance.at(i) >= 0))
        throw Error(fmt::format("variance: expected at least 0, got {}", options_.variance.at(i)));
  }

  void adapt(const Tensor& data);

 private:
  bool given() const { return options_.mean.raw() != nullptr; }

  std::vector<int> axes_in(const Shape& input) const {
    std::vector<int> axes = axes_of(options_.axis, input, true);
    std::sort(axes.begin(), axes.end());
    return axes;
  }

  static Value stretch(const Tensor& numbers, const Shape& shape, const char* what) {
    try {
      return broadcast_to(constant(numbers.cast(floatx())), shape);
    } catch (const Error&) {
      throw Error(fmt::format("{}: {} numbers do not fit {}; give them in a shape that stretches to it", what,
                              to_string(numbers.shape()), to_string(shape)));
    }
  }

  NormalizationOptions options_;
  Shape sizes_;
  Parameter mean_, variance_;
};

/// The running mean of numbers and the sum of their squared distances from it (Welford 1962).
struct Moments {
  double mean = 0, squares = 0, count = 0;
  void add(double x) {
    const double before = x - mean;
    mean += before / ++count;
    squares += before * (x - mean);
  }
};

/// Calls body(element, place among the kept dimensions) for every element.
template <class Body>
void for_each_kept(const Shape& shape, const std::vector<int>& axes, Body&& body) {
  const auto rank = static_cast<size_t>(shape.rank());
  std::vector<int64_t> steps(rank, 0), place(rank, 0);
  int64_t step = 1, at = 0;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    steps[static_cast<size_t>(*axis)] = step;
    step *= shape[*axis];
  }
  for (int64_t e = 0, n = shape.count(); e < n; ++e) {
    body(e, at);
    for (size_t d = rank; d-- > 0;) {
      const int64_t size = shape[static_cast<int>(d)];
      at += steps[d];
      if (++place[d] < size) break;
      at -= steps[d] * size;
      place[d] = 0;
    }
  }
}

void NormalizationBody::adapt(const Tensor& data) {
  const Shape& shape = data.shape();
  if (given()) throw Error("was given mean and variance; make it without them to adapt it");
  if (shape.rank() == 0 || shape.count() == 0)
    throw Error("adapt: expected rows of data, got " + to_string(shape));
  const std::vector<int> axes = axes_in(shape);
  if (sizes_of(shape, axes) != sizes_)
    throw Error("adapt: was built for dimensions of " + to_string(sizes_) + ", got data of " +
                to_string(shape));
  std::vector<Moments> moments(static_cast<size_t>(sizes_.count()));
  visit(data.dtype(), [&](auto t) {
    const auto* x = static_cast<const decltype(t)*>(data.raw());
    for_each_kept(shape, axes, [&](int64_t element, int64_t at) {
      moments[static_cast<size_t>(at)].add(static_cast<double>(x[element]));
    });
  });
  Tensor mean(sizes_, mean_.dtype()), variance(sizes_, variance_.dtype());
  for (size_t i = 0; i < moments.size(); ++i) {
    mean.set(static_cast<int64_t>(i), moments[i].mean);
    variance.set(static_cast<int64_t>(i), moments[i].squares / moments[i].count);
  }
  mean_.set(mean);
  variance_.set(variance);
}

}  // namespace

Normalization::Normalization(NormalizationOptions options)
    : Layer(std::make_shared<NormalizationBody>(options), options) {}

std::shared_ptr<LayerBody> Normalization::blank() { return std::make_shared<NormalizationBody>(); }

void Normalization::adapt(const Tensor& data) const {
  auto& body = static_cast<NormalizationBody&>(*body_);
  body.ensure_built({data.shape().rank() > 0 ? data.shape().with(0, kUnknown) : data.shape()});
  try {
    body.adapt(data);
  } catch (const Error& error) {
    throw Error(body.label() + ": " + error.what());
  }
}

}  // namespace folio
