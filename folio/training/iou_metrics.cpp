// Intersection over union, from a confusion matrix.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gather.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/transpose.h"
#include "folio/training/metric_rows.h"
#include "folio/training/metrics.h"

namespace folio {
namespace {

using namespace metrics;

constexpr double kEpsilon = 1e-7;  // Keras' backend epsilon
constexpr int64_t kMostClasses = 1 << 12;

struct IoUSettings {
  std::string class_name;
  int64_t num_classes = 2;
  std::vector<int64_t> target_class_ids;
  IoUOptions options;
  std::optional<double> threshold = {};  ///< BinaryIoU alone
};

// Places of the largest along a dimension, the others in order.
Value argmax_along(const Value& x, int64_t axis) {
  const int rank = x.rank(), at = static_cast<int>(axis < 0 ? axis + rank : axis);
  if (at < 1 || at >= rank)
    throw Error("axis: expected a dimension of " + to_string(x.shape()) + " after the first, got " +
                std::to_string(axis));
  if (at == rank - 1) return argmax(x);
  std::vector<int> order;
  for (int d = 0; d < rank; ++d)
    if (d != at) order.push_back(d);
  order.push_back(at);
  return argmax(transpose(x, order));
}

class IoUMetric final : public MetricBody {
 public:
  explicit IoUMetric(IoUSettings settings) : settings_(std::move(settings)) {
    const std::string& name = settings_.class_name;
    const int64_t classes = settings_.num_classes;
    check_setting(classes >= 1 && classes <= kMostClasses, name, "num_classes", "between 1 and 4096",
                  std::to_string(classes));
    check_setting(!settings_.target_class_ids.empty(), name, "target_class_ids", "at least one", "none");
    for (int64_t id : settings_.target_class_ids)
      check_setting(id >= 0 && id < classes, name, "target_class_ids", "classes below num_classes",
                    std::to_string(id));
    const std::string& type = settings_.options.dtype;
    check_setting(type.starts_with("int") || type.starts_with("float"), name, "dtype",
                  "\"int\" or \"float32\"", "\"" + type + "\"");
  }
  std::string class_name() const override { return settings_.class_name; }

  Json config() const override {
    const IoUOptions& options = settings_.options;
    Json config = {{"dtype", options.dtype}};
    if (!class_name().ends_with("MeanIoU")) config["target_class_ids"] = settings_.target_class_ids;
    if (settings_.threshold) {
      config["threshold"] = *settings_.threshold;
      return config;
    }
    config["num_classes"] = settings_.num_classes;
    config["ignore_class"] = options.ignore_class ? Json(*options.ignore_class) : Json();
    if (!class_name().starts_with("OneHot")) config["sparse_y_true"] = options.sparse_y_true;
    config["sparse_y_pred"] = options.sparse_y_pred;
    config["axis"] = options.axis;
    return config;
  }

  /// The weight of samples by true and predicted class.
  Values sums(const MetricInputs& batch) const override {
    const IoUOptions& options = settings_.options;
    const DType type = is_floating(batch.y_pred.dtype()) ? batch.y_pred.dtype() : DType::float32;
    const auto classes_of = [&](const Value& x, bool sparse) {
      return cast(sparse ? x : argmax_along(x, options.axis), DType::int32);
    };
    const Value given = settings_.threshold ? batch.y_pred >= *settings_.threshold : batch.y_pred;
    Value y = classes_of(batch.y_true, options.sparse_y_true), p = classes_of(given, options.sparse_y_pred);
    if (y.shape().count() != p.shape().count())
      throw Error("expected as many classes in the targets as in the predictions, got shapes " +
                  to_string(y.shape()) + " and " + to_string(p.shape()));
    const int64_t n = settings_.num_classes;
    const Shape shape = p.shape(), flat{shape.count()};
    Value weights = stretched_weights(batch.weights, shape, type);
    if (options.dtype.starts_with("int") && batch.weights.defined())
      weights = cast(cast(weights, DType::int32), type);
    const Value is = cast(reshape(y, flat), type), called = cast(reshape(p, flat), type);
    const auto known = [&](const Value& x) { return (x >= 0.0) * (x < static_cast<double>(n)); };
    Value counts = known(is) * known(called);
    if (options.ignore_class) counts = counts * (1.0 - equal(is, static_cast<double>(*options.ignore_class)));
    const Value places = select(counts, is * static_cast<double>(n) + called, constant(-1, type));
    return {reshape(scatter_add(reshape(weights, flat), cast(places, DType::int32), n * n), {n, n})};
  }

