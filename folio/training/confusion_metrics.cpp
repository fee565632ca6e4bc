// What thresholds call positive, rightly and wrongly. (sheet A1, A2, A3)
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/training/metric_rows.h"
#include "folio/training/metrics.h"
#include "folio/training/threshold_metric.h"

namespace folio {
namespace {

using namespace metrics;

constexpr double kEpsilon = 1e-7;  // Keras' backend epsilon
// Below every score but above those that top_k takes out.
constexpr double kTopKThreshold = -1e10;
constexpr double kMostThresholds = 1 << 20;

using Rate = double (*)(const ThresholdCounts&);

double ratio(double a, double b) { return b == 0 ? 0 : a / b; }
double precision(const ThresholdCounts& c) { return ratio(c.tp, c.tp + c.fp); }
double recall(const ThresholdCounts& c) { return ratio(c.tp, c.tp + c.fn); }
double specificity(const ThresholdCounts& c) { return ratio(c.tn, c.tn + c.fp); }

// Thresholds as Keras takes them: none, one, or a list.
struct Numbers {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    auto& numbers = *static_cast<std::vector<double>*>(value);
    if (json.is_number())
      numbers = {json.get<double>()};
    else if (json.is_array())
      read_value(json, numbers, rules);
    else
      unexpected("a number or a list of numbers", json);
  }
  static void write(Json& json, const void* value, const FieldRules& rules) {
    const auto& numbers = *static_cast<const std::vector<double>*>(value);
    if (!numbers.empty())
      json = rules.one_as_number && numbers.size() == 1 ? Json(numbers[0]) : Json(numbers);
  }
};
constexpr FieldType kNumbers = {Numbers::read, Numbers::write, kFieldType<std::vector<double>>.check};

void threshold_fields(Fields& f, std::vector<double>& thresholds) {
  f.visit({"thresholds", &thresholds, kNumbers, {.least = 0, .most = 1, .one_as_number = true}});
}

Thresholding fixed_thresholds(const PrecisionOptions& options) {
  Thresholding result;
  result.thresholds = options.thresholds;
  if (result.thresholds.empty()) result.thresholds = {options.top_k ? kTopKThreshold : 0.5};
  result.even = evenly_spaced(result.thresholds);
  result.top_k = options.top_k, result.class_id = options.class_id;
  return result;
}

/// One of the four counts.
struct CountRow {
  const char *class_name, *name, *what;
  Rate rate;
  bool larger_is_better;
};
constexpr CountRow kCounts[] = {
    {"TruePositives", "true_positives", "positives that are called so",
     [](const ThresholdCounts& c) { return c.tp; }, true},
    {"TrueNegatives", "true_negatives", "negatives that are called so",
     [](const ThresholdCounts& c) { return c.tn; }, true},
    {"FalsePositives", "false_positives", "negatives that are called positive",
     [](const ThresholdCounts& c) { return c.fp; }, false},
    {"FalseNegatives", "false_negatives", "positives that are called negative",
     [](const ThresholdCounts& c) { return c.fn; }, false},
};

/// A rate, or one of the four counts, at every threshold.
class RateMetric final : public ThresholdMetric {
 public:
  RateMetric(const char* class_name, Rate rate, PrecisionOptions options = {})
      : class_name_(class_name), rate_(rate), options_(std::move(options)) {}
  explicit RateMetric(const CountRow& count, PrecisionOptions options = {})
      : class_name_(count.class_name), rate_(count.rate), count_(&count), options_(std::move(options)) {}
  std::string class_name() const override { return class_name_; }
  std::optional<bool> larger_is_better() const override { return !count_ || count_->larger_is_better; }
  void fields(Fields& f) override {
    threshold_fields(f, options_.thresholds);
    if (count_) return;
    f("top_k", options_.top_k, {.least = 1});
    f("class_id", options_.class_id, {.least = 0});
  }
  void configured() override { set_thresholding(fixed_thresholds(options_)); }

 protected:
  std::vector<double> result(const std::vector<CountsByThreshold>& labels) const override {
    std::vector<double> rates;
    for (const ThresholdCounts& counts : labels[0]) rates.push_back(rate_(counts));
    return rates;
  }

