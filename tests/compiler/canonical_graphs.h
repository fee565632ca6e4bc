// Small graphs that are hard on one part of the compiler each.
#pragma once
#include "tests/compiler/canonical_networks.h"

namespace folio {

// Outputs and updates of every origin.
inline void places_of_results(Case& c, int64_t batch) {
  const Value x = c.data({batch, 6}), whole = c.data({batch}, 0, 9, DType::int64);
  const Parameter p = c.parameter({6}), q = c.parameter({6}), kept = c.parameter({6}),
                  copied = c.parameter({6}), n = c.counter(41);
  const Value next = Value(p) + mean(x, {0});
  c.update(p, next);
  c.update(q, next);       // two parameters take one value
  c.update(copied, kept);  // a parameter takes another's value
  c.update(n, Value(n) * 2.0 + 1.0);
  c.output(next);  // an output that is also an update
  c.output(next);  // and once more
  c.output(p);     // the old value of an updated parameter
  c.output(kept);
  c.output(x);  // an input
  c.output(reshape(x, {6 * batch}));
  c.output(whole + 3.0);
  c.output(whole);
  c.output(constant(Tensor::of<float>({2}, {1, 2})));
  c.output(n);
  c.output(x * 2.0);
}

inline void swapped_parameters(Case& c, int64_t) {
  const Parameter a = c.parameter({4, 3}), b = c.parameter({4, 3}), d = c.parameter({4, 3}),
                  e = c.parameter({4, 3});
  c.update(a, b);
  c.update(b, a);
  c.update(d, Value(d) + e);
  c.update(e, Value(d) - e);
}

inline void rotated_parameters(Case& c, int64_t) {
  const Parameter a = c.parameter({5}), b = c.parameter({5}), d = c.parameter({5});
  c.update(a, Value(b) * 0.5);
  c.update(b, Value(d) * 0.5 + 1.0);
  c.update(d, a);
  c.output(Value(a) + b + d);
}

// The new value of a parameter meets its old value in later nodes.
inline void old_and_new(Case& c, int64_t) {
  const Parameter p = c.parameter({6, 6}), scale = c.parameter({}), q = c.parameter({6, 6});
  const Value next = Value(p) * 0.5 + 0.25;
  c.update(p, next);
  c.update(scale, sqrt(sum(square(next - Value(p)))));
  c.output(matmul(next, p));
  c.output(matmul(Value(p), next));
  c.update(q, matmul(next, q));
}

// Updates that read their own parameter through another shape or in another order.
inline void updates_out_of_order(Case& c, int64_t) {
  const Parameter a = c.parameter({2, 3}), b = c.parameter({5, 5}), d = c.parameter({4}),
                  e = c.parameter({4, 4}), f = c.parameter({7, 3});
  c.update(a, transpose(reshape(a, {3, 2})));
  c.update(b, transpose(b) + b);
  c.update(d, reshape(matmul(reshape(d, {1, 4}), e), {4}));
  c.update(e, softmax(e));
  c.update(f, concatenate({slice(f, 0, 1, 6), slice(f, 0, 0, 1)}, 0));
}

inline void reductions(Case& c, int64_t batch) {
  const Value x = c.data({batch, 4, 5, 6});
  for (const std::vector<int>& axes : {std::vector<int>{},
                                       {0},
                                       {1},
                                       {2},
                                       {3},
                                       {0, 1},
                                       {1, 2},
                                       {2, 3},
                                       {0, 2},
                                       {1, 3},
                                       {0, 3},
                                       {0, 1, 2},
                                       {1, 2, 3},
                                       {0, 1, 3},
                                       {0, 2, 3}}) {
    c.output(sum(x, axes));
    c.output(mean(x * 2.0, axes, true));
    c.output(max(x, axes));
  }
  c.output(argmax(x));
  c.output(softmax(x));
  c.output(softmax(sum(x, {0, 1, 2})));
  c.output(log_softmax(max(x, {1})));
  c.output(sum(x * x));
}

// Every element by element op, and operands stretched in every way. Values stay where all ops are defined and
// smooth.
inline Value elementwise_chain(Case& c, const Value& x) {
  const Value positive = square(x) + 0.5;
  Value y = log(positive) + sqrt(positive) * rsqrt(positive + 1.0) - reciprocal(positive) + exp(-x) +
            expm1(x * 0.5) + log1p(positive);
  y = y + sin(x) * cos(x) + tanh(x) + sigmoid(x) + erf(x) + relu(x) + softplus(x) + abs(x) + sign(x);
  y = y + maximum(x, 0.1) * minimum(x, 0.2) + pow(positive, x) + x / positive;
  y = y + (x < 0.5) + (x <= 0.25) + (x > -0.5) + (x >= -0.25) + equal(x, 3) +
      not_equal(x, constant(3, DType::float32));
  y = select(x > 0.0, y, y * 0.5) + floor(x * 3.0) + round(x * 3.0) + stop_gradient(x);
  return y * c.parameter({});
}

inline void elementwise(Case& c, int64_t batch) {
  const Value x = c.data({batch, 37});
  Value y = elementwise_chain(c, x);
  y = y + c.parameter({37}) * c.parameter({1, 37}) + c.data({batch, 1}) - c.parameter({1, 1}) +
      c.parameter({1});
  c.train(mean(y * x));
  c.output(y);
}

// The same in pictures, which lie in lanes after the convolution.
inline void elementwise_in_pictures(Case& c, int64_t batch) {
  const Value x = c.convolution(c.data({batch, 5, 6, 2}), 3, 3, {1, 1, Padding::same}) * 0.5;
  Value y = elementwise_chain(c, x);
  for (const Shape& shape :
       {Shape{3}, {1, 3}, {6, 1}, {6, 3}, {5, 1, 1}, {5, 1, 3}, {5, 6, 3}, {1, 5, 6, 3}, {1, 1, 1, 3}, {}})
    y = y + c.parameter(shape) * y * 0.1;
  for (const Shape& shape : {Shape{batch, 1, 1, 1},
                             {batch, 5, 6, 3},
                             {batch, 1, 1, 3},
                             {batch, 5, 1, 1},
                             {batch, 1, 6, 1},
                             {batch, 5, 1, 3}})
    y = y + c.data(shape) * 0.5;
  c.train(mean(square(y)));
  c.output(y);
}

// Values that never see a batch: large enough to be dealt out to threads.
inline void large_parameters(Case& c, int64_t) {
  const Parameter a = c.parameter({301, 77}), b = c.parameter({77, 53}), bias = c.parameter({77});
  c.train(mean(square(matmul(tanh(Value(a) + bias), b))) + mean(abs(softmax(a))));
  c.output(sum(a, {1}));
  c.output(max(a, {1}));
}

inline void copies(Case& c, int64_t batch) {
  const Value x = c.data({batch, 4, 5});
  c.output(pad(x, {0, 1, 2}, {0, 2, 0}));
  c.output(pad(x, {1, 0, 0}, {2, 0, 3}));
  c.output(pad(sum(x, {0, 1}), {2}, {1}));
  c.output(concatenate({x, x * 2.0, x}, 0));
  c.output(concatenate({x, slice(x, 1, 1, 2)}, 1));
  c.output(slice(x, 0, batch / 2, batch - batch / 2));
  c.output(slice(slice(x, 2, 1, 3), 1, 2, 2));
  c.output(transpose(x, {0, 2, 1}));
  c.output(transpose(x, {2, 0, 1}));
  c.output(transpose(x));
  c.output(broadcast_to(slice(x, 1, 0, 1), {batch, 4, 5}));
  c.output(broadcast_to(x, {3, batch, 4, 5}));
  c.output(reshape(x, {batch * 4, 5}) + 1.0);
  c.output(cast(x * 10.0, DType::int32));
  c.output(cast(x > 0.0, DType::boolean));
  c.output(one_hot(cast(x * 3.0, DType::int64), 3));
}

// Values taken apart, and the gradients of pieces: some of all elements, some that meet, some along several
// dimensions, one with a piece nobody reads.
inline void pieces(Case& c, int64_t batch) {
  const Value x = c.data({batch, 4, 5}), w = c.parameter({batch, 4, 5});
  const auto differently = [&](const Values& parts) {
    Value total = sum(tanh(x));
    for (size_t i = 0; i < parts.size(); ++i) total = total + sum(square(parts[i] + 0.1 * double(i)));
    return total;
  };
  const Values columns = split(w * x, {2, 1, 2}, 2), rows = split(w - x, {batch - batch / 2, batch / 2}, 0);
  const Value gates = w * 2.0, several = w * 3.0, few = w * 0.5, met = w + x;
  c.output(columns[1]);
  c.train(differently(columns) + differently(rows) + differently({split(few, 5)[3], split(few, 5)[1]}) +
          differently({slice(gates, 1, 0, 1), slice(gates, 1, 2, 2)}) +
          differently({slice(several, 1, 1, 2), slice(several, 2, 1, 3), slice(several, 0, 0, 1)}) +
          differently({slice(met, 2, 0, 3), slice(met, 2, 2, 3), met}));
}

// Bytes to float32, as pictures are read.
inline void pictures_of_bytes(Case& c, int64_t batch) {
  const Value x = cast(c.data({batch, 6, 6, 1}, 0, 255, DType::uint8), DType::float32) / 255.0;
  const Value y = c.convolution(x, 3, 4);
  c.output(softmax(c.dense(flatten(max_pool(y)), 5)));
  c.output(average_pool(y, {3, 3, 1, 1, Padding::valid}));
  c.output(slice(pad(y, {0, 2, 0, 1}, {0, 0, 1, 1}), 2, 1, 3));
  c.output(sum(y, {0, 1, 2}));
}

// Maxima that may be taken before what feeds them, and some that may not.
inline void pooled_first(Case& c, int64_t batch) {
  const Value x = c.data({batch, 7, 6, 3}), bias = c.data({3}), places = c.data({7, 6, 3});
  const PoolingOptions overlapping{3, 2, 1, 2, Padding::same};
  c.output(max_pool(relu(x + bias)));
  c.output(max_pool(relu(relu(x) + 0.5), overlapping));
  c.output(max_pool(constant(0.25, DType::float32) + x));
  c.output(max_pool(max_pool(relu(x * 2.0)), {1, 3, 1, 1, Padding::valid}));
  c.output(max_pool(relu(x + places)));
  c.output(max_pool(relu(x + x)));
  c.output(max_pool(relu(-x)));
  const Value kept = relu(x - 0.5);
  c.output(kept);
  c.output(max_pool(kept));
}

// Whatever constants can be folded into.
inline void constants(Case& c, int64_t batch) {
  const Value x = c.data({batch, 3});
  const Value one = broadcast_to(constant(1, DType::float32), {batch, 3}), zero = constant(0, DType::float32);
  c.output(x * one + zero);
  c.output(one * x - zero);
  c.output((x + zero) / one);
  c.output(zero - x);
  c.output(one / (x + 3.0));
  c.output(zero / (x + 3.0) + zero * x);
  c.output(x - one);
  c.output(one * one + one);
  c.output(one * constant(Tensor::of<float>({3}, {1, 2, 3})));
  c.output(constant(2, DType::float32) * x * constant(3, DType::float32));
  c.output(zero + constant(4, DType::float32));
  c.output(reshape(reshape(reshape(x, {3 * batch}), {batch, 3, 1}), {batch, 3}));
  c.output(select(one, x, zero));
  c.output(x * x + x * x);  // computed once
  c.output(reshape(one, {batch, 3, 1}) + 1.0);
}

struct CanonicalGraph {
  std::string name;
  void (*build)(Case&, int64_t batch);
  std::vector<int64_t> batches;
};

inline const std::vector<CanonicalGraph>& canonical_graphs() {
  // Around the 16 lanes of a group, below it, and above several.
  static const std::vector<int64_t> kAll = {1, 3, 8, 15, 16, 17, 33, 100}, kSome = {1, 15, 33};
  static const std::vector<CanonicalGraph> graphs = {
      {"perceptron", perceptron, kAll},
      {"wide perceptron", wide_perceptron, {100}},
      {"lenet", lenet, kAll},
      {"two branches", two_branches, kAll},
      {"two convolutional branches", two_convolutional_branches, kAll},
      {"batch norm", batch_norm_network, {3, 15, 16, 100}},
      {"residual", residual_network, {1, 8, 17, 100}},
      {"convolutions", convolutions, {1, 16, 33}},
      {"pooling before convolution", pooling_before_convolution, {1, 8, 13, 15, 47}},
      {"beyond the batch", beyond_the_batch, {2, 3, 11, 12, 13, 17, 33}},
      {"few pictures", few_pictures, {1, 2, 16}},
      {"large pictures", large_pictures, {1, 13, 16}},
      {"trained pictures", trained_pictures, {3, 16, 40}},
      {"tied weights", tied_weights, {1, 8, 17, 100}},
      {"recurrent", recurrent_network, {1, 8, 33}},
      {"scans", scanned_network, {1, 8, 33, 100}},
      {"scanned volumes", scanned_volumes, {1, 2, 8, 33}},
      {"noisy words", noisy_words, {1, 8, 33, 100}},
      {"moved pictures", moved_pictures, {1, 8, 33}},
      {"attention", attention, {1, 3, 17, 100}},
      {"fused attention", fused_attention, {1, 3, 17, 100}},
      {"places of results", places_of_results, kSome},
      {"swapped parameters", swapped_parameters, {1}},
      {"rotated parameters", rotated_parameters, {1}},
      {"old and new", old_and_new, {1}},
      {"updates out of order", updates_out_of_order, {1}},
      {"reductions", reductions, kAll},
      {"elementwise", elementwise, kAll},
      {"elementwise in pictures", elementwise_in_pictures, {1, 3, 15, 16, 33}},
      {"large parameters", large_parameters, {1}},
      {"copies", copies, kSome},
      {"pieces", pieces, kSome},
      {"pictures of bytes", pictures_of_bytes, {3, 16, 33, 100}},
      {"pooled first", pooled_first, {1, 8, 17, 33}},
      {"constants", constants, kSome},
  };
  return graphs;
}

}  // namespace folio
