#include "folio/ops/attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "folio/base/error.h"
#include "folio/graph/rewrite.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reshape.h"
#include "folio/ops/softmax.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

std::string text_of(const AttentionSettings& settings, const AttentionOp::Kept& masks) {
  return fmt::format("scale {}{}{}{}{}{}", settings.scale, settings.causal ? ", causal" : "",
                     settings.zero_where_masked ? ", zeros where masked" : "",
                     masks.queries ? ", mask of queries" : "", masks.keys ? ", mask of keys" : "",
                     masks.pairs ? ", mask of pairs" : "");
}

bool differ(int64_t a, int64_t b) { return a != b && a != kUnknown && b != kUnknown; }

// Checks query, key, value and masks, which begin at `first`; gives the type of the output.
TensorType check(const Types& in, size_t first, const AttentionOp::Kept& masks) {
  const size_t count = first + 3 + masks.queries + masks.keys + masks.pairs;
  if (in.size() != count) throw Error(fmt::format("attention: expected {} inputs, got {}", count, in.size()));
  const Shape &q = in[first].shape, &k = in[first + 1].shape, &v = in[first + 2].shape;
  const auto misfit = [&](const char* why) {
    return Error(fmt::format("attention: query {}, key {} and value {} {}", to_string(q), to_string(k),
                             to_string(v), why));
  };
  if (q.rank() != 4 || k.rank() != 4 || v.rank() != 4)
    throw misfit("need 4 dimensions (batch, steps, heads, width)");
  for (const TensorType& type : in)
    if (type.dtype != in[0].dtype || !is_floating(type.dtype))
      throw misfit("and masks need one floating-point type");
  if (differ(q[0], k[0]) || differ(k[0], v[0])) throw misfit("differ in the batch");
  if (differ(k[1], v[1]) || differ(k[2], v[2])) throw misfit("differ: every key has a value");
  if (differ(q[3], k[3])) throw misfit("differ in the width of queries and keys");
  if (q[2] < 1 || k[2] < 1 || q[2] % k[2] != 0) throw misfit("need a multiple of the keys' heads");
  size_t at = first + 3;
  const auto fits = [&](const Shape& mask, const Shape& expected, bool stretches) {
    bool good = mask.rank() == expected.rank();
    for (int i = 0; good && i < mask.rank(); ++i)
      good = !differ(mask[i], expected[i]) || (stretches && mask[i] == 1);
    if (!good)
      throw Error(
          fmt::format("attention: expected a mask of {}, got {}", to_string(expected), to_string(mask)));
  };
  if (masks.queries) fits(in[at++].shape, {q[0], q[1]}, false);
  if (masks.keys) fits(in[at++].shape, {q[0], k[1]}, false);
  if (masks.pairs) fits(in[at++].shape, {q[0], q[2], q[1], k[1]}, true);
  return {q.with(3, v[3]), in[first].dtype};
}

RowMap rows_of(const Node& node) {
  RowMap rows{.apart = true, .aligned = {}};
  const int64_t batch = node.outputs[0].shape[0];
  for (const Value& input : node.inputs) rows.aligned.push_back(input.shape()[0] == batch);
  return rows;
}

double products(const Node& node, size_t first) {
  const AttentionSizes s(node.inputs[first].shape(), node.inputs[first + 1].shape(),
                         node.inputs[first + 2].shape());
  return 2.0 * static_cast<double>(s.batch * s.heads) * static_cast<double>(s.queries * s.keys);
}

// One query after the other, in the element type T; sums are double.
template <class T>
class Definition {
 public:
  Definition(const Views& in, size_t first, const AttentionSettings& settings, const AttentionOp::Kept& masks)
      : s(in[first].shape(), in[first + 1].shape(), in[first + 2].shape()),
        settings_(settings),
        q_(in[first].as<T>()),
        k_(in[first + 1].as<T>()),
        v_(in[first + 2].as<T>()),
        looks_(static_cast<size_t>(s.keys)),
        weights_(static_cast<size_t>(s.keys)) {
    size_t at = first + 3;
    if (masks.queries) query_mask_ = in[at++].as<T>();
    if (masks.keys) key_mask_ = in[at++].as<T>();
    if (masks.pairs) pairs_ = &in[at];
  }

