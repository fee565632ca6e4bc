#include "folio/data/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <set>

#include "folio/base/error.h"
#include "folio/data/dates.h"
#include "folio/data/scaler.h"
#include "folio/layers/preprocessing/normalization.h"

namespace folio {
namespace {

constexpr size_t kMostClasses = 10;  // of whole numbers, for "auto" to take them as classes
constexpr int64_t kFewRows = 20;     // below, all values may differ by chance
constexpr double kFarFromZero = 1000;

[[noreturn]] void fail(const CsvTable& table, int64_t row, const std::string& column,
                       const std::string& message) {
  const auto line = table.lines.empty() ? row + 1 : table.lines[static_cast<size_t>(row)];
  throw Error(fmt::format("{}:{}: column \"{}\": {}", table.name, line, column, message));
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const CsvColumn* find_column(const CsvTable& table, const std::string& name) {
  for (const CsvColumn& column : table.columns)
    if (column.name == name) return &column;
  return nullptr;
}

bool is_missing(const CsvColumn& column, int64_t row) {
  return column.is_number ? std::isnan(column.numbers[static_cast<size_t>(row)])
                          : column.codes[static_cast<size_t>(row)] < 0;
}

bool whole(double number) { return number == std::floor(number) && std::abs(number) < 0x1p53; }

std::unique_ptr<Scaler> scaler_named(const std::string& name) {
  if (name == "standard") return std::make_unique<StandardScaler>();
  if (name == "robust") return std::make_unique<RobustScaler>();
  if (name == "minmax") return std::make_unique<MinMaxScaler>();
  return nullptr;
}

std::string date_word(DateOrder order) {
  return order == DateOrder::year_first  ? "year_first"
         : order == DateOrder::day_first ? "day_first"
                                         : "month_first";
}
DateOrder date_order(const std::string& word) {
  return word == "year_first"  ? DateOrder::year_first
         : word == "day_first" ? DateOrder::day_first
                               : DateOrder::month_first;
}

/// The features that a date becomes, before they are scaled.
std::vector<double> date_features(double days, bool hours) {
  const DateParts parts = date_parts(days);
  std::vector<double> features = {static_cast<double>(parts.year), static_cast<double>(parts.month),
                                  static_cast<double>(parts.weekday)};
  if (hours) features.push_back(parts.hour);
  features.push_back(days);
  return features;
}

/// Whether these count rows: each one more than the one before.
bool counts_rows(const std::vector<double>& numbers) {
  for (size_t i = 0; i < numbers.size(); ++i)
    if (!whole(numbers[i]) || (i > 0 && numbers[i] != numbers[i - 1] + 1)) return false;
  return true;
}

}  // namespace

void TablePreparation::learn_number(Column& column, const std::vector<double>& numbers,
                                    const TableOptions& options) {
  std::vector<double> sorted;
  std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(sorted),
               [](double x) { return !std::isnan(x); });
  column.missing = static_cast<int64_t>(numbers.size() - sorted.size());
  if (sorted.empty()) {
    column.left_out = "has no values";
    return;
  }
  const bool many = static_cast<int64_t>(sorted.size()) >= kFewRows;
  const bool counts = many && column.missing == 0 && counts_rows(sorted);
  std::sort(sorted.begin(), sorted.end());
  column.low = sorted.front();
  column.high = sorted.back();
  column.fill = quantile(sorted, 0.5);
  if (column.low == column.high && column.missing == 0) column.left_out = "is constant";
  if (counts) column.left_out = "numbers the rows";
  const auto distinct = static_cast<size_t>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
  if (many && distinct * 20 > numbers.size() * 19 &&
      std::all_of(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(distinct), whole))
    column.remark = "whole numbers, nearly all different: an identifier? leave it out if so";

