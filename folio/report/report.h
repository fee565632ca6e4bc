// What `folio train` leaves behind for people: report.json, and the page report.html made from it.
#pragma once
#include <string>
#include <vector>

#include "folio/analysis/finding.h"
#include "folio/analysis/permutation_importance.h"
#include "folio/models/model.h"
#include "folio/report/run_record.h"

namespace folio {

/// What is known at the end of a training. Anything may be left out; the page then does without.
struct ReportInputs {
  Model model;  ///< the one whose predictions are shown; compiled
  History history = {};
  std::vector<std::pair<std::string, std::string>> settings =
      {};  ///< settings_of(the object in settings.json)
  /// Loss and metrics by part of the data: {{"validation", …}, {"test", …}}.
  std::vector<std::pair<std::string, Logs>> results = {};
  /// Samples the training did not see, and what the model said of them: one tensor per output.
  std::string part = "test";
  Data data = {};
  std::vector<Tensor> predictions = {};
  std::vector<int64_t> rows = {};       ///< the samples' numbers in the data, from 0; empty: their order
  std::vector<std::string> texts = {};  ///< what each sample was made of; empty: its numbers are shown
  std::vector<std::string> class_names = {};  ///< their numbers when left out
  std::vector<Importance> importance = {};    ///< of a table's columns, by the validation rows
  TimeRecord time = {};                       ///< flops_per_step is filled in from the model when it is 0
  std::vector<Finding> findings = {};         ///< of the doctor
  std::vector<ExampleRecord> examples = {};
  std::vector<PictureRecord> pictures = {};
  bool finished = true;
};

/// The record of a run that went into `folder`. What an output predicts is judged by its loss:
/// cross-entropies as classes, a binary one of several units as labels that may hold together, everything
/// else as numbers. Where each step or pixel has a class, they are the samples. Throws `Error` when
/// predictions and targets do not fit together.
RunRecord collect_record(const std::string& folder, const ReportInputs& inputs);

/// Writes report.json and report.html into the folder.
void write_report(const std::string& folder, const ReportInputs& inputs);

/// The measured peak of `threads` threads at matrix products in the cache, in operations a second.
double measured_peak_flops(int threads);

}  // namespace folio
