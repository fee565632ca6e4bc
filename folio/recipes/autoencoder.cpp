#include "folio/recipes/autoencoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/analysis/picture_scores.h"
#include "folio/analysis/principal_components.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/data/dataset.h"
#include "folio/data/split.h"
#include "folio/pictures/contact_sheet.h"
#include "folio/pictures/picture_folder.h"
#include "folio/recipes/pictures.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/reconstruction.h"
#include "folio/recipes/run.h"
#include "folio/report/png.h"
#include "folio/report/run_record.h"

namespace folio {
namespace {

using Paths = std::vector<std::string>;

Reconstruction reconstruction_for(const Settings& settings, const Shape& picture, uint64_t seed) {
  const auto side = static_cast<double>(std::min(picture[0], picture[1]));
  return {.task = settings.choice("task", {"compress", "denoise", "inpaint"}),
          .noise = settings.number("noise"),
          .hole = std::max<int64_t>(1, std::lround(settings.number("hole") * side)),
          .seed = seed};
}

// Takes a share of the pictures away, for another part.
Tensor taken_from(Tensor& pictures, double share, uint64_t seed) {
  const Split split = split_rows(pictures.shape()[0], {.test = share, .seed = seed});
  const Tensor taken = take_rows(pictures, split.test);
  pictures = take_rows(pictures, split.train);
  return taken;
}

const char* in_words(const std::string& task) {
  return task == "denoise" ? "noise is taken away" : task == "inpaint" ? "holes are filled" : "made small";
}

// What the pictures of a part would score if `predicted` came out.
Logs scores(const Reconstruction& what, const Data& part, const Tensor& predicted) {
  const Tensor& wanted = part.y[0];
  Logs logs = {{"psnr", peak_signal_to_noise(wanted, predicted)}};
  if (what.task == "inpaint")
    logs.emplace_back("hole_psnr", peak_signal_to_noise(wanted, predicted, 1, what.holes(wanted.shape())));
  return logs;
}

Baseline baseline(const std::string& name, const Reconstruction& what, const Data& part,
                  const Tensor& predicted) {
  const double error = mean_squared_difference(part.y[0], predicted);
  Baseline result{name, {{"loss", error}, {"mse", error}}};
  for (const auto& entry : scores(what, part, predicted)) result.test.push_back(entry);
  return result;
}

Tensor from_bytes(const Tensor& bytes) {
  Tensor result(bytes.shape());
  for (int64_t i = 0; i < bytes.count(); ++i)
    result.data<float>()[i] = static_cast<float>(bytes.data<uint8_t>()[i]) / 255;
  return result;
}

// Of each pixel and the eight around it; at the border of those that are there.
Tensor medians(const Tensor& pictures) {
  const int64_t height = pictures.shape()[1], width = pictures.shape()[2], channels = pictures.shape()[3];
  Tensor result(pictures.shape());
  std::vector<float> around;
  for (int64_t i = 0; i < pictures.count(); ++i) {
    const int64_t c = i % channels, x = i / channels % width, y = i / channels / width % height;
    const float* picture =
        pictures.data<float>() + i / (channels * width * height) * channels * width * height;
    around.clear();
    for (int64_t v = std::max<int64_t>(y - 1, 0); v <= std::min(y + 1, height - 1); ++v)
      for (int64_t u = std::max<int64_t>(x - 1, 0); u <= std::min(x + 1, width - 1); ++u)
        around.push_back(picture[(v * width + u) * channels + c]);
    const auto middle = around.begin() + static_cast<std::ptrdiff_t>(around.size() / 2);
    std::nth_element(around.begin(), middle, around.end());
    result.data<float>()[i] = *middle;
  }
  return result;
}

// Each hole filled with the mean colour of what is seen of its picture.
Tensor filled_with_own_mean(const Tensor& pictures, const Tensor& holes) {
  const int64_t rows = pictures.shape()[0], channels = pictures.shape()[3], size = pictures.count() / rows;
  Tensor result = pictures.clone();
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < channels; ++c) {
      double sum = 0, count = 0;
      for (int64_t i = r * size + c; i < (r + 1) * size; i += channels)
        if (holes.at(i) == 0) sum += pictures.at(i), ++count;
      for (int64_t i = r * size + c; i < (r + 1) * size; i += channels)
        if (holes.at(i) != 0) result.set(i, count > 0 ? sum / count : 0.5);
    }
  return result;
}

// Each hole filled with what the pictures for training are there on the whole.
Tensor filled_with_mean_picture(const Tensor& pictures, const Tensor& holes, const Tensor& training) {
  const int64_t size = pictures.count() / pictures.shape()[0];
  std::vector<double> mean(static_cast<size_t>(size));
  for (int64_t i = 0; i < training.count(); ++i) mean[static_cast<size_t>(i % size)] += training.at(i);
  Tensor result = pictures.clone();
  for (int64_t i = 0; i < pictures.count(); ++i)
    if (holes.at(i) != 0)
      result.set(i, mean[static_cast<size_t>(i % size)] / static_cast<double>(training.shape()[0]));
  return result;
}

Reconstruction what_of(const Model& model) {
  const auto what = preparation_of<Reconstruction>(model);
  if (!what)
    throw Error("model \"" + model.name() +
                "\": expected one that folio train autoencoder made, got one that does not say what it does");
  return *what;
}

int64_t code_size(const Settings& settings, const RecipeTask& task) {
  return part_of_autoencoder(autoencoder_network(task, settings), "encoder")
      .outputs()[0]
      .shape()
      .from(1)
      .count();
}

}  // namespace

