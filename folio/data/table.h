// Tables as what a network takes: numbers scaled, gaps filled, categories one-hot, and a target.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/data/batches.h"
#include "folio/data/csv.h"
#include "folio/layers/layer.h"

namespace folio {

class Fields;

struct TableOptions {
  std::string target = {};    ///< the column to be predicted; "": none
  std::string task = "auto";  ///< "regression", "classification", or "auto" for what the target looks like
  std::string scaling = "standard";  ///< of numbers: "standard", "robust", "minmax" (to [0, 1]), "none"
  bool scale_in_model = false;       ///< leaves the scaling to `as_layer` where a layer can do it
  bool missing_indicators = true;    ///< a feature more for each column with missing values: whether one was
  std::vector<std::string> leave_out = {};  ///< columns that are no inputs
  std::vector<std::string> keep = {};       ///< columns that are inputs although they look useless
  std::vector<std::string> categorical =
      {};                         ///< columns of texts that are categories although they are dates
  int64_t most_categories = 100;  ///< of a column; rarer ones are taken as unknown
};

/// How the columns of a table become numbers. Learnt from training rows, kept with a model, and applied to
/// other tables with the same columns in any order.
///
/// Numbers: missing ones become the median, then all are scaled. Categories: missing ones become the most
/// frequent, then each is a feature that is 1 or 0; of one that was not seen all are 0. Dates (columns of
/// texts that are all dates): year, month, day of the week, hour if there are times, and days that have
/// passed, all scaled. The target: numbers are a regression, but up to ten different whole numbers are
/// classes, as categories are.
class TablePreparation {
 public:
  /// Learns from these rows of the table, or from all. Throws `Error` when a column that the options name is
  /// missing, no input is left, or the target lacks values.
  static TablePreparation fit(const CsvTable& table, const TableOptions& options,
                              std::span<const int64_t> rows = {});

  /// x is float32 (rows, features). y, unless the table lacks the target: float32 (rows, 1) for a regression,
  /// int32 (rows,) class numbers else. Throws `Error` naming column and line when a column is missing or
  /// holds the other kind of values, or the target is missing or not one of the classes.
  Data transform(const CsvTable& table) const;
  /// The features alone.
  Tensor inputs(const CsvTable& table) const;
  /// The scaling that `scale_in_model` leaves to the model, as its first layer (Keras' Normalization), so
  /// that the model takes numbers as they come; undefined when there is none.
  Layer as_layer() const;
  /// How another file of such rows is to be read: which columns are categories whatever they hold.
  CsvOptions csv_options(CsvOptions options = {}) const;

  const std::string& target() const { return target_; }
  /// "regression", "classification", or "" without a target.
  const std::string& task() const { return task_; }
  /// The target's values by class number.
  const std::vector<std::string>& class_names() const { return class_names_; }
  /// Values of categories that were not seen in training, which are taken as unknown: "column "town": 3 rows
  /// hold values that …"; one sentence for each such column.
  std::vector<std::string> unseen(const CsvTable& table) const;
  /// "age", "age missing", "sex=F", "born (year)", one for each feature.
  std::vector<std::string> feature_names() const;
  /// The columns that are inputs, with how many features each makes; in the order of the features.
  std::vector<std::pair<std::string, int64_t>> input_columns() const;
  /// In words: rows, columns with their kind and range, what is missing, what was left out and why, and how
  /// often each class comes.
  std::string description() const;

  /// All of it, so that `from_json` gives the same numbers. Throws `Error` naming `place` and the entry when
  /// something does not hold together.
  static constexpr const char* kAsset = "table.json";  ///< its name in a model file
  Json to_json() const;
  static TablePreparation from_json(const Json& json, const std::string& place);
  void save(const std::string& path) const;
  static TablePreparation load(const std::string& path);

 private:
  struct Column {
    std::string name;
    bool is_number = true;
    std::string left_out = {};  // why; "" for an input
    std::string remark = {};
    bool indicator = false;
    bool scaled_in_model = false;
    std::string date = {};                          // of dates: the order of their parts
    bool hours = false;                             // dates with times
    std::vector<double> centers = {}, widths = {};  // of each part of a date
    int64_t missing = 0;
    double low = 0, high = 0, fill = 0, center = 0, width = 1;  // of numbers; fill: the median
    std::vector<std::string> categories = {};                   // those that are features
    std::string most_frequent = {};
    int64_t features() const;
  };
  void learn_number(Column& column, const std::vector<double>& numbers, const TableOptions& options);
  void learn_category(Column& column, const CsvColumn& from, std::span<const int64_t> rows,
                      const TableOptions& options);
  void learn_dates(Column& column, const CsvColumn& from, std::span<const int64_t> rows,
                   const TableOptions& options);
  void learn_target(const CsvTable& table, const TableOptions& options, std::span<const int64_t> rows);
  Tensor targets(const CsvTable& table) const;
  friend void fields(Fields& f, Column& column);
  void fields(Fields& f);
  void check(const std::string& place) const;

  int64_t rows_ = 0;
  std::vector<std::string> missing_, numeric_;  // how other tables are to be read
  std::vector<Column> columns_;
  std::string target_, task_;
  std::vector<std::string> class_names_;
  std::vector<int64_t> class_counts_;
  double target_low_ = 0, target_high_ = 0;
};

/// The rows of a table in which a column has a value: those to learn from, when it is the target.
std::vector<int64_t> rows_with(const CsvTable& table, const std::string& column);

}  // namespace folio
