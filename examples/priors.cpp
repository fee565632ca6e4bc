// Rare classes: why accuracy misleads, and what a change of the prior or class weights do to recall. The
// posteriors of a small network are re-weighted to other priors; how far recall then moves can be told
// beforehand from the posteriors. Needs the data set `tabular` in $FOLIO_DATA; without it it says so and does
// nothing.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace folio;

namespace {

/// The last column is the target, its rarer value class 1; the others have mean 0 and deviation 1 (0 if
/// constant).
Data standardized(const std::string& path, size_t first_column) {
  const CsvTable table = read_csv(path, {.categorical = {}});
  const CsvColumn& target = table.columns.back();
  const auto features = static_cast<int64_t>(table.columns.size() - 1 - first_column);
  Tensor x({table.rows, features}), y({table.rows, 1});
  for (int64_t r = 0; r < table.rows; ++r)
    y.set(r, target.is_number
                 ? target.numbers[static_cast<size_t>(r)]
                 : target.categories[static_cast<size_t>(target.codes[static_cast<size_t>(r)])] == "'1'");
  for (int64_t f = 0; f < features; ++f) {
    const std::vector<double>& values = table.columns[first_column + static_cast<size_t>(f)].numbers;
    double mean = 0, square = 0;
    for (double value : values) mean += value / static_cast<double>(table.rows);
    for (double value : values) square += (value - mean) * (value - mean) / static_cast<double>(table.rows);
    for (int64_t r = 0; r < table.rows; ++r)
      x.set(r * features + f, square > 0 ? (values[static_cast<size_t>(r)] - mean) / std::sqrt(square) : 0);
  }
  return random_part({x, y}, table.rows, 1, 0);  // shuffled
}

Tensor posteriors(const Data& train, const Tensor& x, const std::map<int, double>& class_weight) {
  set_random_seed(1);
  const Sequential model(
      {Input({x.shape()[1]}), Dense(16, {.activation = "tanh"}), Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = AdamW(0.003, 0.01), .loss = "binary_crossentropy"});
  model.fit(train, {.epochs = 25, .verbose = 0, .class_weight = class_weight});
  return model.predict(x);
}

struct Measured {
  double accuracy = 0, recall = 0, precision = 0;
};

Measured measure(const Tensor& posterior, const Tensor& y, double threshold = 0.5) {
  double right = 0, found = 0, positives = 0, called = 0;
  for (int64_t r = 0; r < y.count(); ++r) {
    const bool positive = posterior.at(r) >= threshold;
    right += positive == (y.at(r) > 0);
    found += positive && y.at(r) > 0;
    positives += y.at(r);
    called += positive;
  }
  return {right / static_cast<double>(y.count()), found / positives, called > 0 ? found / called : 0};
}

/// What recall must be if the posteriors are right: the expected positives beyond the threshold by all of
/// them.
double recall_by_theory(const Tensor& posterior, double threshold) {
  double found = 0, all = 0;
  for (int64_t r = 0; r < posterior.count(); ++r) {
    all += posterior.at(r);
    if (posterior.at(r) >= threshold) found += posterior.at(r);
  }
  return found / all;
}

bool study(const std::string& name, const Data& data, Plot& plot) {
  const int64_t half = data.rows() / 2;
  const Data train = data.slice(0, half), test = data.slice(half, data.rows());
  const std::vector<double> priors = class_shares(train.y[0], 2);
  const Tensor& y = test.y[0];
  const double positives = class_shares(y, 2)[1] * static_cast<double>(y.count());
  std::printf("%s: %.1f %% positives\n", name.c_str(), 100 * priors[1]);
  std::printf("                          accuracy  recall  by theory  precision\n");
  const auto show = [](const char* what, const Measured& m, double theory) {
    std::printf("%-26s   %.3f    %.3f     %.3f      %.3f\n", what, m.accuracy, m.recall, theory, m.precision);
  };
  show("never positive", measure(Tensor(y.shape()), y), 0);
  const Tensor own = posteriors(train, test.x[0], {});
  bool holds = true;
  double last = -1;
  std::vector<double> x, recalls, theories, accuracies;
  for (double prior : {priors[1], 0.1, 0.3, 0.5, 0.8}) {
    const Measured m = measure(reweight(own, priors, {1 - prior, prior}), y);
    const double theory = recall_by_theory(own, reweighted_threshold(0.5, priors[1], prior));
    char what[64];
    std::snprintf(what, sizeof what, "prior %.3f", prior);
    show(what, m, theory);
    // Recall only grows with the prior, and is what theory says but for four standard errors and the
    // calibration.
    const double error = std::sqrt(theory * (1 - theory) / positives);
    holds = holds && m.recall >= last && std::abs(m.recall - theory) < 4 * error + 0.1;
    last = m.recall;
    x.push_back(prior);
    recalls.push_back(m.recall);
    theories.push_back(theory);
    accuracies.push_back(m.accuracy);
  }
  plot.line("recall", x, recalls, {.points = true}).line("recall by theory", x, theories, {.dashed = true});
  plot.line("accuracy", x, accuracies).x_axis({.label = "prior of the rare class, " + name});

  // Weights of 1 / prior in training are the prior 0.5 afterwards.
  const Tensor weighted = posteriors(train, test.x[0], {{0, 0.5 / priors[0]}, {1, 0.5 / priors[1]}});
  const Measured balanced = measure(reweight(own, priors, {0.5, 0.5}), y), m = measure(weighted, y);
  show("class weights 1 / prior", m, recall_by_theory(own, priors[1]));
  const PriorEstimate estimate = estimate_priors(own, priors);
  std::printf("prior of the test half: %.4f, estimated without labels %.4f\n\n",
              positives / static_cast<double>(y.count()), estimate.priors[1]);
  const double error = std::sqrt(balanced.recall * (1 - balanced.recall) / positives);
  return holds && std::abs(m.recall - balanced.recall) < 2 * error + 0.05 &&
         m.recall > measure(own, y).recall + 0.1;
}

}  // namespace

int main() {
  const char* folder = std::getenv("FOLIO_DATA");
  const std::string data = std::string(folder != nullptr ? folder : "") + "/tabular/";
  if (!file_exists(data + "mammography.csv") || !file_exists(data + "oil-spill.csv")) {
    std::printf("skipped: needs tabular/ in $FOLIO_DATA\n");
    return 0;
  }
  std::vector<Plot> plots(2);
  const bool mammography = study("mammography", standardized(data + "mammography.csv", 0), plots[0]);
  // Column 0 is a running number.
  const bool oil = study("oil spill", standardized(data + "oil-spill.csv", 1), plots[1]);
  write_file_atomically("priors.svg", side_by_side(plots));
  return mammography && oil ? 0 : 1;
}
