#include "folio/analysis/word2vec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>

#include "folio/base/clock.h"
#include "folio/base/error.h"
#include "folio/base/random.h"
#include "folio/kernels/cpu/isa.h"

#define FOLIO_INLINE inline __attribute__((always_inline))

namespace folio {
namespace {

constexpr int64_t kLanes = 8, kMostOutputs = 65, kMostInputs = 200;
typedef float Lanes __attribute__((vector_size(32)));

FOLIO_INLINE void load(Lanes& v, const float* from) { std::memcpy(&v, from, sizeof v); }
FOLIO_INLINE void store(float* to, const Lanes& v) { std::memcpy(to, &v, sizeof v); }

// Rows of floats, each filled up with zeros to whole vectors.
class Rows {
 public:
  Rows(int64_t count, int64_t width)
      : stride_((width + kLanes - 1) / kLanes * kLanes),
        floats_(static_cast<size_t>(count * stride_ + kLanes)) {}
  float* row(int64_t i) { return floats_.data() + i * stride_; }
  int64_t stride() const { return stride_; }

 private:
  int64_t stride_;
  std::vector<float> floats_;
};

// σ and -log σ, looked up: between -8 and 8 in steps of 1/64, beyond as at the ends.
class Sigmoid {
 public:
  Sigmoid() {
    for (size_t i = 0; i < kEntries; ++i) {
      const double x = (static_cast<double>(i) + 0.5) / kSteps - kRange;
      sigmoid_[i] = static_cast<float>(1 / (1 + std::exp(-x)));
      loss_[i] = static_cast<float>(std::log1p(std::exp(-x)));
    }
  }
  float of(float x) const { return sigmoid_[place(x)]; }
  float loss(float x) const { return loss_[place(x)]; }

 private:
  static constexpr int kSteps = 64, kRange = 8;
  static constexpr size_t kEntries = 2 * kRange * kSteps;
  static size_t place(float x) {
    const float at = (x + kRange) * kSteps;
    return at > 0 ? std::min(static_cast<size_t>(at), kEntries - 1) : 0;  // NaN too
  }
  std::array<float, kEntries> sigmoid_, loss_;
};

// Draws numbers by their weights (Walker 1977, Vose 1991): one word of chance, two look-ups.
class Draws {
 public:
  explicit Draws(const std::vector<double>& weights) : columns_(weights.size()) {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    std::vector<double> shares;
    std::vector<size_t> small, large;
    for (size_t i = 0; i < weights.size(); ++i) {
      shares.push_back(weights[i] / sum * static_cast<double>(weights.size()));
      (shares[i] < 1 ? small : large).push_back(i);
    }
    while (!small.empty() && !large.empty()) {
      const size_t low = small.back(), high = large.back();
      small.pop_back();
      columns_[low] = {threshold(shares[low]), static_cast<int32_t>(high)};
      shares[high] -= 1 - shares[low];
      if (shares[high] < 1) {
        large.pop_back();
        small.push_back(high);
      }
    }
    for (const auto* rest : {&small, &large})
      for (const size_t i : *rest) columns_[i] = {~uint32_t{0}, static_cast<int32_t>(i)};
  }
  int32_t operator()(uint32_t chance) const {
    const uint64_t product = uint64_t{chance} * columns_.size();
    const auto column = static_cast<size_t>(product >> 32);
    return static_cast<uint32_t>(product) < columns_[column].threshold ? static_cast<int32_t>(column)
                                                                       : columns_[column].other;
  }

 private:
  struct Column {
    uint32_t threshold;
    int32_t other;
  };
  static uint32_t threshold(double share) {
    return static_cast<uint32_t>(std::min(share * 0x1p32, 0x1p32 - 1));
  }
  std::vector<Column> columns_;
};

// What one place of the text needs.
struct Place {
  int64_t inputs = 0, outputs = 0;
  float* input[kMostInputs];
  float* output[kMostOutputs];  // the right word first
  float rate = 0;
};

struct Engine {
  const Sigmoid& sigmoid;
  int64_t stride;
  float* mean;  // of CBOW
  double loss = 0;
  int64_t pairs = 0;

  FOLIO_INLINE float total(const Lanes& v) const {
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
  }
  FOLIO_INLINE float coefficient(float product, int64_t output, float rate) {
    loss += static_cast<double>(sigmoid.loss(output == 0 ? product : -product));
    return ((output == 0 ? 1.0F : 0.0F) - sigmoid.of(product)) * rate;
  }

