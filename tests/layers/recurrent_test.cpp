// Recurrent layers: weights, states that are kept, dropout, cells of one's own. Their numbers are compared
// with Keras' in golden_test.cpp.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/layers/all.h"
#include "folio/layers/catalog.h"
#include "folio/models/model.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"
#include "folio/ops/scan.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

Tensor numbers(const Shape& shape) {
  RandomNumbers random(4);
  return random.tensor(shape, -1, 1, DType::float32);
}

void expect_same(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.shape(), b.shape());
  for (int64_t i = 0; i < a.count(); ++i) ASSERT_NEAR(a.at(i), b.at(i), 1e-6) << "element " << i;
}

Tensor rows(const Tensor& all, int64_t first, int64_t count) {
  const int64_t size = all.count() / all.shape()[0];
  Tensor part(all.shape().with(0, count));
  for (int64_t i = 0; i < count * size; ++i) part.set(i, all.at(first * size + i));
  return part;
}

/// Mean of all inputs so far: a cell without weights.
class RunningMeanBody final : public CellBody {
 public:
  std::string class_name() const override { return "RunningMean"; }
  std::vector<Shape> state_shapes(const Shape& input) const override { return {input.from(1), {1}}; }
  CellStep step(const Value& x, const Values& states) override {
    const Value count = states[1] + 1.0, sum = states[0] + x;
    return {sum / count, {sum, count}};
  }
};
Layer running_mean() { return Layer(make_body<RunningMeanBody>("", true)); }

TEST(RecurrentLayers, HaveKerasWeights) {
  const LSTM lstm(32);
  lstm(input({kUnknown, kUnknown, 2}));
  int64_t count = 0;
  for (const Parameter& weight : lstm.weights()) count += weight.shape().count();
  EXPECT_EQ(count, 4480);
  const auto names = [](const Layer& layer) {
    layer(input({kUnknown, kUnknown, 3}));
    std::vector<std::string> all;
    for (const Parameter& weight : layer.weights()) all.push_back(weight.name() + to_string(weight.shape()));
    return all;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(LSTM(2)),
            (Names{"lstm_cell/kernel(3, 8)", "lstm_cell/recurrent_kernel(2, 8)", "lstm_cell/bias(8,)"}));
  EXPECT_EQ(names(GRU(2)),
            (Names{"gru_cell/kernel(3, 6)", "gru_cell/recurrent_kernel(2, 6)", "gru_cell/bias(2, 6)"}));
  EXPECT_EQ(names(GRU(2, {.reset_after = false}))[2], "gru_cell/bias(6,)");
  EXPECT_EQ(names(SimpleRNN(2, {.use_bias = false})),
            (Names{"simple_rnn_cell/kernel(3, 2)", "simple_rnn_cell/recurrent_kernel(2, 2)"}));
}

TEST(RecurrentLayers, ForgetGatesStartOpen) {
  const LSTM lstm(2, {.bias_initializer = Initializer::constant(0.5)});
  lstm(input({kUnknown, 4, 3}));
  EXPECT_EQ(list(lstm.weights()[2].value()), (std::vector<float>{0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 0.5}));
  const LSTM other(1, {.unit_forget_bias = false});
  other(input({kUnknown, 4, 3}));
  EXPECT_EQ(list(other.weights()[2].value()), (std::vector<float>{0, 0, 0, 0}));
}

TEST(RecurrentLayers, PromiseTheirShapes) {
  const Value x = input({kUnknown, kUnknown, 3});
  const auto shapes = [](const Values& values) {
    std::vector<Shape> all;
    for (const Value& value : values) all.push_back(value.shape());
    return all;
  };
  EXPECT_EQ(shapes(LSTM(2, {.return_sequences = true, .return_state = true}).call({x})),
            (std::vector<Shape>{{kUnknown, kUnknown, 2}, {kUnknown, 2}, {kUnknown, 2}}));
  EXPECT_EQ(shapes(Bidirectional(GRU(2, {.return_state = true})).call({x})),
            (std::vector<Shape>{{kUnknown, 4}, {kUnknown, 2}, {kUnknown, 2}}));
  EXPECT_EQ(shapes(Bidirectional(GRU(2, {.return_sequences = true}), {.merge_mode = ""}).call({x})),
            (std::vector<Shape>{{kUnknown, kUnknown, 2}, {kUnknown, kUnknown, 2}}));
}

