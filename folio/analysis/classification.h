// Right and wrong, counted: confusion matrices and what follows from them. (sheet A1, A2, A4)
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// One class against the rest: how many samples (or how much of their weight) were rightly and wrongly called
/// that class, and not. A rate of nothing (0 / 0) is 0, as scikit-learn's zero_division = 0.
struct ConfusionCounts {
  double tp = 0, fp = 0, fn = 0, tn = 0;

  double support() const { return tp + fn; }
  double total() const { return tp + fp + fn + tn; }
  double accuracy() const;             ///< (tp + tn) / total
  double error_rate() const;           ///< (fp + fn) / total
  double precision() const;            ///< tp / (tp + fp)
  double recall() const;               ///< tp / (tp + fn): sensitivity, true positive rate
  double false_positive_rate() const;  ///< fp / (fp + tn)
  double specificity() const;          ///< tn / (fp + tn): true negative rate
  double false_negative_rate() const;  ///< fn / (tp + fn)
  double f1() const { return f_beta(1); }
  /// (1 + β²) tp / ((1 + β²) tp + β² fn + fp): recall counts β times as much as precision.
  double f_beta(double beta) const;
  ConfusionCounts& operator+=(const ConfusionCounts& other);
};

/// The mean of a measure over classes. "macro": every class counts the same; "weighted": by its support;
/// "micro": the measure of all counts added up. No classes, or no support, give 0. Any measure will do:
/// `average(counts, "macro", &ConfusionCounts::recall)`.
double average(const std::vector<ConfusionCounts>& counts, const std::string& how,
               const std::function<double(const ConfusionCounts&)>& measure);

/// Counts (or weights) of samples by true class (rows) and predicted class (columns). It grows batch by
/// batch, and matrices of parts add up to that of the whole.
class ConfusionMatrix {
 public:
  /// Throws `Error` unless there are between 1 and 2^15 classes.
  explicit ConfusionMatrix(int64_t classes);
  /// labels (n,): class numbers. predicted: class numbers (n,), or scores (n, classes), of which the first
  /// largest wins. weights (n,): 1 each when left out. Throws `Error` on other shapes and unknown classes,
  /// and has then counted nothing.
  void add(const Tensor& labels, const Tensor& predicted, const Tensor& weights = {});
  void add(const ConfusionMatrix& other);

  int64_t classes() const { return classes_; }
  double at(int64_t label, int64_t predicted) const;
  /// Row-major.
  const std::vector<double>& values() const { return values_; }
  /// "true": every row sums to 1; "pred": every column; "all": everything. Empty rows or columns stay 0.
  std::vector<double> normalized(const std::string& by) const;

  ConfusionCounts counts(int64_t one_class) const;
  std::vector<ConfusionCounts> counts() const;
  double total() const;
  double accuracy() const;  ///< the share on the diagonal
  double error_rate() const;
  /// The mean recall of the classes that occur; `adjusted` gives 0 to guessing and 1 to perfection. 0 when
  /// none occurs, and adjusted when only one does.
  double balanced_accuracy(bool adjusted = false) const;
  /// Matthews' coefficient, of many classes too (Gorodkin 2004): 1 perfect, 0 chance. 0 when all labels or
  /// all predictions are of one class.
  double matthews_corrcoef() const;
  /// Cohen's kappa: agreement beyond chance. `weights`: "none", or "linear", "quadratic" for classes with an
  /// order. 0 when chance alone agrees always (labels and predictions are all of the same class).
  double cohen_kappa(const std::string& weights = "none") const;

 private:
  int64_t classes_;
  std::vector<double> values_;
};

/// The matrix of all samples; `classes` 0: one more than the largest number that occurs.
ConfusionMatrix confusion_matrix(const Tensor& labels, const Tensor& predicted, int64_t classes = 0,
                                 const Tensor& weights = {});

/// Labels that may hold together: labels and predicted (n, labels) of 0 and 1, weights (n,) -> one per label.
std::vector<ConfusionCounts> multilabel_counts(const Tensor& labels, const Tensor& predicted,
                                               const Tensor& weights = {});
/// Two classes told apart by scores (n,): those above the threshold are called 1. labels (n,) of 0 and 1.
ConfusionCounts binary_counts(const Tensor& labels, const Tensor& scores, double threshold = 0.5,
                              const Tensor& weights = {});

/// Precision, recall and F1 of each class and their averages, as scikit-learn's table.
struct ClassificationReport {
  struct Row {
    std::string name;
    double precision = 0, recall = 0, f1 = 0, support = 0;
  };
  std::vector<Row> classes;
  /// "macro avg" and "weighted avg"; of labels that may hold together "micro avg" first.
  std::vector<Row> averages;
  /// Of classes that exclude each other; below 0 where there is no such thing.
  double accuracy = -1;
  double support = 0;
  /// A table for people.
  std::string text(int digits = 2) const;
};
/// `names`: one per class; their numbers when left out.
ClassificationReport classification_report(const ConfusionMatrix& matrix,
                                           const std::vector<std::string>& names = {});
ClassificationReport classification_report(const std::vector<ConfusionCounts>& labels,
                                           const std::vector<std::string>& names = {});

}  // namespace folio