  // g[i, k] = (label - σ(in_i · out_k)) rate. kOutputs: known when compiled, or 0.
  template <int kOutputs>
  FOLIO_INLINE void coefficients(const Place& p, float* const* inputs, int64_t count, float* g) {
    constexpr int kMost = kOutputs ? kOutputs : kMostOutputs;
    const int64_t outputs = kOutputs ? kOutputs : p.outputs;
    for (int64_t i = 0; i < count; ++i) {
      Lanes sums[kMost];
      for (int64_t k = 0; k < outputs; ++k) sums[k] = Lanes{};
      for (int64_t j = 0; j < stride; j += kLanes) {
        Lanes x, y;
        load(x, inputs[i] + j);
        for (int64_t k = 0; k < outputs; ++k) {
          load(y, p.output[k] + j);
          sums[k] += x * y;
        }
      }
      for (int64_t k = 0; k < outputs; ++k) g[i * outputs + k] = coefficient(total(sums[k]), k, p.rate);
    }
    pairs += count;
  }

  template <int kOutputs>
  FOLIO_INLINE void skip_gram(const Place& p) {
    constexpr int kMost = kOutputs ? kOutputs : kMostOutputs;
    const int64_t outputs = kOutputs ? kOutputs : p.outputs;
    float g[kMostInputs * kMost];
    coefficients<kOutputs>(p, p.input, p.inputs, g);
    for (int64_t j = 0; j < stride; j += kLanes) {
      Lanes old[kMost], changed[kMost];
      for (int64_t k = 0; k < outputs; ++k) {
        load(old[k], p.output[k] + j);
        changed[k] = old[k];
      }
      for (int64_t i = 0; i < p.inputs; ++i) {
        Lanes x;
        load(x, p.input[i] + j);
        Lanes next = x;
        for (int64_t k = 0; k < outputs; ++k) {
          const float factor = g[i * outputs + k];
          next += factor * old[k];
          changed[k] += factor * x;
        }
        store(p.input[i] + j, next);
      }
      for (int64_t k = 0; k < outputs; ++k) store(p.output[k] + j, changed[k]);
    }
  }

  template <int kOutputs>
  FOLIO_INLINE void cbow(const Place& p) {
    constexpr int kMost = kOutputs ? kOutputs : kMostOutputs;
    const int64_t outputs = kOutputs ? kOutputs : p.outputs;
    float g[kMost];
    const float share = 1 / static_cast<float>(p.inputs);
    for (int64_t j = 0; j < stride; j += kLanes) {
      Lanes sum{}, x;
      for (int64_t i = 0; i < p.inputs; ++i) {
        load(x, p.input[i] + j);
        sum += x;
      }
      store(mean + j, sum * share);
    }
    coefficients<kOutputs>(p, &mean, 1, g);
    for (int64_t j = 0; j < stride; j += kLanes) {
      Lanes x, y, change{};
      load(x, mean + j);
      for (int64_t k = 0; k < outputs; ++k) {
        load(y, p.output[k] + j);
        change += g[k] * y;
        store(p.output[k] + j, y + g[k] * x);
      }
      for (int64_t i = 0; i < p.inputs; ++i) {
        load(y, p.input[i] + j);
        store(p.input[i] + j, y + change);
      }
    }
  }

