// How the initializers fill tensors, and their catalogue.
#include <algorithm>
#include <cmath>

#include "folio/base/error.h"
#include "folio/layers/weights/initializer.h"

namespace folio {
namespace {

// Normal values beyond two deviations are drawn again; `attempt` moves to another row of the stream.
double truncated_normal(const RandomStream& stream, uint32_t element) {
  for (uint32_t attempt = 0;; ++attempt) {
    const double value = stream.normal(attempt, element);
    if (std::abs(value) <= 2) return value;
  }
}

template <class Draw>
void fill_with(Tensor& values, Draw&& draw) {
  const int64_t count = values.count();
  for (int64_t i = 0; i < count; ++i) values.set(i, draw(static_cast<uint32_t>(i)));
}

void zeros(const Initializer&, Tensor&, const RandomStream&) {}
void ones(const Initializer&, Tensor& values, const RandomStream&) { values.fill(1); }
void constant(const Initializer& initializer, Tensor& values, const RandomStream&) {
  values.fill(initializer.number("value"));
}

void identity(const Initializer& initializer, Tensor& values, const RandomStream&) {
  const Shape& shape = values.shape();
  if (shape.rank() != 2)
    throw Error("initializer identity: expected a matrix, got a weight of shape " + to_string(shape));
  for (int64_t i = 0; i < std::min(shape[0], shape[1]); ++i)
    values.set(i * shape[1] + i, initializer.number("gain"));
}

// Random vectors of which each loses its shares of those before it, and is scaled to length 1: the Q of a QR
// decomposition whose R has positive numbers on its diagonal.
void orthogonal(const Initializer& initializer, Tensor& values, const RandomStream& stream) {
  const Shape& shape = values.shape();
  if (shape.rank() < 2)
    throw Error("initializer orthogonal: expected at least 2 dimensions, got a weight of shape " +
                to_string(shape));
  const int64_t rows = shape.count(0, shape.rank() - 1), columns = shape[-1];
  const int64_t vectors = std::min(rows, columns), length = std::max(rows, columns);
  std::vector<double> all(static_cast<size_t>(vectors * length));
  const auto dot = [&](const double* a, const double* b) {
    double total = 0;
    for (int64_t i = 0; i < length; ++i) total += a[i] * b[i];
    return total;
  };
  for (int64_t v = 0; v < vectors; ++v) {
    double* vector = all.data() + v * length;
    for (int64_t i = 0; i < length; ++i) vector[i] = stream.normal(0, static_cast<uint32_t>(v * length + i));
    for (int pass = 0; pass < 2; ++pass)  // the second removes what rounding left of the first
      for (int64_t before = 0; before < v; ++before) {
        const double* other = all.data() + before * length;
        const double share = dot(vector, other);
        for (int64_t i = 0; i < length; ++i) vector[i] -= share * other[i];
      }
    const double norm = std::sqrt(dot(vector, vector));
    for (int64_t i = 0; i < length; ++i) vector[i] /= norm;
  }
  const double gain = initializer.number("gain");
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      values.set(r * columns + c,
                 gain * all[static_cast<size_t>(rows < columns ? r * length + c : c * length + r)]);
}

void random_normal(const Initializer& initializer, Tensor& values, const RandomStream& stream) {
  const double mean = initializer.number("mean"), deviation = initializer.number("stddev");
  fill_with(values, [&](uint32_t i) { return mean + deviation * stream.normal(0, i); });
}
void truncated(const Initializer& initializer, Tensor& values, const RandomStream& stream) {
  const double mean = initializer.number("mean"), deviation = initializer.number("stddev");
  fill_with(values, [&](uint32_t i) { return mean + deviation * truncated_normal(stream, i); });
}
void random_uniform(const Initializer& initializer, Tensor& values, const RandomStream& stream) {
  const double low = initializer.number("minval"), high = initializer.number("maxval");
  fill_with(values, [&](uint32_t i) { return low + (high - low) * stream.uniform(0, i); });
}

void scale_variance(double scale, const std::string& mode, const std::string& distribution, Tensor& values,
                    const RandomStream& stream) {
  const Shape& shape = values.shape();
  double fan_in = 1, fan_out = 1;
  if (shape.rank() == 1) fan_in = fan_out = static_cast<double>(shape[0]);
  if (shape.rank() > 1) {
    const auto field = static_cast<double>(shape.count(0, shape.rank() - 2));
    fan_in = field * static_cast<double>(shape[-2]);
    fan_out = field * static_cast<double>(shape[-1]);
  }
  const double fan = mode == "fan_in" ? fan_in : mode == "fan_out" ? fan_out : (fan_in + fan_out) / 2;
  const double variance = scale / std::max(1.0, fan), deviation = std::sqrt(variance);
  if (distribution == "uniform") {
    const double bound = std::sqrt(3 * variance);
    fill_with(values, [&](uint32_t i) { return -bound + 2 * bound * stream.uniform(0, i); });
  } else if (distribution == "untruncated_normal") {
    fill_with(values, [&](uint32_t i) { return deviation * stream.normal(0, i); });
  } else {
    // A normal distribution cut at two deviations has 0.8796 of its deviation left.
    fill_with(values,
              [&](uint32_t i) { return deviation / 0.87962566103423978 * truncated_normal(stream, i); });
  }
}

void variance_scaling(const Initializer& initializer, Tensor& values, const RandomStream& stream) {
  scale_variance(initializer.number("scale"), initializer.word("mode"), initializer.word("distribution"),
                 values, stream);
}
void glorot_uniform(const Initializer&, Tensor& values, const RandomStream& stream) {
  scale_variance(1, "fan_avg", "uniform", values, stream);
}
void glorot_normal(const Initializer&, Tensor& values, const RandomStream& stream) {
  scale_variance(1, "fan_avg", "truncated_normal", values, stream);
}
void he_uniform(const Initializer&, Tensor& values, const RandomStream& stream) {
  scale_variance(2, "fan_in", "uniform", values, stream);
}
void he_normal(const Initializer&, Tensor& values, const RandomStream& stream) {
  scale_variance(2, "fan_in", "truncated_normal", values, stream);
}
void lecun_uniform(const Initializer&, Tensor& values, const RandomStream& stream) {
  scale_variance(1, "fan_in", "uniform", values, stream);
}
void lecun_normal(const Initializer&, Tensor& values, const RandomStream& stream) {
  scale_variance(1, "fan_in", "truncated_normal", values, stream);
}

}  // namespace

// Class names are those that most versions of Keras 3 know: not all know "Orthogonal", and 3.0 has no name
// that opens "Identity".
const std::vector<InitializerRow>& initializer_catalog() {
  using Word = std::string;
  static const std::vector<InitializerRow> rows = {
      {"glorot_uniform", "GlorotUniform", "±√(6 / (n_in + n_out))", {}, glorot_uniform},
      {"glorot_normal", "GlorotNormal", "σ = √(2 / (n_in + n_out)), cut at 2σ", {}, glorot_normal},
      {"he_uniform", "HeUniform", "±√(6 / n_in)", {}, he_uniform},
      {"he_normal", "HeNormal", "σ = √(2 / n_in), cut at 2σ", {}, he_normal},
      {"lecun_uniform", "LecunUniform", "±√(3 / n_in)", {}, lecun_uniform},
      {"lecun_normal", "LecunNormal", "σ = √(1 / n_in), cut at 2σ", {}, lecun_normal},
      {"zeros", "Zeros", "0", {}, zeros},
      {"ones", "Ones", "1", {}, ones},
      {"constant", "Constant", "one number", {{"value", 0.0}}, constant},
      {"identity", "Identity", "the identity matrix", {{"gain", 1.0}}, identity},
      {"orthogonal", "OrthogonalInitializer", "orthogonal columns or rows", {{"gain", 1.0}}, orthogonal},
      {"random_normal", "RandomNormal", "normal", {{"mean", 0.0}, {"stddev", 0.05}}, random_normal},
      {"random_uniform", "RandomUniform", "uniform", {{"minval", -0.05}, {"maxval", 0.05}}, random_uniform},
      {"truncated_normal",
       "TruncatedNormal",
       "normal, cut at 2σ",
       {{"mean", 0.0}, {"stddev", 0.05}},
       truncated},
      {"variance_scaling",
       "VarianceScaling",
       "variance scale / n",
       {{"scale", 1.0}, {"mode", Word("fan_in")}, {"distribution", Word("truncated_normal")}},
       variance_scaling},
  };
  return rows;
}

}  // namespace folio
