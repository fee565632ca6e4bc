#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/data/table.h"
#include "folio/layers/common/config.h"

namespace folio {
namespace {

constexpr const char* kKind = "table_preparation";
constexpr int64_t kVersion = 1;
constexpr uint64_t kLargestFile = 64 << 20;

/// Lists are read by hand, as a ConfigReader knows layers' entries only.
std::vector<std::string> texts(ConfigReader& read, const char* key) {
  const Json& list = read.raw(key);
  std::vector<std::string> result;
  if (!list.is_array()) read.fail(key, "a list of texts");
  for (const Json& entry : list) {
    if (!entry.is_string()) read.fail(key, "a list of texts");
    result.push_back(entry.get<std::string>());
  }
  return result;
}

double finite(ConfigReader& read, const char* key) {
  if (!read.has(key)) read.fail(key, "a number");
  const double number = read.number(key, 0);
  if (!std::isfinite(number)) read.fail(key, "a finite number");
  return number;
}

bool differ(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

std::string share(int64_t count, int64_t of) {
  return fmt::format("{:.1f} %", 100 * static_cast<double>(count) / static_cast<double>(of));
}

}  // namespace

std::string TablePreparation::description() const {
  size_t inputs = 0;
  for (const Column& column : columns_) inputs += column.left_out.empty();
  std::string text = fmt::format("{} rows; {} of {} columns are used, as {} features\n", rows_, inputs,
                                 columns_.size(), feature_names().size());
  if (task_ == "regression")
    text += fmt::format("target \"{}\": numbers from {:.6g} to {:.6g}, a regression\n", target_, target_low_,
                        target_high_);
  if (task_ == "classification") {
    text += fmt::format("target \"{}\": {} classes:", target_, class_names_.size());
    for (size_t c = 0; c < class_names_.size(); ++c)
      text += fmt::format("{} {} {} ({})", c == 0 ? "" : ",", class_names_[c], class_counts_[c],
                          share(class_counts_[c], rows_));
    const auto most = *std::max_element(class_counts_.begin(), class_counts_.end());
    text += fmt::format("\n  (an accuracy of {} comes from always saying the most frequent)\n",
                        share(most, rows_));
  }
  for (const Column& column : columns_) {
    text += fmt::format("  \"{}\": ", column.name);
    if (!column.is_number && column.categories.empty())
      text += "categories";
    else if (!column.is_number)
      text += fmt::format("{} categories, most often \"{}\"", column.categories.size(), column.most_frequent);
    else if (column.missing == rows_)
      text += "numbers";
    else
      text +=
          fmt::format("numbers from {:.6g} to {:.6g}, median {:.6g}", column.low, column.high, column.fill);
    if (column.missing > 0)
      text += fmt::format("; {} missing ({})", column.missing, share(column.missing, rows_));
    if (!column.left_out.empty())
      text += "; left out: " + column.left_out;
    else if (!column.remark.empty())
      text += "; note: " + column.remark;
    text += "\n";
  }
  return text;
}

Json TablePreparation::column_json(const Column& column) {
  return {{"name", column.name},
          {"is_number", column.is_number},
          {"left_out", column.left_out},
          {"remark", column.remark},
          {"indicator", column.indicator},
          {"missing", column.missing},
          {"low", column.low},
          {"high", column.high},
          {"fill", column.fill},
          {"center", column.center},
          {"width", column.width},
          {"categories", column.categories},
          {"most_frequent", column.most_frequent}};
}

TablePreparation::Column TablePreparation::column_from(const Json& json, const std::string& place) {
  ConfigReader read(json, place);
  Column column;
  column.name = read.text("name", "");
  column.is_number = read.flag("is_number", true);
  column.left_out = read.text("left_out", "");
  column.remark = read.text("remark", "");
  column.indicator = read.flag("indicator", false);
  column.missing = read.integer("missing");
  column.low = finite(read, "low");
  column.high = finite(read, "high");
  column.fill = finite(read, "fill");
  column.center = finite(read, "center");
  column.width = finite(read, "width");
  column.categories = texts(read, "categories");
  column.most_frequent = read.text("most_frequent", "");
  read.finish();
  if (column.width <= 0) read.fail("width", "a number above 0");
  if (column.missing < 0) read.fail("missing", "a number of rows");
  if (!std::is_sorted(column.categories.begin(), column.categories.end()) || !differ(column.categories))
    read.fail("categories", "different texts in ascending order");
  return column;
}

Json TablePreparation::to_json() const {
  Json columns = Json::array();
  for (const Column& column : columns_) columns.push_back(column_json(column));
  return {{"kind", kKind},
          {"version", kVersion},
          {"rows", rows_},
          {"target", target_},
          {"task", task_},
          {"class_names", class_names_},
          {"class_counts", class_counts_},
          {"target_low", target_low_},
          {"target_high", target_high_},
          {"columns", std::move(columns)}};
}

TablePreparation TablePreparation::from_json(const Json& json, const std::string& place) {
  if (!json.is_object()) throw Error(place + ": expected the preparation of a table, found other JSON");
  ConfigReader read(json, place);
  if (read.text("kind", "") != kKind) read.fail("kind", fmt::format("\"{}\"", kKind));
  if (read.integer("version") != kVersion) read.fail("version", fmt::format("{}", kVersion));
  TablePreparation preparation;
  preparation.rows_ = read.integer("rows");
  if (preparation.rows_ < 1) read.fail("rows", "at least 1");
  preparation.target_ = read.text("target", "");
  preparation.task_ = read.text("task", "");
  preparation.class_names_ = texts(read, "class_names");
  preparation.class_counts_ = read.integers("class_counts", std::vector<int64_t>{});
  preparation.target_low_ = finite(read, "target_low");
  preparation.target_high_ = finite(read, "target_high");
  const Json& columns = read.raw("columns");
  if (!columns.is_array()) read.fail("columns", "a list of columns");
  for (const Json& column : columns)
    preparation.columns_.push_back(
        column_from(column, fmt::format("{}: columns[{}]", place, preparation.columns_.size())));
  read.finish();
  const bool classes = preparation.task_ == "classification";
  if (preparation.target_.empty() ? !preparation.task_.empty()
                                  : !classes && preparation.task_ != "regression")
    read.fail("task", "\"regression\" or \"classification\" with a target, \"\" without");
  if (classes != (preparation.class_names_.size() >= 2) || !differ(preparation.class_names_))
    read.fail("class_names", "two or more different names for a classification, none else");
  if (preparation.class_counts_.size() != preparation.class_names_.size())
    read.fail("class_counts", "a number for each class");
  std::vector<std::string> names;
  for (const Column& column : preparation.columns_) names.push_back(column.name);
  if (!differ(names)) read.fail("columns", "columns of different names");
  if (preparation.feature_names().empty()) read.fail("columns", "at least one that is used");
  return preparation;
}

void TablePreparation::save(const std::string& path) const {
  // Bytes that are no UTF-8 cannot come from a table, whose reader refuses them.
  write_file_atomically(path, to_json().dump(1) + "\n");
}

TablePreparation TablePreparation::load(const std::string& path) {
  const Json json = Json::parse(read_text_file(path, kLargestFile), nullptr, false);
  if (json.is_discarded()) throw Error(path + ": expected JSON, found something else; the file is damaged");
  return from_json(json, path);
}

}  // namespace folio