  std::vector<double> result(const std::vector<double>& sums) const override {
    const auto n = static_cast<size_t>(settings_.num_classes);
    double total = 0, occurring = 0;
    for (int64_t id : settings_.target_class_ids) {
      const auto c = static_cast<size_t>(id);
      double all = -sums[c * n + c];
      for (size_t i = 0; i < n; ++i) all += sums[c * n + i] + sums[i * n + c];
      total += sums[c * n + c] / (all + kEpsilon);
      occurring += all > 1e-9;
    }
    return {total / (occurring + kEpsilon)};
  }

 private:
  IoUSettings settings_;
};

std::vector<int64_t> all_classes(int64_t count) {
  std::vector<int64_t> ids(static_cast<size_t>(std::clamp<int64_t>(count, 0, kMostClasses)));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

// The dtype of a metric: a name, or Keras' envelope around it.
std::string read_dtype(ConfigReader& read) {
  const Json& given = read.raw("dtype");
  if (given.is_object() && given.contains("config") && given["config"].is_object())
    return given["config"].value("name", "int");
  return read.text("dtype", "int");
}

MetricRow iou_row(const char* class_name, const char* name, const char* what) {
  const std::string row = class_name;
  return {class_name, name, {}, what, [row](ConfigReader& read, const Json&) {
            const bool one_hot = row.starts_with("OneHot");
            IoUSettings settings{row, read.integer("num_classes"), {}, {}, {}};
            IoUOptions& options = settings.options;
            settings.target_class_ids = row.ends_with("MeanIoU") ? all_classes(settings.num_classes)
                                                                 : read.integers("target_class_ids", {});
            if (read.has("ignore_class")) options.ignore_class = read.integer("ignore_class");
            options.sparse_y_true = !one_hot && read.flag("sparse_y_true", true);
            options.sparse_y_pred = read.flag("sparse_y_pred", !one_hot);
            options.axis = read.integer("axis", -1);
            options.dtype = read_dtype(read);
            return std::make_shared<IoUMetric>(settings);
          }};
}

Metric made(const std::string& class_name, int64_t num_classes, std::vector<int64_t> ids,
            IoUOptions options) {
  if (class_name.starts_with("OneHot")) options.sparse_y_true = false;
  return Metric(
      std::make_shared<IoUMetric>(IoUSettings{class_name, num_classes, std::move(ids), options, {}}),
      options.name);
}

}  // namespace

std::vector<MetricRow> iou_metric_rows() {
  return {
      iou_row("IoU", "io_u", "intersection over union of classes"),
      iou_row("MeanIoU", "mean_io_u", "the mean of it over all classes"),
      iou_row("OneHotIoU", "one_hot_io_u", "the same of classes given as vectors"),
      iou_row("OneHotMeanIoU", "one_hot_mean_io_u", "the mean of it over all classes"),
      {"BinaryIoU",
       "binary_io_u",
       {},
       "the same of 0 and 1 that scores above a threshold tell",
       [](ConfigReader& read, const Json&) {
         IoUSettings settings{
             "BinaryIoU", 2, read.integers("target_class_ids", {0, 1}), {}, read.number("threshold", 0.5)};
         settings.options.dtype = read_dtype(read);
         return std::make_shared<IoUMetric>(settings);
       }}};
}

namespace metrics {

Metric IoU(int64_t num_classes, std::vector<int64_t> target_class_ids, IoUOptions options) {
  return made("IoU", num_classes, std::move(target_class_ids), std::move(options));
}
Metric MeanIoU(int64_t num_classes, IoUOptions options) {
  return made("MeanIoU", num_classes, all_classes(num_classes), std::move(options));
}
Metric OneHotIoU(int64_t num_classes, std::vector<int64_t> target_class_ids, IoUOptions options) {
  return made("OneHotIoU", num_classes, std::move(target_class_ids), std::move(options));
}
Metric OneHotMeanIoU(int64_t num_classes, IoUOptions options) {
  return made("OneHotMeanIoU", num_classes, all_classes(num_classes), std::move(options));
}
Metric BinaryIoU(std::vector<int64_t> target_class_ids, double threshold, const std::string& name) {
  return Metric(
      std::make_shared<IoUMetric>(IoUSettings{"BinaryIoU", 2, std::move(target_class_ids), {}, threshold}),
      name);
}

}  // namespace metrics
}  // namespace folio