  const auto scaler = scaler_named(options.scaling);
  if (!scaler) return;
  std::vector<double> filled = numbers;
  for (double& number : filled)
    if (std::isnan(number)) number = column.fill;
  scaler->fit(Tensor::of({static_cast<int64_t>(filled.size())}, filled));
  column.center = scaler->center()[0];
  column.width = scaler->scale()[0];
  // Layers work with single precision: of numbers far from zero beside their spread, such as times in
  // seconds, too few digits would be left.
  column.scaled_in_model = options.scale_in_model && holds_as_layer(column.width) &&
                           std::abs(column.center) <= kFarFromZero * column.width;
}

void TablePreparation::learn_category(Column& column, const CsvColumn& from, std::span<const int64_t> rows,
                                      const TableOptions& options) {
  std::vector<int64_t> counts(from.categories.size());
  for (int64_t row : rows) {
    const int32_t code = from.codes[static_cast<size_t>(row)];
    if (code < 0)
      ++column.missing;
    else
      ++counts[static_cast<size_t>(code)];
  }
  std::vector<size_t> seen;  // most frequent first
  for (size_t c = 0; c < counts.size(); ++c)
    if (counts[c] > 0) seen.push_back(c);
  std::stable_sort(seen.begin(), seen.end(), [&](size_t a, size_t b) { return counts[a] > counts[b]; });
  const auto values = static_cast<int64_t>(rows.size()) - column.missing,
             kinds = static_cast<int64_t>(seen.size());
  if (kinds == 0)
    column.left_out = "has no values";
  else if (kinds == 1 && column.missing == 0)
    column.left_out = "is constant";
  else if (values >= kFewRows && kinds * 2 > values)
    column.left_out = fmt::format("has {} different values in {} rows: a name or identifier", kinds, values);
  if (kinds > options.most_categories)
    column.remark = fmt::format("{} rarer values are taken as unknown", kinds - options.most_categories);
  seen.resize(static_cast<size_t>(std::min(kinds, options.most_categories)));
  if (!seen.empty()) column.most_frequent = from.categories[seen[0]];
  std::sort(seen.begin(), seen.end());
  for (size_t c : seen) column.categories.push_back(from.categories[c]);
}

void TablePreparation::learn_dates(Column& column, const CsvColumn& from, std::span<const int64_t> rows,
                                   const TableOptions& options) {
  const DateOrder order = date_order_of(from.categories).value();
  std::vector<double> days;
  for (int64_t row : rows)
    if (const int32_t code = from.codes[static_cast<size_t>(row)]; code >= 0)
      days.push_back(*days_of(from.categories[static_cast<size_t>(code)], order));
  column.missing = static_cast<int64_t>(rows.size() - days.size());
  if (days.empty()) {
    column.left_out = "has no values";
    return;
  }
  std::sort(days.begin(), days.end());
  column.date = date_word(order);
  column.low = days.front();
  column.high = days.back();
  column.fill = quantile(days, 0.5);
  if (column.low == column.high && column.missing == 0) column.left_out = "is constant";
  column.hours = std::any_of(days.begin(), days.end(), [](double day) { return day != std::floor(day); });
  const size_t parts = date_features(days[0], column.hours).size();
  column.centers.assign(parts, 0);
  column.widths.assign(parts, 1);
  for (size_t part = 0; part < parts; ++part) {
    const auto scaler = scaler_named(options.scaling);
    if (!scaler) break;
    std::vector<double> values;
    for (double day : days) values.push_back(date_features(day, column.hours)[part]);
    scaler->fit(Tensor::of({static_cast<int64_t>(values.size())}, values));
    column.centers[part] = scaler->center()[0];
    column.widths[part] = scaler->scale()[0];
  }
}

void TablePreparation::learn_target(const CsvTable& table, const TableOptions& options,
                                    std::span<const int64_t> rows) {
  const CsvColumn& column = table.column(options.target);
  for (int64_t row : rows)
    if (is_missing(column, row))
      fail(table, row, column.name, "expected a value of the target, found none; leave the row out");
  task_ = "classification";
  if (!column.is_number) {
    class_names_ = column.categories;
  } else {
    std::set<double> distinct;
    bool all_whole = true;
    for (double number : column.numbers) {
      if (std::isnan(number)) continue;
      all_whole = all_whole && whole(number);
      if (distinct.size() <= kMostClasses || options.task == "classification") distinct.insert(number);
    }
    if (options.task == "regression" ||
        (options.task == "auto" && (!all_whole || distinct.size() > kMostClasses)))
      task_ = "regression";
    else
      for (double number : distinct) class_names_.push_back(fmt::format("{}", number));
  }
  if (options.task == "regression" && !column.is_number)
    fail(table, rows[0], column.name,
         "expected numbers for a regression, found categories; name another target");
  if (task_ == "regression") {
    target_low_ = target_high_ = column.numbers[static_cast<size_t>(rows[0])];
    for (int64_t row : rows) {
      target_low_ = std::min(target_low_, column.numbers[static_cast<size_t>(row)]);
      target_high_ = std::max(target_high_, column.numbers[static_cast<size_t>(row)]);
    }
    return;
  }
  if (class_names_.size() < 2)
    fail(table, rows[0], column.name,
         fmt::format("expected at least two classes, found {}; name another target",
                     class_names_.empty() ? "none" : "only \"" + class_names_[0] + "\""));
  class_counts_.assign(class_names_.size(), 0);
  const Tensor labels = targets(table);
  for (int64_t row : rows) ++class_counts_[static_cast<size_t>(labels.at(row))];
}

TablePreparation TablePreparation::fit(const CsvTable& table, const TableOptions& options,
                                       std::span<const int64_t> rows) {
  for (const auto* names : {&options.leave_out, &options.keep})
    for (const std::string& name : *names) table.column(name);
  if (options.scaling != "none" && !scaler_named(options.scaling))
    throw Error(
        fmt::format("scaling: expected standard, robust, minmax or none, got \"{}\"", options.scaling));
  if (options.task != "auto" && options.task != "regression" && options.task != "classification")
    throw Error(fmt::format("task: expected auto, regression or classification, got \"{}\"", options.task));
  std::vector<int64_t> all(rows.begin(), rows.end());
  if (rows.empty()) {
    all.resize(static_cast<size_t>(table.rows));
    std::iota(all.begin(), all.end(), 0);
  }
  for (int64_t row : all)
    if (row < 0 || row >= table.rows)
      throw Error(fmt::format("{}: expected rows from 0 to {}, got {}", table.name, table.rows - 1, row));
  if (all.empty()) throw Error(table.name + ": expected rows to learn from, got none");
  TablePreparation preparation;
  preparation.rows_ = static_cast<int64_t>(all.size());
  preparation.missing_ = table.missing;
  preparation.numeric_ = table.numeric;
  preparation.target_ = options.target;
  if (!options.target.empty()) preparation.learn_target(table, options, all);
  int64_t features = 0;
  for (const CsvColumn& from : table.columns) {
    if (from.name == options.target) continue;
    Column column{from.name, from.is_number};
    if (from.is_number) {
      std::vector<double> numbers;
      for (int64_t row : all) numbers.push_back(from.numbers[static_cast<size_t>(row)]);
      preparation.learn_number(column, numbers, options);
    } else if (!contains(options.categorical, from.name) && date_order_of(from.categories)) {
      preparation.learn_dates(column, from, all, options);
    } else {
      preparation.learn_category(column, from, all, options);
    }
    if (contains(options.keep, from.name) && column.left_out != "has no values") column.left_out.clear();
    if (contains(options.leave_out, from.name)) column.left_out = "as asked";
    column.indicator = options.missing_indicators && column.missing > 0 && column.left_out.empty();
    features += column.features();
    preparation.columns_.push_back(std::move(column));
  }
  if (features == 0)
    throw Error(table.name + ": expected columns to learn from, found none that help:\n" +
                preparation.description());
  return preparation;
}

int64_t TablePreparation::Column::features() const {
  if (!left_out.empty()) return 0;
  if (!date.empty()) return static_cast<int64_t>(centers.size()) + indicator;
  return (is_number ? 1 : static_cast<int64_t>(categories.size())) + indicator;
}

Tensor TablePreparation::inputs(const CsvTable& table) const {
  int64_t features = 0, at = 0;
  for (const Column& column : columns_) features += column.features();
  Tensor x({table.rows, features});
  for (const Column& column : columns_) {
    if (column.features() == 0) continue;
    const CsvColumn& from = table.column(column.name);
    // A column without any value is read as numbers, and fits both kinds.
    const bool fits = from.is_number == column.is_number || from.missing == table.rows;
    for (int64_t row = 0; row < table.rows; ++row) {
      float* to = x.data<float>() + row * features + at;
      const bool missing = is_missing(from, row);
      if (!fits && !missing)
        fail(table, row, column.name,
             column.is_number ? "expected numbers as in training, found text"
                              : "expected categories as in training, found numbers; read the table with the "
                                "preparation's csv_options");
      if (column.is_number) {
        const double number = missing ? column.fill : from.numbers[static_cast<size_t>(row)];
        *to++ = static_cast<float>(column.scaled_in_model ? number : (number - column.center) / column.width);
      } else if (!column.date.empty()) {
        const auto days =
            missing ? std::optional(column.fill)
                    : days_of(from.categories[static_cast<size_t>(from.codes[static_cast<size_t>(row)])],
                              date_order(column.date));
        if (!days) fail(table, row, column.name, "expected a date as in training, found another text");
        const std::vector<double> parts = date_features(*days, column.hours);
        for (size_t part = 0; part < parts.size(); ++part)
          *to++ = static_cast<float>((parts[part] - column.centers[part]) / column.widths[part]);
      } else {
        const std::string& value =
            missing ? column.most_frequent
                    : from.categories[static_cast<size_t>(from.codes[static_cast<size_t>(row)])];
        const auto found = std::lower_bound(column.categories.begin(), column.categories.end(), value);
        if (found != column.categories.end() && *found == value) to[found - column.categories.begin()] = 1;
        to += column.categories.size();
      }
      if (column.indicator) *to = missing ? 1 : 0;
    }
    at += column.features();
  }
  return x;
}

Layer TablePreparation::as_layer() const {
  std::vector<double> mean, variance;
  bool any = false;
  for (const Column& column : columns_) {
    if (column.features() == 0) continue;
    mean.resize(mean.size() + static_cast<size_t>(column.features()), 0);
    variance.resize(mean.size(), 1);
    if (!column.scaled_in_model) continue;
    const size_t at = mean.size() - static_cast<size_t>(column.features());
    mean[at] = column.center;
    variance[at] = column.width * column.width;
    any = true;
  }
  if (!any) return {};
  const auto features = static_cast<int64_t>(mean.size());
  return Normalization({.mean = Tensor::of({features}, mean), .variance = Tensor::of({features}, variance)});
}

Tensor TablePreparation::targets(const CsvTable& table) const {
  const CsvColumn& column = table.column(target_);
  Tensor y(task_ == "regression" ? Shape{table.rows, 1} : Shape{table.rows},
           task_ == "regression" ? DType::float32 : DType::int32);
  std::map<std::string, int> classes;
  for (size_t c = 0; c < class_names_.size(); ++c) classes[class_names_[c]] = static_cast<int>(c);
  for (int64_t row = 0; row < table.rows; ++row) {
    if (is_missing(column, row)) {
      // Rows without a target are not for learning; `fit` and `transform` refuse them where they count.
      y.set(row, task_ == "regression" ? NAN : -1);
      continue;
    }
    const auto r = static_cast<size_t>(row);
    if (task_ == "regression") {
      if (!column.is_number) fail(table, row, target_, "expected numbers as in training, found text");
      y.set(row, column.numbers[r]);
      continue;
    }
    const std::string name = column.is_number ? fmt::format("{}", column.numbers[r])
                                              : column.categories[static_cast<size_t>(column.codes[r])];
    const auto found = classes.find(name);
    if (found == classes.end())
      fail(table, row, target_,
           fmt::format("expected one of the classes {}, found \"{}\"", fmt::join(class_names_, ", "), name));
    y.set(row, found->second);
  }
  return y;
}

Data TablePreparation::transform(const CsvTable& table) const {
  Data data;
  data.x = {inputs(table)};
  const CsvColumn* target = target_.empty() ? nullptr : find_column(table, target_);
  if (!target) return data;
  for (int64_t row = 0; row < table.rows; ++row)
    if (is_missing(*target, row))
      fail(table, row, target_, "expected a value of the target, found none; leave the row out");
  data.y = {targets(table)};
  return data;
}

CsvOptions TablePreparation::csv_options(CsvOptions options) const {
  for (const Column& column : columns_)
    if (!column.is_number) options.categorical.push_back(column.name);
  if (!missing_.empty()) options.missing = missing_;
  // Without a header the columns are called by their numbers.
  const auto is_number = [](const Column& column) {
    return column.name.find_first_not_of("0123456789") == std::string::npos;
  };
  if (!std::all_of(columns_.begin(), columns_.end(), is_number)) options.header = CsvHeader::present;
  for (const Column& column : columns_)
    if (contains(numeric_, column.name)) options.numeric.push_back(column.name);
  return options;
}

std::vector<std::string> TablePreparation::feature_names() const {
  std::vector<std::string> names;
  for (const Column& column : columns_) {
    if (column.features() == 0) continue;
    if (column.is_number) names.push_back(column.name);
    if (!column.date.empty()) {
      for (const char* part : {"year", "month", "day of the week"})
        names.push_back(fmt::format("{} ({})", column.name, part));
      if (column.hours) names.push_back(column.name + " (hour)");
      names.push_back(column.name + " (days)");
    }
    for (const std::string& category : column.categories) names.push_back(column.name + "=" + category);
    if (column.indicator) names.push_back(column.name + " missing");
  }
  return names;
}

std::vector<std::pair<std::string, int64_t>> TablePreparation::input_columns() const {
  std::vector<std::pair<std::string, int64_t>> inputs;
  for (const Column& column : columns_)
    if (column.features() > 0) inputs.emplace_back(column.name, column.features());
  return inputs;
}

std::vector<std::string> TablePreparation::unseen(const CsvTable& table) const {
  std::vector<std::string> said;
  for (const Column& column : columns_) {
    const CsvColumn* from = find_column(table, column.name);
    if (column.features() == 0 || column.is_number || !column.date.empty() || !from || from->is_number)
      continue;
    std::vector<std::string> values;
    for (const std::string& value : from->categories)
      if (!std::binary_search(column.categories.begin(), column.categories.end(), value))
        values.push_back(value);
    const auto rows = std::count_if(from->codes.begin(), from->codes.end(), [&](int32_t code) {
      return code >= 0 && contains(values, from->categories[static_cast<size_t>(code)]);
    });
    if (rows == 0) continue;
    const size_t all = values.size(), shown = std::min<size_t>(all, 5);
    values.resize(shown);
    said.push_back(
        fmt::format("column \"{}\": {} rows hold values that training has not seen, which are taken as "
                    "unknown: {}{}",
                    column.name, rows, fmt::join(values, ", "), all > shown ? ", …" : ""));
  }
  return said;
}

std::vector<int64_t> rows_with(const CsvTable& table, const std::string& column) {
  std::vector<int64_t> rows;
  const CsvColumn& from = table.column(column);
  for (int64_t row = 0; row < table.rows; ++row)
    if (!is_missing(from, row)) rows.push_back(row);
  return rows;
}

}  // namespace folio
