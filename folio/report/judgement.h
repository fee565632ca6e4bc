// Predictions against the truth, condensed to what a page shows.
#pragma once
#include <string>
#include <vector>

#include "folio/report/run_record.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// What mistakes are shown from; without values none are.
struct Samples {
  Tensor values = {};                   ///< (n, …)
  std::vector<int64_t> rows = {};       ///< their numbers in the data, from 0; empty: their own order
  std::vector<std::string> texts = {};  ///< what each was made of; empty: its numbers
};

/// labels (n,): class numbers; probabilities (n, classes). At most `kMistakes` mistakes are kept, the most
/// confident first.
ClassificationRecord judge_classes(const Tensor& labels, const Tensor& probabilities, const Samples& samples,
                                   const std::vector<std::string>& names);

/// Labels that may hold together: targets (n, labels) of 0 and 1, probabilities (n, labels), of which those
/// above 0.5 are called 1.
ClassificationRecord judge_labels(const Tensor& targets, const Tensor& probabilities,
                                  const std::vector<std::string>& names);

/// targets and predicted (n, outputs): one record per output, or one of all when there are more than
/// `kNumbers`.
std::vector<RegressionRecord> judge_numbers(const Tensor& targets, const Tensor& predicted,
                                            const std::vector<std::string>& names);

/// Those points of a curve without which it would look different by more than a thousandth of its box.
void thin(std::vector<double>& x, std::vector<double>& y);

inline constexpr size_t kMistakes = 24;
inline constexpr int64_t kNumbers = 8;

}  // namespace folio
