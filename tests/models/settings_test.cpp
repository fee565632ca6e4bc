// Every setting of `fit` and `compile` by what it does to the numbers: a logistic regression is trained
// beside it by plain loops in double. A setting that is added without a row here does not compile.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "folio/layers/all.h"
#include "folio/models/model.h"
#include "folio/training/metrics.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

struct Row {
  double x[2], y, weight = 1;
};

std::vector<Row> rows_of(int n, uint64_t seed, bool weighted = false) {
  RandomNumbers random(seed);
  std::vector<Row> rows;
  for (int i = 0; i < n; ++i) {
    const double a = random.between(-2, 2), b = random.between(-2, 2);
    rows.push_back({{a, b}, i % 3 == 0 || a > b ? 1.0 : 0.0, weighted ? random.between(0.25, 3) : 1});
  }
  return rows;
}

Data data_of(const std::vector<Row>& rows, bool weighted = false) {
  const auto n = static_cast<int64_t>(rows.size());
  Data data(Tensor({n, 2}), Tensor({n, 1}));
  if (weighted) data.sample_weight = Tensor({n});
  for (int64_t i = 0; i < n; ++i) {
    const Row& row = rows[static_cast<size_t>(i)];
    data.x[0].set(2 * i, row.x[0]), data.x[0].set(2 * i + 1, row.x[1]);
    data.y[0].set(i, row.y);
    if (weighted) data.sample_weight.set(i, row.weight);
  }
  return data;
}

using Numbers = std::map<std::string, std::vector<double>>;

/// Logistic regression by stochastic gradient descent, from zero weights.
struct Plain {
  double w[3] = {0, 0, 0};  ///< of x0, of x1, bias
  double rate = 0.5;
  Numbers history = {};

  double probability(const Row& row) const {
    return 1 / (1 + std::exp(-(w[0] * row.x[0] + w[1] * row.x[1] + w[2])));
  }
  double loss(const Row& row) const { return -std::log(row.y > 0 ? probability(row) : 1 - probability(row)); }
  bool right(const Row& row) const { return (probability(row) > 0.5) == (row.y > 0); }

  /// What is added up over an epoch: rows, losses, hits, weights, and hits by weight.
  struct Sums {
    double rows = 0, loss = 0, right = 0, weight = 0, weighted_right = 0;
    void add(const Plain& model, const Row& row) {
      rows += 1, loss += row.weight * model.loss(row), right += model.right(row);
      weight += row.weight, weighted_right += row.weight * model.right(row);
    }
  };
  void log(const Sums& sums, const std::string& prefix) {
    history[prefix + "loss"].push_back(sums.loss / sums.rows);
    history[prefix + "accuracy"].push_back(sums.right / sums.rows);
    history[prefix + "weighted_accuracy"].push_back(sums.weighted_right / sums.weight);
  }
  void train(const std::vector<std::vector<Row>>& batches) {
    Sums sums;
    for (const std::vector<Row>& batch : batches) {
      double gradient[3] = {0, 0, 0};
      for (const Row& row : batch) {
        sums.add(*this, row);
        const double error = row.weight * (probability(row) - row.y) / static_cast<double>(batch.size());
        gradient[0] += error * row.x[0], gradient[1] += error * row.x[1], gradient[2] += error;
      }
      for (int i = 0; i < 3; ++i) w[i] -= rate * gradient[i];
    }
    log(sums, "");
  }
  void validate(const std::vector<Row>& rows) {
    Sums sums;
    for (const Row& row : rows) sums.add(*this, row);
    log(sums, "val_");
  }
};

/// Rows in batches of so many, the last of what is left.
std::vector<std::vector<Row>> cut(const std::vector<Row>& rows, size_t size) {
  std::vector<std::vector<Row>> batches;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i % size == 0) batches.emplace_back();
    batches.back().push_back(rows[i]);
  }
  return batches;
}

std::vector<Row> part(const std::vector<Row>& rows, size_t first, size_t last) {
  return {rows.begin() + static_cast<long>(first), rows.begin() + static_cast<long>(last)};
}

std::vector<Row> in_order(const std::vector<Row>& rows, uint64_t seed, int64_t pass) {
  std::vector<Row> result;
  for (int64_t i : shuffled_order(static_cast<int64_t>(rows.size()), seed, pass))
    result.push_back(rows[static_cast<size_t>(i)]);
  return result;
}

Model regression(double rate = 0.5) {
  const Sequential model(
      {Input({2}), Dense(1, {.activation = "sigmoid", .kernel_initializer = "zeros", .name = "only"})});
  model.compile({.optimizer = SGD(rate),
                 .loss = "binary_crossentropy",
                 .metrics = {"accuracy"},
                 .weighted_metrics = {metrics::BinaryAccuracy(0.5, "weighted_accuracy")}});
  return model;
}

