// What calls of layers are told, and what they leave behind.
#include <gtest/gtest.h>

#include "folio/folio.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

/// x · how often it has run before.
class CounterBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Counter"; }
  void build(const std::vector<Shape>&) override { count_ = add_state("count", {}, floatx()); }
  Values call(const LayerCall& call, Effects& effects) override {
    effects.updates.push_back({count_, Value(count_) + 1.0});
    return {call.input() * Value(count_)};
  }

 private:
  Parameter count_;
};

/// Takes one of each kind and adds them up.
class SumBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Sum"; }
  CallArgumentList arguments() const override {
    CallArgument factor{"factor", CallArgument::Kind::number, 2};
    return {CallArgument::values("terms"), CallArgument::flag("negative"), factor};
  }
  Values call(const LayerCall& call, Effects&) override {
    Value y = call.input() * call.number("factor");
    for (const Value& term : call.values("terms")) y = y + term;
    return {call.flag("negative") ? -y : y};
  }
};

/// Calls one layer twice: as in training, and as told.
class TwiceBody final : public LayerBody {
 public:
  explicit TwiceBody(Layer inner) : inner_(std::move(inner)) {}
  std::string class_name() const override { return "Twice"; }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    return {{"inner", inner_.handle()}};
  }
  void build(const std::vector<Shape>& inputs) override { inner_.body().ensure_built(inputs); }
  Values call(const LayerCall& call, Effects& effects) override {
    return {call_within(call, effects, inner_, call.inputs, {.training = true})[0],
            call_within(call, effects, inner_, call.inputs)[0]};
  }

 private:
  Layer inner_;
};

double only(const Tensor& tensor) { return tensor.at(0); }

TEST(Calls, UpdatesCountWhateverAPlanIsFor) {
  const Layer counter(make_body<CounterBody>("", true));
  const Value x = Input({1});
  const Model model(x, counter(x));
  const Tensor one = Tensor::filled({1, 1}, 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(only(model.predict(one)), i);
  model.compile({.optimizer = SGD(0), .loss = "mse"});
  EXPECT_EQ(model.evaluate(Data(one, one))[0].second, 4);  // (3 - 1)²
  model.train_on_batch(Data(one, one));
  EXPECT_EQ(only(model.predict(one)), 5);
  EXPECT_EQ(only(counter.get_weights()[0]), 6);
}

TEST(Calls, StatisticsMoveInTrainingAlone) {
  const BatchNormalization layer({.momentum = 0.5});
  const Value x = Input({1});
  const Model model(x, layer(x));
  const Tensor data = Tensor::of<float>({2, 1}, {7, 9});
  model.predict(data);
  EXPECT_EQ(only(layer.get_weights()[2]), 0);
  // Unless the call itself is one in training.
  const Model always(x, layer(x, {.training = true}));
  always.predict(data);
  EXPECT_EQ(only(layer.get_weights()[2]), 4);
}

TEST(Calls, TakeArgumentsByName) {
  const Layer sum(make_body<SumBody>("", true));
  const Value a = input({2}), b = input({2});
  const auto result = [&](const CallOptions& options) {
    Effects effects;
    const Value y = sum(a, options);
    const Values traced = retrace({y}, {a, b}, {.inputs = {a, b}}, effects).values;
    return list(compile({{a, b}, traced, {}})({floats({2}, {1, 2}), floats({2}, {10, 20})})[0]);
  };
  EXPECT_EQ(result({}), (std::vector<float>{2, 4}));
  EXPECT_EQ(result({.others = {{"terms", Values{b, a}}, {"negative", true}}}),
            (std::vector<float>{-13, -26}));
  EXPECT_EQ(result({.others = {{"factor", 3.0}}}), (std::vector<float>{3, 6}));
  EXPECT_EQ(result({.training = true}), (std::vector<float>{2, 4})) << "every call has a phase";
}

TEST(Calls, RefuseOtherArguments) {
  const Layer sum(make_body<SumBody>("s", true));
  const Value x = input({2});
  EXPECT_EQ(error_of([&] { sum(x, {.initial_state = x}); }),
            "Sum \"s\": initial_state: expected no such argument, got values; a call takes terms, negative, "
            "factor");
  EXPECT_NE(error_of([&] {
              sum(x, {.others = {{"negative", 1.0}}});
            }).find("negative: expected another kind of argument, got a number"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              sum(x, {.others = {{"terms", Values{Value()}}}});
            }).find("undefined value"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              Layer(Dense(2))(input({1, 2}), {.use_causal_mask = true});
            }).find("a call takes its inputs alone"),
            std::string::npos);
}

