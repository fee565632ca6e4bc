// What a model trained on pictures says of picture files.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/tell.h"
#include "folio/data/npy.h"
#include "folio/pictures/picture_folder.h"
#include "folio/pictures/picture_preparation.h"
#include "folio/recipes/raw_data.h"

namespace folio::cli {
namespace {

// A cell of a .csv, in quotes where it could be mistaken for several.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

struct Said {
  std::string input;
  std::vector<double> shares;  // of the classes
  size_t best() const {
    return static_cast<size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
  }
};

// One picture: its classes, likeliest first. Several: a line each.
void print_table(const std::vector<Said>& all, const std::vector<std::string>& classes) {
  if (all.size() > 1) {
    for (const Said& said : all)
      fmt::print("{}: {} ({:.1f} %)\n", said.input, classes[said.best()], 100 * said.shares[said.best()]);
    return;
  }
  constexpr size_t kShown = 10;
  std::vector<size_t> order(classes.size());
  for (size_t c = 0; c < order.size(); ++c) order[c] = c;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return all[0].shares[a] > all[0].shares[b]; });
  order.resize(std::min(order.size(), kShown));
  for (size_t c : order) fmt::print("{:5.1f} %  {}\n", 100 * all[0].shares[c], classes[c]);
}

std::string csv_of(const std::vector<Said>& all, const std::vector<std::string>& classes) {
  std::string text = "input,prediction";
  for (const std::string& name : classes) text += "," + cell("probability_" + name);
  text += "\n";
  for (const Said& said : all) {
    text += cell(said.input) + "," + cell(classes[said.best()]);
    for (double share : said.shares) text += fmt::format(",{}", static_cast<float>(share));
    text += "\n";
  }
  return text;
}

Json json_of(const std::vector<Said>& all, const std::vector<std::string>& classes) {
  Json list = Json::array();
  for (const Said& said : all) {
    Json shares = Json::object();
    for (size_t c = 0; c < classes.size(); ++c) shares[classes[c]] = static_cast<float>(said.shares[c]);
    list.push_back({{"input", said.input}, {"prediction", classes[said.best()]}, {"probabilities", shares}});
  }
  return list;
}

}  // namespace

bool is_picture_input(const std::string& path) {
  return is_picture_file(path) || (folder_exists(path) && !pictures_in(path).empty());
}

int predict_pictures(const Options& options) {
  const bool csv = options.output.ends_with(".csv"), npy = options.output.ends_with(".npy");
  if (!options.output.empty() && !csv && !npy)
    throw Error(options.output + ": expected a name that ends in .csv or .npy");
  check_outputs({{"--output", options.output, Output::Kind::predictions}},
                {options.subject, options.training.weights.value_or(""), options.input}, options.overwrite);
  const Model model = load_model(options);
  const auto preparation = preparation_of<PicturePreparation>(model);
  if (!preparation)
    throw Error(
        fmt::format("{}: expected a model that was trained on pictures, got one that does not say "
                    "how they become its input; give it arrays (.npy)",
                    options.subject));
  const std::vector<std::string> paths =
      folder_exists(options.input) ? pictures_in(options.input) : std::vector<std::string>{options.input};
  const PreparedPictures pictures = prepare_pictures(paths, *preparation);
  for (const std::string& why : pictures.said) warn(why + "; it is left out");
  const Tensor predicted = model.predict(pictures.x, options.training.batch_size.value_or(32));

  const int64_t rows = predicted.shape()[0], width = predicted.shape()[-1];
  std::vector<std::string> classes = class_names_of(model);
  for (auto c = static_cast<int64_t>(classes.size()); c < width; ++c) classes.push_back(std::to_string(c));
  std::vector<Said> all;
  for (int64_t r = 0; r < rows; ++r) {
    Said said{paths[pictures.kept[static_cast<size_t>(r)]], {}};
    for (int64_t c = 0; c < width; ++c) said.shares.push_back(predicted.at(r * width + c));
    all.push_back(std::move(said));
  }
  if (csv) write_file_atomically(options.output, csv_of(all, classes));
  if (npy) write_npy(options.output, predicted);
  if (options.json)
    fmt::print("{}\n", json_text(json_of(all, classes)));
  else if (options.output.empty())
    print_table(all, classes);
  else if (!options.quiet)
    fmt::print("{} rows -> {}\n", rows, options.output);
  return 0;
}

}  // namespace folio::cli
