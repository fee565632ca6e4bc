// Learning curves: how training and validation scores change with the number of training samples. (sheet A5)
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "folio/data/batches.h"

namespace folio {

/// What a model scored on its training set and on other data.
struct Scores {
  double training = 0, validation = 0;
};
/// Trains any model anew on `train` and scores it on both; `repeat` serves as a seed.
using TrainAndScore = std::function<Scores(const Data& train, const Data& validation, int repeat)>;

struct LearningCurve {
  struct Point {
    int64_t size = 0;            ///< training samples
    std::vector<Scores> scores;  ///< one per repeat
    Scores mean, deviation;      ///< over repeats; the deviation of a single one is 0
  };
  std::vector<Point> points;  ///< by size
  /// A column each for size, training, ±, validation, ±.
  std::string table() const;
};

/// Trains `repeats` times at each of `sizes` (rising), on random parts of `data`; the parts of a repeat grow,
/// so that sizes are compared on the same samples. Throws `Error` for sizes that do not rise or exceed the
/// rows.
LearningCurve learning_curve(const TrainAndScore& train_and_score, const Data& data, const Data& validation,
                             const std::vector<int64_t>& sizes, int repeats = 3, uint64_t seed = 0);

}  // namespace folio
