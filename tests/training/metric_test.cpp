// Every metric gives real Keras' numbers. golden/make_metrics.py made the figures.
#include "folio/training/metric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/file.h"
#include "folio/compiler/compile.h"
#include "folio/training/metrics.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using Numbers = std::vector<double>;

/// What a metric makes of arrays that come in batches, as models feed it.
class Feed {
 public:
  Feed(Metric metric, bool definitions = false) : metric_(std::move(metric)), definitions_(definitions) {}
  Numbers operator()(const Tensor& y, const Tensor& p, const Tensor& w = {}, int64_t batch = 7,
                     const Tensor& mask = {}) {
    Numbers totals;
    for (int64_t first = 0; first < y.shape()[0]; first += batch) {
      const int64_t last = std::min(y.shape()[0], first + batch);
      std::vector<Tensor> given = {y.rows(first, last), p.rows(first, last)};
      MetricInputs inputs{like(given[0]), like(given[1]), {}, {}};
      Values all = {inputs.y_true, inputs.y_pred};
      for (const auto& [array, value] : {std::pair{&w, &inputs.weights}, std::pair{&mask, &inputs.mask}})
        if (array->raw()) {
          given.push_back(array->rows(first, last));
          all.push_back(*value = like(given.back()));
        }
      const PlanOptions options = definitions_ ? definitions_only() : PlanOptions{"metric", 1, {}};
      const std::vector<Tensor> sums = compile({all, metric_.sums(inputs), {}}, options)(given);
      size_t at = 0;
      for (const Tensor& sum : sums)
        for (int64_t i = 0; i < sum.count(); ++i, ++at) {
          if (at == totals.size()) totals.push_back(0);
          totals[at] += sum.at(i);
        }
    }
    return metric_.result(totals);
  }

 private:
  static Value like(const Tensor& tensor) { return input(tensor.shape(), tensor.dtype()); }
  Metric metric_;
  bool definitions_;
};

Metric metric_of(const std::string& class_name, const Json& config) {
  return Metric::from_config({{"class_name", class_name}, {"config", config}}, "test");
}

// A loss that is no metric of Keras': its golden values are the loss'.
bool wraps_a_loss(const MetricRow& row) {
  for (const LossRow& loss : loss_catalog())
    if (row.name == loss.name) return Metric(Loss(row.name)).config()["class_name"] == "MeanMetricWrapper";
  return false;
}

TEST(Metrics, GiveKerasNumbers) {
  const Json golden = Json::parse(read_text_file(golden_path(__FILE__, "metrics.json")));
  std::map<std::string, Tensor> data;
  for (const auto& [name, array] : golden["data"].items())
    data[name] = Tensor::of<float>(Shape(array["shape"].get<std::vector<int64_t>>()),
                                   array["values"].get<std::vector<float>>());
  std::set<std::string> covered;
  const char* weights[] = {"", "weights", "whole_weights", "no_weights"};
  for (const Json& entry : golden["cases"]) {
    const auto class_name = entry[0].get<std::string>();
    SCOPED_TRACE(entry[0].dump() + entry[1].dump() + entry[2].dump() + entry[3].dump());
    covered.insert(class_name);
    const Metric metric = metric_of(class_name, entry[1]);
    EXPECT_EQ(metric.name, entry[1]["name"]);
    Feed feed(metric), defined(metric, true);
    for (size_t i = 0; i < entry[4].size(); ++i) {
      const Tensor w = i ? data.at(weights[i]) : Tensor();
      const Tensor &y = data.at(entry[2]), &p = data.at(entry[3]);
      const Numbers got = feed(y, p, w, golden["batch"].get<int64_t>()), slow = defined(y, p, w, 9);
      ASSERT_EQ(got.size(), entry[4][i].size());
      for (size_t n = 0; n < got.size(); ++n) {
        EXPECT_TRUE(std::isfinite(got[n])) << weights[i];
        EXPECT_NEAR(got[n], slow[n], 2e-6 * std::max(1.0, std::abs(got[n]))) << weights[i];
        if (entry[4][i][n].is_null()) continue;
        const double wanted = entry[4][i][n].get<double>();
        EXPECT_NEAR(got[n], wanted, 3e-6 * std::max(1.0, std::abs(wanted))) << weights[i] << " number " << n;
      }
    }
    // What is written is what was read.
    const Json config = metric.config();
    EXPECT_EQ(metric_of(class_name, config["config"]).config(), config);
    for (const auto& [key, value] : entry[1].items()) {
      if (class_name == "CosineSimilarity" && key == "axis") continue;
      // Losses leave their defaults out.
      if (class_name.ends_with("Crossentropy") && !config["config"].contains(key)) continue;
      const bool tensor = value.is_object() && value.contains("class_name");
      ASSERT_TRUE(config["config"].contains(key)) << key;
      EXPECT_EQ(config["config"][key], tensor ? value["config"]["value"] : value) << key;
    }
  }
  for (const MetricRow& row : metric_catalog())
    EXPECT_TRUE(wraps_a_loss(row) || covered.count(row.class_name))
        << row.class_name << ": add it to golden/make_metrics.py";
}

