// Why accuracy misleads where one class is rare: metrics of a model while it learns, and exact measures of
// its predictions afterwards. (sheet A1 to A4)
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>

using namespace folio;

namespace {

// One sample in sixteen is positive; two features tell positives, not without error.
Dataset rare(int64_t rows) {
  Dataset data;
  data.x = Tensor({rows, 2});
  data.y = Tensor({rows, 1});
  uint32_t state = 1;
  const auto next = [&] {
    return static_cast<double>((state = state * 1664525U + 1013904223U) >> 8) / (1U << 24);
  };
  for (int64_t i = 0; i < rows; ++i) {
    const bool positive = i % 16 == 0;
    for (int64_t f = 0; f < 2; ++f)
      data.x.set(2 * i + f, next() + next() + next() - 1.5 + (positive ? 1 : 0));
    data.y.set(i, positive);
  }
  return data;
}

bool check(bool good, const char* what) {
  std::printf("%s: %s\n", good ? "ok" : "WRONG", what);
  return good;
}

}  // namespace

int main() {
  const Dataset data = rare(1600);
  set_random_seed(7);
  Sequential model({Input({2}), Dense(8, {.activation = "relu"}), Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = Adam(0.01),
                 .loss = "binary_crossentropy",
                 .metrics = {"accuracy", "Precision", "Recall", metrics::AUC(), metrics::AUC({.curve = "PR"}),
                             metrics::FBetaScore(2, {.average = "micro", .threshold = 0.5})}});
  const History history = model.fit({data.x, data.y}, {.batch_size = 50, .epochs = 10, .verbose = 0});
  for (const auto& [key, values] : history.series) std::printf("%-12s %.4f\n", key.c_str(), values.back());

  // The same from arrays: exact, and more.
  const Tensor scores = model.predict(data.x);
  const ConfusionCounts counts = binary_counts(data.y, scores);
  const double area = roc_auc(data.y, scores), precision = average_precision(data.y, scores);
  std::printf("exact ROC area %.4f, average precision %.4f, recall %.4f at accuracy %.4f\n", area, precision,
              counts.recall(), counts.accuracy());
  const RocCurve roc = roc_curve(data.y.reshaped({1600}), scores.reshaped({1600}));
  const PrecisionRecallCurve curve = precision_recall_curve(data.y.reshaped({1600}), scores.reshaped({1600}));
  write_file_atomically("metrics.svg",
                        side_by_side({Plot("ROC: looks good")
                                          .line("this model", roc.fpr, roc.tpr)
                                          .line("guessing", {0, 1}, {0, 1}, {.dashed = true})
                                          .x_axis({.label = "false positive rate"})
                                          .y_axis({.label = "true positive rate"}),
                                      Plot("Precision and recall: one in sixteen is rare")
                                          .line("this model", curve.recall, curve.precision)
                                          .line("guessing", {0, 1}, {1 / 16.0, 1 / 16.0}, {.dashed = true})
                                          .x_axis({.label = "recall"})
                                          .y_axis({.label = "precision"})}));

  Tensor called(data.y.shape());
  for (int64_t i = 0; i < called.count(); ++i) called.set(i, scores.at(i) > 0.5);
  const ConfusionMatrix matrix = confusion_matrix(data.y, called);
  const ConfusionMatrix never = confusion_matrix(data.y, Tensor(data.y.shape()), 2);
  std::printf("%s", classification_report(matrix, {"usual", "rare"}).text().c_str());

  const Logs logs = model.evaluate({data.x, data.y}, 50);
  bool good = check(never.accuracy() > 0.93 && never.balanced_accuracy() == 0.5,
                    "saying no to all has an accuracy above 93 %, and is no better than chance");
  good &= check(std::abs(*find_log(logs, "accuracy") - matrix.accuracy()) < 1e-6, "batches and arrays agree");
  good &= check(std::abs(*find_log(logs, "Recall") - counts.recall()) < 1e-6, "on recall too");
  good &=
      check(std::abs(*find_log(logs, "auc") - area) < 0.01, "200 thresholds come close to the exact area");
  good &= check(area > 0.9 && matrix.matthews_corrcoef() > 0.3, "the model has learnt something");
  return good ? 0 : 1;
}