  const AttentionSizes s;

  int64_t query_at(int64_t b, int64_t t, int64_t h) const {
    return ((b * s.queries + t) * s.heads + h) * s.width;
  }
  int64_t key_at(int64_t b, int64_t i, int64_t h) const {
    return ((b * s.keys + i) * s.groups + h / (s.heads / s.groups)) * s.width;
  }
  int64_t value_at(int64_t b, int64_t i, int64_t h) const {
    return ((b * s.keys + i) * s.groups + h / (s.heads / s.groups)) * s.value_width;
  }
  int64_t result_at(int64_t b, int64_t t, int64_t h) const {
    return ((b * s.queries + t) * s.heads + h) * s.value_width;
  }

  /// The weights of the query's keys; false when it looks at none.
  bool weigh(int64_t b, int64_t t, int64_t h) {
    bool any = false;
    double largest = 0, total = 0;
    for (int64_t i = 0; i < s.keys; ++i) {
      looks_[static_cast<size_t>(i)] = looks(b, t, h, i);
      if (!looks_[static_cast<size_t>(i)]) continue;
      double sum = 0;
      for (int64_t d = 0; d < s.width; ++d)
        sum += static_cast<double>(q_[query_at(b, t, h) + d]) * static_cast<double>(k_[key_at(b, i, h) + d]);
      weights_[static_cast<size_t>(i)] = sum * settings_.scale;
      largest = any ? std::max(largest, sum * settings_.scale) : sum * settings_.scale;
      any = true;
    }
    for (int64_t i = 0; i < s.keys; ++i) {
      double& weight = weights_[static_cast<size_t>(i)];
      weight = looks_[static_cast<size_t>(i)] ? std::exp(weight - largest) : 0;
      total += weight;
    }
    for (double& weight : weights_)
      weight = any ? weight / total : settings_.zero_where_masked ? 0 : 1.0 / static_cast<double>(s.keys);
    return any;
  }
  double weight(int64_t i) const { return weights_[static_cast<size_t>(i)]; }
  double query(int64_t at) const { return static_cast<double>(q_[at]); }
  double key(int64_t at) const { return static_cast<double>(k_[at]); }
  double value(int64_t at) const { return static_cast<double>(v_[at]); }

 private:
  bool looks(int64_t b, int64_t t, int64_t h, int64_t i) const {
    if (settings_.causal && i > t) return false;
    if (query_mask_ && query_mask_[b * s.queries + t] == T(0)) return false;
    if (key_mask_ && key_mask_[b * s.keys + i] == T(0)) return false;
    if (!pairs_) return true;
    const int64_t place[] = {b, h, t, i};
    int64_t at = 0;
    for (int d = 0; d < 4; ++d) at = at * pairs_->shape()[d] + (pairs_->shape()[d] == 1 ? 0 : place[d]);
    return pairs_->as<T>()[at] != T(0);
  }

  AttentionSettings settings_;
  const T *q_, *k_, *v_, *query_mask_ = nullptr, *key_mask_ = nullptr;
  const View* pairs_ = nullptr;
  std::vector<char> looks_;
  std::vector<double> weights_;
};

template <class F>
void in_floats(DType type, F&& f) {
  visit(type, [&](auto t) {
    using T = decltype(t);
    if constexpr (std::is_floating_point_v<T>) f(t);
  });
}

}  // namespace

std::string AttentionOp::attributes() const { return text_of(settings_, masks_); }
Types AttentionOp::infer(const Types& in) const { return {check(in, 0, masks_)}; }
RowMap AttentionOp::rows(const Node& node) const { return rows_of(node); }

double AttentionOp::flops(const Node& node) const {
  const double width = static_cast<double>(node.inputs[0].shape()[3] + node.inputs[2].shape()[3]);
  return products(node, 0) * width;
}

