// A bound step gives what the model's own calls give, also after the model has changed.
#include "folio/models/bound_step.h"

#include <gtest/gtest.h>

#include "folio/folio.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> all;
  for (int64_t i = 0; i < tensor.count(); ++i) all.push_back(tensor.at(i));
  return all;
}

Model classifier() {
  set_random_seed(1);
  const Sequential model(
      {Input({5}), Dense(7, {.activation = "relu", .name = "hidden"}), Dropout(0.3), Dense(3)});
  model.compile(
      {.optimizer = Adam(0.01), .loss = sparse_categorical_crossentropy(true), .metrics = {"accuracy"}});
  return model;
}

Data points(int64_t rows) {
  RandomNumbers random(6);
  Tensor y({rows}, DType::int32);
  for (int64_t r = 0; r < rows; ++r) y.set(r, static_cast<double>(random.whole(0, 2)));
  return {random.tensor({rows, 5}, -1, 1, DType::float32), y};
}

TEST(BoundStep, PredictsAsTheModel) {
  const Model model = classifier();
  for (const int64_t batch : {1, 3, 16}) {
    BoundStep step = model.bind({.batch_size = batch});
    for (int again = 0; again < 3; ++again) {
      const Data data = points(batch);
      step.input().assign(data.x[0]);
      step.run();
      EXPECT_EQ(numbers(step.output()), numbers(model.predict(data.x[0])));
      model.train_on_batch(data);  // weights may change at any time
    }
  }
}

TEST(BoundStep, TrainsAndEvaluatesAsTheModel) {
  const Model model = classifier(), twin = classifier();
  const Data data = points(12);
  BoundStep train = model.bind({.batch_size = 12, .purpose = Purpose::train, .weighted = true}),
            evaluate = model.bind({.batch_size = 12, .purpose = Purpose::evaluate});
  for (BoundStep* step : {&train, &evaluate}) {
    step->input().assign(data.x[0]);
    step->target().assign(data.y[0]);
  }
  train.sample_weight().fill(2);
  Data weighted = data;
  weighted.sample_weight = Tensor::filled({12}, 2);
  for (int i = 0; i < 4; ++i) {
    train.run();
    EXPECT_EQ(train.logs(), twin.train_on_batch(weighted));
    evaluate.run();
    EXPECT_EQ(evaluate.logs(), twin.evaluate(data));
  }
}

TEST(BoundStep, FollowsTheModel) {
  const Model model = classifier();
  const Data data = points(4);
  BoundStep step = model.bind({.batch_size = 4, .purpose = Purpose::train});
  step.input().assign(data.x[0]);
  step.target().assign(data.y[0]);
  const void* place = step.input().raw();
  const auto kernel = [&] { return numbers(model.layer("hidden").weights()[0].value()); };
  auto before = kernel();
  model.layer("hidden").set_trainable(false);
  step.run();
  EXPECT_EQ(kernel(), before);
  model.layer("hidden").set_trainable(true);
  step.run();
  EXPECT_NE(kernel(), before);
  before = kernel();
  model.compile({.optimizer = SGD(0.0), .loss = sparse_categorical_crossentropy(true)});
  step.run();
  EXPECT_EQ(kernel(), before);
  EXPECT_EQ(step.input().raw(), place);

  const Sequential grows({Input({2}), Dense(2, {.kernel_initializer = "ones"})});
  BoundStep predict = grows.bind();
  predict.input().fill(1);
  predict.run();
  EXPECT_EQ(numbers(predict.output()), (std::vector<double>{2, 2}));
  grows.add(Dense(1, {.kernel_initializer = "ones"}));
  predict.run();
  EXPECT_EQ(numbers(predict.output()), (std::vector<double>{4}));
}

TEST(BoundStep, TakesShapesThatTheModelLeavesOpen) {
  const Value x = Input({kUnknown, 2});
  const Model model(x, GlobalMaxPooling1D()(x));
  EXPECT_NE(error_of([&] { model.bind(); }), "");
  EXPECT_NE(error_of([&] { model.bind({.shapes = {{4, 3}}}); }), "");
  EXPECT_NE(error_of([&] { model.bind({.shapes = {{4, 2}, {1}}}); }), "");
  EXPECT_NE(error_of([&] { model.bind({.purpose = Purpose::evaluate, .shapes = {{4, 2}}}); }), "");
  BoundStep step = model.bind({.batch_size = 2, .shapes = {{4, 2}}});
  for (int64_t i = 0; i < 16; ++i) step.input().set(i, static_cast<double>(i));
  step.run();
  EXPECT_EQ(numbers(step.output()), (std::vector<double>{6, 7, 14, 15}));
  EXPECT_NE(error_of([&] { step.input(1); }), "");
  EXPECT_NE(error_of([&] { step.target(); }), "");
  EXPECT_NE(error_of([&] { step.sample_weight(); }), "");
  EXPECT_NE(error_of([&] { step.logs(); }), "");
}

}  // namespace
}  // namespace folio
