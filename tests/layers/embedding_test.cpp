// Ids as vectors, and what happens to ids that have none.
#include "folio/layers/core/embedding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/layers/reshaping/flatten.h"
#include "folio/models/model.h"
#include "folio/ops/gather.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

using Floats = std::vector<float>;

Embedding two_rows() {
  const Embedding layer(2, 2, {.name = "e"});
  layer(input({kUnknown, 1}));
  layer.set_weights({floats({2, 2}, {1, 2, 3, 4})});
  return layer;
}

TEST(EmbeddingLayer, TakesRowsByIdsOfAnyType) {
  const Embedding layer = two_rows();
  for (const Tensor& ids :
       {floats({1, 2}, {1, 0.9F}), Tensor::of<int64_t>({1, 2}, {1, 0}), Tensor::of<uint8_t>({1, 2}, {1, 0})})
    for (const PlanOptions& options : {definitions_only(), PlanOptions{}})
      EXPECT_EQ(list(run_layer(layer, {ids}, {.compile = options})), (Floats{3, 4, 1, 2}));
}

TEST(EmbeddingLayer, ReadsNothingOutsideItsTable) {
  const Embedding layer = two_rows();
  const Tensor ids = Tensor::of<int32_t>({1, 3}, {-1, 2, 1});
  for (const PlanOptions& options : {definitions_only(), PlanOptions{}}) {
    const auto y = list(run_layer(layer, {ids}, {.compile = options}));
    for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(std::isnan(y[i]));
    EXPECT_EQ(y[4], 3);
    EXPECT_EQ(y[5], 4);
  }
  const Value values = input({3, 1}), which = input({3}, DType::int32);
  const Graph graph{{values, which}, {scatter_add(values, which, 2)}, {}};
  for (const PlanOptions& options : {definitions_only(), PlanOptions{}})
    EXPECT_EQ(list(compile(graph, options)({floats({3, 1}, {1, 2, 4}), ids.reshaped({3})})[0]),
              (Floats{0, 4}));
}

TEST(EmbeddingLayer, SumsTheSameWithAnyNumberOfThreads) {
  RandomNumbers random(3);
  const Value values = input({500, 7}), ids = input({500}, DType::int64);
  Tensor which({500}, DType::int64);
  for (int64_t i = 0; i < 500; ++i) which.set(i, static_cast<double>(random.whole(0, 40)));
  const Tensor given = random.tensor({500, 7}, -1, 1, DType::float32);
  const Graph graph{{values, ids}, {scatter_add(values, ids, 41)}, {}};
  const auto of = [&](int threads) { return list(compile(graph, {"", threads, {}})({given, which})[0]); };
  const auto one = of(1);
  for (int threads : {2, 3, 8}) EXPECT_EQ(of(threads), one);
  EXPECT_EQ(list(compile(graph, definitions_only())({given, which})[0]), one);
}

TEST(EmbeddingLayer, ModelsRefuseIdsOutsideTheTable) {
  const Model model =
      Sequential({Input({2}, {.name = "words"}), Embedding(4, 2, {.name = "e"}), Flatten(), Dense(1)});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const std::string told = "expected ids from 0 to 3, got 4 in row 1; raise input_dim of Embedding \"e\"";
  const Tensor x = floats({2, 2}, {0, 3, 4, 1}), y = floats({2, 1}, {0, 1});
  EXPECT_EQ(error_of([&] { model.predict(x); }), "prediction input, input \"words\": " + told);
  EXPECT_EQ(error_of([&] { model.fit({x, y}, {.verbose = 0}); }), "training data, input \"words\": " + told);
  EXPECT_EQ(error_of([&] { model.predict(floats({1, 2}, {0, 3})); }), "");
}

TEST(EmbeddingLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] { Embedding(0, 2); }), "Embedding: input_dim: expected at least 1, got 0");
  const auto error = [](const Json& config) {
    return error_of([&] { from_config<Embedding>(config, "e", "m"); });
  };
  EXPECT_EQ(error({{"input_dim", 3}, {"output_dim", 2}, {"embeddings_initializer", "uniform"}}), "");
  EXPECT_EQ(error({{"input_dim", 3}}), "m: output_dim: expected a whole number, got null");
  EXPECT_EQ(error({{"input_dim", 3}, {"output_dim", 2}, {"input_length", 7}}), "");
  EXPECT_EQ(error({{"input_dim", 3}, {"output_dim", 2}, {"embeddings_regularizer", "l3"}}),
            "m: embeddings_regularizer: regularizer: expected one of l1, l2, L1L2, got \"l3\"");
}

}  // namespace
}  // namespace folio
