// Texts as the data of model files.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/utf8.h"
#include "folio/data/csv.h"
#include "folio/data/npy.h"
#include "folio/data/text/text_preparation.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/table.h"
#include "folio/recipes/text_data.h"

namespace folio::cli {
namespace {

TextPreparation preparation_for(const Model& model) {
  const auto found = preparation_of<TextPreparation>(model);
  if (!found) throw InternalError("texts for a model without " + std::string(TextPreparation::kAsset));
  return *found;
}

// The column of texts, where the model's own texts stood in a table; otherwise one text a line.
std::vector<std::string> texts_in(const std::string& path, const TextPreparation& preparation) {
  if (path == "-") {
    const std::string all{std::istreambuf_iterator<char>(std::cin), {}};
    return lines_of(all);
  }
  const std::string& column = preparation.options().column;
  if (!is_table_file(path) || column.empty()) return read_lines(path);
  CsvOptions reading;
  reading.missing = {""};
  reading.categorical = {column};
  const CsvTable table = read_csv(path, reading);
  std::vector<std::string> texts;
  for (const int32_t code : table.column(column).codes)
    texts.push_back(code < 0 ? "" : table.column(column).categories[static_cast<size_t>(code)]);
  return texts;
}

std::string shortened(const std::string& text) {
  constexpr size_t kShown = 60;
  std::string shown;
  size_t at = 0, count = 0;
  for (; at < text.size() && count < kShown; ++count) {
    const char32_t c = next_code_point(text, at);
    append_utf8(shown, c < 0x20 || c == 0x7F ? U' ' : c);
  }
  return at < text.size() ? shown + "…" : shown;
}

std::string table_for_people(const std::vector<std::string>& texts, const std::vector<std::string>& names,
                             const Tensor& predicted) {
  size_t width = 10;
  for (const std::string& name : names) width = std::max(width, name.size());
  std::string text = fmt::format("{:<{}}  {:>11}  text\n", "prediction", width, "probability");
  for (size_t r = 0; r < texts.size(); ++r) {
    const auto shares = class_shares(predicted, static_cast<int64_t>(r), names.size());
    const auto best = std::max_element(shares.begin(), shares.end());
    text += fmt::format("{:<{}}  {:>11.4f}  {}\n", names[static_cast<size_t>(best - shares.begin())], width,
                        *best, shortened(texts[r]));
  }
  return text;
}

Json predictions_json(const std::vector<std::string>& texts, const std::vector<std::string>& names,
                      const Tensor& predicted) {
  Json list = Json::array();
  for (size_t r = 0; r < texts.size(); ++r) {
    const auto shares = class_shares(predicted, static_cast<int64_t>(r), names.size());
    Json row = {{"input", texts[r]}, {"probabilities", Json::object()}};
    row["prediction"] =
        names[static_cast<size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin())];
    for (size_t c = 0; c < names.size(); ++c) row["probabilities"][names[c]] = static_cast<float>(shares[c]);
    list.push_back(std::move(row));
  }
  return list;
}

std::string predictions_csv(const std::vector<std::string>& texts, const std::vector<std::string>& names,
                            const Tensor& predicted) {
  std::string text = "text,prediction";
  for (const std::string& name : names) text += "," + csv_cell("probability_" + name);
  text += "\n";
  for (size_t r = 0; r < texts.size(); ++r) {
    const auto shares = class_shares(predicted, static_cast<int64_t>(r), names.size());
    const auto best = static_cast<size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
    text += csv_cell(texts[r]) + "," + csv_cell(names[best]);
    for (const double share : shares) text += fmt::format(",{}", static_cast<float>(share));
    text += "\n";
  }
  return text;
}

}  // namespace

bool takes_texts(const Model& model) { return preparation_of<TextPreparation>(model).has_value(); }

std::vector<double> class_shares(const Tensor& predicted, int64_t row, size_t classes) {
  const int64_t width = predicted.count() / std::max<int64_t>(predicted.shape()[0], 1);
  std::vector<double> shares;
  for (int64_t c = 0; c < width; ++c) shares.push_back(predicted.at(row * width + c));
  if (classes == 2 && width == 1) shares = {1 - shares[0], shares[0]};
  return shares;
}

Data read_texts(const Model& model, const Options& options, const std::string& path) {
  const TextPreparation preparation = preparation_for(model);
  const std::string target = options.target.empty() ? preparation.options().target : options.target;
  const TextSet set = read_text_set(path, target, preparation.options().column);
  const LabelledTexts& texts = set.test.empty() ? set.train : set.test;
  const std::vector<std::string> names = class_names_of(model);
  Tensor y({static_cast<int64_t>(texts.labels.size())}, DType::int32);
  for (size_t i = 0; i < texts.labels.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), texts.labels[i]);
    if (found == names.end())
      throw Error(fmt::format("{}: text {}: expected one of the model's labels {}, got \"{}\"", path, i + 1,
                              fmt::join(names, ", "), texts.labels[i]));
    y.data<int32_t>()[i] = static_cast<int32_t>(found - names.begin());
  }
  if (model.outputs()[0].shape()[-1] == 1)
    y = y.cast(DType::float32).reshaped({static_cast<int64_t>(texts.labels.size()), 1});
  return Data(preparation.transform(texts.texts), y);
}

int predict_texts(const Model& model, const Options& options) {
  const bool npz = options.output.ends_with(".npz"), npy = options.output.ends_with(".npy"),
             csv = options.output.ends_with(".csv");
  if (!options.output.empty() && !npz && !npy && !csv)
    throw Error(options.output + ": expected a name that ends in .npy, .npz or .csv");
  if (options.texts.empty() == options.input.empty())
    throw UsageError("predict: expected --text \"…\" or --input lines.txt");
  check_outputs({{"--output", options.output, Output::Kind::predictions}},
                {options.subject, options.training.weights.value_or(""), options.input}, options.overwrite);
  const TextPreparation preparation = preparation_for(model);
  std::vector<std::string> texts;
  for (const std::string& text : options.texts) texts.push_back(repaired_utf8(text));
  if (texts.empty()) texts = texts_in(options.input, preparation);
  if (texts.empty()) throw Error(options.input + ": expected one text a line, got an empty file");
  const std::vector<std::string> names = class_names_of(model);
  const Tensor predicted =
      model.predict(preparation.transform(texts), options.training.batch_size.value_or(32));
  if (npy)
    write_npy(options.output, predicted);
  else if (npz)
    write_npz(options.output, {{"y", predicted}});
  else if (csv && is_table_file(options.input) && !preparation.options().column.empty())
    write_file_atomically(options.output, predictions_table(model, options.input, predicted));
  else if (csv)
    write_file_atomically(options.output, predictions_csv(texts, names, predicted));
  if (options.json)
    fmt::print("{}\n", json_text(predictions_json(texts, names, predicted)));
  else if (options.output.empty())
    fmt::print("{}", table_for_people(texts, names, predicted));
  else if (!options.quiet)
    fmt::print("{} texts -> {}\n", texts.size(), options.output);
  return 0;
}

}  // namespace folio::cli
