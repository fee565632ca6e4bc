#include "cli/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/base/utf8.h"
#include "folio/models/model_body.h"
#include "folio/recipes/raw_data.h"

namespace folio::cli {
namespace {

std::string number(double value) { return fmt::format("{}", static_cast<float>(value)); }

// The shortest number that is the same float32.
double rounded(double value) { return std::isfinite(value) ? std::stod(number(value)) : value; }

}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos && !text.starts_with(' ') && !text.ends_with(' '))
    return text;
  std::string whole = "\"";
  for (char c : text) whole += c == '"' ? std::string("\"\"") : std::string(1, c);
  return whole + "\"";
}

Predictions::Predictions(const Model& model, RawRows rows, Tensor output, std::optional<double> threshold)
    : rows_(std::move(rows)),
      output_(std::move(output)),
      classes_(class_names_of(model)),
      threshold_(threshold),
      count_(output_.shape()[0]),
      width_(output_.shape().count(1, output_.shape().rank())) {
  // A model that tells two classes apart may have no names for them.
  const Loss* loss = model.compiled() ? model.model().loss_of(0) : nullptr;
  if (classes_.empty() && threshold_ && (width_ == 2 || (width_ == 1 && loss && takes_shares(*loss))))
    classes_ = {"0", "1"};
  if (threshold_ && classes_.size() != 2)
    throw UsageError(fmt::format(
        "--threshold: expected a model of two classes, got one {}",
        classes_.empty() ? "that predicts numbers" : fmt::format("of {} classes", classes_.size())));
}

std::vector<double> Predictions::shares(int64_t row) const {
  std::vector<double> shares;
  for (int64_t c = 0; c < width_; ++c) shares.push_back(output_.at(row * width_ + c));
  if (classes_.size() == 2 && width_ == 1) shares = {1 - shares[0], shares[0]};
  return shares;
}

size_t Predictions::chosen(const std::vector<double>& shares) const {
  if (threshold_) return shares[1] >= *threshold_ ? 1 : 0;
  return static_cast<size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
}

std::string Predictions::csv() const {
  std::vector<std::string> names = {"prediction"};
  for (const std::string& name : classes_) names.push_back("probability_" + name);
  if (classes_.empty())
    for (int64_t c = 1; c < width_; ++c) names.push_back(fmt::format("prediction_{}", c));
  std::vector<size_t> kept;
  std::vector<std::string> header;
  for (size_t c = 0; c < rows_.columns.size(); ++c)
    if (std::find(names.begin(), names.end(), rows_.columns[c]) == names.end()) {
      kept.push_back(c);
      header.push_back(csv_cell(rows_.columns[c]));
    }
  for (const std::string& name : names) header.push_back(csv_cell(name));
  std::string text = fmt::format("{}\n", fmt::join(header, ","));
  for (int64_t r = 0; r < count_; ++r) {
    for (const size_t column : kept) text += csv_cell(rows_.cell(column, r)) + ",";
    const std::vector<double> all = shares(r);
    std::vector<std::string> cells;
    if (!classes_.empty()) cells.push_back(csv_cell(classes_[chosen(all)]));
    for (double share : all) cells.push_back(number(share));
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

std::string Predictions::table() const {
  constexpr int64_t kMostNumbers = 12, kMostOfOne = 512;
  constexpr size_t kMostClasses = 5, kWidestName = 48;
  const bool pictures = output_.shape().rank() == 4;
  if (classes_.empty() && width_ > (count_ == 1 && !pictures ? kMostOfOne : kMostNumbers))
    throw UsageError(
        fmt::format("the model gives {} numbers a row; choose an --output that ends in {}.npy or "
                    ".csv, or --json",
                    width_, pictures ? ".png, " : ""));
  std::string text;
  if (count_ == 1 && !classes_.empty()) {  // there is room to say more
    const std::vector<double> all = shares(0);
    std::vector<size_t> order(all.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return all[a] > all[b]; });
    text = fmt::format("{}: {}\n", rows_.name(0), classes_[chosen(all)]);
    for (size_t i = 0; i < std::min(kMostClasses, order.size()); ++i)
      text += fmt::format("  {:>6.2f} %  {}\n", 100 * all[order[i]], classes_[order[i]]);
    return text;
  }
  std::vector<std::string> names;
  size_t widest = 0;
  for (int64_t r = 0; r < count_; ++r) {
    names.push_back(shortened(rows_.name(r), kWidestName));
    widest = std::max(widest, count_characters(names.back()));
  }
  for (int64_t r = 0; r < count_; ++r) {
    const std::string& name = names[static_cast<size_t>(r)];
    text += name + std::string(widest - count_characters(name) + 2, ' ');
    const std::vector<double> all = shares(r);
    if (!classes_.empty()) {
      const size_t best = chosen(all);
      text += fmt::format("{:>6.2f} %  {}\n", 100 * all[best], classes_[best]);
      continue;
    }
    std::vector<std::string> cells;
    for (double value : all) cells.push_back(number(value));
    text += fmt::format("{}\n", fmt::join(cells, "  "));
  }
  return text;
}

std::string Predictions::json() const {
  Json list = Json::array();
  for (int64_t r = 0; r < count_; ++r) {
    Json entry;
    if (rows_.columns.empty()) {
      entry["input"] = r;
    } else if (!rows_.is_table) {
      entry["input"] = rows_.cell(0, r);
    } else {
      Json& cells = entry["input"] = Json::object();
      for (size_t c = 0; c < rows_.columns.size(); ++c) cells[rows_.columns[c]] = rows_.cell(c, r);
    }
    const std::vector<double> all = shares(r);
    if (!classes_.empty()) {
      entry["prediction"] = classes_[chosen(all)];
      Json& probabilities = entry["probabilities"] = Json::object();
      for (size_t c = 0; c < classes_.size(); ++c) probabilities[classes_[c]] = rounded(all[c]);
    } else if (width_ == 1) {
      entry["prediction"] = rounded(all[0]);
    } else {
      Json& numbers = entry["prediction"] = Json::array();
      for (double value : all) numbers.push_back(rounded(value));
    }
    list.push_back(std::move(entry));
  }
  return json_text(list);
}

}  // namespace folio::cli