std::vector<Setting> autoencoder_settings() {
  std::vector<Setting> settings = {
      {"task", "compress", "compress, denoise or inpaint"},
      {"network", "convolutional", "convolutional, dense, or linear, which is near to principal components"},
      {"code",
       "auto",
       "numbers of the code; auto: 32 to compress, otherwise 256, and of convolutional maps",
       {1, 1'000'000, true}},
      {"filters", "16", "of the first convolution", {1, 1024, true}},
      {"hidden",
       "256",
       "units of the dense layers before the code, and behind it in reverse",
       {1, 1'000'000, true}},
      {"noise", "0.2", "of denoise: its deviation, where black is 0 and white 1", {0.001, 1}},
      {"hole",
       "0.35",
       "of inpaint: side of the square that is missing, as a share of the smaller side",
       {0.01, 1}}};
  settings.push_back({"size", "auto", "side of the pictures of a folder, in pixels", {8, 1024, true}});
  settings.push_back({"fit", "crop", "pictures of another shape: crop keeps the middle, stretch all"});
  settings.push_back({"validation", "0.15", "share for validation of a folder that is not divided", kShares});
  settings.push_back({"test", "0.2", "share for the final test of a folder that is not divided", kShares});
  return settings;
}

RecipeData autoencoder_data(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  const PictureChoice choice = choose_pictures(recipe, request.data);
  const uint64_t seed = *request.training.seed;
  PicturePreparation preparation;
  Tensor train, validation, test;
  RecipeData data;
  data.name = choice.name.empty() ? choice.folder : choice.name;
  if (choice.name.empty()) {
    constexpr size_t kFewest = 10;
    const PictureFiles files = read_picture_files(choice.folder);
    if (files.train.size() < kFewest)
      throw Error(fmt::format("{}: expected at least {} pictures to train with, found {}", choice.folder,
                              kFewest, files.train.size()));
    preparation = preparation_for(files.train, settings);
    train = read_pictures(files.train, preparation).x;
    test = files.test.empty() ? taken_from(train, settings.number("test"), seed)
                              : read_pictures(files.test, preparation).x;
    validation = files.validation.empty() ? taken_from(train, settings.number("validation"), seed + 1)
                                          : read_pictures(files.validation, preparation).x;
  } else {
    data.folder = choice.folder;
    train = load(choice.name, "train", choice.folder).x;
    validation = load(choice.name, "validation", choice.folder).x;
    test = load(choice.name, "test", choice.folder).x;
    preparation = {train.shape()[1], train.shape()[2], train.shape()[3]};
  }
  data.task = recipe.task;
  data.task.input = train.shape().from(1);
  const Reconstruction what = reconstruction_for(settings, data.task.input, seed);
  data.train = what.data(train, true);
  data.validation = what.data(validation, false);
  data.test = what.data(test, false);
  data.description =
      fmt::format("{}: {} pictures for training, {} for validation, {} for testing, as {} x {} x {}; {}",
                  data.name, data.train.rows(), data.validation.rows(), data.test.rows(), preparation.height,
                  preparation.width, preparation.channels, in_words(what.task));
  set_preparation(data.assets, preparation);
  set_preparation(data.assets, what);
  return data;
}

