#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/file.h"
#include "folio/data/dates.h"
#include "folio/data/table.h"

namespace folio {
namespace {

constexpr const char* kKind = "table_preparation";
constexpr int64_t kVersion = 1;
constexpr uint64_t kLargestFile = 64 << 20;

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
    if (!column.date.empty())
      text += fmt::format("dates from {} to {}", date_text(column.low), date_text(column.high));
    else if (!column.is_number && column.categories.empty())
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

void fields(Fields& f, TablePreparation::Column& c) {
  constexpr FieldRules kNumber = {.required = true, .finite = true};
  f("name", c.name);
  f("is_number", c.is_number);
  f("left_out", c.left_out);
  f("remark", c.remark);
  f("indicator", c.indicator);
  f("scaled_in_model", c.scaled_in_model);
  f("date", c.date, {.sparing = true});
  f("hours", c.hours, {.sparing = true});
  f("centers", c.centers, {.finite = true, .sparing = true});
  f("widths", c.widths, {.above = 0, .finite = true, .sparing = true});
  f("missing", c.missing, {.required = true, .least = 0});
  f("low", c.low, kNumber);
  f("high", c.high, kNumber);
  f("fill", c.fill, kNumber);
  f("center", c.center, kNumber);
  f("width", c.width, {.required = true, .above = 0, .finite = true});
  f("categories", c.categories, {.required = true});
  f("most_frequent", c.most_frequent);
}

void TablePreparation::fields(Fields& f) {
  std::string kind = kKind;
  int64_t version = kVersion;
  f("kind", kind, {.required = true, .words = kKind});
  f("version", version, {.required = true, .least = kVersion, .most = kVersion});
  f("rows", rows_, {.required = true, .least = 1});
  f("missing", missing_);
  f("numeric", numeric_);
  f("target", target_);
  f("task", task_);
  f("class_names", class_names_, {.required = true});
  f("class_counts", class_counts_);
  f("target_low", target_low_, {.required = true, .finite = true});
  f("target_high", target_high_, {.required = true, .finite = true});
  f("columns", columns_, {.required = true});
}

Json TablePreparation::to_json() const {
  return written_fields([this](Fields& f) { const_cast<TablePreparation*>(this)->fields(f); });
}

TablePreparation TablePreparation::from_json(const Json& json, const std::string& place) {
  if (!json.is_object()) throw Error(place + ": expected the preparation of a table, found other JSON");
  TablePreparation preparation;
  read_fields(json, place, [&](Fields& f) { preparation.fields(f); });
  preparation.check(place);
  return preparation;
}

// What entries must be together.
void TablePreparation::check(const std::string& place) const {
  const auto expect = [&](bool good, const std::string& key, const char* expected) {
    if (!good) throw Error(place + ": " + key + ": expected " + expected);
  };
  const bool classes = task_ == "classification";
  expect(target_.empty() ? task_.empty() : classes || task_ == "regression", "task",
         "\"regression\" or \"classification\" with a target, \"\" without");
  expect(classes == (class_names_.size() >= 2) && differ(class_names_), "class_names",
         "two or more different names for a classification, none else");
  expect(class_counts_.size() == class_names_.size(), "class_counts", "a number for each class");
  std::vector<std::string> names;
  for (const Column& column : columns_) {
    expect(std::is_sorted(column.categories.begin(), column.categories.end()) && differ(column.categories),
           fmt::format("columns[{}]: categories", names.size()), "different texts in ascending order");
    expect(column.date.empty() || column.date == "year_first" || column.date == "day_first" ||
               column.date == "month_first",
           fmt::format("columns[{}]: date", names.size()), "year_first, day_first or month_first");
    const size_t parts = column.date.empty() ? 0 : column.hours ? 5 : 4;
    expect(column.centers.size() == parts && column.widths.size() == parts,
           fmt::format("columns[{}]: centers, widths", names.size()), "a number for each part of a date");
    names.push_back(column.name);
  }
  expect(differ(names), "columns", "columns of different names");
  expect(!feature_names().empty(), "columns", "at least one that is used");
}

void TablePreparation::save(const std::string& path) const {
  // Bytes that are no UTF-8 cannot come from a table, whose reader refuses them.
  write_file_atomically(path, to_json().dump(1) + "\n");
}

TablePreparation TablePreparation::load(const std::string& path) {
  const Json json = Json::parse(read_text_file(path, kLargestFile), nullptr, false);
  if (json.is_discarded())
    throw Error(path +
                ": expected JSON as TablePreparation::save writes it, found something else; a model file "
                "gives its own by "
                "preparation_of<TablePreparation>(model)");
  return from_json(json, path);
}

}  // namespace folio