  FOLIO_INLINE void learn(const Place& p, bool is_cbow) {
    constexpr int kUsual = 6;
    if (is_cbow)
      p.outputs == kUsual ? cbow<kUsual>(p) : cbow<0>(p);
    else
      p.outputs == kUsual ? skip_gram<kUsual>(p) : skip_gram<0>(p);
  }
};

void learn_plainly(Engine& engine, const Place& p, bool cbow) { engine.learn(p, cbow); }
__attribute__((target("avx2,fma"))) void learn_fast(Engine& engine, const Place& p, bool cbow) {
  engine.learn(p, cbow);
}

void check(const Word2VecOptions& o, const std::vector<std::vector<int32_t>>& texts,
           const std::vector<int64_t>& counts) {
  const auto refuse = [](const char* what, const char* expected, auto got) {
    throw Error(fmt::format("word2vec: {}: expected {}, got {}", what, expected, got));
  };
  if (o.width < 1 || o.width > 10'000) refuse("width", "1 to 10000", o.width);
  if (o.window < 1 || o.window > kMostInputs / 2) refuse("window", "1 to 100", o.window);
  if (o.negatives < 1 || o.negatives > kMostOutputs - 1) refuse("negatives", "1 to 64", o.negatives);
  if (!(o.subsample >= 0)) refuse("subsample", "0 or more", o.subsample);
  if (!(o.learning_rate > 0)) refuse("learning_rate", "more than 0", o.learning_rate);
  if (o.epochs < 1) refuse("epochs", "at least 1", o.epochs);
  if (counts.size() < 2) refuse("counts", "at least two words", counts.size());
  for (const auto& text : texts)
    for (const int32_t word : text)
      if (word >= static_cast<int64_t>(counts.size()))
        refuse("texts", "numbers of the words that are counted", word);
}

}  // namespace

double kept_share(int64_t count, int64_t total, double subsample) {
  if (subsample <= 0 || count <= 0) return 1;
  const double ratio = subsample * static_cast<double>(total) / static_cast<double>(count);
  return std::min(1.0, std::sqrt(ratio) + ratio);
}

Tensor word2vec(const std::vector<std::vector<int32_t>>& texts, const std::vector<int64_t>& counts,
                const Word2VecOptions& options) {
  check(options, texts, counts);
  const auto words = static_cast<int64_t>(counts.size());
  Rows inputs(words, options.width), outputs(words, options.width);
  const RandomStream start{options.seed, 0, 0};
  for (int64_t w = 0; w < words; ++w)
    for (int64_t c = 0; c < options.width; ++c)
      inputs.row(w)[c] =
          static_cast<float>((start.uniform(static_cast<uint32_t>(w), static_cast<uint32_t>(c)) - 0.5) /
                             static_cast<double>(options.width));

  int64_t total = 0;
  for (const int64_t count : counts) total += count;
  std::vector<double> weights, kept;
  for (const int64_t count : counts) {
    weights.push_back(std::pow(static_cast<double>(std::max<int64_t>(count, 0)), 0.75));
    kept.push_back(kept_share(count, total, options.subsample) * 0x1p32);
  }
  const Draws draws(weights);
  const auto sigmoid = std::make_unique<Sigmoid>();
  std::vector<float> mean(static_cast<size_t>(inputs.stride()));
  const bool fast = cpu::active_isa() != cpu::Isa::baseline;

  int64_t text_words = 0;
  for (const auto& text : texts) text_words += static_cast<int64_t>(text.size());
  struct Kept {
    int32_t word;
    uint32_t chance;  // of the window's width
    uint32_t number;  // of the word in the texts
  };
  std::vector<Kept> line;
  Place place;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    Engine engine{*sigmoid, inputs.stride(), mean.data()};
    const double begun = seconds_now();
    const auto step = static_cast<uint32_t>(epoch);
    const std::array<uint32_t, 2> key = {static_cast<uint32_t>(options.seed),
                                         static_cast<uint32_t>(options.seed >> 32)};
    uint32_t number = 0;
    int64_t seen = 0;
    for (size_t t = 0; t < texts.size(); ++t) {
      if (t % 64 == 0 && options.stop && options.stop()) epoch = options.epochs;
      if (epoch == options.epochs) break;
      line.clear();
      for (const int32_t word : texts[t]) {
        const auto chance = philox({number, 0, 1, step}, key);
        if (word >= 0 && chance[0] < kept[static_cast<size_t>(word)])
          line.push_back({word, chance[1], number});
        ++number;
      }
      const double done =
          (static_cast<double>(epoch) +
           static_cast<double>(seen) / static_cast<double>(std::max<int64_t>(text_words, 1))) /
          options.epochs;
      place.rate = static_cast<float>(options.learning_rate * (1 - done));
      seen += static_cast<int64_t>(texts[t].size());
      const auto length = static_cast<int64_t>(line.size());
      for (int64_t i = 0; i < length; ++i) {
        const Kept& here = line[static_cast<size_t>(i)];
        const int64_t reach =
            1 + static_cast<int64_t>((uint64_t{here.chance} * static_cast<uint64_t>(options.window)) >> 32);
        const int64_t first = std::max<int64_t>(i - reach, 0), last = std::min(i + reach, length - 1);
        place.inputs = 0;
        for (int64_t j = first; j <= last; ++j)
          if (j != i) place.input[place.inputs++] = inputs.row(line[static_cast<size_t>(j)].word);
        if (place.inputs == 0) continue;
        place.output[0] = outputs.row(here.word);
        place.outputs = 1;
        std::array<uint32_t, 4> chances{};
        for (int64_t n = 0; n < options.negatives; ++n) {
          if (n % 4 == 0) chances = philox({here.number, static_cast<uint32_t>(n / 4), 2, step}, key);
          float* drawn = outputs.row(draws(chances[static_cast<size_t>(n % 4)]));
          if (std::find(place.output, place.output + place.outputs, drawn) == place.output + place.outputs)
            place.output[place.outputs++] = drawn;
        }
        fast ? learn_fast(engine, place, options.cbow) : learn_plainly(engine, place, options.cbow);
      }
    }
    if (epoch < options.epochs && options.on_epoch_end)
      options.on_epoch_end(epoch, engine.loss / static_cast<double>(std::max<int64_t>(engine.pairs, 1)),
                           static_cast<double>(text_words) / std::max(seconds_now() - begun, 1e-9));
  }
  Tensor vectors({words, options.width});
  for (int64_t w = 0; w < words; ++w)
    std::copy_n(inputs.row(w), options.width, vectors.data<float>() + w * options.width);
  return vectors;
}

}  // namespace folio
