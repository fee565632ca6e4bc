#include "folio/layers/preprocessing/normalization.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/common/config.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

constexpr double kSmallestDeviation = 1e-7;  // Keras' epsilon

class NormalizationBody final : public LayerBody {
 public:
  explicit NormalizationBody(NormalizationOptions options) : options_(std::move(options)) {
    if ((options_.mean.raw() == nullptr) != (options_.variance.raw() == nullptr))
      throw Error("Normalization: mean and variance: expected both or none, got one; give the other too");
    for (int64_t i = 0; given() && i < options_.variance.count(); ++i)
      if (!(options_.variance.at(i) >= 0))
        throw Error(
            fmt::format("Normalization: variance: expected at least 0, got {}", options_.variance.at(i)));
  }
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

  Json config() const override {
    return {{"axis", options_.axis},
            {"invert", options_.invert},
            {"mean", given() ? nested(options_.mean, 0, 0) : Json()},
            {"variance", given() ? nested(options_.variance, 0, 0) : Json()}};
  }

  void adapt(const Tensor& data);

  static Tensor tensor_from(ConfigReader& read, const char* key);

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

  static Json nested(const Tensor& tensor, int dimension, int64_t first) {
    const Shape& shape = tensor.shape();
    if (dimension == shape.rank()) return tensor.at(first);
    const int64_t step = shape.count(dimension + 1, shape.rank());
    Json list = Json::array();
    for (int64_t i = 0; i < shape[dimension]; ++i)
      list.push_back(nested(tensor, dimension + 1, first + i * step));
    return list;
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

// A number, or lists of equal length inside each other.
Tensor NormalizationBody::tensor_from(ConfigReader& read, const char* key) {
  const Json& value = read.raw(key);
  if (value.is_null()) return {};
  std::vector<int64_t> dims;
  for (const Json* level = &value; level->is_array(); level = &(*level)[0]) {
    dims.push_back(static_cast<int64_t>(level->size()));
    if (level->empty() || dims.size() > 8) read.fail(key, "a number or lists of numbers");
  }
  std::vector<double> numbers;
  const std::function<void(const Json&, size_t)> collect = [&](const Json& item, size_t level) {
    const bool fits = level == dims.size()
                          ? item.is_number()
                          : item.is_array() && static_cast<int64_t>(item.size()) == dims[level];
    if (!fits) read.fail(key, "a number or lists of numbers");
    if (level == dims.size()) numbers.push_back(item.get<double>());
    if (level < dims.size())
      for (const Json& inner : item) collect(inner, level + 1);
  };
  collect(value, 0);
  return Tensor::of(Shape(std::move(dims)), numbers);
}

}  // namespace

Normalization::Normalization(NormalizationOptions options) {
  const std::string name = options.name;
  const bool trainable = options.trainable;
  body_ = make_body<NormalizationBody>(name, trainable, std::move(options));
}

Layer Normalization::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  NormalizationOptions options;
  options.name = name;
  options.axis = read.raw("axis").is_null() && config.contains("axis") ? std::vector<int64_t>{}
                                                                       : read.integers("axis", options.axis);
  options.mean = NormalizationBody::tensor_from(read, "mean");
  options.variance = NormalizationBody::tensor_from(read, "variance");
  options.invert = read.flag("invert", false);
  read.finish();
  return Normalization(std::move(options));
}

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