Tensor column(const std::vector<float>& values) {
  return Tensor::of<float>({static_cast<int64_t>(values.size()), 1}, values);
}

TEST(Metrics, DefineWhatKerasLeavesUndefined) {
  const Tensor flat = column({0.1F, 0.1F, 0.1F}), other = column({0.1F, 0.3F, 0.2F});
  EXPECT_EQ(Feed(metrics::R2Score())(flat, flat), Numbers{1});
  EXPECT_EQ(Feed(metrics::R2Score())(flat, other), Numbers{0});
  EXPECT_EQ(Feed(metrics::R2Score("variance_weighted_average"))(flat, flat), Numbers{1});
  EXPECT_EQ(Feed(metrics::PearsonCorrelation())(flat, other), Numbers{0});
  EXPECT_EQ(Feed("mse")(flat, other, Tensor({3})), Numbers{0});
  EXPECT_EQ(Feed(metrics::AUC())(column({1, 1, 1}), other), Numbers{0});
}

TEST(Metrics, PutScoresThatAreNoNumbersLast) {
  const float nan = std::nanf("");
  const Tensor y = column({1, 0, 1, 0}), p = column({0.9F, 0.1F, nan, nan});
  EXPECT_EQ(Feed("TruePositives")(y, p), Numbers{1});
  EXPECT_EQ(Feed("FalseNegatives")(y, p), Numbers{1});
  EXPECT_EQ(Feed("TrueNegatives")(y, p), Numbers{2});
  EXPECT_NEAR(Feed("AUC")(y, p)[0], 0.625, 1e-6);
}

TEST(Metrics, HeedMasksWhereMeansDo) {
  const Tensor y = Tensor::of<float>({2, 3, 1}, {1, 0, 1, 1, 1, 0});
  const Tensor p = Tensor::of<float>({2, 3, 1}, {1, 0, 0, 1, 0, 0});
  const Tensor mask = Tensor::of<float>({2, 3}, {1, 1, 0, 1, 0, 0}), w = Tensor::of<float>({2}, {1, 3});
  EXPECT_NEAR(Feed("accuracy")(y, p)[0], 4.0 / 6, 1e-6);
  EXPECT_NEAR(Feed("accuracy")(y, p, {}, 7, mask)[0], 1, 1e-6);
  EXPECT_NEAR(Feed("mae")(y, p, w)[0], (1.0 / 3 * 1 + 1.0 / 3 * 3) / 4, 1e-6);
  EXPECT_NEAR(Feed("Recall")(y, p, {}, 7, mask)[0], 2.0 / 4, 1e-6);
}

TEST(Metrics, GoByManyNames) {
  for (const auto& [name, class_name] :
       std::vector<std::pair<std::string, std::string>>{{"AUC", "AUC"},
                                                        {"auc", "AUC"},
                                                        {"mse", "MeanSquaredError"},
                                                        {"MSE", "MeanSquaredError"},
                                                        {"f_beta_score", "FBetaScore"},
                                                        {"r2_score", "R2Score"},
                                                        {"bce", "BinaryCrossentropy"},
                                                        {"CosineSimilarity", "CosineSimilarity"}}) {
    const Metric metric(name);
    EXPECT_EQ(metric.name, name);
    EXPECT_EQ(metric.config(), Json(name));
    EXPECT_EQ(Metric::from_config({{"class_name", class_name}, {"config", Json::object()}}, "t")
                  .config()["class_name"],
              class_name);
  }
  EXPECT_EQ(metrics::BinaryIoU().name, "binary_io_u");
  EXPECT_EQ(metrics::AUC({.name = "area"}).config()["config"]["name"], "area");
  const Metric smooth(binary_crossentropy(false, 0.25));
  EXPECT_EQ(smooth.name, "binary_crossentropy");
  EXPECT_EQ(smooth.config()["config"]["label_smoothing"], 0.25);
  EXPECT_EQ(smooth.config()["config"].contains("reduction"), false);
}