 private:
  const char* class_name_;
  Rate rate_;
  const CountRow* count_ = nullptr;  ///< of one of the four; those know thresholds alone
  PrecisionOptions options_;
};

/// The metrics of the form "best one rate where another is high enough".
struct Search {
  const char *class_name, *setting;
  Rate held, best;
};
constexpr Search kSensitivityAtSpecificity = {"SensitivityAtSpecificity", "specificity", specificity, recall};
constexpr Search kSpecificityAtSensitivity = {"SpecificityAtSensitivity", "sensitivity", recall, specificity};
constexpr Search kPrecisionAtRecall = {"PrecisionAtRecall", "recall", recall, precision};
constexpr Search kRecallAtPrecision = {"RecallAtPrecision", "precision", precision, recall};

std::vector<double> even_thresholds(int64_t count) {
  std::vector<double> thresholds = {0};
  for (int64_t i = 1; i + 1 < count; ++i)
    thresholds.push_back(static_cast<double>(i) / static_cast<double>(count - 1));
  thresholds.push_back(1);
  return thresholds;
}

class SearchMetric final : public ThresholdMetric {
 public:
  explicit SearchMetric(Search search, double value = 0, ThresholdSearch options = {})
      : search_(search), value_(value), options_(std::move(options)) {}
  std::string class_name() const override { return search_.class_name; }
  std::optional<bool> larger_is_better() const override { return true; }
  void fields(Fields& f) override {
    f(search_.setting, value_, {.required = true, .least = 0, .most = 1});
    f("num_thresholds", options_.num_thresholds, {.least = 1, .most = kMostThresholds});
    f("class_id", options_.class_id, {.least = 0});
  }
  void configured() override {
    Thresholding thresholding = fixed_thresholds({.class_id = options_.class_id});
    thresholding.even = options_.num_thresholds > 1;
    if (thresholding.even) thresholding.thresholds = even_thresholds(options_.num_thresholds);
    set_thresholding(std::move(thresholding));
  }

 protected:
  std::vector<double> result(const std::vector<CountsByThreshold>& labels) const override {
    double best = 0;
    for (const ThresholdCounts& counts : labels[0])
      if (search_.held(counts) >= value_) best = std::max(best, search_.best(counts));
    return {best};
  }

 private:
  Search search_;
  double value_;
  ThresholdSearch options_;
};

// A list, or the envelope in which Keras writes tensors.
struct LabelWeights {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    const bool enveloped =
        json.is_object() && json.value("class_name", "") == "__tensor__" && json.contains("config");
    read_value(enveloped ? json["config"].value("value", Json()) : json,
               *static_cast<std::vector<double>*>(value), rules);
  }
};
constexpr FieldType kLabelWeights = {LabelWeights::read, Numbers::write,
                                     kFieldType<std::vector<double>>.check};

class AUCMetric final : public ThresholdMetric {
 public:
  explicit AUCMetric(AUCOptions options = {}) : options_(std::move(options)) {}
  std::string class_name() const override { return "AUC"; }
  std::optional<bool> larger_is_better() const override { return true; }
  void fields(Fields& f) override {
    AUCOptions& o = options_;
    f("num_thresholds", o.num_thresholds, {.least = 2, .most = kMostThresholds});
    f("curve", o.curve, {.words = "ROC PR PRGAIN"});
    f("summation_method", o.summation_method, {.words = "interpolation minoring majoring"});
    f("multi_label", o.multi_label);
    f("num_labels", o.num_labels);
    f.visit({"label_weights", &o.label_weights, kLabelWeights, {}});
    f("from_logits", o.from_logits);
    f.visit({"thresholds", &o.thresholds, kNumbers, {.least = 0, .most = 1, .sparing = true}});
  }
  void configured() override {
    if (options_.num_labels && !options_.multi_label)
      throw Error("AUC: num_labels: is needed only with multi_label = true; leave it out");
    Thresholding thresholding = thresholding_of(options_);
    options_.num_thresholds = static_cast<int64_t>(thresholding.thresholds.size());
    set_thresholding(std::move(thresholding));
  }

 protected:
  std::vector<double> result(const std::vector<CountsByThreshold>& labels) const override {
    double sum = 0, weights = 0;
    for (size_t l = 0; l < labels.size(); ++l) {
      const bool weighted = options_.multi_label && !options_.label_weights.empty();
      const double weight = weighted ? options_.label_weights[l] : 1;
      sum += weight * area(labels[l]), weights += weight;
    }
    return {ratio(sum, weights)};
  }

 private:
  static Thresholding thresholding_of(const AUCOptions& options) {
    Thresholding result;
    if (options.thresholds.empty()) {
      result.thresholds = even_thresholds(options.num_thresholds);
      result.even = true;
    } else {
      result.thresholds = options.thresholds;
      std::sort(result.thresholds.begin(), result.thresholds.end());
      result.thresholds.insert(result.thresholds.begin(), 0);
      result.thresholds.push_back(1);
      result.even = evenly_spaced(result.thresholds);
    }
    // Every score is above the first threshold and none above the last.
    result.thresholds.front() = -kEpsilon, result.thresholds.back() = 1 + kEpsilon;
    result.open_ends = true;
    result.multi_label = options.multi_label;
    result.from_logits = options.from_logits;
    result.label_weights = options.label_weights;
    return result;
  }

  double area(const CountsByThreshold& counts) const {
    double sum = 0;
    for (size_t i = 0; i + 1 < counts.size(); ++i) {
      const ThresholdCounts &a = counts[i], &b = counts[i + 1];
      if (options_.curve == "PR" && options_.summation_method == "interpolation") {
        sum += interpolated(a, b);
        continue;
      }
      const auto [xa, ya] = point(a);
      const auto [xb, yb] = point(b);
      const double height = options_.summation_method == "interpolation" ? (ya + yb) / 2
                            : options_.summation_method == "minoring"    ? std::min(ya, yb)
                                                                         : std::max(ya, yb);
      sum += (xa - xb) * height;
    }
    return sum;
  }