void expect_same(const Model& model, const History& got, const Plain& plain) {
  for (const auto& [key, values] : plain.history) {
    ASSERT_TRUE(got.contains(key)) << key;
    ASSERT_EQ(got[key].size(), values.size()) << key;
    for (size_t e = 0; e < values.size(); ++e) EXPECT_NEAR(got[key][e], values[e], 2e-6) << key << " " << e;
  }
  EXPECT_EQ(got.series.size(), plain.history.size());
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(model.get_weights()[i / 2].at(i % 2), plain.w[i], 2e-6) << i;
}

/// A setting: what is asked of `fit`, and what plain loops make of it.
struct Setting {
  const char* name;
  std::function<void(FitOptions&)> set;
  std::function<void(Plain&)> plain;
};

constexpr uint64_t kSeed = 11;
const std::vector<Row> kRows = rows_of(20, 1, true), kOthers = rows_of(9, 2, true);

std::vector<Setting> settings() {
  const auto epochs = [](Plain& plain, int count, const std::vector<Row>& rows, size_t size) {
    for (int e = 0; e < count; ++e) plain.train(cut(rows, size));
  };
  return {
      {"nothing", [](FitOptions&) {}, [=](Plain& p) { epochs(p, 1, kRows, 32); }},
      {"batch_size", [](FitOptions& o) { o.batch_size = 7; }, [=](Plain& p) { epochs(p, 1, kRows, 7); }},
      {"epochs", [](FitOptions& o) { o.epochs = 3; }, [=](Plain& p) { epochs(p, 3, kRows, 32); }},
      {"initial_epoch", [](FitOptions& o) { o.epochs = 3, o.initial_epoch = 1; },
       [=](Plain& p) { epochs(p, 2, kRows, 32); }},
      // 20 rows, of which 20 · 0.67 = 13.4 train: thirteen.
      {"validation_split", [](FitOptions& o) { o.validation_split = 0.33, o.batch_size = 5, o.epochs = 2; },
       [](Plain& p) {
         for (int e = 0; e < 2; ++e) p.train(cut(part(kRows, 0, 13), 5)), p.validate(part(kRows, 13, 20));
       }},
      {"validation_data", [](FitOptions& o) { o.validation_data = data_of(kOthers, true); },
       [](Plain& p) { p.train({kRows}), p.validate(kOthers); }},
      {"validation_data without weights", [](FitOptions& o) { o.validation_data = data_of(kOthers); },
       [](Plain& p) {
         std::vector<Row> plain_rows = kOthers;
         for (Row& row : plain_rows) row.weight = 1;
         p.train({kRows}), p.validate(plain_rows);
       }},
      {"validation_data before validation_split",
       [](FitOptions& o) { o.validation_data = data_of(kOthers, true), o.validation_split = 0.5; },
       [](Plain& p) { p.train({kRows}), p.validate(kOthers); }},
      {"validation_steps",
       [](FitOptions& o) {
         o.validation_data = data_of(kOthers, true), o.batch_size = 3, o.validation_steps = 2;
       },
       [](Plain& p) { p.train(cut(kRows, 3)), p.validate(part(kOthers, 0, 6)); }},
      // Four batches of a pass: two for this epoch, two for the next, and again from the first.
      {"steps_per_epoch", [](FitOptions& o) { o.batch_size = 6, o.steps_per_epoch = 2, o.epochs = 3; },
       [](Plain& p) {
         p.train(cut(part(kRows, 0, 12), 6)), p.train(cut(part(kRows, 12, 20), 6));
         p.train(cut(part(kRows, 0, 12), 6));
       }},
      {"steps_per_epoch beyond a pass",
       [](FitOptions& o) { o.batch_size = 10, o.steps_per_epoch = 3, o.epochs = 2; },
       [](Plain& p) {
         const auto halves = cut(kRows, 10);
         p.train({halves[0], halves[1], halves[0]}), p.train({halves[1], halves[0], halves[1]});
       }},
      {"shuffle", [](FitOptions& o) { o.shuffle = true, o.batch_size = 4, o.epochs = 2; },
       [](Plain& p) {
         for (int e = 0; e < 2; ++e) p.train(cut(in_order(kRows, kSeed, e), 4));
       }},
      {"shuffle from an initial epoch on",
       [](FitOptions& o) { o.shuffle = true, o.batch_size = 4, o.epochs = 3, o.initial_epoch = 2; },
       [](Plain& p) { p.train(cut(in_order(kRows, kSeed, 2), 4)); }},
      {"shuffle behind a split",
       [](FitOptions& o) { o.shuffle = true, o.batch_size = 4, o.validation_split = 0.5; },
       [](Plain& p) {
         p.train(cut(in_order(part(kRows, 0, 10), kSeed, 0), 4)), p.validate(part(kRows, 10, 20));
       }},
      // Times the weights of samples, and for training alone.
      {"class_weight",
       [](FitOptions& o) {
         o.class_weight = {{1, 3.0}, {0, 0.5}}, o.batch_size = 7, o.validation_split = 0.25;
       },
       [](Plain& p) {
         std::vector<Row> rows = part(kRows, 0, 15);
         for (Row& row : rows) row.weight *= row.y > 0 ? 3 : 0.5;
         p.train(cut(rows, 7)), p.validate(part(kRows, 15, 20));
       }},
      {"class_weight of one class",
       [](FitOptions& o) {
         o.class_weight = {{0, 4.0}};
       },
       [](Plain& p) {
         std::vector<Row> rows = kRows;
         for (Row& row : rows) row.weight *= row.y > 0 ? 1 : 4;
         p.train({rows});
       }},
      {"callbacks",
       [](FitOptions& o) {
         o.epochs = 9, o.callbacks = {LearningRateScheduler([](int e) { return e ? 0.25 : 1.0; }),
                                      LambdaCallback({.on_epoch_end = [](Training& t, int epoch, Logs&) {
                                        if (epoch == 2) t.stop();
                                      }})};
       },
       [](Plain& p) {
         for (const double rate : {1.0, 0.25, 0.25}) p.rate = rate, p.train({kRows});
         p.history["learning_rate"] = {1.0, 0.25, 0.25};
       }},
  };
}

