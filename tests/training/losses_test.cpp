// All losses: as real Keras computes them (golden/make_losses.py), at extremes as their closed forms say, and
// there and back through Keras' config.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/compiler/compile.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/training/ctc.h"
#include "folio/training/loss.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Tensor tensor(const Json& shape, const Json& values, DType type = DType::float32) {
  Tensor result(Shape(shape.get<std::vector<int64_t>>()), type);
  for (size_t i = 0; i < values.size(); ++i) result.set(static_cast<int64_t>(i), values[i].get<double>());
  return result;
}

void expect_near(const Tensor& got, const Json& wanted, double tolerance, const char* what) {
  ASSERT_EQ(static_cast<size_t>(got.count()), wanted.size()) << what;
  for (int64_t i = 0; i < got.count(); ++i) {
    EXPECT_TRUE(std::isfinite(got.at(i))) << what << " " << i;
    // Keras has slopes of NaN where a class is ignored.
    if (wanted[static_cast<size_t>(i)].is_null()) continue;
    const double value = wanted[static_cast<size_t>(i)].get<double>();
    EXPECT_NEAR(got.at(i), value, tolerance * std::max(1.0, std::abs(value))) << what << " " << i;
  }
}

TEST(Losses, AreThoseOfKeras) {
  std::set<std::string> covered;
  for (const Json& entry : Json::parse(read_text_file(golden_path(__FILE__, "losses.json")))) {
    SCOPED_TRACE(entry["loss"].dump());
    const Loss loss = Loss::from_config(entry["loss"], "golden");
    covered.insert(loss.name);
    const DType target = loss.sparse() || takes_labels(loss) ? DType::int32 : DType::float32;
    const Tensor p_values = tensor(entry["shape"], entry["p"]);
    std::vector<Tensor> feed = {tensor(entry["y_shape"], entry["y"], target), p_values};
    Graph graph;
    const Value y = input(feed[0].shape(), target), p = input(p_values.shape());
    graph.inputs = {y, p};
    Value weights, mask;
    if (entry.contains("weights")) {
      feed.push_back(tensor(Json::array({entry["weights"].size()}), entry["weights"]));
      graph.inputs.push_back(weights = input(feed.back().shape()));
    }
    if (entry.contains("mask")) {
      feed.push_back(tensor(Json::array({p_values.shape()[0], p_values.shape()[1]}), entry["mask"]));
      graph.inputs.push_back(mask = input(feed.back().shape()));
    }
    const Value value = loss(y, p, weights, mask);
    graph.outputs = {value, gradients(value, {p})[0]};
    if (entry.contains("each")) graph.outputs.push_back(loss.per_sample(y, p));
    for (const PlanOptions& options : {definitions_only(), PlanOptions{"test", 1, {}}}) {
      const std::vector<Tensor> got = compile(graph, options)(feed);
      expect_near(got[0], Json::array({entry["value"]}), 2e-6, "value");
      expect_near(got[1], entry["slope"], 2e-5, "slope");
      if (!entry.contains("each")) continue;
      EXPECT_EQ(got[2].shape().dims(), entry["each_shape"].get<std::vector<int64_t>>());
      expect_near(got[2], entry["each"], 5e-6, "each");
    }
  }
  for (const LossRow& row : loss_catalog())
    EXPECT_TRUE(covered.count(row.name)) << row.name << ": add it to golden/make_losses.py";
}

// A loss of one prediction x and one target y by its closed form in double, with its slope in x.
struct ClosedForm {
  std::string name;
  Loss loss;
  std::vector<double> targets, predictions;
  std::function<double(double y, double x)> value, slope;
};

double logistic(double z) { return z >= 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z)); }
double log1pexp(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }
double sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
constexpr double kMost = 1.0f - 1e-7f;  // what float32 has for 1 - epsilon, in Keras too
bool clipped(double p) { return p < 1e-7 || p > kMost; }
double kept(double p) { return std::min(std::max(p, 1e-7), kMost); }

const std::vector<double> kReals = {0, 1e-30, -1e-30, 0.5, -1, 1, 88, -88, 1e4, -1e4, 1e18, -1e18};
const std::vector<double> kLogits = {0, 1e-30, -0.5, 3, -88, 88, 1e4, -1e4};
const std::vector<double> kChances = {0, 1e-30, 1e-12, 0.25, 0.75, 1};