// Inner layers are told what the outer ones are, but for what their call says; and every random call has a
// place of its own.
TEST(Calls, ReachInnerLayers) {
  const Layer twice(make_body<TwiceBody>("", true, Dropout(0.5)));
  const Value x = input({100, 10}), step = constant(0, DType::int64);
  const Values outputs = twice.call({x});
  for (const bool training : {false, true}) {
    Effects effects;
    const Values y =
        retrace(outputs, {x}, {.inputs = {x}, .training = training, .step = step}, effects).values;
    EXPECT_EQ(effects.next_site, 2u);
    const auto results = compile({{x}, y, {}})({Tensor::filled({100, 10}, 1)});
    int zeros[2] = {0, 0};
    for (int i : {0, 1})
      for (float value : list(results[static_cast<size_t>(i)])) zeros[i] += value == 0;
    EXPECT_NEAR(zeros[0], 500, 80);
    EXPECT_NEAR(zeros[1], training ? 500 : 0, training ? 80 : 0);
    EXPECT_NE(list(results[0]), list(results[1]));
  }
}

TEST(Calls, PenaltiesOfInnerLayersAreAddedUp) {
  const Layer inner = Dense(2, {.activity_regularizer = "l2"});
  const Layer twice(make_body<TwiceBody>("", true, inner)), distributed = TimeDistributed(inner);
  const Value x = input({1, 2}), steps = input({1, 3, 2});
  Effects effects, of_distributed;
  retrace(twice.call({x}), {x}, {.inputs = {x}}, effects);
  EXPECT_EQ(effects.losses.size(), 2u);
  // Keras leaves the penalty out there.
  retrace({distributed(steps)}, {steps}, {.inputs = {steps}}, of_distributed);
  EXPECT_EQ(of_distributed.losses.size(), 0u);
}

// A model inside knows the masks of its own outputs, which have other rows than the outer layer's.
TEST(Calls, MasksOfAModelInsideStayInside) {
  const Value words = Input({4, 3}), inner_words = Input({3});
  const Model inner(inner_words, Embedding(5, 2, {.mask_zero = true})(inner_words));
  const Value y = TimeDistributed(inner)(words);
  Effects effects;
  const Value actual = input({2, 4, 3});
  const auto traced = retrace({y}, {words}, {.inputs = {actual}}, effects);
  EXPECT_EQ(traced.values[0].shape(), (Shape{2, 4, 3, 2}));
  EXPECT_FALSE(traced.masks[0].defined());
}

TEST(Calls, ATrainingStepOfOnesOwn) {
  set_random_seed(3);
  const Value x = Input({4});
  const Model model(x, Dense(1)(Dropout(0.5)(BatchNormalization({.momentum = 0})(x))));
  const SGD optimizer(0.1);
  const Value batch = input({8, 4}), target = input({8, 1});
  Effects effects;
  const TraceOptions options{.training = true, .step = optimizer->iterations()};
  const Value y = model.trace(batch, effects, options), z = model.trace(batch, effects, options);
  EXPECT_EQ(effects.next_site, 2u);
  EXPECT_EQ(effects.updates.size(), 2u) << "a layer that is called twice moves twice, in one update";
  const Value loss = mean(square(y - target));
  const auto weights = model.trainable_weights();
  std::vector<Update> updates =
      optimizer->updates(weights, gradients(loss, Values(weights.begin(), weights.end())));
  updates.insert(updates.end(), effects.updates.begin(), effects.updates.end());
  const Plan plan = compile({{batch, target}, {loss, y, z}, updates});
  Tensor data({8, 4});
  for (int64_t i = 0; i < 32; ++i) data.set(i, static_cast<double>(i % 7));
  const auto first = plan({data, Tensor({8, 1})}), second = plan({data, Tensor({8, 1})});
  EXPECT_NE(list(first[1]), list(first[2])) << "two traces, two patterns";
  EXPECT_NE(list(first[1]), list(second[1])) << "two steps, two patterns";
  EXPECT_EQ(only(optimizer->iterations().value()), 2);
  double mean_of_first = 0;
  for (int64_t row = 0; row < 8; ++row) mean_of_first += data.at(row * 4) / 8;
  EXPECT_NEAR(model.layers()[1].get_weights()[2].at(0), mean_of_first, 1e-5);
  // Otherwise the model is as it predicts.
  Effects none;
  EXPECT_EQ(list(compile({{batch}, {model.trace(batch, none)}, {}})({data})[0]), list(model.predict(data)));
  EXPECT_TRUE(none.updates.empty());
}

TEST(Calls, RandomLayersAskForTheStep) {
  const Value x = Input({4});
  const Model model(x, Dropout(0.5, {.name = "d"})(x));
  Effects effects;
  EXPECT_NE(error_of([&] {
              model.trace(input({2, 4}), effects, {.training = true});
            }).find("Dropout \"d\": needs the number of the step while training"),
            std::string::npos);
}

}  // namespace
}  // namespace folio
