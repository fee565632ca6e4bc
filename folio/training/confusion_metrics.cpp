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

using Rate = double (*)(const ThresholdCounts&);
using Body = std::shared_ptr<const MetricBody>;

double ratio(double a, double b) { return b == 0 ? 0 : a / b; }
double precision(const ThresholdCounts& c) { return ratio(c.tp, c.tp + c.fp); }
double recall(const ThresholdCounts& c) { return ratio(c.tp, c.tp + c.fn); }
double specificity(const ThresholdCounts& c) { return ratio(c.tn, c.tn + c.fp); }

void check_share(double value, const std::string& class_name, const char* setting) {
  check_setting(value >= 0 && value <= 1, class_name, setting, "a number from 0 to 1", std::to_string(value));
}

Json or_null(const std::optional<int64_t>& number) { return number ? Json(*number) : Json(); }

// Thresholds as Keras takes them: none, one, or a list.
std::vector<double> read_thresholds(ConfigReader& read) {
  const Json& given = read.raw("thresholds");
  if (given.is_null()) return {};
  std::vector<double> thresholds;
  for (const Json& item : given.is_array() ? given : Json::array({given})) {
    if (!item.is_number()) read.fail("thresholds", "a number or a list of numbers");
    thresholds.push_back(item.get<double>());
  }
  return thresholds;
}
Json thresholds_config(const std::vector<double>& thresholds) {
  return thresholds.empty() ? Json() : thresholds.size() == 1 ? Json(thresholds[0]) : Json(thresholds);
}

std::optional<int64_t> read_optional(ConfigReader& read, const char* key) {
  return read.has(key) ? std::optional(read.integer(key)) : std::nullopt;
}

Thresholding fixed_thresholds(const std::string& class_name, const PrecisionOptions& options) {
  for (double threshold : options.thresholds) check_share(threshold, class_name, "thresholds");
  if (options.top_k)
    check_setting(*options.top_k >= 1, class_name, "top_k", "at least 1", std::to_string(*options.top_k));
  if (options.class_id)
    check_setting(*options.class_id >= 0, class_name, "class_id", "at least 0",
                  std::to_string(*options.class_id));
  Thresholding result;
  result.thresholds = options.thresholds;
  if (result.thresholds.empty()) result.thresholds = {options.top_k ? kTopKThreshold : 0.5};
  result.even = evenly_spaced(result.thresholds);
  result.top_k = options.top_k, result.class_id = options.class_id;
  return result;
}

/// A rate, or one of the four counts, at every threshold.
class RateMetric final : public ThresholdMetric {
 public:
  RateMetric(std::string class_name, Json config, Thresholding thresholding, Rate rate)
      : ThresholdMetric(std::move(thresholding)),
        class_name_(std::move(class_name)),
        config_(std::move(config)),
        rate_(rate) {}
  std::string class_name() const override { return class_name_; }
  Json config() const override { return config_; }

 protected:
  std::vector<double> result(const std::vector<CountsByThreshold>& labels) const override {
    std::vector<double> rates;
    for (const ThresholdCounts& counts : labels[0]) rates.push_back(rate_(counts));
    return rates;
  }

 private:
  std::string class_name_;
  Json config_;
  Rate rate_;
};

Body count(const std::string& class_name, const std::vector<double>& thresholds, Rate rate) {
  return std::make_shared<RateMetric>(class_name, Json{{"thresholds", thresholds_config(thresholds)}},
                                      fixed_thresholds(class_name, {.thresholds = thresholds}), rate);
}

