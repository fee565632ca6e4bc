// All that the page of a run shows, as data: what `report.json` keeps, so that the page can be made again
// without the data set.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "folio/base/json.h"

namespace folio {

/// A measured curve from left to right: ROC (false and true positive rate), precision over recall.
struct CurveRecord {
  std::string name;
  double area = 0;  ///< under it; of precision-recall curves the average precision
  std::vector<double> x, y;
};

struct ClassRecord {
  std::string name;
  double precision = 0, recall = 0, f1 = 0, support = 0;
};

/// A sample that a classifier got wrong.
struct MistakeRecord {
  int64_t row = 0;  ///< in the data, from 1
  std::string truth, predicted;
  double confidence = 0;  ///< probability given to the wrong class
  std::string picture;    ///< "data:image/png;base64,…", or ""
  std::string text;       ///< what the sample was made of, or its numbers, when it is no picture
};

/// Samples whose confidence lies in the same tenth.
struct CalibrationRecord {
  double confidence = 0, accuracy = 0, samples = 0;
};

/// What one output says of classes, or of labels that may hold together.
struct ClassificationRecord {
  std::string data;    ///< which part was predicted: "test"
  std::string output;  ///< its name, where a model has several
  std::vector<std::string> classes;
  std::vector<double> confusion;  ///< counts, true class by predicted class; empty for labels
  std::vector<ClassRecord> rows, averages;
  double samples = 0;  ///< or steps, or pixels
  double accuracy = 0, balanced_accuracy = 0;
  double majority = 0;  ///< share of the most frequent class: the accuracy of always guessing it
  std::vector<CurveRecord> roc, precision_recall;
  std::vector<CalibrationRecord> calibration;
  double calibration_error = 0;  ///< mean gap between confidence and accuracy
  std::vector<MistakeRecord> mistakes;
};

/// One number that a regressor predicts.
struct RegressionRecord {
  std::string data, name;
  double r2 = 0, mean_absolute_error = 0, root_mean_squared_error = 0, samples = 0;
  std::vector<double> truth, predicted;  ///< a sample of them, for the scatter
  std::vector<double> residual_edges, residual_counts;
};

/// Pictures that the run has made, on one sheet.
struct PictureRecord {
  std::string title, reading;
  std::string picture;  ///< "data:image/png;base64,…", or of type svg+xml
};

struct LayerRecord {
  std::string name, class_name, shape, connected;
  int64_t parameters = 0;
};

struct ModelRecord {
  std::string name;
  int64_t total = 0, trainable = 0;
  std::vector<LayerRecord> layers;
  std::string drawing;  ///< SVG
};

struct MachineRecord {
  std::string cpu, instruction_set;
  int threads = 0;
};

struct TimeRecord {
  double seconds = 0;  ///< of training, with validation and saving
  int64_t steps = 0, batch_size = 0;
  double flops_per_step = 0, peak_flops = 0;  ///< 0: not known; the peak is of all threads
};

struct FindingRecord {
  std::string severity;  ///< "note", "warning" or "serious"
  std::string sentence, remedy;
};

/// One column of the history: "loss", "val_loss", "learning_rate", …; NaN where there is no value.
struct SeriesRecord {
  std::string name;
  std::vector<double> values;
};

/// What a model says of texts, beside what was wanted.
struct ExampleRecord {
  std::string given, said, wanted;
};

struct ResultRecord {
  std::string data;  ///< "test", "validation"
  std::vector<std::pair<std::string, double>> values;
};

/// How much a column matters to the model. (folio/analysis/permutation_importance.h)
struct ImportanceRecord {
  std::string name;
  double mean = 0, spread = 0;
};

struct RunRecord {
  std::string name, folio_version, date;
  bool finished = false;  ///< false: made from what an interrupted run had left
  std::vector<SeriesRecord> history;
  /// Of what the history holds, without "val_": 1 where more is better, -1 where less is.
  std::vector<std::pair<std::string, int64_t>> directions;
  std::vector<std::pair<std::string, std::string>> settings;
  ModelRecord model;
  MachineRecord machine;
  TimeRecord time;
  std::vector<ResultRecord> results;
  std::vector<ClassificationRecord> classification;  ///< one per output that tells classes
  std::vector<RegressionRecord> regression;  ///< one per predicted number, or of all when they are many
  std::vector<ImportanceRecord> importance;  ///< of a table's columns, the most important first
  std::vector<FindingRecord> findings;
  std::vector<ExampleRecord> examples;
  std::vector<PictureRecord> pictures;
};

/// A run's settings.json as rows of a table; empty ones are left out.
std::vector<std::pair<std::string, std::string>> settings_of(const Json& settings);
/// The series of this name, or null.
const SeriesRecord* find_series(const RunRecord& record, const std::string& name);
/// 1 where more of what the history holds under this name is better, -1 where less is, 0 where nobody knows:
/// as the model's metrics said, or else as those of the catalogue do that have such a name.
int direction_of(const RunRecord& record, const std::string& name);
/// Epochs in the history.
size_t epochs_of(const RunRecord& record);

std::string record_json(const RunRecord& record);
/// Throws `Error` naming `place` when the text is damaged.
RunRecord parse_record(const std::string& json, const std::string& place);
/// The record of a run folder: its `report.json`, or what `history.json` and `settings.json` tell when the
/// run was interrupted. Throws `Error` when it is no run folder or a file is damaged.
RunRecord read_record(const std::string& folder);

}  // namespace folio
