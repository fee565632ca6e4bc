#include "cli/raw_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/tell.h"
#include "folio/data/csv.h"
#include "folio/data/npy.h"
#include "folio/data/table.h"
#include "folio/pictures/picture_folder.h"
#include "folio/pictures/picture_preparation.h"
#include "folio/recipes/forecast.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/table.h"
#include "folio/sound/sound_preparation.h"

namespace folio::cli {
namespace {

constexpr const char* kStandardInput = "standard input";

std::string cell_of(const CsvColumn& column, size_t row) {
  if (column.is_number) return std::isnan(column.numbers[row]) ? "" : fmt::format("{}", column.numbers[row]);
  return column.codes[row] < 0 ? "" : column.categories[static_cast<size_t>(column.codes[row])];
}

// What comes after the end of a series, by its times.
RawRows series_rows(const SeriesPreparation& preparation, const CsvTable& table) {
  const auto series = std::make_shared<const Series>(read_series(table, preparation.target));
  for (const std::string& remark : series->remarks) warn(fmt::format("{}: {}", series->place, remark));
  RawRows rows{.data = {{preparation.last_window(*series)}, {}}, .is_series = true};
  rows.columns = {series->date.empty() ? "ahead" : series->date};
  rows.cell = [series](size_t, int64_t row) { return series->time_after(row + 1); };
  return rows;
}

RawRows table_rows(const Model& model, const Options& options, CsvTable read) {
  if (const auto preparation = preparation_of<SeriesPreparation>(model))
    return series_rows(*preparation, read);
  Data data = table_data(model, read, options, false);
  RawRows rows = raw_table(std::move(read));
  rows.data = std::move(data);
  return rows;
}

bool is_picture_input(const std::string& path) {
  return is_picture_file(path) || (folder_exists(path) && !pictures_in(path).empty());
}

// Picture files, and those of folders.
RawRows picture_rows(const Model& model, const Options& options) {
  const auto preparation = preparation_of<PicturePreparation>(model);
  if (!preparation)
    throw Error(
        fmt::format("{}: expected a model that was trained on pictures, got one that does not say how they "
                    "become its input; give it arrays (.npy)",
                    options.subject));
  std::vector<std::string> paths;
  for (const std::string& input : options.inputs) {
    const std::vector<std::string> some = folder_exists(input) ? pictures_in(input) : std::vector{input};
    paths.insert(paths.end(), some.begin(), some.end());
  }
  const PreparedPictures pictures = prepare_pictures(paths, *preparation);
  for (const std::string& why : pictures.said) warn(why + "; it is left out");
  const auto kept = std::make_shared<std::vector<std::string>>();
  for (const size_t i : pictures.kept) kept->push_back(paths[i]);
  RawRows rows{.data = {{pictures.x}, {}}, .columns = {"file"}};
  rows.cell = [kept](size_t, int64_t row) { return (*kept)[static_cast<size_t>(row)]; };
  return rows;
}

bool is_sound_input(const std::string& path) {
  return is_sound_file(path) || (folder_exists(path) && !sounds_in(path).empty());
}

// Sound files, and those of folders.
RawRows sound_rows(const Model& model, const Options& options) {
  const auto preparation = preparation_of<SoundPreparation>(model);
  if (!preparation)
    throw Error(fmt::format(
        "{}: expected a model that was trained on sounds, got one that does not say how they become its "
        "input; give it arrays (.npy)",
        options.subject));
  std::vector<SoundSource> sources;
  for (const std::string& input : options.inputs)
    for (const std::string& path : folder_exists(input) ? sounds_in(input) : std::vector{input})
      sources.push_back({path});
  const PreparedSounds sounds = prepare_sounds(sources, *preparation);
  for (const std::string& why : sounds.said) warn(why + "; it is left out");
  for (const std::string& path : sounds.cut)
    warn(fmt::format("{}: the model hears the first {} seconds of it", path, preparation->seconds));
  const auto kept = std::make_shared<std::vector<std::string>>();
  for (const size_t i : sounds.kept) kept->push_back(sources[i].path);
  RawRows rows{.data = {{sounds.x}, {}}, .columns = {"file"}};
  rows.cell = [kept](size_t, int64_t row) { return (*kept)[static_cast<size_t>(row)]; };
  return rows;
}

}  // namespace

RawRows raw_table(CsvTable read) {
  const auto table = std::make_shared<const CsvTable>(std::move(read));
  RawRows rows;
  rows.is_table = true;
  rows.count = table->rows;
  for (const CsvColumn& column : table->columns) rows.columns.push_back(column.name);
  rows.cell = [table](size_t column, int64_t row) {
    return cell_of(table->columns[column], static_cast<size_t>(row));
  };
  return rows;
}

size_t RawRows::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end())
    throw Error(fmt::format("expected a column \"{}\" of texts, as the model was trained on, found {}", name,
                            fmt::join(columns, ", ")));
  return static_cast<size_t>(found - columns.begin());
}

std::string RawRows::name(int64_t row) const {
  if (columns.empty() || is_table) return fmt::format("row {}", row + 1);
  return cell(0, row);
}

RawRows read_raw_rows(const Model& model, const Options& options) {
  const bool arrays = options.input.ends_with(".npy") || options.input.ends_with(".npz");
  if (options.inputs.size() < 2 && !arrays && takes_texts(model)) return read_raw_texts(model, options);
  if (!options.texts.empty())
    throw Error(fmt::format("{}: expected a model of texts for --text, got one of other data; give --input",
                            options.subject));
  const auto all_are = [&](bool (*kind)(const std::string&)) {
    return !options.inputs.empty() && std::all_of(options.inputs.begin(), options.inputs.end(), kind);
  };
  // A folder may hold both.
  const bool hears = preparation_of<SoundPreparation>(model).has_value();
  if (!hears && all_are(is_picture_input)) return picture_rows(model, options);
  if (all_are(is_sound_input)) return sound_rows(model, options);
  if (options.inputs.size() != 1)
    throw UsageError(fmt::format("predict: expected one --input, got {}",
                                 options.inputs.empty() ? "none" : fmt::format("{}", options.inputs.size())));
  if (is_table_file(options.input))
    return table_rows(model, options, read_csv(options.input, table_reading(model)));
  if (options.input == "-") {
    const std::string text = read_standard_input();
    if (text.starts_with("\x93NUMPY"))
      return {.data = {{parse_npy(std::as_bytes(std::span(text)), kStandardInput)}, {}}};
    return table_rows(model, options, parse_csv(text, kStandardInput, table_reading(model)));
  }
  return {.data = read_data(model, options, options.input, false, "test")};
}

}  // namespace folio::cli