Body rate(const std::string& class_name, const PrecisionOptions& options, Rate of) {
  return std::make_shared<RateMetric>(class_name,
                                      Json{{"thresholds", thresholds_config(options.thresholds)},
                                           {"top_k", or_null(options.top_k)},
                                           {"class_id", or_null(options.class_id)}},
                                      fixed_thresholds(class_name, options), of);
}

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
  SearchMetric(Search search, double value, const ThresholdSearch& options)
      : ThresholdMetric(thresholding_of(search, options)),
        search_(search),
        value_(value),
        num_thresholds_(options.num_thresholds) {
    check_share(value, search.class_name, search.setting);
  }
  std::string class_name() const override { return search_.class_name; }
  Json config() const override {
    return {{search_.setting, value_},
            {"num_thresholds", num_thresholds_},
            {"class_id", or_null(thresholding().class_id)}};
  }

 protected:
  std::vector<double> result(const std::vector<CountsByThreshold>& labels) const override {
    double best = 0;
    for (const ThresholdCounts& counts : labels[0])
      if (search_.held(counts) >= value_) best = std::max(best, search_.best(counts));
    return {best};
  }

 private:
  static Thresholding thresholding_of(Search search, const ThresholdSearch& options) {
    check_setting(options.num_thresholds >= 1 && options.num_thresholds <= 1 << 20, search.class_name,
                  "num_thresholds", "between 1 and 1048576", std::to_string(options.num_thresholds));
    Thresholding result = fixed_thresholds(search.class_name, {.class_id = options.class_id});
    result.even = options.num_thresholds > 1;
    if (result.even) result.thresholds = even_thresholds(options.num_thresholds);
    return result;
  }
  Search search_;
  double value_;
  int64_t num_thresholds_;
};

class AUCMetric final : public ThresholdMetric {
 public:
  explicit AUCMetric(const AUCOptions& options)
      : ThresholdMetric(thresholding_of(options)), options_(options) {
    for (const auto& [text, known, setting] :
         {std::tuple{&options_.curve, std::vector<std::string>{"ROC", "PR", "PRGAIN"}, "curve"},
          std::tuple{&options_.summation_method,
                     std::vector<std::string>{"interpolation", "minoring", "majoring"}, "summation_method"}})
      check_setting(std::find(known.begin(), known.end(), *text) != known.end(), "AUC", setting,
                    setting[0] == 'c' ? "\"ROC\", \"PR\" or \"PRGAIN\""
                                      : "\"interpolation\", \"minoring\" or \"majoring\"",
                    "\"" + *text + "\"");
  }
  std::string class_name() const override { return "AUC"; }
  Json config() const override {
    Json config = {{"num_thresholds", thresholding().thresholds.size()},
                   {"curve", options_.curve},
                   {"summation_method", options_.summation_method},
                   {"multi_label", options_.multi_label},
                   {"num_labels", or_null(options_.num_labels)},
                   {"label_weights", options_.label_weights.empty() ? Json() : Json(options_.label_weights)},
                   {"from_logits", options_.from_logits}};
    if (!options_.thresholds.empty()) config["thresholds"] = options_.thresholds;
    return config;
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
      check_setting(options.num_thresholds >= 2 && options.num_thresholds <= 1 << 20, "AUC", "num_thresholds",
                    "between 2 and 1048576", std::to_string(options.num_thresholds));
      result.thresholds = even_thresholds(options.num_thresholds);
      result.even = true;
    } else {
      for (double threshold : options.thresholds) check_share(threshold, "AUC", "thresholds");
      result.thresholds = options.thresholds;
      std::sort(result.thresholds.begin(), result.thresholds.end());
      result.thresholds.insert(result.thresholds.begin(), 0);
      result.thresholds.push_back(1);
      result.even = evenly_spaced(result.thresholds);
    }
    // Every score is above the first threshold and none above the last.
    result.thresholds.front() = -kEpsilon, result.thresholds.back() = 1 + kEpsilon;
    result.open_ends = true;
    if (options.num_labels && !options.multi_label)
      throw Error("AUC: num_labels: is needed only with multi_label = true; leave it out");
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

PrecisionOptions read_precision(ConfigReader& read) {
  return {read_thresholds(read), read_optional(read, "top_k"), read_optional(read, "class_id"), {}};
}

AUCOptions read_auc(ConfigReader& read) {
  AUCOptions options;
  options.num_thresholds = read.integer("num_thresholds", 200);
  options.curve = read.text("curve", "ROC");
  options.summation_method = read.text("summation_method", "interpolation");
  options.thresholds = read_thresholds(read);
  options.multi_label = read.flag("multi_label", false);
  options.num_labels = read_optional(read, "num_labels");
  // A list, or the envelope in which Keras writes tensors.
  const Json& given = read.raw("label_weights");
  const Json weights =
      given.is_object() && given.value("class_name", "") == "__tensor__" && given.contains("config")
          ? given["config"].value("value", Json())
          : given;
  if (!given.is_null() && !weights.is_array()) read.fail("label_weights", "a list of numbers");
  for (const Json& weight : weights) {
    if (!weight.is_number()) read.fail("label_weights", "a list of numbers");
    options.label_weights.push_back(weight.get<double>());
  }
  options.from_logits = read.flag("from_logits", false);
  return options;
}

struct CountRow {
  const char *class_name, *name, *what;
  Rate rate;
};
constexpr CountRow kCounts[] = {
    {"TruePositives", "true_positives", "positives that are called so",
     [](const ThresholdCounts& c) { return c.tp; }},
    {"TrueNegatives", "true_negatives", "negatives that are called so",
     [](const ThresholdCounts& c) { return c.tn; }},
    {"FalsePositives", "false_positives", "negatives that are called positive",
     [](const ThresholdCounts& c) { return c.fp; }},
    {"FalseNegatives", "false_negatives", "positives that are called negative",
     [](const ThresholdCounts& c) { return c.fn; }},
};

MetricRow search_row(Search search, const char* name, const char* what) {
  return {search.class_name, name, {}, what, [search](ConfigReader& read, const Json&) -> Body {
            if (!read.has(search.setting)) read.fail(search.setting, "a number from 0 to 1");
            return std::make_shared<SearchMetric>(
                search, read.number(search.setting, 0),
                ThresholdSearch{read.integer("num_thresholds", 200), read_optional(read, "class_id"), {}});
          }};
}

}  // namespace

