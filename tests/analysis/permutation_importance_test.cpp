#include "folio/analysis/permutation_importance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "folio/layers/all.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

/// y = 3 a + c - d, which the model knows: a one feature, c and d together one column, b said nowhere.
struct Known {
  Model model;
  Data data;
};

Known known(int64_t rows) {
  const Sequential model({Input({4}), Dense(1, {.use_bias = false})});
  model.compile({.optimizer = "sgd", .loss = "mse", .metrics = {"mae"}});
  model.set_weights({Tensor::of<float>({4, 1}, {3, 0, 1, -1})});
  const Tensor x = RandomNumbers(4).tensor({rows, 4}, -1, 1, DType::float32);
  return {model, {x, model.predict(x).clone()}};
}

const std::vector<std::pair<std::string, int64_t>> kColumns = {{"a", 1}, {"b", 1}, {"c and d", 2}};

TEST(PermutationImportance, IsTheGrowthOfTheLoss) {
  const auto [model, data] = known(60);
  const auto got = permutation_importance(model, data, kColumns, {.repeats = 4, .seed = 9});
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got[0].name, "a");
  EXPECT_EQ(got[1].name, "c and d");
  EXPECT_EQ(got[2].name, "b");
  EXPECT_EQ(got[2].mean, 0);
  EXPECT_EQ(got[2].spread, 0);
  // By hand: the first four passes are those of a, the last four those of c and d, whose features move
  // together.
  const auto by_hand = [&, &data = data](int64_t first_pass, const std::vector<double>& weights) {
    double sum = 0, squares = 0;
    for (int64_t pass = first_pass; pass < first_pass + 4; ++pass) {
      const auto order = shuffled_order(60, 9, pass);
      double loss = 0;
      for (int64_t r = 0; r < 60; ++r) {
        double error = 0;
        for (int64_t f = 0; f < 4; ++f)
          error += weights[static_cast<size_t>(f)] *
                   (data.x[0].at(order[static_cast<size_t>(r)] * 4 + f) - data.x[0].at(r * 4 + f));
        loss += error * error / 60;
      }
      sum += loss, squares += loss * loss;
    }
    return std::make_pair(sum / 4, std::sqrt(squares / 4 - sum * sum / 16));
  };
  EXPECT_NEAR(got[0].mean, by_hand(0, {3, 0, 0, 0}).first, 1e-4);
  EXPECT_NEAR(got[0].spread, by_hand(0, {3, 0, 0, 0}).second, 1e-4);
  EXPECT_NEAR(got[1].mean, by_hand(8, {0, 0, 1, -1}).first, 1e-4);
}

TEST(PermutationImportance, LeavesTheDataAloneAndTakesTheFirstRows) {
  const auto [model, data] = known(50);
  const Tensor before = data.x[0].clone();
  const auto all = permutation_importance(model, data, kColumns);
  const auto some = permutation_importance(model, data, kColumns, {.most_rows = 20});
  const auto first = permutation_importance(model, data.slice(0, 20), kColumns);
  for (int64_t i = 0; i < before.count(); ++i) ASSERT_EQ(data.x[0].at(i), before.at(i));
  EXPECT_NE(all[0].mean, some[0].mean);
  EXPECT_EQ(some[0].mean, first[0].mean);
  EXPECT_NE(permutation_importance(model, data, kColumns, {.seed = 2})[0].mean, all[0].mean);
}

TEST(PermutationImportance, SaysWhatDoesNotFit) {
  const auto [model, data] = known(8);
  const auto error = [&, &model = model](const Data& rows, auto columns) {
    return error_of([&] { permutation_importance(model, rows, columns); });
  };
  auto few = kColumns;
  few.pop_back();
  EXPECT_NE(error(data, few).find("with 2 features, got (8, 4)"), std::string::npos);
  EXPECT_NE(error(data.slice(0, 1), kColumns).find("at least 2 rows"), std::string::npos);
  EXPECT_NE(error(Data(), kColumns).find("got none"), std::string::npos);
}

}  // namespace
}  // namespace folio
