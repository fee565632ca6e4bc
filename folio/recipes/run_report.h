// The page of a run, as it ends.
#pragma once
#include <string>

#include "folio/recipes/run_folder.h"
#include "folio/report/report.h"

namespace folio {

/// Predicts `inputs.data` with `inputs.model`, if that has one output, and leaves report.json and report.html
/// in the folder. What cannot be shown is left out, with a warning: a training is not lost for its picture.
void report_run(const RunFolder& folder, ReportInputs inputs);

}  // namespace folio