// Products with inputs are taken out of the scan, also where inputs are dropped.
TEST(RecurrentLayers, MultiplyAllInputsAtOnce) {
  for (const double rate : {0.0, 0.5}) {
    const TracedCall call = trace_layer(LSTM(4, {.dropout = rate}), {{{2, 3, 5}, DType::float32}}, true);
    int scans = 0;
    for (const Node* node : call.graph.nodes())
      if (const auto* scan = dynamic_cast<const ScanOp*>(node->op.get())) {
        ++scans;
        EXPECT_EQ(scan->body().slices.size(), 1u);
        EXPECT_EQ(scan->body().slices[0].shape(), (Shape{2, 16}));
      }
    EXPECT_EQ(scans, 1);
  }
}

TEST(StatefulLayers, GoOnWhereTheyWere) {
  const Tensor x = numbers({2, 6, 3});
  for (const bool masked : {false, true})
    for (const auto& make : std::vector<std::function<RecurrentLayer(bool)>>{
             [](bool keep) { return LSTM(2, {.stateful = keep}); },
             [](bool keep) { return GRU(2, {.return_sequences = true, .stateful = keep}); },
             [](bool keep) { return Bidirectional(SimpleRNN(2, {.stateful = keep})); },
             [](bool keep) {
               return RNN({LSTMCell(2), GRUCell(2)}, {.stateful = keep});
             }}) {
      set_random_seed(2);
      const Value in = Input({6, 3}, {.batch_size = 2});
      const Value steps = masked ? Masking(5)(in) : in;
      const RecurrentLayer layer = make(true);
      const Model model(in, layer(steps));
      const std::vector<Parameter> states = layer.states();
      const Tensor first = model.predict(x, 2), second = model.predict(x, 2);
      EXPECT_EQ(layer.states().size(), states.size());
      // The same by hand.
      const Value again = Input({6, 3});
      Values initial;
      for (const Parameter& state : states) initial.push_back(Input({state.shape()[1]}));
      const RecurrentLayer plain = make(false);
      const Value y = plain(masked ? Masking(5)(again) : again, {.initial_state = initial});
      Values inputs = {again};
      inputs.insert(inputs.end(), initial.begin(), initial.end());
      const Model by_hand(inputs, {y});
      by_hand.set_weights(model.get_weights());
      std::vector<Tensor> given = {x};
      for (const Parameter& state : states) given.push_back(Tensor::filled(state.shape(), 0));
      expect_same(first, by_hand.predict(given)[0]);
      reset_state(model);
      for (const Parameter& state : states)
        for (int64_t i = 0; i < state.shape().count(); ++i) EXPECT_EQ(state.value().at(i), 0);
      expect_same(model.predict(x, 2), first);
      for (size_t i = 0; i < states.size(); ++i) given[1 + i] = states[i].value().clone();
      expect_same(second, by_hand.predict(given)[0]);
      // Each batch of a call goes on where the one before has ended.
      layer.reset_state();
      Tensor twice({4, 6, 3});
      for (int64_t i = 0; i < twice.count(); ++i) twice.set(i, x.at(i % x.count()));
      const Tensor both = model.predict(twice, 2);
      expect_same(rows(both, 0, 2), first);
      expect_same(rows(both, 2, 2), second);
    }
}

TEST(StatefulLayers, StatesAreNoWeights) {
  const Value x = Input({4, 3}, {.batch_size = 2});
  const LSTM layer(2, {.stateful = true, .name = "memory"});
  const Model model(x, layer(x));
  EXPECT_EQ(model.get_weights().size(), 3u);
  ASSERT_EQ(layer.states().size(), 2u);
  EXPECT_EQ(layer.states()[0].shape(), (Shape{2, 2}));
  EXPECT_FALSE(layer.states()[0].trainable());
}

TEST(StatefulLayers, WantBatchesOfOneSize) {
  const Value x = Input({4, 3});
  const GRU layer(2, {.stateful = true, .name = "g"});
  const Model model(x, layer(x));
  EXPECT_TRUE(layer.states().empty());
  model.predict(numbers({3, 4, 3}), 3);
  EXPECT_EQ(layer.states()[0].shape(), (Shape{3, 2}));
  EXPECT_EQ(
      error_of([&] {
        model.predict(numbers({2, 4, 3}), 3);
      }),
      "GRU \"g\": is stateful and keeps the states of 3 rows, got a batch of 2; give every batch as many "
      "rows, by the batch size of Input and of the call");
}

