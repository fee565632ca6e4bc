#include "folio/layers/attention/head_attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/ops/attention.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"
#include "folio/ops/softmax.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

// What Keras takes off scores that are masked.
constexpr double kMuch = 1e9;

// Every head as often as it serves: (…, keys, width) -> (…, queries, width).
Value repeated(const Value& x, int64_t heads) {
  const int64_t own = x.shape()[-2];
  if (own == heads) return x;
  const Value apart = reshape(x, x.shape().inserted(x.rank() - 1, 1));
  const Values copies(static_cast<size_t>(heads / own), apart);
  return reshape(concatenate(copies, x.rank() - 1), x.shape().with(-2, heads));
}

int64_t product(const Shape& shape) { return shape.known() ? shape.count() : kUnknown; }

/// The dimensions of heads in an order for products: those that stay apart, then steps, then features.
class Order {
 public:
  Order(int rank, const std::vector<int>& axes) : steps_(static_cast<int>(axes.size())) {
    for (int i = 0; i < rank - 1; ++i)
      if (std::find(axes.begin(), axes.end(), i) == axes.end()) order_.push_back(i);
    apart_ = static_cast<int>(order_.size());
    order_.insert(order_.end(), axes.begin(), axes.end());
    order_.push_back(rank - 1);
  }

  int apart() const { return apart_; }
  int steps() const { return steps_; }
  /// (apart…, steps as one, features)
  Value matrices(const Value& x) const {
    const Value y = transpose(x, order_);
    return steps_ == 1 ? y : reshape(y, lead(y.shape()).joined({product(sizes(y.shape())), y.shape()[-1]}));
  }
  /// The inverse, for steps of the sizes of x's.
  Value back(const Value& y, const Value& x) const {
    std::vector<int> inverse(order_.size());
    for (size_t i = 0; i < order_.size(); ++i) inverse[static_cast<size_t>(order_[i])] = static_cast<int>(i);
    const Shape whole = lead(y.shape()).joined(steps_of(x)).joined({y.shape()[-1]});
    return transpose(steps_ == 1 ? y : reshape(y, whole), inverse);
  }
  /// The sizes of the steps of a value in its first order.
  Shape steps_of(const Value& x) const {
    std::vector<int64_t> list;
    for (int i = apart_; i < apart_ + steps_; ++i) list.push_back(x.shape()[order_[static_cast<size_t>(i)]]);
    return Shape(std::move(list));
  }
  Shape lead(const Shape& shape) const {
    return Shape(std::vector<int64_t>(shape.begin(), shape.begin() + apart_));
  }

 private:
  Shape sizes(const Shape& ordered) const {
    return Shape(std::vector<int64_t>(ordered.begin() + apart_, ordered.begin() + apart_ + steps_));
  }

  int apart_ = 0, steps_;
  std::vector<int> order_;
};

void check_rank(const Value& mask, int rank) {
  if (mask.rank() > rank)
    throw Error(
        fmt::format("attention_mask: expected at most {} dimensions, got {}", rank, to_string(mask.shape())));
}

// As one op, which keeps no scores.
Value at_once(const HeadAttention& a, double scale) {
  const DType type = a.query.dtype();
  AttentionMasks masks;
  masks.queries = truth_of(a.masks.queries, type);
  masks.keys = both(truth_of(a.masks.values, type), truth_of(a.masks.keys, type));
  if (const Value given = truth_of(a.masks.attention, type); given.defined()) {
    check_rank(given, 4);
    masks.pairs = mask_for_scores(given, 4, 2);
  }
  return attention(a.query, a.key, a.value,
                   {.scale = scale, .causal = a.masks.causal, .zero_where_masked = a.dropout > 0}, masks);
}

// The mask for scores of (apart…, queries as one, keys as one).
Value fitted_mask(const HeadAttention& a, const Order& order, const Shape& queries, const Shape& keys) {
  const int rank = order.apart() + 2 * order.steps();
  const Value merged = a.masks.merged(a.query, a.key);
  if (!merged.defined()) return {};
  check_rank(merged, rank);
  const Value mask = mask_for_scores(merged, rank, 2 * order.steps());
  if (order.steps() == 1) return mask;
  const Shape lead = order.lead(mask.shape());
  return reshape(broadcast_to(mask, lead.joined(queries).joined(keys)),
                 lead.joined({product(queries), product(keys)}));
}

}  // namespace

Attended attend(const HeadAttention& a) {
  const double scale = 1 / std::sqrt(static_cast<double>(a.query.shape()[-1]));
  if (!a.scores_wanted && !a.place && a.query.rank() == 4) return {at_once(a, scale), {}};
  const int64_t heads = a.query.shape()[-2];
  const Value key = repeated(a.key, heads), value = repeated(a.value, heads);
  const Order order(a.query.rank(), a.axes);
  const Shape queries = order.steps_of(a.query), keys = order.steps_of(key);
  Value scores = matmul(order.matrices(a.query * scale), order.matrices(key), false, true);
  const Value mask = fitted_mask(a, order, queries, keys);
  Value weights = softmax(mask.defined() ? scores - kMuch * (1.0 - mask) : scores);
  if (mask.defined()) weights = weights * mask;
  Attended result;
  if (a.scores_wanted)
    result.scores = order.steps() == 1
                        ? weights
                        : reshape(weights, order.lead(weights.shape()).joined(queries).joined(keys));
  if (a.place) weights = dropout(weights, a.place->step, a.dropout, a.place->seed, a.place->site);
  result.output = order.back(matmul(weights, order.matrices(value)), a.query);
  return result;
}

}  // namespace folio