std::vector<ClosedForm> closed_forms() {
  const auto focal_slope = [](double y, double z) {
    // d/dz (1 - p)² softplus(-z) for class 1, mirrored for class 0
    const double s = y > 0 ? z : -z, q = logistic(-s);
    const double slope = -2 * q * q * logistic(s) * log1pexp(-s) - q * q * q;
    return y > 0 ? slope : -slope;
  };
  return {
      {"mean_squared_error",
       "mse",
       {0, -1, 1e4},
       kReals,
       [](double y, double x) { return (x - y) * (x - y); },
       [](double y, double x) { return 2 * (x - y); }},
      {"mean_absolute_error",
       "mae",
       {0, -1, 1e4},
       kReals,
       [](double y, double x) { return std::abs(x - y); },
       [](double y, double x) { return sign_of(x - y); }},
      {"mean_absolute_percentage_error",
       "mape",
       {0, 1, -1e4},
       kReals,
       [](double y, double x) { return 100 * std::abs(x - y) / std::max(std::abs(y), 1e-7); },
       [](double y, double x) { return 100 * sign_of(x - y) / std::max(std::abs(y), 1e-7); }},
      {"mean_squared_logarithmic_error",
       "msle",
       {0, 1, 1e4},
       kReals,
       [](double y, double x) {
         return std::pow(std::log1p(std::max(x, 1e-7)) - std::log1p(std::max(y, 1e-7)), 2);
       },
       [](double y, double x) {
         if (x < 1e-7) return 0.0;
         return 2 * (std::log1p(x) - std::log1p(std::max(y, 1e-7))) / (1 + x);
       }},
      {"huber",
       huber(2),
       {0, -1, 1e4},
       kReals,
       [](double y, double x) {
         const double e = std::abs(x - y);
         return e <= 2 ? e * e / 2 : 2 * e - 2;
       },
       [](double y, double x) { return std::min(std::max(x - y, -2.0), 2.0); }},
      {"log_cosh",
       "log_cosh",
       {0, -1, 1e4},
       kReals,
       [](double y, double x) {
         const double e = std::abs(x - y);
         return e + std::log1p(std::exp(-2 * e)) - std::log(2.0);
       },
       [](double y, double x) { return std::tanh(x - y); }},
      {"cosine_similarity",
       "cosine_similarity",
       {0, -1, 1e4, 1e30},
       {0.0, 0.5, -1, 88, -1e4, 1e18, 1e30, -1e-5},
       [](double y, double x) { return -sign_of(x) * sign_of(y); },
       [](double y, double x) { return x == 0 ? -sign_of(y) * 1e7 : 0.0; }},
      {"binary_crossentropy",
       binary_crossentropy(true),
       {0, 1},
       kLogits,
       [](double y, double z) { return log1pexp(z) - y * z; },
       [](double y, double z) { return logistic(z) - y; }},
      {"binary_crossentropy",
       binary_crossentropy(),
       {0, 1},
       kChances,
       [](double y, double p) { return y > 0 ? -std::log(kept(p)) : -std::log(1 - kept(p)); },
       [](double y, double p) { return clipped(p) ? 0.0
                                       : y > 0    ? -1 / p
                                                  : 1 / (1 - p); }},
      {"binary_focal_crossentropy",
       binary_focal_crossentropy({.from_logits = true}),
       {0, 1},
       kLogits,
       [](double y, double z) {
         const double s = y > 0 ? z : -z;
         return std::pow(logistic(-s), 2) * log1pexp(-s);
       },
       focal_slope},
      {"kl_divergence",
       "kld",
       {0, 0.5, 1},
       kChances,
       [](double y, double p) {
         y = std::max(y, 1e-7);
         return y * std::log(y / std::max(p, 1e-7));
       },
       // At 1 itself half of the slope goes through the clip, as with JAX.
       [](double y, double p) { return p < 1e-7 ? 0.0 : -std::max(y, 1e-7) / p * (p == 1 ? 0.5 : 1); }},
      {"poisson",
       "poisson",
       {0, 1, 88},
       {0.0, 1e-30, 0.5, 1, 88, 1e4, 1e18},
       [](double y, double x) { return x - y * std::log(x + 1e-7); },
       [](double y, double x) { return 1 - y / (x + 1e-7); }},
      {"hinge",
       "hinge",
       {-1, 1},
       kReals,
       [](double y, double x) { return std::max(1 - y * x, 0.0); },
       [](double y, double x) { return 1 - y * x > 0 ? -y : 0.0; }},
      {"squared_hinge",
       "squared_hinge",
       {-1, 1},
       kReals,
       [](double y, double x) { return std::pow(std::max(1 - y * x, 0.0), 2); },
       [](double y, double x) { return -2 * y * std::max(1 - y * x, 0.0); }},
      // One class: nothing is wrong but a score below 1.
      {"categorical_hinge",
       "categorical_hinge",
       {1},
       kReals,
       [](double, double x) { return std::max(1 - x, 0.0); },
       [](double, double x) { return x < 1 ? -1.0 : 0.0; }},
      {"dice",
       "dice",
       {0, 1},
       kChances,
       [](double y, double p) { return 1 - 2 * y * p / (y + p + 1e-7); },
       [](double y, double p) { return -2 * y * (y + 1e-7) / std::pow(y + p + 1e-7, 2); }},
      {"tversky",
       "tversky",
       {0, 1},
       kChances,
       [](double y, double p) { return 1 - y * p / (0.5 * (y + p) + 1e-7); },
       [](double y, double p) { return -y * (0.5 * y + 1e-7) / std::pow(0.5 * (y + p) + 1e-7, 2); }},
  };
}

