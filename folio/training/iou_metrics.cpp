// Intersection over union, from a confusion matrix.
#include <fmt/format.h>

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
constexpr double kMostClasses = 1 << 12;

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

// The dtype of a metric: a name, or Keras' envelope around it.
struct Type {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    auto& type = *static_cast<std::string*>(value);
    if (json.is_object() && json.contains("config") && json["config"].is_object())
      type = json["config"].value("name", "int");
    else
      read_value(json, type, rules);
  }
};
constexpr FieldType kType = {Type::read, kFieldType<std::string>.write, kFieldType<std::string>.check};

class IoUMetric final : public MetricBody {
 public:
  explicit IoUMetric(IoUSettings settings) : settings_(std::move(settings)) {
    if (one_hot()) settings_.options.sparse_y_true = false;
  }
  std::string class_name() const override { return settings_.class_name; }
  std::optional<bool> larger_is_better() const override { return true; }

  void fields(Fields& f) override {
    IoUOptions& o = settings_.options;
    f.visit({"dtype", &o.dtype, kType, {}});
    if (!of_all()) f("target_class_ids", settings_.target_class_ids, {.least = 0, .not_empty = true});
    if (settings_.threshold) {
      f("threshold", *settings_.threshold);
      return;
    }
    f("num_classes", settings_.num_classes, {.required = true, .least = 1, .most = kMostClasses});
    f("ignore_class", o.ignore_class);
    if (!one_hot()) f("sparse_y_true", o.sparse_y_true);
    f("sparse_y_pred", o.sparse_y_pred);
    f("axis", o.axis);
  }
  void configured() override {
    if (of_all()) {
      settings_.target_class_ids.resize(static_cast<size_t>(settings_.num_classes));
      std::iota(settings_.target_class_ids.begin(), settings_.target_class_ids.end(), 0);
    }
    for (int64_t id : settings_.target_class_ids)
      if (id >= settings_.num_classes)
        throw Error(fmt::format("{}: target_class_ids: expected classes below num_classes = {}, got {}",
                                class_name(), settings_.num_classes, id));
    const std::string& type = settings_.options.dtype;
    if (!type.starts_with("int") && !type.starts_with("float"))
      throw Error(fmt::format("{}: dtype: expected \"int\" or \"float32\", got \"{}\"", class_name(),
                              type.substr(0, 80)));
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
  bool one_hot() const { return class_name().starts_with("OneHot"); }
  /// The classes are all, and not chosen.
  bool of_all() const { return class_name().ends_with("MeanIoU"); }

  IoUSettings settings_;
};

MetricRow iou_row(const char* class_name, const char* name, const char* what) {
  return {
      class_name, name, {}, what, [class_name] {
        const bool one_hot = std::string(class_name).starts_with("OneHot");
        return std::make_shared<IoUMetric>(IoUSettings{class_name, 2, {}, {.sparse_y_pred = !one_hot}, {}});
      }};
}

Metric made(const char* class_name, int64_t num_classes, std::vector<int64_t> ids,
            const IoUOptions& options) {
  return Metric(
      std::make_shared<IoUMetric>(IoUSettings{class_name, num_classes, std::move(ids), options, {}}),
      options.name);
}
Metric made_binary(std::vector<int64_t> ids, double threshold, const std::string& name) {
  return Metric(std::make_shared<IoUMetric>(IoUSettings{"BinaryIoU", 2, std::move(ids), {}, threshold}),
                name);
}

}  // namespace

std::vector<MetricRow> iou_metric_rows() {
  return {iou_row("IoU", "io_u", "intersection over union of classes"),
          iou_row("MeanIoU", "mean_io_u", "the mean of it over all classes"),
          iou_row("OneHotIoU", "one_hot_io_u", "the same of classes given as vectors"),
          iou_row("OneHotMeanIoU", "one_hot_mean_io_u", "the mean of it over all classes"),
          {"BinaryIoU", "binary_io_u", {}, "the same of 0 and 1 that scores above a threshold tell", [] {
             return std::make_shared<IoUMetric>(IoUSettings{"BinaryIoU", 2, {0, 1}, {}, 0.5});
           }}};
}

namespace metrics {

Metric IoU(int64_t num_classes, std::vector<int64_t> target_class_ids, IoUOptions options) {
  return made("IoU", num_classes, std::move(target_class_ids), options);
}
Metric MeanIoU(int64_t num_classes, IoUOptions options) { return made("MeanIoU", num_classes, {}, options); }
Metric OneHotIoU(int64_t num_classes, std::vector<int64_t> target_class_ids, IoUOptions options) {
  return made("OneHotIoU", num_classes, std::move(target_class_ids), options);
}
Metric OneHotMeanIoU(int64_t num_classes, IoUOptions options) {
  return made("OneHotMeanIoU", num_classes, {}, options);
}
Metric BinaryIoU(std::vector<int64_t> target_class_ids, double threshold, const std::string& name) {
  return made_binary(std::move(target_class_ids), threshold, name);
}

}  // namespace metrics
}  // namespace folio
