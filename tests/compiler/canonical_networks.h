// The networks that every pass must leave as they are.
#pragma once
#include "tests/compiler/case_builder.h"

namespace folio {

inline void perceptron(Case& c, int64_t batch) {
  Value x = c.data({batch, 20});
  {
    const Scope scope("hidden");
    x = relu(c.dense(x, 64));
  }
  c.train_classifier(c.dense(tanh(c.dense(x, 32)), 10));
}

// Large enough for threads to pay.
inline void wide_perceptron(Case& c, int64_t batch) {
  c.train_classifier(c.dense(sigmoid(c.dense(relu(c.dense(c.data({batch, 70}), 260)), 130)), 10));
}

inline void lenet(Case& c, int64_t batch) {
  Value x = c.data({batch, 14, 14, 1});
  x = max_pool(relu(c.convolution(x, 5, 6)));
  x = max_pool(relu(c.convolution(x, 3, 10, {1, 1, Padding::same})), {2, 2, 2, 2, Padding::same});
  c.train_classifier(c.dense(relu(c.dense(flatten(x), 30)), 10));
}

inline void two_branches(Case& c, int64_t batch) {
  const Parameter step = c.counter(5);
  const Value x = c.data({batch, 12});
  const Value left = dropout(relu(c.dense(x, 24)), step, 0.3, 9, 1),
              right = dropout(tanh(c.dense(x, 17)), step, 0.5, 9, 2);
  c.update(step, Value(step) + 1.0);
  c.train_classifier(c.dense(concatenate({left, right, x}), 4));
}

inline void two_convolutional_branches(Case& c, int64_t batch) {
  const Parameter step = c.counter(7);
  const Value x = c.data({batch, 9, 8, 3});
  const Value left = relu(c.convolution(x, 3, 4, {1, 1, Padding::same})), right = c.convolution(x, 1, 5);
  Value both = dropout(concatenate({left, right, x}), step, 0.25, 3, 1);
  both = pad(slice(both, 3, 2, 7), {0, 1, 0, 0}, {0, 0, 2, 0});
  c.train_classifier(c.dense(flatten(average_pool(both, {3, 2, 2, 2, Padding::valid})), 5));
}

inline void batch_norm_network(Case& c, int64_t batch) {
  Value x = c.data({batch, 8, 8, 2});
  x = relu(c.batch_norm(c.convolution(x, 3, 5)));
  x = average_pool(c.batch_norm(c.convolution(x, 3, 4, {2, 2, Padding::same})), {2, 2, 1, 1, Padding::same});
  c.train_classifier(c.dense(c.batch_norm(c.dense(flatten(x), 9)), 3));
}

inline void residual_network(Case& c, int64_t batch) {
  Value x = c.convolution(c.data({batch, 7, 7, 3}), 1, 6);
  for (int block = 0; block < 2; ++block) {
    const Value inside = relu(c.convolution(x, 3, 6, {1, 1, Padding::same}));
    x = relu(x + c.convolution(inside, 3, 6, {1, 1, Padding::same}));
  }
  c.train_classifier(c.dense(mean(x, {1, 2}), 4));
}

inline void convolutions(Case& c, int64_t batch) {
  const Value x = c.data({batch, 9, 11, 4});
  Values all;
  for (Padding padding : {Padding::valid, Padding::same}) {
    all.push_back(c.convolution(x, 3, 5, {2, 1, padding}));
    all.push_back(c.convolution(x, 3, 3, {1, 1, padding, 2, 2}));
    all.push_back(c.convolution(x, 3, 6, {1, 1, padding, 1, 1, 2}));
    all.push_back(c.convolution(x, 2, 8, {3, 2, padding, 1, 2, 4}));
    all.push_back(c.convolution(x, 1, 3, {1, 1, padding}));
    all.push_back(
        c.convolution(c.convolution(x, 3, 4, {1, 2, padding, 1, 1, 4}), 2, 4, {1, 1, padding, 2, 1, 4}));
  }
  Value total = constant(0, DType::float32);
  // Twice, so that the gradients of the pictures are needed too.
  for (const Value& y : all)
    total = total + mean(square(c.convolution(tanh(y), 2, 3, {2, 2, Padding::same})));
  c.train(total);
}

// Pictures that come out of a matrix product are plain when they are pooled, and in lanes right after.
inline void pooling_before_convolution(Case& c, int64_t batch) {
  Value x = reshape(c.dense(c.data({batch, 6}), 6 * 6 * 2), {batch, 6, 6, 2});
  x = c.convolution(max_pool(x, {3, 2, 1, 2, Padding::same}), 3, 4);
  c.train_classifier(c.dense(flatten(x), 3));
}

// Pictures that are parameters: no rows of a batch anywhere.
inline void trained_pictures(Case& c, int64_t count) {
  const Value x = c.parameter({count, 6, 5, 2});
  const Value y = max_pool(relu(c.convolution(x, 3, 4, {1, 1, Padding::same})));
  c.train(mean(square(y - 0.3)) + mean(abs(x)));
}

// What lies in lanes beyond the batch becomes infinite here, and no number after it: none of it may be seen.
inline void beyond_the_batch(Case& c, int64_t batch) {
  const Value x = convolution_2d(c.data({batch, 8, 7, 2}), c.weights({3, 3, 2, 4})),
              rows = c.data({batch, 1, 1, 1}, 0.5, 1), channels = c.data({batch, 1, 1, 4}, 0.5, 1);
  Value y = log(square(x) + rows) / channels;
  y = c.batch_norm(c.convolution(y, 3, 5, {1, 1, Padding::same})) + c.convolution(y, 1, 5);
  y = average_pool(max_pool(relu(y)), {2, 2, 1, 1, Padding::same});
  c.train_classifier(c.dense(flatten(y), 3));
}

// Too few pictures of too many channels for lanes: products of matrices.
inline void few_pictures(Case& c, int64_t batch) {
  const Value x = relu(c.convolution(c.data({batch, 6, 5, 48}), 1, 40));
  c.train_classifier(c.dense(flatten(average_pool(x, {2, 2, 1, 1, Padding::same})), 3));
}

// Pictures so large that their cells are rows; or only one.
inline void large_pictures(Case& c, int64_t batch) {
  const auto channels = [&] { return c.parameter({24}, 0.5, 1.5); };
  const Value x = relu(c.convolution(c.data({batch, 49, 47, 3}), 3, 24, {1, 1, Padding::same}));
  const Value deep = c.convolution(x, 3, 24, {2, 2, Padding::same, 1, 1, 24});
  const Value scaled = minimum(relu(deep * channels() + channels()), 1.5);
  const Value narrow = c.convolution(scaled, 1, 8);
  // Each picture weighs its channels by itself.
  const Value weights = reshape(sigmoid(c.dense(mean(narrow, {1, 2}), 8)), {batch, 1, 1, 8});
  const Value joined = concatenate({c.convolution(narrow * weights + narrow, 1, 24) + scaled, narrow}, 3);
  const Value last = c.convolution(max_pool(joined), 3, 6, {1, 1, Padding::valid, 2, 3, 2});
  c.output(joined);
  c.output(reshape(last, {batch, last.shape().count(1, 4)}));
  c.output(tanh(last) - reshape(c.parameter({6}), {1, 1, 1, 6}));
}

inline void tied_weights(Case& c, int64_t batch) {
  const Parameter shared = c.weights({12, 20}), square_one = c.weights({20, 20});
  const Value x = c.data({batch, 12});
  Value h = tanh(matmul(x, shared));
  h = tanh(matmul(h, square_one)) + matmul(h, square_one, false, true);
  c.train(mean(square(matmul(h, shared, false, true) - x)));
}

inline void recurrent_network(Case& c, int64_t batch) {
  constexpr int64_t kSteps = 20, kFeatures = 3, kUnits = 8;
  const Value x = c.data({batch, kSteps, kFeatures});
  const Parameter kernel = c.weights({kFeatures, 3 * kUnits}), recurrent = c.weights({kUnits, 3 * kUnits}),
                  bias = c.parameter({3 * kUnits});
  Value state = broadcast_to(constant(0, DType::float32), {batch, kUnits});
  for (int64_t t = 0; t < kSteps; ++t) {
    const Value gates =
        matmul(reshape(slice(x, 1, t, 1), {batch, kFeatures}), kernel) + matmul(state, recurrent) + bias;
    const Value forget = sigmoid(slice(gates, 1, 0, kUnits)), add = sigmoid(slice(gates, 1, kUnits, kUnits));
    state = forget * state + add * tanh(slice(gates, 1, 2 * kUnits, kUnits));
  }
  c.train_classifier(c.dense(state, 3));
}

// Both ways over time, with gaps; then a cell of its own kind over what they give.
inline void scanned_network(Case& c, int64_t batch) {
  constexpr int64_t kSteps = 9, kFeatures = 3, kUnits = 8;
  const Value x = c.data({batch, kSteps, kFeatures}), gaps = c.data({batch, kSteps}) > -0.5;
  const auto zeros = [&](int64_t units) { return broadcast_to(constant(0, DType::float32), {batch, units}); };
  const auto lstm = lstm_cell(c.weights({kFeatures, 4 * kUnits}), c.weights({kUnits, 4 * kUnits}),
                              c.parameter({4 * kUnits}));
  const auto gru = gru_cell(c.weights({kFeatures, 3 * kUnits}), c.weights({kUnits, 3 * kUnits}),
                            c.parameter({2, 3 * kUnits}));
  const Value there = scan(lstm, {zeros(kUnits), zeros(kUnits)}, {x}, {.mask = gaps}).outputs[0];
  const Value back =
      scan(gru, {0.1 * c.data({batch, kUnits})}, {x}, {.reverse = true, .mask = gaps}).outputs[0];
  const Value ids = c.data({batch, kSteps}, 0, 5, DType::int32);
  const ScanValues own =
      scan(own_cell(c.parameter({5, 2 * kUnits}), c.weights({2 * kUnits, 2 * kUnits}),
                    c.data({batch, 2 * kUnits})),
           {zeros(2 * kUnits), c.data({batch, 2 * kUnits})}, {concatenate({there, back}), ids});
  c.output(own.states[1]);
  c.train_classifier(c.dense(mean(own.outputs[0], {1}) * mean(own.outputs[1], {1}, true), 3));
}

// Steps that make rows of places in each row: pictures of volumes, convolved one by one.
inline void scanned_volumes(Case& c, int64_t batch) {
  const Value x = c.data({batch, 4, 3, 5, 4, 2});
  const Parameter kernel = c.weights({3, 3, 2, 6}), recurrent = c.weights({3, 3, 6, 6}),
                  bias = c.parameter({6});
  const auto pictures = [](const Value& volumes) {
    const Shape& s = volumes.shape();
    return reshape(volumes, {s[0] * s[1], s[2], s[3], s[4]});
  };
  const Parameter each = c.weights({2, 6});
  const auto step = [&](const Values& states, const Values& inputs) {
    const ConvolutionOptions same{.padding = Padding::same};
    const Value h = tanh(convolution_2d(pictures(inputs[0]), kernel, same) +
                         convolution_2d(pictures(states[0]), recurrent, same) + bias);
    const Value cells = reshape(matmul(reshape(inputs[0], {-1, 2}), each), states[0].shape());
    const Value next = reshape(h, states[0].shape()) * sigmoid(cells);
    return ScanValues{{next}, {next}};
  };
  const Value first = broadcast_to(constant(0, DType::float32), {batch, 3, 5, 4, 6});
  const ScanValues done = scan(step, {first}, {x});
  c.train_classifier(c.dense(mean(done.outputs[0], {1, 2, 3, 4}) + mean(done.states[0], {1, 2, 3}), 3));
}

// Ids looked up in a table, with noise.
inline void noisy_words(Case& c, int64_t batch) {
  const Value ids = c.data({batch, 7}, 0, 40, DType::int32);
  const Value x = gather(c.parameter({40, 6}), ids);
  const Value noisy = x + 0.1 * random_normal(x.type(), c.counter(2), 5, 1);
  c.train_classifier(c.dense(mean(tanh(c.dense(noisy, 8)), {1}), 3));
}

// Pictures that are seen through a matrix each, between convolutions.
inline void moved_pictures(Case& c, int64_t batch) {
  const Value x = relu(c.convolution(c.data({batch, 6, 5, 2}), 3, 3, {.padding = Padding::same}));
  Tensor still({1, 6});
  still.set(0, 1), still.set(4, 1);
  const Value matrices =
      0.3 * random_uniform({{batch, 6}, DType::float32}, c.counter(2), 5, 2) + constant(still);
  const AffineSettings settings{.height = 5, .width = 6, .fill = FillMode::reflect};
  c.train_classifier(c.dense(mean(affine_transform(x, matrices, settings), {1, 2}), 3));
}

// Attention over a short sequence: batched products with every transposition.
inline void attention(Case& c, int64_t batch) {
  constexpr int64_t kTime = 5, kHeads = 2, kSize = 6;
  const Value x = c.data({batch, kTime, kHeads * kSize});
  const auto heads = [&](const Value& v) {
    return transpose(reshape(v, {batch, kTime, kHeads, kSize}), {0, 2, 1, 3});
  };
  const Value q = heads(c.dense(x, kHeads * kSize)), k = heads(c.dense(x, kHeads * kSize)),
              v = heads(c.dense(x, kHeads * kSize));
  const Value weights = softmax(matmul(q, k, false, true) * (1 / std::sqrt(6.0)));
  const Value mixed = reshape(transpose(matmul(weights, v), {0, 2, 1, 3}), {batch, kTime, kHeads * kSize});
  const Value one_head = matmul(matmul(x, x, false, true), x) * 0.1;  // nothing to transpose
  const Value all = mixed + one_head + x, centred = all - mean(all, {-1}, true);
  const Value normal = centred * rsqrt(mean(square(centred), {-1}, true) + 1e-2);
  c.train_classifier(c.dense(max(gelu(c.dense(normal, 16)), {1}), 3));
}

// Attention as one op: heads that share keys, a mask of keys, causal.
inline void fused_attention(Case& c, int64_t batch) {
  const int64_t steps = 5;
  const Value x = c.data({batch, steps, 8});
  const auto heads = [&](int64_t count, int64_t width) {
    return reshape(matmul(x, c.weights({8, count * width})), {batch, steps, count, width});
  };
  const Value query = heads(4, 3), key = heads(2, 3), value = heads(2, 2);
  const Value counts = cast(c.data({batch, steps}) > -0.5, DType::float32);
  const Value seen = attention(query, key, value, {.scale = 0.6, .causal = true}, {.keys = counts});
  c.output(seen);
  c.train(mean(square(c.dense(reshape(seen, {batch, steps, 8}), 3))));
}

}  // namespace folio