// Cross-entropies over classes see two scores: x and 0.
std::vector<ClosedForm> closed_forms_of_two() {
  const auto value = [](double y, double x) { return y > 0 ? log1pexp(-x) : log1pexp(x); };
  const auto slope = [](double y, double x) { return logistic(x) - y; };
  const auto focal = [](double y, double x) {
    const double s = y > 0 ? x : -x;
    return 0.25 * std::pow(logistic(-s), 2) * log1pexp(-s);
  };
  const auto focal_slope = [](double y, double x) {
    const double s = y > 0 ? x : -x, q = logistic(-s);
    return (y > 0 ? 0.25 : -0.25) * (-2 * q * q * logistic(s) * log1pexp(-s) - q * q * q);
  };
  return {{"categorical_crossentropy", categorical_crossentropy(true), {0, 1}, kLogits, value, slope},
          {"categorical_focal_crossentropy",
           categorical_focal_crossentropy({.from_logits = true}),
           {0, 1},
           kLogits,
           focal,
           focal_slope},
          {"sparse_categorical_crossentropy",
           sparse_categorical_crossentropy(true),
           {0, 1},
           kLogits,
           value,
           slope}};
}

void expect_close(double got, double wanted, const std::string& what) {
  EXPECT_TRUE(std::isfinite(got)) << what;
  EXPECT_NEAR(got, wanted, 1e-6 + 1e-5 * std::abs(wanted)) << what;
}

void check_form(const ClosedForm& form, int64_t classes) {
  for (double target : form.targets)
    for (double prediction : form.predictions) {
      const double wanted = form.value(target, prediction);
      if (std::abs(wanted) > 1e37) continue;  // beyond float32 as it should be
      const DType type = form.loss.sparse() ? DType::int32 : DType::float32;
      Tensor y({1, classes}), p({1, classes});
      y.set(0, target), p.set(0, prediction);
      if (classes > 1) y.set(1, 1 - target);
      if (form.loss.sparse()) y = Tensor::of<int32_t>({1}, {target > 0 ? 0 : 1});
      const Value y_in = input(y.shape(), type), p_in = input({1, classes});
      const Value loss = form.loss(y_in, p_in);
      for (const PlanOptions& options : {definitions_only(), PlanOptions{"test", 1, {}}}) {
        const auto got = compile({{y_in, p_in}, {loss, gradients(loss, {p_in})[0]}, {}}, options)({y, p});
        const std::string what = form.name + "(" + std::to_string(target) + ", " +
                                 std::to_string(prediction) +
                                 (options.without.empty() ? ")" : ") by the definitions");
        expect_close(got[0].at(0), wanted, what);
        expect_close(got[1].at(0), form.slope(target, prediction), "slope of " + what);
      }
    }
}

TEST(Losses, HoldAtExtremes) {
  std::set<std::string> covered = {"ctc"};  // against all ways there are: ctc_test.cpp
  for (const ClosedForm& form : closed_forms()) check_form(form, 1), covered.insert(form.name);
  for (const ClosedForm& form : closed_forms_of_two()) check_form(form, 2), covered.insert(form.name);
  for (const LossRow& row : loss_catalog())
    EXPECT_TRUE(covered.count(row.name)) << row.name << ": add its closed form";
}

// Where a sigmoid or softmax is part of the model, its logits are used: no digits are lost when it saturates.
TEST(Losses, ReachThroughActivations) {
  const Value z = input({1, 1}), y = input({1, 1});
  for (const char* name : {"binary_crossentropy", "binary_focal_crossentropy"}) {
    const Value loss = Loss(name)(y, sigmoid(z));
    const auto got = compile({{z, y}, {loss, gradients(loss, {z})[0]}, {}}, {"test", 1, {}})(
        {Tensor::of<float>({1, 1}, {-50}), Tensor::of<float>({1, 1}, {1})});
    EXPECT_NEAR(got[0].at(0), 50, 1e-4) << name;
    EXPECT_NEAR(got[1].at(0), -1, 1e-5) << name;
  }
}