TEST(FitSettings, DoWhatPlainLoopsDo) {
  for (const Setting& setting : settings()) {
    SCOPED_TRACE(setting.name);
    set_random_seed(kSeed);
    const Model model = regression();
    FitOptions options;
    options.verbose = 0, options.shuffle = false;
    setting.set(options);
    const History got = model.fit(data_of(kRows, true), options);
    Plain plain;
    setting.plain(plain);
    expect_same(model, got, plain);
    std::vector<int> epochs(got["loss"].size());
    std::iota(epochs.begin(), epochs.end(), options.initial_epoch);
    EXPECT_EQ(got.epochs, epochs);
  }
}

TEST(FitSettings, HaveARowEach) {
  FitOptions fit_options;
  TrainingOptions training_options;
  // Another member and these lines do not compile: it wants its row above, and its name here.
  [[maybe_unused]] auto& [batch_size, epochs, verbose, callbacks, validation_split, validation_data, shuffle,
                          class_weight, initial_epoch, steps_per_epoch, validation_steps] = fit_options;
  [[maybe_unused]] auto& [optimizer, loss, loss_weights, metrics, weighted_metrics] = training_options;
  for (const char* name : {"batch_size", "epochs", "callbacks", "validation_split", "validation_data",
                           "shuffle", "class_weight", "initial_epoch", "steps_per_epoch", "validation_steps"})
    EXPECT_EQ(
        std::ranges::count_if(settings(), [&](const Setting& s) { return s.name == std::string(name); }), 1)
        << name;
}

TEST(FitSettings, AreSilentOrNot) {
  const Model model = regression();
  for (const int verbose : {0, 1}) {
    testing::internal::CaptureStderr();
    model.fit(data_of(kRows), {.epochs = 2, .verbose = verbose, .validation_split = 0.25});
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(said.find("2/2") != std::string::npos && said.find("val_loss") != std::string::npos,
              verbose == 1)
        << said;
    EXPECT_EQ(said.empty(), verbose == 0) << said;
  }
}

// The second fit goes on from the first one's weights, and its orders are those of its own epochs.
TEST(FitSettings, GoOnFromWhatWasTrained) {
  set_random_seed(kSeed);
  const Model model = regression();
  Plain plain;
  for (int again = 0; again < 2; ++again) {
    plain.history.clear();
    plain.train(cut(in_order(kRows, kSeed, 0), 6));
    expect_same(model, model.fit(data_of(kRows, true), {.batch_size = 6, .verbose = 0}), plain);
  }
  // In two fits, epoch by epoch, as in one.
  const Model whole = regression(), pieces = regression();
  whole.fit(data_of(kRows), {.batch_size = 3, .epochs = 4, .verbose = 0});
  pieces.fit(data_of(kRows), {.batch_size = 3, .epochs = 3, .verbose = 0});
  pieces.fit(data_of(kRows), {.batch_size = 3, .epochs = 4, .verbose = 0, .initial_epoch = 3});
  for (size_t w = 0; w < 2; ++w)
    for (int64_t i = 0; i < whole.get_weights()[w].count(); ++i)
      EXPECT_EQ(whole.get_weights()[w].at(i), pieces.get_weights()[w].at(i));
}