TEST(StatefulLayers, TrainOnSequencesInParts) {
  // The second half of each sequence follows the first; only who remembers can tell the target.
  const Value x = Input({1, 1}, {.batch_size = 8});
  const Model model(x, Dense(1)(SimpleRNN(4, {.stateful = true})(x)));
  model.compile({.optimizer = Adam(0.02), .loss = "mse"});
  RandomNumbers random(3);
  double loss = 0;
  for (int step = 0; step < 300; ++step) {
    const Tensor first = random.tensor({8, 1, 1}, -1, 1, DType::float32), none({8, 1, 1});
    Tensor target({8, 1});
    for (int64_t i = 0; i < 8; ++i) target.set(i, first.at(i));
    reset_state(model);
    model.predict(first, 8);
    loss = model.train_on_batch({none, target})[0].second;
  }
  EXPECT_LT(loss, 0.02);  // 0.33 without a memory
}

TEST(RecurrentDropout, IsTheSameAtEveryStep) {
  const Tensor ones = Tensor::filled({3, 5, 4}, 1);
  // Identity kernels add up what is left of the inputs.
  const SimpleRNN layer(4, {.activation = "linear",
                            .kernel_initializer = "identity",
                            .recurrent_initializer = "identity",
                            .dropout = 0.5,
                            .return_sequences = true});
  const Tensor y = run_layer(layer, {ones}, {.training = true});
  int dropped = 0;
  for (int64_t row = 0; row < 3; ++row)
    for (int64_t f = 0; f < 4; ++f) {
      const double first = y.at(row * 20 + f);
      EXPECT_TRUE(first == 0 || first == 2);
      dropped += first == 0;
      for (int64_t t = 1; t < 5; ++t)
        EXPECT_EQ(y.at(row * 20 + t * 4 + f), first * static_cast<double>(t + 1));
    }
  EXPECT_TRUE(dropped > 0 && dropped < 12);
  const Tensor kept = run_layer(layer, {ones});
  EXPECT_EQ(kept.at(4), 2);  // nothing is dropped in predictions
}

TEST(RecurrentDropout, OfStatesIsDrawnForEachGate) {
  const auto draws = [](const Layer& layer) {
    const TracedCall call = trace_layer(layer, {{{2, 3, 5}, DType::float32}}, true);
    std::vector<int64_t> widths;
    for (const Node* node : call.graph.nodes())
      if (node->op->name() == "Dropout") widths.push_back(node->outputs[0].shape[1]);
    std::sort(widths.begin(), widths.end());
    return widths;
  };
  using Widths = std::vector<int64_t>;
  EXPECT_EQ(draws(LSTM(4, {.dropout = 0.1})), (Widths{5}));
  EXPECT_EQ(draws(LSTM(4, {.recurrent_dropout = 0.1})), (Widths{16}));
  EXPECT_EQ(draws(LSTM(4, {.dropout = 0.1, .recurrent_dropout = 0.1})), (Widths{16, 20}));
  EXPECT_EQ(draws(GRU(4, {.dropout = 0.1, .recurrent_dropout = 0.1})), (Widths{12, 15}));
  EXPECT_EQ(draws(SimpleRNN(4, {.dropout = 0.1, .recurrent_dropout = 0.1})), (Widths{4, 5}));
}

TEST(OwnCell, GoesAlongSequences) {
  const Tensor x = floats({1, 4, 1}, {2, 4, 9, 1});
  EXPECT_EQ(list(run_layer(RNN(running_mean(), {.return_sequences = true}), {x})),
            (std::vector<float>{2, 3, 5, 4}));
  EXPECT_EQ(list(run_layer(RNN(running_mean()), {x})), (std::vector<float>{4}));
  EXPECT_EQ(list(run_layer(RNN(running_mean(), {.return_sequences = true, .go_backwards = true}), {x})),
            (std::vector<float>{1, 5, 14.0F / 3, 4}));
}