std::vector<MetricRow> confusion_metric_rows() {
  std::vector<MetricRow> rows;
  for (const CountRow& row : kCounts)
    rows.push_back({row.class_name, row.name, {}, row.what, [row](ConfigReader& read, const Json&) {
                      return count(row.class_name, read_thresholds(read), row.rate);
                    }});
  rows.push_back({"Precision", "precision", {}, "tp / (tp + fp)", [](ConfigReader& read, const Json&) {
                    return rate("Precision", read_precision(read), precision);
                  }});
  rows.push_back({"Recall", "recall", {}, "tp / (tp + fn)", [](ConfigReader& read, const Json&) {
                    return rate("Recall", read_precision(read), recall);
                  }});
  rows.push_back(search_row(kSensitivityAtSpecificity, "sensitivity_at_specificity",
                            "the best recall where specificity is high enough"));
  rows.push_back(search_row(kSpecificityAtSensitivity, "specificity_at_sensitivity",
                            "the best specificity where recall is high enough"));
  rows.push_back(search_row(kPrecisionAtRecall, "precision_at_recall",
                            "the best precision where recall is high enough"));
  rows.push_back(search_row(kRecallAtPrecision, "recall_at_precision",
                            "the best recall where precision is high enough"));
  rows.push_back(
      {"AUC",
       "auc",
       {},
       "the area under the ROC or precision-recall curve, from thresholds",
       [](ConfigReader& read, const Json&) -> Body { return std::make_shared<AUCMetric>(read_auc(read)); }});
  return rows;
}

namespace metrics {

Metric TruePositives(std::vector<double> thresholds, const std::string& name) {
  return Metric(count("TruePositives", thresholds, kCounts[0].rate), name);
}
Metric TrueNegatives(std::vector<double> thresholds, const std::string& name) {
  return Metric(count("TrueNegatives", thresholds, kCounts[1].rate), name);
}
Metric FalsePositives(std::vector<double> thresholds, const std::string& name) {
  return Metric(count("FalsePositives", thresholds, kCounts[2].rate), name);
}
Metric FalseNegatives(std::vector<double> thresholds, const std::string& name) {
  return Metric(count("FalseNegatives", thresholds, kCounts[3].rate), name);
}
Metric Precision(PrecisionOptions options) {
  return Metric(rate("Precision", options, precision), options.name);
}
Metric Recall(PrecisionOptions options) { return Metric(rate("Recall", options, recall), options.name); }
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