// Two outputs, each with its own loss, weight and metric, in the order of the outputs and by name.
TEST(TrainingSettings, WeighTheLossesOfTheirOutputs) {
  const auto trained = [](const std::vector<double>& loss_weights, bool by_name) {
    const Value x = Input({2});
    const Model model({x}, {Dense(1, {.kernel_initializer = "zeros", .name = "near"})(x),
                            Dense(1, {.kernel_initializer = "zeros", .name = "far"})(x)});
    Losses losses(std::vector<Loss>{"mse", "mae"});
    if (by_name) losses = std::map<std::string, Loss>{{"far", "mae"}, {"near", "mse"}};
    model.compile({.optimizer = SGD(0.1), .loss = losses, .loss_weights = loss_weights});
    Data data(std::vector<Tensor>{Tensor::of<float>({2, 2}, {1, 0, 0, 2})},
              {Tensor::of<float>({2, 1}, {1, 3}), Tensor::of<float>({2, 1}, {-2, 4})});
    const History history = model.fit(data, {.verbose = 0, .shuffle = false});
    EXPECT_NEAR(history["near_loss"][0], (1 + 9) / 2.0, 1e-6);
    EXPECT_NEAR(history["far_loss"][0], (2 + 4) / 2.0, 1e-6);
    return std::make_pair(history["loss"][0], model.get_weights());
  };
  for (const bool by_name : {false, true})
    for (const std::vector<double>& weights : std::vector<std::vector<double>>{{}, {2, 0.5}, {0, 3}}) {
      const auto [loss, after] = trained(weights, by_name);
      const double near = weights.empty() ? 1 : weights[0], far = weights.empty() ? 1 : weights[1];
      EXPECT_NEAR(loss, near * 5 + far * 3, 1e-5);
      // d mse: the mean of -2 y x. d mae: the mean of -sign(y) x.
      EXPECT_NEAR(after[0].at(0), 0.1 * near * 1, 1e-6);
      EXPECT_NEAR(after[0].at(1), 0.1 * near * 6, 1e-6);
      EXPECT_NEAR(after[1].at(0), 0.1 * near * 4, 1e-6);
      EXPECT_NEAR(after[2].at(0), 0.1 * far * -0.5, 1e-6);
      EXPECT_NEAR(after[2].at(1), 0.1 * far * 1, 1e-6);
      EXPECT_NEAR(after[3].at(0), 0, 1e-6);
    }
}

TEST(TrainingSettings, TakeTheOptimizerThatIsGiven) {
  for (const double rate : {0.5, 0.125}) {
    const Model model = regression(rate);
    Plain plain;
    plain.rate = rate;
    plain.train({kRows});
    expect_same(model, model.fit(data_of(kRows, true), {.verbose = 0, .shuffle = false}), plain);
    EXPECT_EQ(model.optimizer()->learning_rate(), rate);
  }
}

// An epoch's order: every row once, another one for each seed and pass, and all orders alike.
TEST(ShuffledOrder, IsAFairPermutation) {
  for (const int64_t n : {1, 2, 3, 7, 100, 1025}) {
    std::vector<int64_t> order = shuffled_order(n, 3, 5);
    EXPECT_EQ(order, shuffled_order(n, 3, 5));
    if (n > 3) {
      EXPECT_NE(order, shuffled_order(n, 4, 5));
      EXPECT_NE(order, shuffled_order(n, 3, 6));
      EXPECT_NE(shuffled_order(n, 4, 5), shuffled_order(n, 5, 4));
    }
    std::sort(order.begin(), order.end());
    for (int64_t i = 0; i < n; ++i) ASSERT_EQ(order[static_cast<size_t>(i)], i);
  }
  // 24 orders of 4 rows, 500 times each on average: chi-squared of 23 degrees of freedom, above 61 by chance
  // in 1 of 40,000.
  for (const bool seeds : {true, false}) {
    std::map<std::vector<int64_t>, int> counts;
    for (int i = 0; i < 12000; ++i)
      ++counts[shuffled_order(4, seeds ? static_cast<uint64_t>(i) : 8, seeds ? 0 : i)];
    double chi = 0;
    for (const auto& [order, count] : counts) chi += (count - 500.0) * (count - 500.0) / 500;
    EXPECT_EQ(counts.size(), 24u);
    EXPECT_LT(chi, 61) << (seeds ? "over seeds" : "over passes");
  }
}

}  // namespace
}  // namespace folio