TEST(OwnCell, WithMasks) {
  const auto run = [](const RNNOptions& options) {
    const Value x = Input({4, 1});
    const Model model(x, RNN(running_mean(), options)(Masking(0)(x)));
    return list(model.predict(floats({3, 4, 1}, {0, 4, 0, 2, 6, 8, 0, 0, 0, 0, 0, 0})));
  };
  using Floats = std::vector<float>;
  EXPECT_EQ(run({}), (Floats{3, 7, 0}));
  EXPECT_EQ(run({.return_sequences = true}), (Floats{0, 4, 4, 3, 6, 7, 7, 7, 0, 0, 0, 0}));
  EXPECT_EQ(run({.return_sequences = true, .zero_output_for_mask = true}),
            (Floats{0, 4, 0, 3, 6, 7, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(run({.zero_output_for_mask = true}), (Floats{3, 0, 0}));
}

TEST(OwnCell, BothWaysWithinAScope) {
  const auto both = [] { return Bidirectional(RNN(running_mean(), {.return_sequences = true})); };
  EXPECT_NE(error_of(both).find("\"RunningMean\" is not known"), std::string::npos);
  const CustomObjectScope scope({{"RunningMean", "the mean so far", []() -> std::shared_ptr<LayerBody> {
                                    return std::make_shared<RunningMeanBody>();
                                  }}});
  EXPECT_EQ(list(run_layer(both(), {floats({1, 3, 1}, {2, 4, 9})})),
            (std::vector<float>{2, 5, 3, 6.5, 5, 9}));
}

TEST(RecurrentLayers, CarryMasksOfSequencesOnly) {
  const auto has_mask = [](const Layer& layer) {
    const Values masks = layer.body().compute_masks({input({2, 3, 1})}, {input({2, 3})});
    return !masks.empty() && masks[0].defined();
  };
  EXPECT_FALSE(has_mask(LSTM(2)));
  EXPECT_TRUE(has_mask(LSTM(2, {.return_sequences = true})));
  EXPECT_FALSE(has_mask(Bidirectional(LSTM(2))));
  EXPECT_TRUE(has_mask(Bidirectional(LSTM(2, {.return_sequences = true}))));
}

TEST(BidirectionalLayer, NamesItsParts) {
  const Bidirectional layer(LSTM(2, {.name = "words"}), {.name = "b"});
  const auto children = layer.body().children();
  EXPECT_EQ(children[0].second->name(), "forward_words");
  EXPECT_EQ(children[1].second->name(), "backward_words");
  const Layer again = from_config<Bidirectional>(layer.body().config(), "b", "m");
  EXPECT_EQ(again.body().children()[0].second->name(), "forward_words");
}

TEST(RecurrentLayers, ExplainMisfits) {
  const Value x = input({kUnknown, 4, 3});
  EXPECT_EQ(error_of([] { LSTM(0); }), "LSTM: units: expected at least 1, got 0");
  EXPECT_EQ(error_of([] { GRU(2, {.activation = "tan"}); }).substr(0, 25), "GRU: activation: expected");
  EXPECT_EQ(
      error_of([] {
        GRU(2, {.name = "g"})(input({kUnknown, 3}));
      }),
      "GRU \"g\": expects at least 3 dimensions (batch, time, features), got (None, 3); add RepeatVector "
      "or Reshape before it");
  EXPECT_EQ(error_of([&] {
              LSTM(2, {.name = "l"})(x, {.initial_state = input({kUnknown, 2})});
            }),
            "LSTM \"l\": initial_state: expected 2 states, got 1");
  EXPECT_EQ(error_of([&] {
              GRU(2, {.name = "g"})(x, {.initial_state = input({kUnknown, 3})});
            }),
            "GRU \"g\": initial_state: expected (None, 2) for state 0, got (None, 3)");
  EXPECT_EQ(
      error_of([] { RNN(Dense(2, {.name = "d"})); }),
      "RNN: cell: expected a recurrent cell, got Dense \"d\"; take LSTMCell, GRUCell, SimpleRNNCell, or "
      "one of your own");
  EXPECT_EQ(error_of([] { RNN(std::vector<Layer>{}); }),
            "StackedRNNCells: cells: expected at least one, got none");
  EXPECT_EQ(error_of([] { Bidirectional(Dense(2, {.name = "d"})); }),
            "Bidirectional: layer: expected a recurrent layer such as LSTM, got Dense \"d\"");
  EXPECT_EQ(
      error_of([] { Bidirectional(LSTM(2), {.backward_layer = LSTM(2)}); }),
      "Bidirectional: go_backwards: expected one layer to go forward and the other backward, got false of "
      "both");
  EXPECT_EQ(error_of([] {
              Bidirectional(LSTM(2),
                            {.backward_layer = GRU(2, {.return_state = true, .go_backwards = true})});
            }),
            "Bidirectional: return_state: expected the same of both layers, got false and true");
  Json config = LSTM(2).body().config();
  config["implementation"] = 1, config["time_major"] = false;
  from_config<LSTM>(config, "l", "m");
  config["time_major"] = true;
  EXPECT_EQ(error_of([&] { from_config<LSTM>(config, "l", "m"); }),
            "m: time_major: true is not supported; save the model without it");
}

}  // namespace
}  // namespace folio
