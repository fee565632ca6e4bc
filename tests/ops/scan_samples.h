// Recurrent cells, and random applications of them.
#pragma once
#include "folio/ops/gather.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/scan.h"
#include "folio/ops/slice.h"
#include "tests/ops/elementwise_samples.h"

namespace folio {

/// state' = tanh(x W + state U + b)
inline ScanStep simple_cell(const Value& w, const Value& u, const Value& b) {
  return [=](const Values& states, const Values& inputs) {
    const Value h = tanh(matmul(inputs[0], w) + matmul(states[0], u) + b);
    return ScanValues{{h}, {h}};
  };
}

/// Gates i, f, c, o; states h and c.
inline ScanStep lstm_cell(const Value& w, const Value& u, const Value& b) {
  return [=](const Values& states, const Values& inputs) {
    const Values z = split(matmul(inputs[0], w) + matmul(states[0], u) + b, 4);
    const Value c = sigmoid(z[1]) * states[1] + sigmoid(z[0]) * tanh(z[2]);
    const Value h = sigmoid(z[3]) * tanh(c);
    return ScanValues{{h, c}, {h}};
  };
}

/// Gates z, r, h, the reset behind the product; b: (2, 3 units).
inline ScanStep gru_cell(const Value& w, const Value& u, const Value& b) {
  return [=](const Values& states, const Values& inputs) {
    const Value &h = states[0], before = reshape(slice(b, 0, 0, 1), {-1}),
                behind = reshape(slice(b, 0, 1, 1), {-1});
    const Values x = split(matmul(inputs[0], w) + before, 3), s = split(matmul(h, u) + behind, 3);
    const Value z = sigmoid(x[0] + s[0]), r = sigmoid(x[1] + s[1]);
    const Value next = z * h + (1.0 - z) * tanh(x[2] + r * s[2]);
    return ScanValues{{next}, {next}};
  };
}

/// A cell as no layer has it: two states that take each other's place, rows of a shared table by number, a
/// value that differs from row to row but not from step to step, an output beside the states, and a matrix
/// that is used twice, once turned around.
inline ScanStep own_cell(const Value& table, const Value& u, const Value& by_row) {
  return [=](const Values& states, const Values& inputs) {
    const Value word = gather(table, inputs[1]);
    const Value a = tanh(matmul(states[1] * by_row, u) + word + inputs[0]);
    const Value b = states[0] * sigmoid(matmul(a, u, false, true)) * sum(square(u));
    return ScanValues{{b, states[0]}, {a * b, sum(b, {1})}};
  };
}

struct ScanCase {
  Sample sample;
  ScanStep step;
  Values states, sequences;
};

/// A cell by its number, its values random, in float64.
inline ScanCase make_cell(int cell, int64_t batch, int64_t time, int64_t features, int64_t units,
                          RandomNumbers& random) {
  ScanCase c;
  const auto add = [&](const Shape& shape) { return c.sample.add(random.tensor(shape, -1, 1)); };
  const int64_t gates = cell == 0 ? 1 : cell == 1 ? 4 : 3;
  c.sequences = {add({batch, time, cell == 3 ? units : features})};
  c.states = {add({batch, units})};
  if (cell == 1 || cell == 3) c.states.push_back(add({batch, units}));
  if (cell == 3) {
    Tensor ids({batch, time}, DType::int32);
    for (int64_t i = 0; i < ids.count(); ++i) ids.set(i, static_cast<double>(random.whole(0, 4)));
    c.sequences.push_back(c.sample.add_fixed(ids));
    c.step = own_cell(add({5, units}), add({units, units}), add({batch, units}));
    return c;
  }
  const Value w = add({features, gates * units}), u = add({units, gates * units});
  if (cell == 0) c.step = simple_cell(w, u, add({units}));
  if (cell == 1) c.step = lstm_cell(w, u, add({4 * units}));
  if (cell == 2) c.step = gru_cell(w, u, add({2, 3 * units}));
  return c;
}

/// A mask with gaps; the first row is masked altogether where `nothing`.
inline Tensor random_mask(const Shape& shape, bool nothing, RandomNumbers& random) {
  Tensor mask(shape, DType::boolean);
  for (int64_t i = 0; i < mask.count(); ++i) mask.set(i, nothing && i < shape[1] ? 0 : random.coin() ? 1 : 0);
  return mask;
}

inline Sample sample_scan(RandomNumbers& random) {
  const int64_t batch = random.whole(1, 3), time = random.whole(1, 4);
  ScanCase c = make_cell(static_cast<int>(random.whole(0, 3)), batch, time, random.whole(1, 3),
                         random.whole(1, 3), random);
  ScanOptions options{random.coin(), {}, random.coin()};
  if (random.coin()) options.mask = c.sample.add_fixed(random_mask({batch, time}, random.coin(), random));
  const ScanValues results = scan(c.step, c.states, c.sequences, options);
  c.sample.outputs = results.outputs;
  // Not everything is used.
  const bool last = random.coin();
  if (last) c.sample.outputs = results.states;
  if (!last && random.coin())
    c.sample.outputs.insert(c.sample.outputs.end(), results.states.begin(), results.states.end());
  return c.sample;
}

}  // namespace folio
