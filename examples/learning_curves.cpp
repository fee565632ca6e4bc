// Learning curves: a network trained on more and more pictures, three times each. The training accuracy falls
// a little, the validation accuracy rises, and the verdict says what the gap between them means. Needs MNIST
// in $FOLIO_DATA or Debian's package dataset-fashion-mnist; without them it says so and does nothing.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cstdio>

using namespace folio;

namespace {

Dataset pictures(const std::string& split) {
  try {
    return load("mnist", split);
  } catch (const Error&) {
    return load("fashion-mnist", split);
  }
}

Scores train_and_score(const Data& train, const Data& validation, int repeat) {
  set_random_seed(static_cast<uint64_t>(repeat));
  const Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten(),
                          Dense(64, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const int steps = 300;  // as many for every size
  model.fit(train, {.epochs = static_cast<int>(1 + steps * 32 / train.rows()), .verbose = 0});
  const auto accuracy = [&](const Data& data) {
    for (const auto& [name, value] : model.evaluate(data, 256))
      if (name == "accuracy") return value;
    return 0.0;
  };
  return {accuracy(train), accuracy(validation)};
}

}  // namespace

int main() {
  Data train, validation;
  try {
    const Dataset all = pictures("train"), held_back = pictures("validation");
    std::printf("%s\n", all.name.c_str());
    train = {all.x, all.y};
    validation = Data(held_back.x, held_back.y).slice(0, 2000);
  } catch (const Error&) {
    std::printf("skipped: needs MNIST in $FOLIO_DATA or Debian's package dataset-fashion-mnist\n");
    return 0;
  }
  const LearningCurve curve = learning_curve(train_and_score, train, validation, {100, 300, 1000, 3000});
  std::printf("%s", curve.table().c_str());
  const Verdict first = verdict(LearningCurve{{curve.points[0]}}), last = verdict(curve);
  std::printf("with 100 samples: %s\nwith all: %s\n", first.text().c_str(), last.text().c_str());

  Plot plot("Learning curves");
  for (auto part : {&Scores::training, &Scores::validation}) {
    std::vector<double> sizes, means, low, high;
    for (const LearningCurve::Point& point : curve.points) {
      sizes.push_back(static_cast<double>(point.size));
      means.push_back(point.mean.*part);
      low.push_back(point.mean.*part - point.deviation.*part);
      high.push_back(point.mean.*part + point.deviation.*part);
    }
    const std::string name = part == &Scores::training ? "training" : "validation";
    plot.band(name + " ± deviation", sizes, low, high).line(name, sizes, means, {.points = true});
  }
  plot.x_axis({.label = "training samples", .log = true}).y_axis({.label = "accuracy"});
  write_file_atomically("learning_curves.svg", plot.svg());

  bool rises = true;
  for (size_t i = 1; i < curve.points.size(); ++i)
    rises = rises && curve.points[i].mean.validation > curve.points[i - 1].mean.validation;
  return rises && first.fit == Fit::overfit && last.fit != Fit::overfit ? 0 : 1;
}
