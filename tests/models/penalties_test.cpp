// Penalties of weights in models: in the loss of training and of evaluation, once for each weight however
// often its layer is called, none of frozen layers, those of models inside; beside weights of samples.
// golden/make_penalties.py made the figures.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/layers/all.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Layer dense(double value, const Regularizer& regularizer = {}) {
  return Dense(1, {.use_bias = false,
                   .kernel_initializer = Initializer::constant(value),
                   .kernel_regularizer = regularizer});
}

Model network(const std::string& name) {
  const Regularizer l2 = Regularizer::l2(0.1);
  const Value x = Input({2});
  if (name == "plain") return Sequential({Input({2}), dense(0.5, l2)});
  if (name == "l1_l2") return Sequential({Input({2}), dense(0.5, Regularizer::l1_l2(0.2, 0.1))});
  const Layer first = dense(0.5, l2);
  if (name == "shared") return Model(x, Add().call({first(x), first(Rescaling(2)(x))})[0]);
  if (name == "nested") {
    const Sequential inner({Input({2}), first});
    return Model(x, dense(1)(inner(x)));
  }
  first.set_trainable(false);
  return Sequential({Input({2}), first, dense(1)});
}

TEST(Penalties, AreThoseOfKeras) {
  const Json golden = Json::parse(read_text_file(golden_path(__FILE__, "penalties.json")));
  EXPECT_EQ(golden.size(), 10u);
  for (const auto& [name, wanted] : golden.items()) {
    SCOPED_TRACE(name);
    const bool weighted = name.ends_with(" weighted");
    const Model model = network(name.substr(0, name.find(' ')));
    model.compile({.optimizer = SGD(0.1), .loss = "mse"});
    Data data(Tensor::of<float>({3, 2}, {1, 2, 3, -1, 0, 1}), Tensor::of<float>({3, 1}, {1, 0, 2}));
    EXPECT_NEAR(model.evaluate(data, 2)[0].second, wanted["evaluate"].get<double>(), 1e-5);
    if (weighted) data.sample_weight = Tensor::of<float>({3}, {1, 3, 0.5});
    const History history = model.fit(data, {.batch_size = 2, .verbose = 0, .shuffle = false});
    EXPECT_NEAR(history["loss"][0], wanted["loss"][0].get<double>(), 1e-5);
    std::vector<double> weights;
    for (const Tensor& tensor : model.get_weights())
      for (int64_t i = 0; i < tensor.count(); ++i) weights.push_back(tensor.at(i));
    ASSERT_EQ(weights.size(), wanted["weights"].size());
    for (size_t i = 0; i < weights.size(); ++i)
      EXPECT_NEAR(weights[i], wanted["weights"][i].get<double>(), 1e-5);
  }
}

}  // namespace
}  // namespace folio
