// Predictions against the truth, condensed to what a page shows.
#pragma once
#include <string>
#include <vector>

#include "folio/report/run_record.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// labels (n,): class numbers; probabilities (n, classes); samples (n, …): what mistakes are shown from, may
/// be empty. At most `kMistakes` mistakes are kept, the most confident first.
ClassificationRecord judge_classes(const Tensor& labels, const Tensor& probabilities, const Tensor& samples,
                                   const std::vector<std::string>& names);

/// targets and predicted (n, outputs): one record per output.
std::vector<RegressionRecord> judge_numbers(const Tensor& targets, const Tensor& predicted,
                                            const std::vector<std::string>& names);

/// Those points of a curve without which it would look different by more than a thousandth of its box.
void thin(std::vector<double>& x, std::vector<double>& y);

inline constexpr size_t kMistakes = 24;

}  // namespace folio