TEST(Metrics, WriteOnlyWhatKerasMetricsTake) {
  const Json sparse = Metric(sparse_categorical_crossentropy(true)).config();
  EXPECT_EQ(sparse["class_name"], "SparseCategoricalCrossentropy");
  EXPECT_EQ(sparse["config"],
            Json({{"from_logits", true}, {"name", "sparse_categorical_crossentropy"}, {"dtype", "float32"}}));
  for (const Loss& loss :
       {huber(2), sparse_categorical_crossentropy(false, 1), dice({1, 2}), tversky(0.3, 0.7)}) {
    const Metric metric(loss);
    const Json config = metric.config();
    EXPECT_EQ(config["class_name"], "MeanMetricWrapper") << loss.name;
    EXPECT_EQ(config["config"]["fn"]["config"], loss.name);
    const Metric again = Metric::from_config(config, "file");
    EXPECT_EQ(again.config(), config);
    EXPECT_EQ(again.name, loss.name);
  }
  EXPECT_EQ(Metric("huber").config()["class_name"], "MeanMetricWrapper");
}

TEST(Metrics, RefuseWhatMeansNothing) {
  const auto told = [](auto f, const char* part) {
    EXPECT_NE(error_of(f).find(part), std::string::npos) << error_of(f);
  };
  told([] { Metric("acuracy"); }, "sparse_categorical_accuracy");
  told([] { Metric("MeanIoU"); }, "num_classes");
  told([] { Metric("recall_at_precision"); }, "precision: expected a number, got null");
  told([] { metrics::AUC({.num_thresholds = 1}); }, "num_thresholds");
  told([] { metrics::AUC({.curve = "roc curve"}); }, "\"PRGAIN\"");
  told([] { metrics::Precision({.thresholds = {1.5}}); }, "thresholds");
  told([] { metrics::F1Score({.average = "mean"}); }, "\"macro\"");
  told([] { metrics::IoU(2, {2}); }, "target_class_ids");
  told([] { metric_of("AUC", {{"threshold", 1}}); }, "\"threshold\"");
  told([] { Metric::from_config(Json::array(), "file"); }, "file: expected a name");
  const Value y = input({4}), p = input({4, 3});
  told([&] { Metric("Precision").sums({y, p, {}, {}}); }, "metric \"Precision\": expected targets");
  told([&] { metrics::Precision({.top_k = 4}).sums({p, p, {}, {}}); }, "at most 3");
  told([&] { metrics::Recall({.class_id = 3}).sums({p, p, {}, {}}); }, "class_id");
}

// The directions that Keras' metrics have.
TEST(Metric, SaysWhichWayItIsBetter) {
  std::vector<Metric> all = {"accuracy",
                             "acc",
                             metrics::SensitivityAtSpecificity(0.5),
                             metrics::SpecificityAtSensitivity(0.5),
                             metrics::PrecisionAtRecall(0.5),
                             metrics::RecallAtPrecision(0.5),
                             metrics::MeanIoU(2),
                             metrics::AUC({.name = "loss_of_area"})};
  for (const MetricRow& row : metric_catalog()) try {
      all.emplace_back(row.name);
    } catch (const Error&) {  // has settings without defaults
    }
  int larger = 0;
  for (const Metric& metric : all) {
    ASSERT_TRUE(metric.larger_is_better()) << metric.name;
    const bool is_loss = std::any_of(loss_catalog().begin(), loss_catalog().end(), [&](const LossRow& loss) {
      return metric.name == loss.name && metric.name != std::string("cosine_similarity");
    });
    const bool falls = is_loss || metric.name == "root_mean_squared_error" || metric.name == "logcosh" ||
                       metric.name == "false_positives" || metric.name == "false_negatives";
    EXPECT_EQ(*metric.larger_is_better(), !falls) << metric.name;
    larger += !falls;
  }
  EXPECT_GT(larger, 20);
}

TEST(Metric, IsKnownByItsKey) {
  for (const char* key : {"loss", "sensor2_loss", "sensor2_mae", "shelf1_mean_squared_error", "r2_mse"})
    EXPECT_EQ(larger_is_better(key), false) << key;
  for (const char* key : {"accuracy", "acc", "left_accuracy", "r2_score", "cosine_similarity", "x_auc", "mean_io_u"})
    EXPECT_EQ(larger_is_better(key), true) << key;
  for (const char* key : {"prc", "previous", "learning_rate", "sensor2"})
    EXPECT_FALSE(larger_is_better(key)) << key;
}

}  // namespace
}  // namespace folio