Values AttentionOp::gradient(const GradientContext& g) const {
  Values in = {g.output_gradients[0]};
  in.insert(in.end(), g.inputs.begin(), g.inputs.end());
  Values gradients = folio::apply(std::make_shared<AttentionGradientOp>(settings_, masks_), in);
  gradients.resize(g.inputs.size());  // none for masks
  return gradients;
}

void AttentionOp::define(const Views& in, const Views& out) const {
  in_floats(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    Definition<T> d(in, 0, settings_, masks_);
    T* y = out[0].as<T>();
    for (int64_t b = 0; b < d.s.batch; ++b)
      for (int64_t q = 0; q < d.s.queries; ++q)
        for (int64_t h = 0; h < d.s.heads; ++h) {
          d.weigh(b, q, h);
          for (int64_t w = 0; w < d.s.value_width; ++w) {
            double sum = 0;
            for (int64_t i = 0; i < d.s.keys; ++i) sum += d.weight(i) * d.value(d.value_at(b, i, h) + w);
            y[d.result_at(b, q, h) + w] = static_cast<T>(sum);
          }
        }
  });
}

std::string AttentionGradientOp::attributes() const { return text_of(settings_, masks_); }

Types AttentionGradientOp::infer(const Types& in) const {
  if (in.size() < 4) throw Error("attention's gradient: expected at least 4 inputs");
  const TensorType output = check(in, 1, masks_);
  if (in[0].dtype != output.dtype || !compatible(in[0].shape, output.shape))
    throw Error("attention's gradient: " + to_string(in[0]) + " for an output of " + to_string(output));
  return {in[1], in[2], in[3]};
}

RowMap AttentionGradientOp::rows(const Node& node) const { return rows_of(node); }

double AttentionGradientOp::flops(const Node& node) const {
  const double width = static_cast<double>(node.inputs[1].shape()[3]),
               value_width = static_cast<double>(node.inputs[3].shape()[3]);
  return products(node, 1) * (3 * width + 2 * value_width);
}

// That of the composed form's gradient, with the inputs of this one.
Values AttentionGradientOp::gradient(const GradientContext& g) const {
  Values symbols;
  ValueMap given;
  for (const Value& value : g.inputs) {
    symbols.push_back(input(value.shape(), value.dtype()));
    given[key_of(symbols.back())] = value;
  }
  AttentionMasks masks;
  size_t at = 4;
  if (masks_.queries) masks.queries = symbols[at++];
  if (masks_.keys) masks.keys = symbols[at++];
  if (masks_.pairs) masks.pairs = symbols[at++];
  const Value y = composed_attention(symbols[1], symbols[2], symbols[3], settings_, masks);
  const Values first = gradients(y, symbols[0], {symbols[1], symbols[2], symbols[3]});
  Values ys, dys;
  for (size_t i = 0; i < 3; ++i)
    if (g.output_gradients[i].defined()) ys.push_back(first[i]), dys.push_back(g.output_gradients[i]);
  const Values second = gradients(ys, dys, {symbols.begin(), symbols.begin() + 4});
  Values wanted, result(g.inputs.size());
  for (const Value& value : second)
    if (value.defined()) wanted.push_back(value);
  const Values made = replace(wanted, given);
  size_t next = 0;
  for (size_t i = 0; i < second.size(); ++i)
    if (second[i].defined()) result[i] = made[next++];
  return result;
}

