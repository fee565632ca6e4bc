// Why a person must not stand on both sides of a split. (sheet B, G4) Windows of phone sensors overlap and
// come from 21 people. Dealt out row by row, a test window has neighbours of the same person in training;
// dealt out by person, the model meets people it has never seen, which is what it is for. Reads
// $FOLIO_DATA/har.
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

using namespace folio;

namespace {

constexpr int64_t kChannels = 9, kSteps = 128, kStatistics = 4;

/// Mean, deviation, least and largest of each channel in each window.
Tensor statistics(const std::string& folder) {
  const char* channels[kChannels] = {"body_acc_x",  "body_acc_y",  "body_acc_z",
                                     "total_acc_x", "total_acc_y", "total_acc_z",
                                     "body_gyro_x", "body_gyro_y", "body_gyro_z"};
  Tensor x;
  for (int64_t c = 0; c < kChannels; ++c) {
    const CsvTable table = read_csv(folder + "/train/Inertial_Signals/" + channels[c] + "_train.txt.gz",
                                    {.separator = ' ', .header = CsvHeader::absent});
    if (x.empty()) x = Tensor({table.rows, kChannels * kStatistics});
    for (size_t r = 0; r < static_cast<size_t>(table.rows); ++r) {
      double sum = 0, squares = 0, least = 1e9, largest = -1e9;
      for (const CsvColumn& step : table.columns) {
        const double value = step.numbers[r];
        sum += value;
        squares += value * value;
        least = std::fmin(least, value);
        largest = std::fmax(largest, value);
      }
      const double mean = sum / kSteps;
      int64_t at = (static_cast<int64_t>(r) * kChannels + c) * kStatistics;
      for (double statistic : {mean, std::sqrt(std::fmax(0, squares / kSteps - mean * mean)), least, largest})
        x.set(at++, statistic);
    }
  }
  return x;
}

double accuracy_of(const Data& data, const Split& split) {
  set_random_seed(1);
  const Data train = take_rows(data, split.train), test = take_rows(data, split.test);
  StandardScaler scaler;
  scaler.fit(train.x[0]);  // on the training rows only: the test rows are not to be known
  const Sequential model({Input({kChannels * kStatistics}), scaler.as_layer(),
                          Dense(64, {.activation = "relu"}), Dense(6, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(train, {.epochs = 15, .verbose = 0});
  return *find_log(model.evaluate(test), "accuracy");
}

}  // namespace

int main() {
  const char* root = std::getenv("FOLIO_DATA");
  const std::string folder = std::string(root ? root : "") + "/har";
  if (!root || !folder_exists(folder)) {
    std::printf("skipped: set FOLIO_DATA to a folder with the set har\n");
    return 0;
  }
  const Tensor x = statistics(folder);
  const auto column = [&](const std::string& name) {
    return read_csv(folder + "/train/" + name, {.header = CsvHeader::absent}).columns[0];
  };
  const std::vector<int64_t> person = ids_of(column("subject_train.txt"));
  const std::vector<double> activity = column("y_train.txt").numbers;
  Tensor y({x.shape()[0]}, DType::int32);
  for (int64_t r = 0; r < y.count(); ++r) y.set(r, activity[static_cast<size_t>(r)] - 1);
  const Data data(x, y);

  double by_row = 0, by_person = 0;
  constexpr int kSplits = 5;
  for (uint64_t seed = 1; seed <= kSplits; ++seed) {
    by_row += accuracy_of(data, split_rows(data.rows(), {.test = 0.25, .seed = seed, .classes = ids_of(y)})) /
              kSplits;
    const Split split =
        split_rows(data.rows(), {.test = 0.25, .seed = seed, .classes = ids_of(y), .groups = person});
    std::set<int64_t> known;
    for (int64_t row : split.train) known.insert(person[static_cast<size_t>(row)]);
    for (int64_t row : split.test)
      if (known.count(person[static_cast<size_t>(row)])) return 1;
    by_person += accuracy_of(data, split) / kSplits;
  }
  std::printf(
      "test accuracy, mean of %d splits\n  rows dealt out one by one  %.1f %%\n  whole people               "
      "%.1f %%\n",
      kSplits, 100 * by_row, 100 * by_person);
  write_file_atomically("split_by_person.svg",
                        Plot("Activity recognition, by how rows are split")
                            .bars("test accuracy", {"row by row", "whole people"}, {by_row, by_person})
                            .y_axis({.label = "test accuracy", .low = 0, .high = 1})
                            .svg());
  return by_row > by_person && by_person > 0.7 ? 0 : 1;
}