Logs autoencoder_scores(const Model& model, const RecipeData&, const Data& part) {
  return scores(what_of(model), part, model.predict(part.x[0], 256));
}

std::vector<Baseline> autoencoder_baselines(const Recipe&, const RecipeData& data, const Settings& settings,
                                            const FitOptions&) {
  const Json json = Json::parse(data.assets.at(Reconstruction::kAsset));
  const Reconstruction what = Reconstruction::from_json(json, Reconstruction::kAsset);
  const Tensor seen = from_bytes(data.test.x[0]);
  if (what.task == "denoise")
    return {baseline("the noisy pictures as they are", what, data.test, seen),
            baseline("the median of 3 x 3 pixels", what, data.test, medians(seen))};
  if (what.task == "inpaint") {
    const Tensor holes = what.holes(seen.shape());
    return {baseline("the picture's mean in the hole", what, data.test, filled_with_own_mean(seen, holes)),
            baseline("the mean of all pictures in the hole", what, data.test,
                     filled_with_mean_picture(seen, holes, data.train.y[0]))};
  }
  const int64_t code = code_size(settings, data.task);
  if (code > std::min(data.train.rows(), data.task.input.count())) return {};
  const PrincipalComponents components = principal_components(data.train.y[0], code);
  const Tensor restored = components.inverse_transform(components.transform(seen)).reshaped(seen.shape());
  return {baseline(fmt::format("{} principal components", code), what, data.test, restored)};
}

Shown show_autoencoder(const Model& best, const RecipeData& data, const Settings&,
                       const std::string& folder) {
  constexpr int64_t kPictures = 16, kWide = 2400;
  const Model encoder = part_of_autoencoder(best, "encoder");
  encoder.model().assets = {*data.assets.find(PicturePreparation::kAsset)};
  encoder.save(folder + "/encoder.keras");
  part_of_autoencoder(best, "decoder").save(folder + "/decoder.keras");
  const Reconstruction what = what_of(best);
  const int64_t fitting = std::clamp<int64_t>(kWide / data.task.input[1], 1, kPictures);
  const Data shown = data.test.slice(0, std::min(fitting, data.test.rows()));
  std::vector<std::vector<Tensor>> lines = {pictures_of(shown.x[0]),
                                            pictures_of(as_bytes(best.predict(shown.x[0])))};
  if (what.task != "compress") lines.push_back(pictures_of(as_bytes(shown.y[0])));
  const Tensor sheet = contact_sheet(lines);
  write_png(folder + "/pictures.png", sheet);
  return {.pictures = {{"Pictures of the test",
                        what.task == "compress"
                            ? "Above what went in, below what came out."
                            : "Above what went in, in the middle what came out, below what was wanted.",
                        png_uri(sheet)}}};
}

bool is_for_autoencoder(const Model& model, const std::string& path) {
  if (!model.model().assets.contains(Reconstruction::kAsset)) return false;
  const std::vector<DatasetInfo>& known = datasets();
  return std::any_of(known.begin(), known.end(), [&](const DatasetInfo& set) { return set.name == path; }) ||
         (folder_exists(path) && !pictures_in(path).empty());
}

Data autoencoder_evaluation(const Model& model, const std::string& path) {
  const Reconstruction what = what_of(model);
  if (!folder_exists(path)) return what.data(load(path, "test").x, false);
  const auto preparation = preparation_of<PicturePreparation>(model);
  if (!preparation)
    throw Error(path + ": expected a model that says how pictures become its input, got one that does not");
  const PictureFiles files = read_picture_files(path);
  const Paths& paths = !files.test.empty()         ? files.test
                       : !files.validation.empty() ? files.validation
                                                   : files.train;
  return what.data(read_pictures(paths, *preparation).x, false);
}

}  // namespace folio