void AttentionGradientOp::define(const Views& in, const Views& out) const {
  in_floats(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    Definition<T> d(in, 1, settings_, masks_);
    const T* dy = in[0].as<T>();
    std::vector<double> dq(static_cast<size_t>(out[0].count()), 0),
        dk(static_cast<size_t>(out[1].count()), 0), dv(static_cast<size_t>(out[2].count()), 0),
        dweights(static_cast<size_t>(d.s.keys));
    const auto at = [](std::vector<double>& list, int64_t i) -> double& {
      return list[static_cast<size_t>(i)];
    };
    for (int64_t b = 0; b < d.s.batch; ++b)
      for (int64_t q = 0; q < d.s.queries; ++q)
        for (int64_t h = 0; h < d.s.heads; ++h) {
          const bool any = d.weigh(b, q, h);
          const int64_t y = d.result_at(b, q, h);
          double mean = 0;
          for (int64_t i = 0; i < d.s.keys; ++i) {
            double sum = 0;
            for (int64_t w = 0; w < d.s.value_width; ++w) {
              const int64_t v = d.value_at(b, i, h) + w;
              sum += static_cast<double>(dy[y + w]) * d.value(v);
              at(dv, v) += d.weight(i) * static_cast<double>(dy[y + w]);
            }
            at(dweights, i) = sum;
            mean += d.weight(i) * sum;
          }
          if (!any) continue;  // no score decides what it gets
          for (int64_t i = 0; i < d.s.keys; ++i) {
            const double dscore = d.weight(i) * (at(dweights, i) - mean) * settings_.scale;
            for (int64_t w = 0; w < d.s.width; ++w) {
              const int64_t x = d.query_at(b, q, h) + w, k = d.key_at(b, i, h) + w;
              at(dq, x) += dscore * d.key(k);
              at(dk, k) += dscore * d.query(x);
            }
          }
        }
    for (const auto& [list, view] : {std::pair{&dq, &out[0]}, {&dk, &out[1]}, {&dv, &out[2]}})
      std::transform(list->begin(), list->end(), view->template as<T>(),
                     [](double x) { return static_cast<T>(x); });
  });
}

Value attention(const Value& query, const Value& key, const Value& value, const AttentionSettings& settings,
                const AttentionMasks& masks) {
  Values in = {query, key, value};
  for (const Value* mask : {&masks.queries, &masks.keys, &masks.pairs})
    if (mask->defined()) in.push_back(*mask);
  const AttentionOp::Kept kept = {masks.queries.defined(), masks.keys.defined(), masks.pairs.defined()};
  return apply_one(std::make_shared<AttentionOp>(settings, kept), in);
}

namespace {

// Every head as often as it serves.
Value repeated(const Value& x, int64_t heads) {
  const Shape& shape = x.shape();
  if (shape[2] == heads) return x;
  const Shape apart = shape.inserted(3, 1);
  return reshape(broadcast_to(reshape(x, apart), apart.with(3, heads / shape[2])), shape.with(2, heads));
}

Value causal(int64_t queries, int64_t keys, DType type) {
  Tensor mask({1, 1, queries, keys}, type);
  for (int64_t t = 0; t < queries; ++t)
    for (int64_t s = 0; s < keys; ++s) mask.set(t * keys + s, s <= t ? 1 : 0);
  return constant(std::move(mask));
}

}  // namespace

Value composed_attention(const Value& query, const Value& key, const Value& value,
                         const AttentionSettings& settings, const AttentionMasks& masks) {
  const auto by_heads = [](const Value& x) { return transpose(x, {0, 2, 1, 3}); };
  const int64_t batch = query.shape()[0], queries = query.shape()[1], keys = key.shape()[1],
                heads = query.shape()[2];
  const Value k = by_heads(repeated(key, heads)), v = by_heads(repeated(value, heads));
  Value scores = matmul(by_heads(query * settings.scale), k, false, true);
  Value mask = masks.pairs;
  const auto both = [&](const Value& more) { mask = mask.defined() ? mask * more : more; };
  if (masks.queries.defined()) both(reshape(masks.queries, {batch, 1, queries, 1}));
  if (masks.keys.defined()) both(reshape(masks.keys, {batch, 1, 1, keys}));
  if (settings.causal) both(causal(queries, keys, query.dtype()));
  // So low that nothing is left of it, unless all of a row is.
  constexpr double kLeast = -0.7 * static_cast<double>(std::numeric_limits<float>::max());
  if (mask.defined()) scores = select(mask, scores, constant(kLeast, query.dtype()));
  Value weights = softmax(scores);
  if (mask.defined() && settings.zero_where_masked) weights = weights * mask;
  return by_heads(matmul(weights, v));
}

}  // namespace folio