TEST(Losses, ConfigsComeBackEqual) {
  for (const LossRow& row : loss_catalog()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Loss(row.name).config(), Json(row.name));
    Loss changed(row.class_name);
    changed.reduction = "sum";
    for (const auto& [setting, standard] : row.settings) {
      if (changed.sparse() && std::string(setting) == "label_smoothing") continue;  // ours alone
      if (const auto* flag = std::get_if<bool>(&standard)) changed.set(setting, !*flag);
      if (const auto* number = std::get_if<double>(&standard)) changed.set(setting, *number + 0.25);
      if (std::holds_alternative<int64_t>(standard)) changed.set(setting, int64_t{1});
      if (std::holds_alternative<std::monostate>(standard)) changed.set(setting, int64_t{255});
      if (std::holds_alternative<std::vector<int64_t>>(standard))
        changed.set(setting, std::vector<int64_t>{1, 2});
    }
    const Json config = changed.config();
    EXPECT_EQ(config["class_name"], row.class_name);
    const Loss again = Loss::from_config(config, "test");
    EXPECT_EQ(again.config(), config);
    EXPECT_EQ(again.settings, changed.settings);
  }
}

// Class numbers that are smoothed are the vectors that are smoothed; what does not count stays out of it.
TEST(Losses, SmoothClassNumbersAsVectors) {
  const Value numbers = input({3}, DType::int32), vectors = input({3, 4}), p = input({3, 4});
  Loss sparse = sparse_categorical_crossentropy(true);
  sparse.set("label_smoothing", 0.2);
  const Value a = sparse(numbers, p), b = categorical_crossentropy(true, 0.2)(vectors, p);
  const Tensor logits = Tensor::of<float>({3, 4}, {0.5f, -1, 2, 0, 1, 1, -2, 0.25f, 0, 3, 0, -1});
  const Tensor classes = Tensor::of<int32_t>({3}, {2, 0, 3});
  const Tensor rows = Tensor::of<float>({3, 4}, {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1});
  for (const PlanOptions& options : {definitions_only(), PlanOptions{"test", 1, {}}}) {
    const auto got = compile({{numbers, p}, {a, gradients(a, {p})[0]}, {}}, options)({classes, logits});
    const auto wanted = compile({{vectors, p}, {b, gradients(b, {p})[0]}, {}}, options)({rows, logits});
    EXPECT_NEAR(got[0].at(0), wanted[0].at(0), 1e-6);
    for (int64_t i = 0; i < 12; ++i) EXPECT_NEAR(got[1].at(i), wanted[1].at(i), 1e-6);
  }
  sparse.set("ignore_class", int64_t{3});
  const Value c = sparse(numbers, p);
  const auto got = compile({{numbers, p}, {gradients(c, {p})[0]}, {}}, {"test", 1, {}})({classes, logits});
  for (int64_t i = 8; i < 12; ++i) EXPECT_EQ(got[0].at(i), 0);
  EXPECT_NE(got[0].at(0), 0);
  // No file has it: Keras' loss knows no such setting.
  EXPECT_FALSE(sparse.config()["config"].contains("label_smoothing"));
}

TEST(Losses, SayWhatIsWrong) {
  EXPECT_NE(error_of([] { Loss("mqe"); }).find("mean_squared_error"), std::string::npos);
  EXPECT_NE(error_of([] { Loss("huber").set("detla", 1.0); }).find("one of the settings delta"),
            std::string::npos);
  EXPECT_NE(error_of([] { Loss("hinge").set("delta", 1.0); }).find("no settings"), std::string::npos);
  EXPECT_NE(error_of([] { Loss("huber").set("delta", true); }).find("a value like 1.0"), std::string::npos);
  const auto read = [](const Json& settings) {
    return error_of([&] {
      Loss::from_config({{"class_name", "Huber"}, {"config", settings}}, "m.keras: loss");
    });
  };
  EXPECT_EQ(read({{"delta", "much"}}), "m.keras: loss: huber: delta: expected a number, got \"much\"");
  EXPECT_NE(read({{"gamma", 1.0}}).find("\"gamma\""), std::string::npos);
  EXPECT_NE(read({{"reduction", "median"}}).find("sum_over_batch_size"), std::string::npos);
  Loss none("mse");
  none.reduction = "none";
  const Value x = input({2, 1});
  EXPECT_NE(error_of([&] { none(x, x); }).find("choose sum_over_batch_size"), std::string::npos);
}

}  // namespace
}  // namespace folio