  // Between two points of the precision-recall curve true positives grow in proportion to all positives, and
  // precision therefore not (Davis and Goadrich 2006): the integral of that.
  static double interpolated(const ThresholdCounts& a, const ThresholdCounts& b) {
    const double pa = a.tp + a.fp, pb = b.tp + b.fp;
    const double slope = ratio(a.tp - b.tp, std::max(pa - pb, 0.0));
    const double intercept = b.tp - slope * pb;
    const double share = pa > 0 && pb > 0 ? pa / pb : 1;
    return ratio(slope * (a.tp - b.tp + intercept * std::log(share)), std::max(b.tp + b.fn, 0.0));
  }

  std::pair<double, double> point(const ThresholdCounts& c) const {
    if (options_.curve == "ROC") return {ratio(c.fp, c.fp + c.tn), recall(c)};
    if (options_.curve == "PR") return {recall(c), precision(c)};
    if (c.tp == 0) return {0, 1};
    const double scale = ratio(c.tp + c.fn, c.tn + c.fp);
    return {std::max(0.0, 1 - scale * c.fn / c.tp), 1 - scale * c.fp / c.tp};
  }

  AUCOptions options_;
};

MetricRow search_row(Search search, const char* name, const char* what) {
  return {search.class_name, name, {}, what, [search] { return std::make_shared<SearchMetric>(search); }};
}
MetricRow rate_row(const char* class_name, const char* name, const char* what, Rate rate) {
  return {class_name, name, {}, what, [=] { return std::make_shared<RateMetric>(class_name, rate); }};
}

}  // namespace

std::vector<MetricRow> confusion_metric_rows() {
  std::vector<MetricRow> rows;
  for (const CountRow& row : kCounts)
    rows.push_back(
        {row.class_name, row.name, {}, row.what, [&row] { return std::make_shared<RateMetric>(row); }});
  rows.push_back(rate_row("Precision", "precision", "tp / (tp + fp)", precision));
  rows.push_back(rate_row("Recall", "recall", "tp / (tp + fn)", recall));
  rows.push_back(search_row(kSensitivityAtSpecificity, "sensitivity_at_specificity",
                            "the best recall where specificity is high enough"));
  rows.push_back(search_row(kSpecificityAtSensitivity, "specificity_at_sensitivity",
                            "the best specificity where recall is high enough"));
  rows.push_back(search_row(kPrecisionAtRecall, "precision_at_recall",
                            "the best precision where recall is high enough"));
  rows.push_back(search_row(kRecallAtPrecision, "recall_at_precision",
                            "the best recall where precision is high enough"));
  rows.push_back({"AUC", "auc", {}, "the area under the ROC or precision-recall curve, from thresholds", [] {
                    return std::make_shared<AUCMetric>();
                  }});
  return rows;
}

namespace metrics {

static Metric count(const CountRow& row, std::vector<double> thresholds, const std::string& name) {
  return Metric(std::make_shared<RateMetric>(row, PrecisionOptions{.thresholds = std::move(thresholds)}),
                name);
}
Metric TruePositives(std::vector<double> thresholds, const std::string& name) {
  return count(kCounts[0], std::move(thresholds), name);
}
Metric TrueNegatives(std::vector<double> thresholds, const std::string& name) {
  return count(kCounts[1], std::move(thresholds), name);
}
Metric FalsePositives(std::vector<double> thresholds, const std::string& name) {
  return count(kCounts[2], std::move(thresholds), name);
}
Metric FalseNegatives(std::vector<double> thresholds, const std::string& name) {
  return count(kCounts[3], std::move(thresholds), name);
}
Metric Precision(PrecisionOptions options) {
  return Metric(std::make_shared<RateMetric>("Precision", precision, options), options.name);
}
Metric Recall(PrecisionOptions options) {
  return Metric(std::make_shared<RateMetric>("Recall", recall, options), options.name);
}
Metric SensitivityAtSpecificity(double value, ThresholdSearch options) {
  return Metric(std::make_shared<SearchMetric>(kSensitivityAtSpecificity, value, options), options.name);
}
Metric SpecificityAtSensitivity(double value, ThresholdSearch options) {
  return Metric(std::make_shared<SearchMetric>(kSpecificityAtSensitivity, value, options), options.name);
}
Metric PrecisionAtRecall(double value, ThresholdSearch options) {
  return Metric(std::make_shared<SearchMetric>(kPrecisionAtRecall, value, options), options.name);
}
Metric RecallAtPrecision(double value, ThresholdSearch options) {
  return Metric(std::make_shared<SearchMetric>(kRecallAtPrecision, value, options), options.name);
}
Metric AUC(AUCOptions options) { return Metric(std::make_shared<AUCMetric>(options), options.name); }

}  // namespace metrics
}  // namespace folio
